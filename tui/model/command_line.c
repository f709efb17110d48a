/* command_line.c: see command_line.h. */
#include "tui/model/command_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/args.h"
#include "engine/base/mem.h"
#include "tui/term/text.h"

/* ---- quoting ------------------------------------------------------------------------------ */

/* Control characters, and bytes that are no UTF-8 or that a terminal shows otherwise than they
 * are, go as escapes. */
static bool needs_escapes(const char *word)
{
    char clean[4 * JOB_PATH + 1];
    diag_clean(clean, sizeof clean, word);
    return strcmp(clean, word) != 0;
}

static bool is_plain(const char *word)
{
    for (const char *c = word; *c; c++)
        if (!isalnum((unsigned char)*c) && (unsigned char)*c < 128 && !strchr("_@%+=:,./-", *c))
            return false;
    return *word != 0;
}

void command_line_quote(struct text_buffer *out, const char *word)
{
    bool escapes = needs_escapes(word);
    if (!escapes && is_plain(word)) {
        text_buffer_add(out, "%s", word);
        return;
    }
    text_buffer_add(out, escapes ? "$'" : "'");
    for (const char *c = word; *c; c++)
        if (escapes && (*c == '\'' || *c == '\\'))
            text_buffer_add(out, "\\%c", *c);
        else if (escapes && ((unsigned char)*c < ' ' || (unsigned char)*c >= 127))
            text_buffer_add(out, "\\%03o", (unsigned)(unsigned char)*c);
        else if (*c == '\'')
            text_buffer_add(out, "'\\''");
        else
            text_buffer_add(out, "%c", *c);
    text_buffer_add(out, "'");
}

/* ---- options ------------------------------------------------------------------------------ */

/* The options so far as text, and the job that they make. */
struct line {
    struct text_buffer text;
    struct job job;
    struct job_lists lists;
    bool good;
};

/* One more value for an option; the option itself stands before the first of a list. A value that
 * looks like an option is held to its name by a sign. */
static void put(struct line *l, const char *name, const char *value, bool goes_on)
{
    char option[ARGS_MAX_NAME];
    const struct job_key *key = job_find_key(name);
    bool flag = key->kind == JOB_FLAG, looks_so = strncmp(value, "--", 2) == 0;
    args_print_name(option, name);
    if (!goes_on)
        text_buffer_add(&l->text, " --%s", option);
    if (!flag) {
        text_buffer_add(&l->text, looks_so ? "=" : " ");
        command_line_quote(&l->text, value);
    }
    l->good = l->good && !(looks_so && key->kind == JOB_LIST) &&
              job_set(&l->job, &l->lists, key, value, "", NULL) == STATUS_OK;
}

/* What is set in the job itself and is not the schedule's default. */
static void put_settings(struct line *l, const struct job *job)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    char value[JOB_PATH], standard[JOB_PATH];
    put(l, "content", job->content, false);
    if (job->schedule != l->job.schedule) {
        job_print_value(value, sizeof value, job, job_find_key("schedule"));
        put(l, "schedule", value, false);
    }
    for (size_t i = 0; i < count; i++) {
        job_print_value(value, sizeof value, job, &keys[i]);
        job_print_value(standard, sizeof standard, &l->job, &keys[i]);
        if (value[0] && strcmp(value, standard) != 0)
            put(l, keys[i].name, value, false);
    }
}

/* In order of a list's items: what it is called, and the i-th of count as text; what differs from
 * the defaults at all. */
static bool print_item(char out[JOB_PATH], const struct job *job, const char *list, int i)
{
    bool blend = job->blend_count > 0;
    const struct channel *c = &job->channel[blend ? 0 : i];
    const struct style *style = blend ? &job->blend[i] : &c->style;
    char crop[96];
    if (strcmp(list, "styles") == 0) {
        const char *word = !blend ? job_state_name(c->state) : "blank";
        if (!blend && c->state == CHANNEL_OFF)
            word = "none";
        snprintf(out, JOB_PATH, "%s", style->path[0] ? style->path : word);
        return true;
    }
    if (strcmp(list, "style_crops") == 0) {
        job_print_crop(crop, &style->crop);
        snprintf(out, JOB_PATH, "%s", crop);
        return strcmp(crop, "1") != 0;
    }
    bool scale = strcmp(list, "style_scales") == 0;
    double value = scale ? style->scale : blend ? job->blend_weight[i] : c->weight;
    job_print_real(out, value);
    return value != (scale || !blend ? 1.0 : 1.0 / job->blend_count);
}

static void put_lists(struct line *l, const struct job *job)
{
    static const char *const lists[] = {"styles", "style_crops", "style_scales",
                                        "style_blend_weights"};
    int count = job->blend_count ? job->blend_count : STYLE_LAYER_COUNT;
    char first[JOB_PATH], item[JOB_PATH];
    if (job->blend_count > 0)
        put(l, "blend", "true", false);
    for (int list = 0; list < 4; list++) {
        bool differs = false, alike = list < 3;
        print_item(first, job, lists[list], 0);
        for (int i = 0; i < count; i++) {
            differs |= print_item(item, job, lists[list], i);
            alike &= strcmp(item, first) == 0;
        }
        alike &= job->blend_count == 0; /* one stands for all */
        for (int i = 0; differs && i < (alike ? 1 : count); i++) {
            print_item(item, job, lists[list], i);
            put(l, lists[list], item, i > 0);
        }
    }
}

/* The job without what paints nothing: pictures and parts of layers that are not on. */
static void make_plain(struct job *out, const struct job *job)
{
    *out = *job;
    out->painted[0] = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct channel *c = &out->channel[i];
        if (c->state != CHANNEL_ON || job->blend_count > 0)
            c->style = (struct style){"", {1.0, 0.5, 0.5}, 1.0};
        if (c->state == CHANNEL_OFF)
            c->weight = 1.0;
    }
}

/* What the options say is tried: only if it comes back as the same job it is the same. */
bool command_line_print(struct text_buffer *out, const struct job *job)
{
    struct line *l = mem_new(sizeof *l);
    struct job *plain = mem_new(sizeof *plain);
    make_plain(plain, job);
    job_defaults(&l->job);
    l->good = true;
    put_settings(l, plain);
    put_lists(l, plain);
    bool good = l->good && job_resolve(&l->job, &l->lists, NULL) == STATUS_OK &&
                job_equal(&l->job, plain);
    if (good)
        text_buffer_add(out, "strata run%s", text_buffer_get(&l->text));
    text_buffer_clear(&l->text);
    mem_free(plain);
    mem_free(l);
    return good;
}

/* ---- lines -------------------------------------------------------------------------------- */

/* The end of the shell's word at text. */
static const char *end_of_word(const char *text)
{
    bool quoted = false, escapes = false;
    for (char before = 0; *text && (quoted || *text != ' '); before = *text++) {
        if (*text == '\\' && (!quoted || escapes) && text[1])
            text++;
        else if (*text == '\'') {
            quoted = !quoted;
            escapes = before == '$';
        }
    }
    return text;
}

static int columns_of(const char *text, const char *end)
{
    int columns = 0;
    while (text < end)
        columns += text_width(text_next(&text));
    return columns;
}

const char *command_line_break(const char *text, int columns)
{
    const char *end = text, *next = end_of_word(text);
    if (columns_of(text, next) > columns) {
        for (next = text; columns_of(text, next) < columns;)
            text_next(&next);
        return next;
    }
    while (columns_of(text, next) <= columns) {
        end = next;
        if (!*end)
            break;
        next = end_of_word(end + 1);
    }
    return end;
}

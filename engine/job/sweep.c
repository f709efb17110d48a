/* sweep.c: see sweep.h. A sweep file is cut in two: what stands in [sweep], and a job file. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/job/sweep_private.h"

enum { MAX_FILE = 1 << 20, MAX_LINES = SWEEP_SETTINGS + 8 };

/* "key = value" of [sweep]. */
struct line {
    int number;
    char *name, *value; /* lent */
};

struct reader {
    struct sweep *sweep;
    char *text; /* of the file; lines of [sweep] are cut out of it */
    char *own;  /* a copy, in whose lines names and values end */
    struct line line[MAX_LINES];
    int count, section; /* the line of [sweep], 0: none */
    int runs;           /* asked for in random mode, 0: not said */
    unsigned long long seed;
    const char *job; /* the base, or NULL */
    struct diag *diag;
};

static enum status at_line(struct reader *r, const struct line *line, enum status status)
{
    if (status == STATUS_OK)
        return status;
    return diag_prefix(r->diag, status, "%s:%d: %s", r->sweep->path, line->number, line->name);
}

/* ---- the file in two ---------------------------------------------------------------------- */

static char *trim(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text + strspn(text, " \t\v\f\r");
}

static enum status take_line(struct reader *r, char *text, int number)
{
    text = trim(text);
    if (!*text || strchr(";#", *text))
        return STATUS_OK;
    char *equals = strpbrk(text, "=:");
    if (!equals)
        return diag_set(r->diag, STATUS_USAGE, "%s:%d: the line is neither [section] nor key = "
                        "value", r->sweep->path, number);
    if (r->count == MAX_LINES)
        return diag_set(r->diag, STATUS_RANGE, "%s:%d: a sweep varies at most %d settings",
                        r->sweep->path, number, SWEEP_SETTINGS);
    *equals = 0;
    struct line line = {number, trim(text), trim(equals + 1)};
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->line[i].name, line.name) == 0)
            return at_line(r, &line, diag_set(r->diag, STATUS_USAGE,
                                              "the key stands in [sweep] twice"));
    r->line[r->count++] = line;
    return STATUS_OK;
}

/* Lines of [sweep] go to r->line, and become blanks in the text, whose lines keep their numbers. */
static enum status cut(struct reader *r)
{
    bool inside = false;
    int number = 0;
    for (char *at = r->text, *own = r->own; *at;) {
        size_t n = strcspn(at, "\n"), end = n + (at[n] != 0);
        const char *begin = at + (number == 0 && strncmp(at, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
        own[n] = 0;
        begin += strspn(begin, " \t\v\f\r");
        number++;
        if (*begin == '[') {
            inside = strncmp(begin, "[sweep]", 7) == 0;
            r->section = inside ? number : r->section;
        } else if (inside) {
            TRY(take_line(r, own, number));
        }
        if (inside)
            memset(at, ' ', n);
        at += end;
        own += end;
    }
    if (r->section)
        return STATUS_OK;
    return diag_set(r->diag, STATUS_USAGE, "%s has no section [sweep], which says what to vary; "
                    "strata run paints a job", r->sweep->path);
}

/* ---- its own keys ------------------------------------------------------------------------- */

static enum status read_mode(struct reader *r, const char *value)
{
    static const char *const names[] = {"grid", "zip", "random"};
    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            r->sweep->mode = (enum sweep_mode)i;
            return STATUS_OK;
        }
    return diag_set(r->diag, STATUS_USAGE, "%s is none of grid, zip, random", value);
}

static enum status read_number(unsigned long long *out, const char *value, unsigned long long low,
                               unsigned long long high, struct diag *diag)
{
    char *end;
    *out = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || *out < low || *out > high)
        return diag_set(diag, STATUS_USAGE, "%s is not a whole number from %llu to %llu", value,
                        low, high);
    return STATUS_OK;
}

/* A folder, or a pattern with one {} for the run's name. */
static enum status read_output(struct sweep *sweep, const char *value, struct diag *diag)
{
    char whole[JOB_PATH];
    const char *place = strstr(value, "{}");
    TRY(file_join(whole, sizeof whole, sweep->folder, value, diag));
    if (place && (strstr(place + 2, "{}") || strchr(place, '/') || !file_has_ending(value, ".png")))
        return diag_set(diag, STATUS_USAGE,
                        "%s is neither a folder nor a name with one {} and .png at its end", value);
    if (strlen(whole) > JOB_PATH - 2 * SWEEP_NAME)
        return diag_set(diag, STATUS_RANGE, "%s is too long", value);
    TRY(file_folder(sweep->outputs, sizeof sweep->outputs, place ? whole : "", diag));
    if (!place)
        strcpy(sweep->outputs, whole);
    return file_join(sweep->pattern, sizeof sweep->pattern, place ? "" : sweep->outputs,
                     place ? whole : "{}.png", diag);
}

enum own_key { OWN_JOB, OWN_MODE, OWN_COUNT, OWN_SEED, OWN_OUTPUT, OWN_KEYS };

static enum own_key find_own_key(const char *name)
{
    static const char *const names[] = {"job", "mode", "count", "random_seed", "output"};
    int key = 0;
    while (key < OWN_KEYS && strcmp(name, names[key]) != 0)
        key++;
    return (enum own_key)key;
}

static enum status read_own_key(struct reader *r, enum own_key key, char *value)
{
    unsigned long long number;
    char *comment = strstr(value, " ;");
    if (comment)
        *comment = 0;
    value = trim(value);
    if (!*value)
        return diag_set(r->diag, STATUS_USAGE, "the value is missing");
    switch (key) {
    case OWN_JOB: r->job = value; break;
    case OWN_MODE: return read_mode(r, value);
    case OWN_COUNT:
        TRY(read_number(&number, value, 1, SWEEP_MOST, r->diag));
        r->runs = (int)number;
        break;
    case OWN_SEED: return read_number(&r->seed, value, 0, UINT64_MAX, r->diag);
    case OWN_OUTPUT: return read_output(r->sweep, value, r->diag);
    case OWN_KEYS: break;
    }
    return STATUS_OK;
}

/* ---- which values each run has ------------------------------------------------------------ */

static int *choice(const struct sweep *sweep, int run)
{
    return sweep->choice + (size_t)run * (size_t)sweep->setting_count;
}

static bool drawn_before(const struct sweep *sweep, int run)
{
    for (int i = 0; i < run; i++) {
        int s = 0;
        while (s < sweep->setting_count &&
               strcmp(sweep_value(sweep, i, s), sweep_value(sweep, run, s)) == 0)
            s++;
        if (s == sweep->setting_count)
            return true;
    }
    return false;
}

static enum status draw_all(struct reader *r)
{
    enum { ATTEMPTS = 200 };
    struct sweep *sweep = r->sweep;
    struct random random;
    random_seed(&random, r->seed);
    for (int i = 0; i < sweep->count; i++) {
        int attempts = 0;
        do {
            for (int s = 0; s < sweep->setting_count; s++) {
                int *place = &choice(sweep, i)[s];
                *place = sweep_draw(&sweep->setting[s], &random);
                if (*place < 0)
                    return diag_set(r->diag, STATUS_RANGE, "%s: fewer than count = %d different "
                                    "runs were drawn", sweep->path, sweep->count);
            }
        } while (drawn_before(sweep, i) && ++attempts < ATTEMPTS);
        if (attempts == ATTEMPTS)
            return diag_set(r->diag, STATUS_USAGE,
                            "%s: there seem to be only %d different runs, and count = %d asks for "
                            "more", sweep->path, i, sweep->count);
    }
    return STATUS_OK;
}

static enum status count_runs(struct reader *r)
{
    struct sweep *sweep = r->sweep;
    long count = sweep->mode == SWEEP_RANDOM ? r->runs : 1;
    if (sweep->setting_count == 0)
        return diag_set(r->diag, STATUS_USAGE, "%s:%d: [sweep] varies nothing; add a line such as "
                        "relu3_1.weight = 0.5 1 2", sweep->path, r->section);
    if ((sweep->mode == SWEEP_RANDOM) != (r->runs > 0))
        return diag_set(r->diag, STATUS_USAGE, sweep->mode == SWEEP_RANDOM
                        ? "%s:%d: mode = random needs count = N, how many runs to draw"
                        : "%s:%d: count is for mode = random", sweep->path, r->section);
    for (int s = 0; s < sweep->setting_count && sweep->mode != SWEEP_RANDOM; s++) {
        const struct sweep_setting *setting = &sweep->setting[s], *first = &sweep->setting[0];
        if (sweep->mode == SWEEP_ZIP && setting->count != first->count)
            return diag_set(r->diag, STATUS_USAGE,
                            "%s:%d: %s has %d values and %s has %d; mode = zip takes the first "
                            "with the first, so it needs as many", sweep->path, setting->line,
                            setting->name, setting->count, first->name, first->count);
        count = sweep->mode == SWEEP_ZIP ? setting->count : count * setting->count;
        if (count > SWEEP_MOST)
            return diag_set(r->diag, STATUS_RANGE,
                            "%s:%d: these are more than %d runs; take fewer values, or mode = "
                            "random with a count", sweep->path, setting->line, SWEEP_MOST);
    }
    sweep->count = (int)count;
    return STATUS_OK;
}

static enum status choose(struct reader *r)
{
    struct sweep *sweep = r->sweep;
    TRY(count_runs(r));
    sweep->choice = mem_new((size_t)sweep->count * (size_t)sweep->setting_count * sizeof(int));
    if (sweep->mode == SWEEP_RANDOM)
        return draw_all(r);
    for (int i = 0; i < sweep->count; i++)
        for (int s = sweep->setting_count - 1, rest = i; s >= 0; s--) {
            choice(sweep, i)[s] = sweep->mode == SWEEP_ZIP ? i : rest % sweep->setting[s].count;
            rest /= sweep->setting[s].count;
        }
    return STATUS_OK;
}

/* ---- jobs --------------------------------------------------------------------------------- */

/* As in a job file. */
static void put_setting(struct text_buffer *out, const struct sweep_setting *s, const char *value)
{
    if (s->kind == SWEEP_JOB_KEY)
        text_buffer_add(out, "[job]\n%s = %s\n", s->name, value);
    else if (s->kind == SWEEP_CHANNEL_KEY)
        text_buffer_add(out, "[channel %s]\n%s = %s\n", layer_name(layer_style[s->layer]),
                        strchr(s->name, '.') + 1, value);
    for (int i = 0; s->kind == SWEEP_BLANKS && i < atoi(value); i++)
        text_buffer_add(out, "[channel %s]\nstate = blank\n", layer_name(layer_style[i]));
}

static enum status check_value(struct reader *r, const struct sweep_setting *s, const char *value)
{
    const struct sweep *sweep = r->sweep;
    unsigned long long layers;
    const struct line line = {s->line, (char *)s->name, NULL};
    if (s->kind == SWEEP_BLANKS)
        return at_line(r, &line, read_number(&layers, value, 0, STYLE_LAYER_COUNT, r->diag));
    if (s->kind == SWEEP_JOB_KEY && s->key->kind == JOB_LIST)
        return STATUS_OK; /* lists may need each other */
    struct text_buffer text = {0};
    for (int n = 2; n < s->line; n++) /* so that the sentence has the line's number */
        text_buffer_add(&text, "\n");
    put_setting(&text, s, value);
    struct job *job = mem_new(sizeof *job);
    *job = sweep->base;
    enum status status = job_parse_over(job, text.text, sweep->path, sweep->folder, r->diag);
    mem_free(job);
    text_buffer_clear(&text);
    return status;
}

static enum status check_values(struct reader *r, const struct sweep_setting *s)
{
    for (int i = 0; i < s->count; i++) {
        const struct sweep_item *item = &s->item[i];
        char end[32];
        if (item->text)
            TRY(check_value(r, s, item->text));
        for (int k = 0; item->open && k < 2; k++) {
            job_print_real(end, k ? item->high : item->low);
            TRY(check_value(r, s, end));
        }
    }
    return STATUS_OK;
}

static enum status make_job(struct job *out, const struct sweep *sweep, int run, struct diag *diag)
{
    struct text_buffer text = {0};
    char name[JOB_PATH + 64];
    *out = sweep->base;
    for (int s = 0; s < sweep->setting_count; s++)
        put_setting(&text, &sweep->setting[s], sweep_value(sweep, run, s));
    snprintf(name, sizeof name, "%s, run %d", sweep->path, run + 1);
    enum status status = job_parse_over(out, text.text, name, sweep->folder, diag);
    text_buffer_clear(&text);
    const char *place = strstr(sweep->pattern, "{}");
    if (sweep->name)
        snprintf(out->output, JOB_PATH, "%.*s%s%s", (int)(place - sweep->pattern), sweep->pattern,
                 sweep->name[run], place + 2);
    return status;
}

static enum status check_jobs(struct reader *r)
{
    struct sweep *sweep = r->sweep;
    struct job *job = mem_new(sizeof *job);
    enum status status = STATUS_OK;
    for (int i = 0; i < sweep->count && status == STATUS_OK; i++) {
        status = make_job(job, sweep, i, r->diag);
        if (status == STATUS_OK && (status = job_validate(job, r->diag)) != STATUS_OK)
            diag_prefix(r->diag, status, "%s, run %d (%s)", sweep->path, i + 1, sweep->name[i]);
    }
    mem_free(job);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------ */

static enum status read_base(struct reader *r)
{
    struct sweep *sweep = r->sweep;
    char path[JOB_PATH];
    job_defaults(&sweep->base);
    if (r->job) {
        TRY(file_join(path, sizeof path, sweep->folder, r->job, r->diag));
        TRY(job_read(&sweep->base, path, r->diag));
    }
    return job_parse_over(&sweep->base, r->text, sweep->path, sweep->folder, r->diag);
}

static enum status read_setting(struct reader *r, const struct line *line)
{
    struct sweep *sweep = r->sweep;
    if (sweep->setting_count == SWEEP_SETTINGS)
        return diag_set(r->diag, STATUS_RANGE, "a sweep varies at most %d settings",
                        SWEEP_SETTINGS);
    struct sweep_setting *setting = &sweep->setting[sweep->setting_count];
    setting->line = line->number;
    TRY(sweep_find_setting(setting, line->name, r->diag));
    sweep->setting_count++;
    return sweep_read_values(setting, line->value, sweep->mode, r->diag);
}

static enum status read_all(struct reader *r)
{
    struct sweep *sweep = r->sweep;
    TRY(cut(r));
    snprintf(sweep->outputs, sizeof sweep->outputs, "%.*s", file_stem(sweep->path), sweep->path);
    if (strcmp(sweep->outputs, sweep->path) == 0)
        strcat(sweep->outputs, "-out");
    TRY(file_join(sweep->pattern, sizeof sweep->pattern, sweep->outputs, "{}.png", r->diag));
    for (int i = 0; i < r->count; i++) {
        enum own_key key = find_own_key(r->line[i].name);
        if (key != OWN_KEYS)
            TRY(at_line(r, &r->line[i], read_own_key(r, key, r->line[i].value)));
    }
    TRY(read_base(r));
    for (int i = 0; i < r->count; i++)
        if (find_own_key(r->line[i].name) == OWN_KEYS)
            TRY(at_line(r, &r->line[i], read_setting(r, &r->line[i])));
    for (int s = 0; s < sweep->setting_count; s++)
        TRY(check_values(r, &sweep->setting[s]));
    TRY(choose(r));
    TRY(sweep_make_names(sweep, r->diag));
    return check_jobs(r);
}

enum status sweep_read(struct sweep **out, const char *path, struct diag *diag)
{
    unsigned char *bytes;
    size_t size;
    TRY(file_read(&bytes, &size, path, MAX_FILE, diag));
    struct sweep *sweep = mem_new(sizeof *sweep);
    struct reader *r = mem_new(sizeof *r);
    *r = (struct reader){.sweep = sweep, .text = (char *)bytes, .seed = 1, .diag = diag};
    r->own = mem_text(r->text);
    enum status status = strlen(r->text) == size
                             ? file_join(sweep->path, JOB_PATH - 2 * SWEEP_NAME, "", path, diag)
                             : diag_set(diag, STATUS_INPUT,
                                        "%s is no sweep file: it holds a zero byte", path);
    if (status == STATUS_OK)
        status = file_folder(sweep->folder, sizeof sweep->folder, path, diag);
    if (status == STATUS_OK)
        status = read_all(r);
    mem_free(r->own);
    mem_free(r->text);
    mem_free(r);
    if (status != STATUS_OK)
        sweep_close(&sweep);
    else
        *out = sweep;
    return status;
}

void sweep_close(struct sweep **sweep)
{
    struct sweep *s = *sweep;
    if (!s)
        return;
    for (int i = 0; i < s->setting_count; i++) {
        for (int k = 0; k < s->setting[i].count; k++)
            mem_free(s->setting[i].item[k].text);
        mem_free(s->setting[i].item);
    }
    mem_free(s->choice);
    mem_free(s->name);
    mem_free(s);
    *sweep = NULL;
}

void sweep_job(struct job *out, const struct sweep *sweep, int run)
{
    make_job(out, sweep, run, NULL); /* which went well when the sweep was read */
}

/*
 * job_file.c: see job.h. Job files: INI text, read by inih, in which a path may hold any byte: the
 * few that INI cannot hold are written %XX.
 */
#include "engine/job/job.h"

#include <ctype.h>
#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"

enum { MAX_FILE = 1 << 20 };

enum channel_key { CHANNEL_STYLE, CHANNEL_CROP, CHANNEL_SCALE, CHANNEL_WEIGHT, CHANNEL_STATE };
static const char *const channel_keys[] = {"style", "crop", "scale", "weight", "state"};

/* ---- reading ------------------------------------------------------------------------------ */

struct reader {
    struct job job;
    struct job_lists lists;
    const char *name, *folder;
    bool schedule_pass;     /* the first of two: schedule before everything that it sets */
    uint64_t seen_keys;     /* of [job], by place in the table */
    unsigned seen_channels; /* by channel and key */
    char *next;             /* the text that is left; its lines are cut in place */
    int line;               /* the number of the line that inih has now */
    const char *value;      /* what it says, if it is too long for inih */
    struct diag *diag;
    enum status status;
};

/* The name that n bytes of a job file stand for: %XX back to bytes. */
static enum status decode(char out[JOB_PATH], const char *text, size_t n, struct diag *diag)
{
    size_t used = 0;
    for (size_t i = 0; i < n; used++) {
        char digits[3] = "";
        if (text[i] == '%' && n - i > 2 && isxdigit((unsigned char)text[i + 1]) &&
            isxdigit((unsigned char)text[i + 2]))
            memcpy(digits, text + i + 1, 2);
        char byte = (char)strtoul(digits, NULL, 16);
        if (used + 1 == JOB_PATH)
            return diag_set(diag, STATUS_RANGE,
                            "the value is too long; a name has at most %d bytes", JOB_PATH - 1);
        out[used] = byte ? byte : text[i];
        i += byte ? 3 : 1;
    }
    out[used] = 0;
    return STATUS_OK;
}

/* Commas part the items of a list; a name has %2C for them, and a crop's centre one of its own. */
static enum status read_list(struct reader *r, const struct job_key *key, const char *value)
{
    bool crops = strcmp(key->name, "style_crops") == 0;
    while (*(value += strspn(value, crops ? " \t," : " \t"))) {
        char item[JOB_PATH];
        size_t n = strcspn(value, crops ? ", \t" : ",");
        if (crops && memchr(value, '@', n) && value[n] == ',')
            n += 1 + strcspn(value + n + 1, ", \t");
        size_t used = n;
        while (used > 0 && (value[used - 1] == ' ' || value[used - 1] == '\t'))
            used--;
        TRY(decode(item, value, used, r->diag));
        TRY(job_set(&r->job, &r->lists, key, item, r->folder, r->diag));
        value += n + (value[n] != 0);
    }
    return STATUS_OK;
}

static enum status read_job_key(struct reader *r, const char *name, const char *value)
{
    size_t count;
    char path[JOB_PATH];
    const struct job_key *table = job_keys(&count), *key = job_find_key(name);
    if (!key)
        return diag_set(r->diag, STATUS_USAGE, "there is no such key in [job]");
    if (r->schedule_pass != (strcmp(name, "schedule") == 0))
        return STATUS_OK;
    uint64_t bit = (uint64_t)1 << (key - table);
    if (r->seen_keys & bit)
        return diag_set(r->diag, STATUS_USAGE, "the key stands in [job] twice");
    r->seen_keys |= bit;
    if (key->kind == JOB_LIST)
        return read_list(r, key, value);
    if (key->kind == JOB_FILE || key->kind == JOB_NAME) {
        TRY(decode(path, value, strlen(value), r->diag));
        value = path;
    }
    return job_set(&r->job, &r->lists, key, value, r->folder, r->diag);
}

static enum status read_state(enum channel_state *out, const char *value, struct diag *diag)
{
    return job_find_state(out, value)
               ? STATUS_OK
               : diag_set(diag, STATUS_USAGE, "%s is none of on, blank, grey, content, off", value);
}

static enum status read_number(double *out, const char *value, double low, double high,
                               struct diag *diag)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !isfinite(number))
        return diag_set(diag, STATUS_USAGE, "%s is not a number", value);
    if (number < low || number > high)
        return diag_set(diag, STATUS_RANGE, "%s lies outside %g to %g", value, low, high);
    *out = number;
    return STATUS_OK;
}

static enum status read_style(struct reader *r, struct channel *channel, bool state_seen,
                              const char *value)
{
    char path[JOB_PATH];
    enum channel_state state = CHANNEL_ON;
    if (!job_find_style_word(&state, value)) {
        enum channel_state word;
        TRY(decode(path, value, strlen(value), r->diag));
        /* %62lank is a path, and has to read like one from now on. */
        const char *folder = !*r->folder && job_find_style_word(&word, path) ? "." : r->folder;
        TRY(file_join(channel->style.path, JOB_PATH, folder, path, r->diag));
    }
    if (!state_seen)
        channel->state = state;
    return STATUS_OK;
}

static enum status read_channel_key(struct reader *r, int i, const char *name, const char *value)
{
    struct channel *channel = &r->job.channel[i];
    int key = 0, keys = sizeof channel_keys / sizeof *channel_keys;
    while (key < keys && strcmp(name, channel_keys[key]) != 0)
        key++;
    if (key == keys)
        return diag_set(r->diag, STATUS_USAGE,
                        "a channel has no such key; it has style, crop, scale, weight and state");
    if (r->schedule_pass)
        return STATUS_OK;
    unsigned bit = 1u << (i * keys + key), state_bit = 1u << (i * keys + CHANNEL_STATE);
    if (r->seen_channels & bit)
        return diag_set(r->diag, STATUS_USAGE, "the key stands in [channel %s] twice",
                        layer_name(layer_style[i]));
    r->seen_channels |= bit;
    switch ((enum channel_key)key) {
    case CHANNEL_STYLE: return read_style(r, channel, r->seen_channels & state_bit, value);
    case CHANNEL_CROP: return job_parse_crop(&channel->style.crop, value, r->diag);
    case CHANNEL_SCALE: return read_number(&channel->style.scale, value, 1e-3, 1e3, r->diag);
    case CHANNEL_WEIGHT: return read_number(&channel->weight, value, 0.0, 1e12, r->diag);
    case CHANNEL_STATE: return read_state(&channel->state, value, r->diag);
    }
    return STATUS_OK;
}

static enum status read_key(struct reader *r, const char *section, const char *name,
                            const char *value)
{
    if (!*value)
        return diag_set(r->diag, STATUS_USAGE, "the value is missing");
    if (strcmp(section, "job") == 0)
        return read_job_key(r, name, value);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        char channel[32];
        snprintf(channel, sizeof channel, "channel %s", layer_name(layer_style[i]));
        if (strcmp(section, channel) == 0)
            return read_channel_key(r, i, name, value);
    }
    return diag_set(r->diag, STATUS_USAGE,
                    "section [%s] is unknown; a job has [job] and [channel relu1_1], "
                    "[channel relu2_1] ... [channel relu5_1]",
                    section);
}

/* Applies the lists; what a channel's own section says wins over them. */
static enum status resolve(struct reader *r)
{
    struct channel said[STYLE_LAYER_COUNT];
    int keys = sizeof channel_keys / sizeof *channel_keys;
    memcpy(said, r->job.channel, sizeof said);
    TRY(job_resolve(&r->job, &r->lists, r->diag));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct channel *channel = &r->job.channel[i];
        unsigned seen = r->seen_channels >> (i * keys);
        if (seen & 1u << CHANNEL_STYLE)
            memcpy(channel->style.path, said[i].style.path, sizeof said[i].style.path);
        if (seen & (1u << CHANNEL_STYLE | 1u << CHANNEL_STATE))
            channel->state = said[i].state;
        if (seen & 1u << CHANNEL_CROP)
            channel->style.crop = said[i].style.crop;
        if (seen & 1u << CHANNEL_SCALE)
            channel->style.scale = said[i].style.scale;
        if (seen & 1u << CHANNEL_WEIGHT)
            channel->weight = said[i].weight;
    }
    return STATUS_OK;
}

/* For inih, which takes 0 for an error. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;
    r->status = read_key(r, section, name, r->value ? r->value : value ? value : "");
    if (r->status != STATUS_OK)
        diag_prefix(r->diag, r->status, "%s:%d: %s", r->name, r->line, name);
    return r->status == STATUS_OK;
}

/* A value as inih would hand it over: without a comment behind it and blanks around it. */
static char *trim(char *value)
{
    size_t n = 0;
    while (value[n] && !(value[n] == ';' && n > 0 && isspace((unsigned char)value[n - 1])))
        n++;
    while (n > 0 && isspace((unsigned char)value[n - 1]))
        n--;
    value[n] = 0;
    while (isspace((unsigned char)*value))
        value++;
    return value;
}

/*
 * For inih, in place of fgets: the next line, without the blanks at its beginning, which would make
 * it the rest of the line before. What does not fit into inih's small buffer would be cut off
 * without a word: a long value goes past it. No line after the first that is refused.
 */
static char *next_line(char *out, int size, void *user)
{
    struct reader *r = user;
    if (!*r->next || r->status != STATUS_OK)
        return NULL;
    char *line = r->next + strspn(r->next, " \t\v\f\r");
    size_t n = strcspn(line, "\n"), space = (size_t)size - 2, name = strcspn(line, "=:\n");
    r->next = line + n + (line[n] != 0);
    line[n] = 0;
    r->line++;
    r->value = NULL;
    if (n > space && !strchr("[;#", *line) && name < space) {
        r->value = trim(line + name + 1);
        n = name + 1;
    }
    snprintf(out, (size_t)size, "%.*s\n", (int)(n < space ? n : space), line);
    return out;
}

static enum status read_text(struct reader *r, const char *text, bool schedule_pass)
{
    char *lines = mem_text(text);
    r->next = lines;
    r->line = 0;
    r->schedule_pass = schedule_pass;
    int bad = ini_parse_stream(next_line, r, take_key, r);
    mem_free(lines);
    if (bad != 0 && (r->status == STATUS_OK || bad < r->line))
        r->status = diag_set(r->diag, STATUS_USAGE,
                             "%s:%d: the line is neither [section] nor key = value", r->name, bad);
    return r->status;
}

enum status job_parse(struct job *out, const char *text, const char *name, const char *folder,
                      struct diag *diag)
{
    struct reader *r = mem_new(sizeof *r);
    r->name = name;
    r->folder = folder;
    r->diag = diag;
    job_defaults(&r->job);
    enum status status = read_text(r, text, true);
    if (status == STATUS_OK)
        status = read_text(r, text, false);
    if (status == STATUS_OK) {
        status = resolve(r);
        if (status != STATUS_OK)
            diag_prefix(diag, status, "%s", name);
    }
    if (status == STATUS_OK)
        *out = r->job;
    mem_free(r);
    return status;
}

enum status job_read(struct job *out, const char *path, struct diag *diag)
{
    char folder[JOB_PATH];
    unsigned char *bytes = NULL;
    char *text = NULL;
    size_t size;
    bool picture = file_has_ending(path, ".png");
    TRY(file_folder(folder, sizeof folder, path, diag));
    if (picture) {
        TRY(image_read_job(&text, path, diag));
    } else {
        TRY(file_read(&bytes, &size, path, MAX_FILE, diag));
        text = (char *)bytes;
        if (strlen(text) != size) {
            mem_free(text);
            return diag_set(diag, STATUS_INPUT, "%s is not a job file: it holds a zero byte", path);
        }
    }
    struct job job;
    enum status status = job_parse(&job, text, path, folder, diag);
    if (status == STATUS_OK && picture) {
        job.output[0] = 0;
        status = file_join(job.output, sizeof job.output, "", path, diag);
    }
    if (status == STATUS_OK)
        *out = job;
    mem_free(text);
    return status;
}

void job_name_output(struct job *job)
{
    const char *name = file_name(job->content);
    int stem = file_stem(name);
    job->output[0] = 0;
    snprintf(job->output, sizeof job->output, "%.*s-strata.png", stem > 200 ? 200 : stem, name);
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Growing text. */
struct writer {
    char *text;
    size_t used, size;
    const char *folder;
};

static void put(struct writer *w, const char *text)
{
    size_t n = strlen(text);
    if (w->used + n + 1 > w->size) {
        size_t size = 2 * (w->used + n + 1);
        char *larger = mem_new(size);
        if (w->text)
            memcpy(larger, w->text, w->used);
        mem_free(w->text);
        w->text = larger;
        w->size = size;
    }
    memcpy(w->text + w->used, text, n + 1);
    w->used += n;
}

/* Text with the bytes that INI, lists and we ourselves give a meaning to as %XX. */
static void put_escaped(struct writer *w, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool edge = i == 0 || i + 1 == length;
        char plain[2] = {text[i], 0}, escaped[4] = {'%', hex[c >> 4], hex[c & 15], 0};
        put(w, c < 0x20 || c == 0x7f || strchr("%;,", c) || (edge && isspace(c)) ? escaped : plain);
    }
}

/* A path as it reads from w->folder: the rest of it below, absolute otherwise; told from a word. */
static void put_path(struct writer *w, const struct job_key *key, const char *path)
{
    char absolute[2 * JOB_PATH];
    const char *rest = job_below(w->folder, path);
    if (rest)
        path = rest;
    else if (*w->folder && *path != '/' && getcwd(absolute, JOB_PATH)) {
        size_t n = strlen(absolute);
        snprintf(absolute + n, sizeof absolute - n, "/%s", path);
        path = absolute;
    }
    if (key->kind != JOB_FILE && job_is_word(key, path))
        put(w, "./");
    put_escaped(w, path);
}

static void put_line(struct writer *w, const char *key, const char *value)
{
    put(w, key);
    put(w, " = ");
    put(w, value);
    put(w, "\n");
}

static void put_blend(struct writer *w, const struct job *job)
{
    static const char *const names[] = {"styles", "style_blend_weights", "style_scales",
                                        "style_crops"};
    put(w, "blend = true");
    for (int list = 0; list < 4; list++) {
        put(w, "\n");
        put(w, names[list]);
        put(w, " = ");
        for (int i = 0; i < job->blend_count; i++) {
            const struct style *style = &job->blend[i];
            char value[96] = "blank";
            if (list == 1 || list == 2)
                job_print_real(value, list == 1 ? job->blend_weight[i] : style->scale);
            else if (list == 3)
                job_print_crop(value, &style->crop);
            put(w, i ? ", " : "");
            if (list == 0 && style->path[0])
                put_path(w, job_find_key("styles"), style->path);
            else
                put(w, value);
        }
    }
    put(w, "\n");
}

static void put_channel(struct writer *w, const struct channel *channel, enum layer layer)
{
    char number[32], crop[96];
    put(w, "\n[channel ");
    put(w, layer_name(layer));
    put(w, "]\n");
    if (channel->style.path[0]) {
        put(w, "style = ");
        put_path(w, job_find_key("styles"), channel->style.path);
        put(w, "\n");
    }
    job_print_crop(crop, &channel->style.crop);
    put_line(w, "crop", crop);
    job_print_real(number, channel->style.scale);
    put_line(w, "scale", number);
    job_print_real(number, channel->weight);
    put_line(w, "weight", number);
    put_line(w, "state", job_state_name(channel->state));
}

char *job_print(const struct job *job, const char *folder)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct writer w = {NULL, 0, 0, folder};
    put(&w, "[job]\n");
    if (job->painted[0]) {
        put(&w, "; painted ");
        put(&w, job->painted);
        put(&w, "\n");
    }
    for (size_t i = 0; i < count; i++) {
        char value[JOB_PATH];
        job_print_value(value, sizeof value, job, &keys[i]);
        if (!value[0])
            continue;
        put(&w, keys[i].name);
        put(&w, " = ");
        if (keys[i].kind == JOB_FILE || (keys[i].kind == JOB_NAME && !job_is_word(&keys[i], value)))
            put_path(&w, &keys[i], value);
        else
            put_escaped(&w, value);
        put(&w, "\n");
    }
    if (job->blend_count > 0)
        put_blend(&w, job);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        put_channel(&w, &job->channel[i], layer_style[i]);
    return w.text;
}

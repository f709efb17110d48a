/*
 * job_file.c: see job.h. Job files: INI text, read by inih, in which a path may hold any byte: the
 * few that INI cannot hold are written %XX.
 */
#include "job.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "image.h"
#include "mem.h"

/* inih cuts longer lines in two without a word (INI_MAX_LINE, with newline and zero). */
enum { MAX_LINE = 198, MAX_FILE = 1 << 20 };

enum channel_key { CHANNEL_STYLE, CHANNEL_CROP, CHANNEL_SCALE, CHANNEL_WEIGHT, CHANNEL_STATE };
static const char *const channel_keys[] = {"style", "crop", "scale", "weight", "state"};
static const char *const channel_states[] = {"on", "blank", "off"};

/* ---- reading ------------------------------------------------------------------------------ */

struct reader {
    struct job job;
    struct job_lists lists;
    const char *folder;
    bool schedule_pass;     /* the first of two: schedule before everything that it sets */
    uint64_t seen_keys;     /* of [job], by place in the table */
    unsigned seen_channels; /* by channel and key */
    struct diag *diag;
    enum status status;
};

/* %XX back to bytes; text may be out. */
static void decode(char *out, const char *text)
{
    while (*text) {
        unsigned byte;
        int n = 0;
        if (*text == '%' && strspn(text + 1, "0123456789abcdefABCDEF") >= 2 &&
            sscanf(text + 1, "%2x%n", &byte, &n) == 1 && n == 2 && byte != 0) {
            *out++ = (char)byte;
            text += 3;
        } else
            *out++ = *text++;
    }
    *out = 0;
}

/* A list's items are parted by commas; a comma in a name is written %2C. */
static enum status read_list(struct reader *r, const struct job_key *key, const char *value)
{
    char item[MAX_LINE + 2];
    while (*value) {
        size_t n = strcspn(value, ",");
        const char *begin = value + strspn(value, " \t");
        const char *end = value + n;
        while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
        snprintf(item, sizeof item, "%.*s", (int)(end > begin ? end - begin : 0), begin);
        decode(item, item);
        TRY(job_set(&r->job, &r->lists, key, item, r->folder, r->diag));
        value += n + (value[n] == ',');
    }
    return STATUS_OK;
}

static enum status read_job_key(struct reader *r, const char *name, const char *value)
{
    size_t count;
    char text[MAX_LINE + 2];
    const struct job_key *table = job_keys(&count), *key = job_find_key(name);
    bool is_schedule = key && key->offset == offsetof(struct job, schedule) && !key->in_lists;
    if (r->schedule_pass)
        return is_schedule ? job_set(&r->job, &r->lists, key, value, r->folder, r->diag)
                           : STATUS_OK;
    if (!key)
        return diag_set(r->diag, STATUS_USAGE, "[job] has no key %s", name);
    uint64_t bit = (uint64_t)1 << (key - table);
    if (r->seen_keys & bit)
        return diag_set(r->diag, STATUS_USAGE, "key %s stands in [job] twice", name);
    r->seen_keys |= bit;
    if (is_schedule)
        return STATUS_OK;
    if (key->kind == JOB_LIST)
        return read_list(r, key, value);
    snprintf(text, sizeof text, "%s", value);
    if (key->kind == JOB_FILE || key->kind == JOB_NAME)
        decode(text, text);
    return job_set(&r->job, &r->lists, key, text, r->folder, r->diag);
}

static enum status read_state(enum channel_state *out, const char *value, struct diag *diag)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(value, channel_states[i]) == 0) {
            *out = (enum channel_state)i;
            return STATUS_OK;
        }
    return diag_set(diag, STATUS_USAGE, "state: %s is none of on, blank, off", value);
}

static enum status read_channel_number(double *out, const char *name, const char *value, double low,
                                       double high, struct diag *diag)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end)
        return diag_set(diag, STATUS_USAGE, "%s: %s is not a number", name, value);
    if (!(number >= low && number <= high))
        return diag_set(diag, STATUS_RANGE, "%s: %s lies outside %g to %g", name, value, low, high);
    *out = number;
    return STATUS_OK;
}

static enum status read_channel_key(struct reader *r, int i, const char *name, const char *value)
{
    struct channel *channel = &r->job.channel[i];
    char text[MAX_LINE + 2];
    int key = 0, keys = sizeof channel_keys / sizeof *channel_keys;
    if (r->schedule_pass)
        return STATUS_OK;
    while (key < keys && strcmp(name, channel_keys[key]) != 0)
        key++;
    if (key == keys)
        return diag_set(r->diag, STATUS_USAGE,
                        "a channel has no key %s; it has style, crop, scale, weight and state",
                        name);
    unsigned bit = 1u << (i * keys + key), state_bit = 1u << (i * keys + CHANNEL_STATE);
    if (r->seen_channels & bit)
        return diag_set(r->diag, STATUS_USAGE, "key %s stands in [channel %s] twice", name,
                        layer_name(style_layers[i]));
    r->seen_channels |= bit;
    switch ((enum channel_key)key) {
    case CHANNEL_STYLE:
        if (!(r->seen_channels & state_bit))
            channel->state = strcmp(value, "blank") == 0  ? CHANNEL_BLANK
                             : strcmp(value, "none") == 0 ? CHANNEL_OFF
                                                          : CHANNEL_ON;
        if (strcmp(value, "blank") == 0 || strcmp(value, "none") == 0)
            return STATUS_OK;
        snprintf(text, sizeof text, "%s", value);
        decode(text, text);
        return file_join(channel->style.path, JOB_PATH, r->folder, text, r->diag);
    case CHANNEL_CROP: return job_parse_crop(&channel->style.crop, value, r->diag);
    case CHANNEL_SCALE:
        return read_channel_number(&channel->style.scale, name, value, 1e-3, 1e3, r->diag);
    case CHANNEL_WEIGHT:
        return read_channel_number(&channel->weight, name, value, 0.0, 1e12, r->diag);
    case CHANNEL_STATE: return read_state(&channel->state, value, r->diag);
    }
    return STATUS_OK;
}

static enum status read_key(struct reader *r, const char *section, const char *name,
                            const char *value)
{
    if (strcmp(section, "job") == 0)
        return read_job_key(r, name, value);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        char channel[32];
        snprintf(channel, sizeof channel, "channel %s", layer_name(style_layers[i]));
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

/* For inih: 0 stops us at the first sentence, although inih reads on. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;
    if (r->status == STATUS_OK)
        r->status = read_key(r, section, name, value ? value : "");
    return r->status == STATUS_OK;
}

/* Lines without the blanks at their beginning, which inih takes for the rest of the line before. */
static enum status flatten(char *out, const char *text, const char *name, struct diag *diag)
{
    for (int line = 1; *text; line++) {
        text += strspn(text, " \t");
        size_t n = strcspn(text, "\n");
        if (n > MAX_LINE)
            return diag_set(diag, STATUS_USAGE,
                            "%s:%d: the line is longer than %d bytes, more than a job file holds",
                            name, line, MAX_LINE);
        memcpy(out, text, n);
        out += n;
        *out++ = '\n';
        text += n + (text[n] == '\n');
    }
    *out = 0;
    return STATUS_OK;
}

enum status job_parse(struct job *out, const char *text, const char *name, const char *folder,
                      struct diag *diag)
{
    struct reader *r = mem_new(sizeof *r);
    char *flat = mem_new(strlen(text) + 2);
    r->folder = folder;
    r->diag = diag;
    job_defaults(&r->job);
    enum status status = flatten(flat, text, name, diag);
    for (int pass = 0; status == STATUS_OK && pass < 2; pass++) {
        r->schedule_pass = pass == 0;
        int line = ini_parse_string(flat, take_key, r);
        if (r->status != STATUS_OK) {
            diag_prefix(diag, "%s:%d", name, line);
            status = r->status;
        } else if (line != 0)
            status = diag_set(diag, STATUS_USAGE,
                              "%s:%d: the line is neither [section] nor key = value", name, line);
    }
    if (status == STATUS_OK) {
        status = resolve(r);
        if (status != STATUS_OK)
            diag_prefix(diag, "%s", name);
    }
    if (status == STATUS_OK)
        *out = r->job;
    mem_free(flat);
    mem_free(r);
    return status;
}

enum status job_read(struct job *out, const char *path, struct diag *diag)
{
    char folder[JOB_PATH];
    unsigned char *bytes = NULL;
    char *text = NULL;
    size_t size;
    TRY(file_folder(folder, sizeof folder, path, diag));
    if (file_has_ending(path, ".png\0")) {
        TRY(image_read_job(&text, path, diag));
    } else {
        TRY(file_read(&bytes, &size, path, MAX_FILE, diag));
        text = (char *)bytes;
        if (strlen(text) != size) {
            mem_free(text);
            return diag_set(diag, STATUS_INPUT, "%s is not a job file: it holds a zero byte", path);
        }
    }
    enum status status = job_parse(out, text, path, folder, diag);
    mem_free(text);
    return status;
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
        put(w, c < 0x20 || c == 0x7f || strchr("%;,", c) || (edge && c == ' ') ? escaped : plain);
    }
}

/* A path as it reads from w->folder: the rest of it below, absolute otherwise. */
static void put_path(struct writer *w, const char *path)
{
    static const char *const words[] = {"blank", "none", "content", "noise", "strata16"};
    size_t folder = strlen(w->folder);
    char absolute[2 * JOB_PATH] = "";
    if (folder > 0 && strncmp(path, w->folder, folder) == 0 &&
        (w->folder[folder - 1] == '/' || path[folder] == '/'))
        path += folder + (w->folder[folder - 1] != '/');
    else if (folder > 0 && path[0] != '/' && getcwd(absolute, JOB_PATH)) {
        size_t n = strlen(absolute);
        snprintf(absolute + n, sizeof absolute - n, "/%s", path);
        path = absolute;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(path, words[i]) == 0)
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
    char value[96];
    put(w, "blend = true\nstyles = ");
    for (int i = 0; i < job->blend_count; i++) {
        put(w, i ? ", " : "");
        if (job->blend[i].path[0])
            put_path(w, job->blend[i].path);
        else
            put(w, "blank");
    }
    for (int list = 0; list < 3; list++) {
        static const char *const names[] = {"style_blend_weights", "style_scales", "style_crops"};
        put(w, "\n");
        put(w, names[list]);
        put(w, " = ");
        for (int i = 0; i < job->blend_count; i++) {
            char number[32];
            job_print_real(number, list ? job->blend[i].scale : job->blend_weight[i]);
            job_print_crop(value, &job->blend[i].crop);
            put(w, i ? ", " : "");
            if (list == 2)
                put_escaped(w, value);
            else
                put(w, number);
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
        put_path(w, channel->style.path);
        put(w, "\n");
    }
    job_print_crop(crop, &channel->style.crop);
    put_line(w, "crop", crop);
    job_print_real(number, channel->style.scale);
    put_line(w, "scale", number);
    job_print_real(number, channel->weight);
    put_line(w, "weight", number);
    put_line(w, "state", channel_states[channel->state]);
}

char *job_print(const struct job *job, const char *folder)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct writer w = {NULL, 0, 0, folder};
    put(&w, "[job]\n");
    for (size_t i = 0; i < count; i++) {
        char value[JOB_PATH];
        bool path = keys[i].kind == JOB_FILE || keys[i].kind == JOB_NAME;
        job_print_value(value, sizeof value, job, &keys[i]);
        if (keys[i].in_lists || !value[0] ||
            (keys[i].offset == offsetof(struct job, initial_noiseblend) &&
             job->initial_noiseblend < 0.0))
            continue;
        if (!path || job_is_word(&keys[i], value)) {
            put_line(&w, keys[i].name, value);
            continue;
        }
        put(&w, keys[i].name);
        put(&w, " = ");
        put_path(&w, value);
        put(&w, "\n");
    }
    if (job->blend_count > 0)
        put_blend(&w, job);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        put_channel(&w, &job->channel[i], style_layers[i]);
    return w.text;
}

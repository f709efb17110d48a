/*
 * job_text.c: see job_private.h. Values as they stand in a job file, read and written: lists parted
 * by commas, and paths in which the few bytes that INI cannot hold are %XX.
 */
#include "engine/job/job_private.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"

static const char *const channel_keys[] = {"style", "crop", "scale", "weight", "state"};

enum job_channel_key job_find_channel_key(const char *name)
{
    int key = 0;
    while (key < JOB_CHANNEL_KEYS && strcmp(name, channel_keys[key]) != 0)
        key++;
    return (enum job_channel_key)key;
}

/* ---- reading ------------------------------------------------------------------------------ */

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
static enum status read_list(struct job *job, struct job_lists *lists, const struct job_key *key,
                             const char *value, const char *folder, struct diag *diag)
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
        TRY(decode(item, value, used, diag));
        TRY(job_set(job, lists, key, item, folder, diag));
        value += n + (value[n] != 0);
    }
    return STATUS_OK;
}

enum status job_read_value(struct job *job, struct job_lists *lists, const struct job_key *key,
                           const char *value, const char *folder, struct diag *diag)
{
    char path[JOB_PATH];
    if (key->kind == JOB_LIST)
        return read_list(job, lists, key, value, folder, diag);
    if (key->kind == JOB_FILE || key->kind == JOB_NAME) {
        TRY(decode(path, value, strlen(value), diag));
        value = path;
    }
    return job_set(job, lists, key, value, folder, diag);
}

enum status job_read_style(char out[JOB_PATH], const char *value, const char *folder,
                           struct diag *diag)
{
    char path[JOB_PATH];
    enum channel_state word;
    TRY(decode(path, value, strlen(value), diag));
    /* %62lank is a path, and has to read like one from now on. */
    return file_join(out, JOB_PATH, !*folder && job_find_style_word(&word, path) ? "." : folder,
                     path, diag);
}

static enum status read_number(double *out, const char *value, double low, double high,
                               struct diag *diag)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !isfinite(number))
        return diag_set(diag, STATUS_USAGE, "%s is not a number", value);
    if (number < low || number > high)
        return job_refuse_number(value, low, high, diag);
    *out = number;
    return STATUS_OK;
}

enum status job_read_channel(struct channel *channel, enum job_channel_key key, const char *value,
                             struct diag *diag)
{
    switch (key) {
    case JOB_CHANNEL_CROP: return job_parse_crop(&channel->style.crop, value, diag);
    case JOB_CHANNEL_SCALE: return read_number(&channel->style.scale, value, 1e-3, 1e3, diag);
    case JOB_CHANNEL_WEIGHT: return read_number(&channel->weight, value, 0.0, 1e12, diag);
    case JOB_CHANNEL_STATE:
        return job_find_state(&channel->state, value)
                   ? STATUS_OK
                   : diag_set(diag, STATUS_USAGE, "%s is none of on, blank, grey, content, off",
                              value);
    case JOB_CHANNEL_STYLE: case JOB_CHANNEL_KEYS: break;
    }
    return STATUS_OK;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Text with the bytes that INI, lists and we ourselves give a meaning to as %XX. */
static void put_escaped(struct text_buffer *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    char escaped[6 * JOB_PATH + 1];
    size_t length = strlen(text), used = 0;
    for (size_t i = 0; i < length && used + 3 < sizeof escaped; i++) {
        unsigned char c = (unsigned char)text[i];
        bool edge = i == 0 || i + 1 == length;
        if (c < 0x20 || c == 0x7f || strchr("%;,", c) || (edge && isspace(c))) {
            escaped[used++] = '%';
            escaped[used++] = hex[c >> 4];
            escaped[used++] = hex[c & 15];
        } else {
            escaped[used++] = text[i];
        }
    }
    escaped[used] = 0;
    text_buffer_add(out, "%s", escaped);
}

const char *job_below(const char *folder, const char *path)
{
    char back[JOB_PATH];
    size_t n = strlen(folder);
    if (n == 0 || strncmp(path, folder, n) != 0 || (folder[n - 1] != '/' && path[n] != '/'))
        return NULL;
    const char *rest = path + n + (folder[n - 1] != '/');
    bool same = *rest && file_join(back, sizeof back, folder, rest, NULL) == STATUS_OK &&
                strcmp(back, path) == 0;
    return same ? rest : NULL;
}

/* A path as it reads from folder: the rest of it below, absolute otherwise; told from a word. */
static void put_path(struct text_buffer *out, const struct job_key *key, const char *path,
                     const char *folder)
{
    char absolute[2 * JOB_PATH];
    const char *rest = job_below(folder, path);
    if (rest)
        path = rest;
    else if (*folder && *path != '/' && getcwd(absolute, JOB_PATH)) {
        size_t n = strlen(absolute);
        snprintf(absolute + n, sizeof absolute - n, "/%s", path);
        path = absolute;
    }
    if (key->kind != JOB_FILE && job_is_word(key, path))
        text_buffer_add(out, "./");
    put_escaped(out, path);
}

void job_put_value(struct text_buffer *out, const struct job *job, const struct job_key *key,
                   const char *folder)
{
    char value[JOB_PATH];
    job_print_value(value, sizeof value, job, key);
    if (!value[0])
        return;
    text_buffer_add(out, "%s = ", key->name);
    if (key->kind == JOB_FILE || (key->kind == JOB_NAME && !job_is_word(key, value)))
        put_path(out, key, value, folder);
    else
        put_escaped(out, value);
    text_buffer_add(out, "\n");
}

void job_put_channel(struct text_buffer *out, const struct channel *channel,
                     enum job_channel_key key, const char *folder)
{
    char value[96] = "";
    const struct style *style = &channel->style;
    if (key == JOB_CHANNEL_STYLE && !style->path[0])
        return;
    if (key == JOB_CHANNEL_CROP)
        job_print_crop(value, &style->crop);
    else if (key == JOB_CHANNEL_SCALE || key == JOB_CHANNEL_WEIGHT)
        job_print_real(value, key == JOB_CHANNEL_SCALE ? style->scale : channel->weight);
    else if (key == JOB_CHANNEL_STATE)
        snprintf(value, sizeof value, "%s", job_state_name(channel->state));
    text_buffer_add(out, "%s = %s", channel_keys[key], value);
    if (key == JOB_CHANNEL_STYLE)
        put_path(out, job_find_key("styles"), style->path, folder);
    text_buffer_add(out, "\n");
}

void job_put_blend(struct text_buffer *out, const struct job *job, const char *folder)
{
    static const char *const names[] = {"styles", "style_blend_weights", "style_scales",
                                        "style_crops"};
    text_buffer_add(out, "blend = true");
    for (int list = 0; list < 4; list++) {
        text_buffer_add(out, "\n%s = ", names[list]);
        for (int i = 0; i < job->blend_count; i++) {
            const struct style *style = &job->blend[i];
            char value[96] = "blank";
            if (list == 1 || list == 2)
                job_print_real(value, list == 1 ? job->blend_weight[i] : style->scale);
            else if (list == 3)
                job_print_crop(value, &style->crop);
            text_buffer_add(out, i ? ", " : "");
            if (list == 0 && style->path[0])
                put_path(out, job_find_key("styles"), style->path, folder);
            else
                text_buffer_add(out, "%s", value);
        }
    }
    text_buffer_add(out, "\n");
}

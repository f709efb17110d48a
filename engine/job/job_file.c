/*
 * job_file.c: see job.h. Reading job files: INI text, line by line, by inih. It owns which sections
 * there are and what may stand in them; what a value means is job_text.c's and job_edits.c's.
 */
#include "engine/job/job_private.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"

enum { MAX_FILE = 1 << 20 };

struct reader {
    struct job job;
    struct job_lists lists;
    struct job edited;      /* what edits are read into */
    struct job_edit edit;   /* of the section that inih is in; its job NULL: none */
    int edit_section, last_edit;
    const char *name, *folder;
    bool schedule_pass;     /* the first of two: schedule before everything that it sets */
    uint64_t seen_keys;     /* of [job], by place in the table */
    unsigned seen_channels; /* by channel and key */
    char *next;             /* the text that is left; its lines are cut in place */
    int line, section;      /* the number of the line that inih has now, and of its section */
    const char *value;      /* what it says, if it is too long for inih */
    struct diag *diag;
    enum status status;
};

static enum status read_job_key(struct reader *r, const char *name, const char *value)
{
    size_t count;
    const struct job_key *table = job_keys(&count), *key = job_find_key(name);
    if (!key)
        return diag_set(r->diag, STATUS_USAGE, "there is no such key in [job]");
    if (r->schedule_pass != (strcmp(name, "schedule") == 0))
        return STATUS_OK;
    uint64_t bit = (uint64_t)1 << (key - table);
    if (r->seen_keys & bit)
        return diag_set(r->diag, STATUS_USAGE, "the key stands in [job] twice");
    r->seen_keys |= bit;
    return job_read_value(&r->job, &r->lists, key, value, r->folder, r->diag);
}

static enum status read_style(struct reader *r, struct channel *channel, bool state_seen,
                              const char *value)
{
    enum channel_state state = CHANNEL_ON;
    if (!job_find_style_word(&state, value))
        TRY(job_read_style(channel->style.path, value, r->folder, r->diag));
    if (!state_seen)
        channel->state = state;
    return STATUS_OK;
}

static enum status read_channel_key(struct reader *r, int i, const char *name, const char *value)
{
    struct channel *channel = &r->job.channel[i];
    enum job_channel_key key = job_find_channel_key(name);
    if (key == JOB_CHANNEL_KEYS)
        return diag_set(r->diag, STATUS_USAGE,
                        "a channel has no such key; it has style, crop, scale, weight and state");
    if (r->schedule_pass)
        return STATUS_OK;
    unsigned first = (unsigned)i * JOB_CHANNEL_KEYS, bit = 1u << (first + key);
    if (r->seen_channels & bit)
        return diag_set(r->diag, STATUS_USAGE, "the key stands in [channel %s] twice",
                        layer_name(layer_style[i]));
    r->seen_channels |= bit;
    if (key != JOB_CHANNEL_STYLE)
        return job_read_channel(channel, key, value, r->diag);
    return read_style(r, channel, r->seen_channels & 1u << (first + JOB_CHANNEL_STATE), value);
}

/* ---- edits -------------------------------------------------------------------------------- */

/* The section that was read last is complete. */
static enum status end_edit(struct reader *r)
{
    if (!r->edit.job)
        return STATUS_OK;
    TRY(job_edit_end(&r->edit, r->diag));
    TRY(job_edit_add(&r->job, &r->edit, r->diag));
    memset(&r->edit, 0, sizeof r->edit);
    return STATUS_OK;
}

static enum status begin_edit(struct reader *r, const char *number)
{
    char *end;
    long iteration = strtol(number, &end, 10);
    TRY(end_edit(r));
    if (!isdigit((unsigned char)*number) || *end || iteration > JOB_MAX_ITERATIONS)
        return diag_set(r->diag, STATUS_USAGE,
                        "[edit %s] names no iteration; they go from 0 to %d", number,
                        JOB_MAX_ITERATIONS);
    if (iteration < r->last_edit)
        return diag_set(r->diag, STATUS_USAGE,
                        "[edit %ld] stands behind [edit %d]; edits stand in their order", iteration,
                        r->last_edit);
    r->edit.iteration = r->last_edit = (int)iteration;
    r->edit.job = &r->edited;
    r->edit_section = r->section;
    return STATUS_OK;
}

static enum status read_edit_key(struct reader *r, const char *number, const char *name,
                                 const char *value)
{
    if (r->schedule_pass)
        return STATUS_OK;
    if (!r->edit.job || r->edit_section != r->section)
        TRY(begin_edit(r, number));
    return job_edit_set(&r->edit, name, value, r->folder, r->diag);
}

/* ---- sections ----------------------------------------------------------------------------- */

static enum status read_key(struct reader *r, const char *section, const char *name,
                            const char *value)
{
    if (!*value)
        return diag_set(r->diag, STATUS_USAGE, "the value is missing");
    if (strcmp(section, "job") == 0)
        return read_job_key(r, name, value);
    if (strncmp(section, "edit ", 5) == 0)
        return read_edit_key(r, section + 5, name, value);
    if (strcmp(section, "sweep") == 0)
        return diag_set(r->diag, STATUS_USAGE,
                        "section [sweep] makes many jobs of one; `strata sweep` paints them");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        char channel[32];
        snprintf(channel, sizeof channel, "channel %s", layer_name(layer_style[i]));
        if (strcmp(section, channel) == 0)
            return read_channel_key(r, i, name, value);
    }
    return diag_set(r->diag, STATUS_USAGE,
                    "section [%s] is unknown; a job has [job], [channel relu1_1], [channel "
                    "relu2_1] ... [channel relu5_1], and [edit 100] and the like",
                    section);
}

/* Applies the lists; what a channel's own section says wins over them. */
static enum status resolve(struct reader *r)
{
    struct channel said[STYLE_LAYER_COUNT];
    memcpy(said, r->job.channel, sizeof said);
    TRY(end_edit(r));
    TRY(job_resolve(&r->job, &r->lists, r->diag));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct channel *channel = &r->job.channel[i];
        unsigned seen = r->seen_channels >> (i * JOB_CHANNEL_KEYS);
        if (seen & 1u << JOB_CHANNEL_STYLE)
            memcpy(channel->style.path, said[i].style.path, sizeof said[i].style.path);
        if (seen & (1u << JOB_CHANNEL_STYLE | 1u << JOB_CHANNEL_STATE))
            channel->state = said[i].state;
        if (seen & 1u << JOB_CHANNEL_CROP)
            channel->style.crop = said[i].style.crop;
        if (seen & 1u << JOB_CHANNEL_SCALE)
            channel->style.scale = said[i].style.scale;
        if (seen & 1u << JOB_CHANNEL_WEIGHT)
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
    r->section += *line == '[';
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

enum status job_parse_over(struct job *job, const char *text, const char *name,
                           const char *folder, struct diag *diag)
{
    struct reader *r = mem_new(sizeof *r);
    r->name = name;
    r->folder = folder;
    r->diag = diag;
    r->job = *job;
    enum status status = read_text(r, text, true);
    if (status == STATUS_OK)
        status = read_text(r, text, false);
    if (status == STATUS_OK) {
        status = resolve(r);
        if (status != STATUS_OK)
            diag_prefix(diag, status, "%s", name);
    }
    if (status == STATUS_OK)
        *job = r->job;
    mem_free(r);
    return status;
}

enum status job_parse(struct job *out, const char *text, const char *name, const char *folder,
                      struct diag *diag)
{
    struct job job;
    job_defaults(&job);
    TRY(job_parse_over(&job, text, name, folder, diag));
    *out = job;
    return STATUS_OK;
}

/* Is folder one for programs' own files, or not to be written to by this user? */
static bool is_for_reading(const char *folder)
{
    char *real = realpath(*folder ? folder : ".", NULL);
    bool system = real && strncmp(real, "/usr/", 5) == 0;
    bool closed = real && access(real, W_OK) != 0 && (errno == EACCES || errno == EROFS);
    free(real);
    return system || closed;
}

/* An output beside a job that lies in such a folder goes into the working directory. */
static void find_place(struct job *job, const char *folder)
{
    char name[JOB_PATH];
    if (!*folder || !job_below(folder, job->output) || !is_for_reading(folder))
        return;
    snprintf(name, sizeof name, "%s", file_name(job->output));
    memset(job->output, 0, sizeof job->output);
    strcpy(job->output, name);
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
    if (status == STATUS_OK) {
        find_place(&job, folder);
        *out = job;
    }
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

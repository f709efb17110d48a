/* painted.c: see painted.h. */
#include "engine/queue/painted.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"

/* A path in the one form that all have in common which lead to that file, if there is one. */
static void resolve(char path[JOB_PATH])
{
    char *real = *path ? realpath(path, NULL) : NULL;
    if (real && strlen(real) < JOB_PATH)
        strcpy(path, real);
    free(real);
}

/* A job without what may differ: where the picture goes, and how paths are written. */
static void normalise(struct job *job)
{
    job->output[0] = 0;
    resolve(job->content);
    if (!job_is_word(job_find_key("initial"), job->initial))
        resolve(job->initial);
    if (!job_is_word(job_find_key("network"), job->network))
        resolve(job->network);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        resolve(job->channel[i].style.path);
    for (int i = 0; i < job->blend_count; i++)
        resolve(job->blend[i].path);
}

static bool same(struct job *a, const struct job *b)
{
    struct job *other = mem_new(sizeof *other);
    *other = *b;
    normalise(a);
    normalise(other);
    bool equal = job_equal(a, other);
    mem_free(other);
    return equal;
}

static double read_seconds(const char *text)
{
    double seconds;
    const char *at = strstr(text, "; took ");
    return at && sscanf(at, "; took %lf seconds", &seconds) == 1 ? seconds : NAN;
}

static void look_inside(struct painted *out, const struct job *job, const char *text)
{
    char folder[JOB_PATH];
    int iteration;
    struct job *there = mem_new(sizeof *there);
    if (file_folder(folder, sizeof folder, job->output, NULL) == STATUS_OK &&
        job_parse(there, text, job->output, folder, NULL) == STATUS_OK && same(there, job)) {
        bool done = losses_parse(&out->losses, &iteration, text) && iteration >= job->iterations;
        out->state = done ? PAINTED_DONE : PAINTED_EARLY;
        out->seconds = read_seconds(text);
    }
    mem_free(there);
}

void painted_look(struct painted *out, const struct job *job)
{
    char *text;
    *out = (struct painted){.state = PAINTED_OTHER, .seconds = NAN};
    if (access(job->output, F_OK) != 0 && errno == ENOENT) {
        out->state = PAINTED_MISSING;
        return;
    }
    if (image_read_job(&text, job->output, NULL) != STATUS_OK)
        return;
    look_inside(out, job, text);
    mem_free(text);
}

void painted_note_seconds(struct job *record, double seconds)
{
    size_t used = strlen(record->painted);
    snprintf(record->painted + used, sizeof record->painted - used, "; took %.3g seconds",
             seconds);
}

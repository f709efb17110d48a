/*
 * job_inputs.c: see job.h. The files that a job reads, and which of them lie elsewhere than the
 * picture that the job came in.
 */
#include "engine/job/job_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"

bool job_input(char out[JOB_PATH], const struct job *job, int i, const struct job_key **key)
{
    static const char *const names[] = {"content", "initial", "network"};
    enum { NAMES = sizeof names / sizeof *names };
    *key = job_find_key(i < NAMES ? names[i] : "styles");
    i -= NAMES;
    if (i >= STYLE_LAYER_COUNT + job->blend_count)
        return job_edits_input(out, job->edits, i - STYLE_LAYER_COUNT - job->blend_count);
    const char *path = i < 0                    ? (const char *)job + (*key)->offset
                       : i < STYLE_LAYER_COUNT ? job->channel[i].style.path
                                               : job->blend[i - STYLE_LAYER_COUNT].path;
    bool word = i < 0 && (*key)->kind == JOB_NAME && job_is_word(*key, path);
    snprintf(out, JOB_PATH, "%s", word ? "" : path);
    return true;
}

static bool climbs(const char *path)
{
    for (; *path; path += strcspn(path, "/"), path += *path == '/')
        if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || !path[2]))
            return true;
    return false;
}

bool job_input_outside(const char *path, const char *picture)
{
    char folder[JOB_PATH], here[JOB_PATH] = "", whole[2 * JOB_PATH + 1];
    if (file_folder(folder, sizeof folder, picture, NULL) != STATUS_OK)
        return true;
    const char *rest = folder[0] || path[0] == '/' ? job_below(folder, path) : path;
    if (!rest && path[0] == '/' && folder[0] != '/' && getcwd(here, sizeof here)) {
        snprintf(whole, sizeof whole, "%s%s%s", here, folder[0] ? "/" : "", folder);
        rest = job_below(whole, path);
    }
    return !rest || climbs(rest);
}

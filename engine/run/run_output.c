/* run_output.c: see run.h. Where a finished picture may go, and putting it there. */
#include "engine/image/image_rows.h"
#include "engine/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/mem.h"

enum status run_check_output(const struct job *job, const char *path, enum file_overwrite mode,
                             struct diag *diag)
{
    const struct job_key *key;
    char input[JOB_PATH];
    TRY(image_check_output(path, mode, diag));
    for (int i = 0; job_input(input, job, i, &key); i++)
        if (strcmp(key->name, "network") != 0 && file_same(path, input))
            return diag_set(diag, STATUS_OUTPUT,
                            "%s is both a picture to paint from and the output; choose another "
                            "output",
                            path);
    return STATUS_OK;
}

static enum status write_row(void *context, int y, const float *const row[4], struct diag *diag)
{
    (void)y;
    return image_writer_row(context, row[0], row[1], row[2], row[3], diag);
}

static enum status write_run(const struct run *run, const char *path, const char *text,
                             enum file_overwrite mode, struct diag *diag)
{
    struct image_writer *writer;
    TRY(image_writer_open(&writer, path, run_width(run), run_height(run), run_has_alpha(run), text,
                          mode, diag));
    enum status status = run_each_row(run, write_row, writer, diag);
    if (status == STATUS_OK)
        status = image_writer_finish(writer, diag);
    image_writer_close(&writer);
    return status;
}

enum status run_write(const struct run_result *result, const struct job *job, const char *path,
                      enum file_overwrite mode, struct diag *diag)
{
    char folder[JOB_PATH];
    /* whether what is there is this very picture is only known in the end */
    TRY(run_check_output(job, path, mode == FILE_AGAIN ? FILE_OVERWRITE : mode, diag));
    TRY(file_folder(folder, sizeof folder, path, diag));
    char *text = job_print(job, folder);
    enum status status = result->image ? image_write(result->image, path, text, mode, diag)
                                       : write_run(result->run, path, text, mode, diag);
    mem_free(text);
    return status;
}

/* Under path or, with FILE_KEEP, the next name beside it that is free. */
static enum status write_numbered(const struct run_result *result, const struct job *job,
                                  const char *path, enum file_overwrite mode, char *out,
                                  struct diag *diag)
{
    enum { NAMES = 9999 };
    enum status status = STATUS_OUTPUT;
    for (int n = 1; n <= NAMES && status != STATUS_OK; n++) {
        file_numbered(out, JOB_PATH, path, n);
        bool taken = access(out, F_OK) == 0;
        if (taken && mode == FILE_KEEP && n > 1)
            continue;
        status = run_write(result, job, out, n > 1 && mode == FILE_OVERWRITE ? FILE_KEEP : mode,
                           diag);
        if (status != STATUS_OK && access(out, F_OK) != 0)
            break; /* no name is to blame */
    }
    return status;
}

/* The i-th folder to try besides the one that was asked for; false: there is none. */
static bool other_folder(char out[JOB_PATH], int i)
{
    static const char *const variables[] = {NULL, "XDG_STATE_HOME", "HOME", "TMPDIR", NULL};
    static const char *const below[] = {"", "/strata/", "/.local/state/strata/", "/", "/tmp/"};
    const char *value = variables[i] ? getenv(variables[i]) : "";
    bool usable = value && (!variables[i] || value[0] == '/') && strlen(value) < JOB_PATH / 2;
    snprintf(out, JOB_PATH, "%s%s", usable ? value : "", usable ? below[i] : "");
    return usable;
}

enum status run_write_somewhere(const struct run_result *result, const struct job *job,
                                const char *path, enum file_overwrite mode, char *out,
                                struct diag *diag)
{
    enum { OTHER_FOLDERS = 5 };
    const char *name = file_name(path);
    char endings[IMAGE_WORDS];
    struct diag other;
    if (!file_has_ending(name, image_output_endings(endings)))
        name = "painted.png";
    enum status status = write_numbered(result, job, path, mode, out, diag);
    enum status saved = status;
    for (int i = 0; saved != STATUS_OK && i < OTHER_FOLDERS; i++) {
        char folder[JOB_PATH], place[2 * JOB_PATH];
        if (!other_folder(folder, i))
            continue;
        snprintf(place, sizeof place, "%s%s", folder, name);
        file_make_folders(place, 0700, NULL);
        if (strlen(place) < JOB_PATH - 8)
            saved = write_numbered(result, job, place, FILE_KEEP, out, &other);
    }
    if (saved != STATUS_OK) {
        *out = 0;
        return status;
    }
    if (strcmp(out, path) == 0)
        return diag_set(diag, STATUS_OK, "%s", "");
    if (status == STATUS_OK)
        return diag_set(diag, STATUS_OK, "%s exists already; the picture is in %s", path, out);
    char why[DIAG_TEXT];
    snprintf(why, sizeof why, "%s", diag->text);
    return diag_set(diag, STATUS_OK, "%s; the picture is in %s", why, out);
}

/* run_output.c: see run.h. Where a finished picture may go, and putting it there. */
#include "run.h"

#include "mem.h"

enum status run_check_output(const struct job *job, const char *path, enum file_overwrite mode,
                             struct diag *diag)
{
    const char *inputs[2 + STYLE_LAYER_COUNT + JOB_MAX_STYLES] = {job->content, job->initial};
    int count = 2;
    TRY(image_check_output(path, mode, diag));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        inputs[count++] = job->channel[i].style.path;
    for (int i = 0; i < job->blend_count; i++)
        inputs[count++] = job->blend[i].path;
    for (int i = 0; i < count; i++)
        if (file_same(path, inputs[i]))
            return diag_set(diag, STATUS_OUTPUT,
                            "%s is both a picture to paint from and the output; choose another "
                            "--output",
                            path);
    return STATUS_OK;
}

enum status run_write(const struct image *picture, const struct job *job, const char *path,
                      enum file_overwrite mode, struct diag *diag)
{
    char folder[JOB_PATH];
    TRY(run_check_output(job, path, mode, diag));
    TRY(file_folder(folder, sizeof folder, path, diag));
    char *text = job_print(job, folder);
    enum status status = image_write(picture, path, text, mode, diag);
    mem_free(text);
    return status;
}

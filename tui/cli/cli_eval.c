/* cli_eval.c: `strata eval`: the losses of a picture, and on request their gradient; no steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/run/run.h"
#include "tui/cli/cli.h"
#include "tui/cli/losses_json.h"
#include "tui/cli/options.h"

/* NumPy's format 1.0: float32, C order, shape (3, height, width), little endian. */
static enum status write_gradient(const char *path, const float *gradient, int width, int height,
                                  enum file_overwrite mode, struct diag *diag)
{
    enum { HEAD = 128, PREFIX = 10 };
    size_t size = mem_product(3 * sizeof(float), (size_t)width, (size_t)height);
    unsigned char *bytes;
    TRY(mem_big(&bytes, HEAD + size, "the gradient's file", diag));
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = HEAD - PREFIX;
    int n = snprintf((char *)bytes + PREFIX, HEAD - PREFIX,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (3, %d, %d), }", height,
                     width);
    memset(bytes + PREFIX + n, ' ', (size_t)(HEAD - PREFIX - n));
    bytes[HEAD - 1] = '\n';
    memcpy(bytes + HEAD, gradient, size);
    enum status status = file_write(path, bytes, HEAD + size, mode, diag);
    mem_free(bytes);
    return status;
}

static void print_json(const struct losses *losses)
{
    cJSON *json = cJSON_CreateObject();
    losses_json_add(json, losses);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void print_table(const struct losses *losses)
{
    for (int i = 0; i < LOSSES_SERIES; i++)
        printf("%-8s %14.4f\n", losses_name(i), losses_value(losses, i));
}

/* The picture is measured as it is, so its size must be the one that would be painted. */
static enum status check_size(const struct run *run, const char *path, struct diag *diag)
{
    int width, height;
    TRY(image_probe(&width, &height, path, diag));
    if (width == run_width(run) && height == run_height(run))
        return STATUS_OK;
    return diag_set(diag, STATUS_INPUT,
                    "%s is %d×%d, and the content is measured at %d×%d; give a picture of that "
                    "size or another --width",
                    path, width, height, run_width(run), run_height(run));
}

static enum status measure(const struct options *options, struct losses *losses, struct diag *diag)
{
    struct run *run = NULL;
    float *gradient = NULL;
    bool want = options->grad[0] != 0;
    enum file_overwrite mode = options->overwrite ? FILE_OVERWRITE : FILE_KEEP;
    struct job job = options->job;
    enum status status = want ? file_check_output(options->grad, mode, diag) : STATUS_OK;
    if (job.precision == PRECISION_AUTO)
        job.precision = PRECISION_FP32; /* it is asked for figures, not for speed */
    if (status == STATUS_OK)
        status = run_open(&run, &job, NULL, diag);
    if (status == STATUS_OK)
        status = check_size(run, options->image, diag);
    if (status == STATUS_OK && want)
        status = mem_big(&gradient,
                         mem_product(3 * sizeof(float), (size_t)run_width(run),
                                     (size_t)run_height(run)),
                         "the gradient", diag);
    if (status == STATUS_OK)
        status = run_measure(run, losses, gradient, diag);
    if (status == STATUS_OK && want)
        status = write_gradient(options->grad, gradient, run_width(run), run_height(run), mode,
                                diag);
    mem_free(gradient);
    run_close(&run);
    return status;
}

int cli_eval(int argc, char **argv)
{
    struct diag diag;
    struct losses losses;
    static struct options options;
    if (options_parse(&options, argc, argv, OPTIONS_EVAL, &diag) != STATUS_OK)
        return cli_fail(&diag);
    job_edits_apply(&options.job, options.job.edits, -1, JOB_MAX_ITERATIONS);
    options.job.edits[0] = 0; /* it is measured with what it was painted with in the end */
    memcpy(options.job.initial, options.image, sizeof options.job.initial);
    options.job.initial_noiseblend = 0.0;
    options.job.pyramid = PYRAMID_OFF;
    if (measure(&options, &losses, &diag) != STATUS_OK)
        return cli_fail(&diag);
    (options.json ? print_json : print_table)(&losses);
    return 0;
}

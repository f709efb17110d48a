/*
 * run_help.h: what the tests of runs share: the reference's pictures in a folder of their own, and
 * a job that paints with them.
 */
#ifndef STRATA_RUN_HELP_H
#define STRATA_RUN_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/run/run.h"

#define MUST(call)                                                                               \
    do {                                                                                         \
        if ((call) != STATUS_OK)                                                                 \
            fail_msg("%s: %s", #call, diag.text);                                                \
    } while (0)

static struct diag diag;
static char folder[] = "/tmp/strata-run-XXXXXX";

static inline const char *in_folder(const char *name)
{
    static char path[4][sizeof folder + 64];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

/* Reads tests/ref/NAME.bin: *shape gets up to four dimensions. */
static inline double *reference(const char *name, uint32_t shape[4], size_t *n)
{
    char path[128];
    uint32_t head[2];
    snprintf(path, sizeof path, "tests/ref/%s.bin", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char magic[4];
    assert_int_equal(fread(magic, 1, 4, f), 4);
    assert_memory_equal(magic, "STRB", 4);
    assert_int_equal(fread(head, 4, 2, f), 2);
    assert_int_equal(head[0], 1);
    assert_in_range(head[1], 1, 4);
    assert_int_equal(fread(shape, 4, head[1], f), head[1]);
    *n = 1;
    for (uint32_t i = 0; i < head[1]; i++)
        *n *= shape[i];
    double *a = mem_new(*n * sizeof *a);
    assert_int_equal(fread(a, sizeof *a, *n, f), *n);
    fclose(f);
    return a;
}

/* The reference's picture as a PNG; its values are whole numbers, so nothing is lost. */
static inline void picture(const char *name)
{
    uint32_t shape[4];
    size_t n;
    char file[32];
    double *a = reference(name, shape, &n);
    struct image image = {0};
    MUST(image_init(&image, (int)shape[2], (int)shape[1], &diag));
    for (size_t i = 0; i < n; i++)
        image.rgb[i] = (float)a[i];
    snprintf(file, sizeof file, "%s.png", name);
    MUST(image_write(&image, in_folder(file), NULL, FILE_OVERWRITE, &diag));
    image_clear(&image);
    mem_free(a);
}

static inline void set(struct job *job, const char *key, const char *value)
{
    struct job_lists lists = {0};
    MUST(job_set(job, &lists, job_find_key(key), value, "", &diag));
}

/* The job that the reference paints with: tiny network, every picture in our folder. One thread: on
 * pictures so small a second one mostly waits, and long where the machine is busy. */
static inline struct job tiny_job(void)
{
    static const char *const styles[] = {"style0.png", "style1.png", "style2.png", "style3.png",
                                         "style4.png"};
    struct job job;
    job_defaults(&job);
    set(&job, "schedule", "classic");
    set(&job, "network", "tests/ref/tiny.safetensors");
    set(&job, "threads", "1");
    snprintf(job.content, sizeof job.content, "%s", in_folder("content.png"));
    snprintf(job.output, sizeof job.output, "%s", in_folder("out.png"));
    snprintf(job.initial, sizeof job.initial, "%s", in_folder("x.png"));
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        job.channel[i].state = CHANNEL_ON;
        snprintf(job.channel[i].style.path, JOB_PATH, "%s", in_folder(styles[i]));
    }
    return job;
}

static inline struct run *opened(const struct job *job)
{
    struct run *run;
    MUST(run_open(&run, job, NULL, &diag));
    return run;
}

static inline void steps(struct run *run, int count)
{
    struct losses losses;
    while (count-- > 0)
        MUST(run_step(run, &losses, &diag));
}

static const char *const pictures[] = {"content", "x",      "style0", "style1",
                                       "style2",  "style3", "style4"};

static inline void draw_all(void)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        picture(pictures[i]);
}

static inline int draw(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    draw_all();
    return 0;
}

static inline int remove_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char file[32];
        snprintf(file, sizeof file, "%s.png", pictures[i]);
        unlink(in_folder(file));
    }
    return rmdir(folder);
}

#endif

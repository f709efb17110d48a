/* run.c: see run.h. */
#include "tests/lib/run.h"

double *reference(const char *name, uint32_t shape[4], size_t *n)
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

void picture(const char *name)
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

void set(struct job *job, const char *key, const char *value)
{
    struct job_lists lists = {0};
    MUST(job_set(job, &lists, job_find_key(key), value, "", &diag));
}

struct job tiny_job(void)
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

void blend_two(struct job *job)
{
    job->blend_count = 2;
    job->blend[0] = job->channel[1].style;
    job->blend[1] = job->channel[2].style;
    job->blend_weight[0] = 0.25;
    job->blend_weight[1] = 0.75;
}

struct run *open_run(const struct job *job)
{
    struct run *run;
    MUST(run_open(&run, job, NULL, &diag));
    return run;
}

void steps(struct run *run, int count)
{
    struct losses losses;
    while (count-- > 0)
        MUST(run_step(run, &losses, &diag));
}

void draw_all(void)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        picture(pictures[i]);
}

int draw(void **state)
{
    if (make_folder(state) != 0)
        return 1;
    draw_all();
    return 0;
}

int remove_all(void **state)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char file[32];
        snprintf(file, sizeof file, "%s.png", pictures[i]);
        unlink(in_folder(file));
    }
    return remove_folder(state);
}

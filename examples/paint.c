/*
 * paint.c: a picture painted from C, with libstrata. The settings are those of a job file.
 *
 *     cc paint.c -o paint $(pkg-config --cflags --libs strata)
 *     ./paint out.png content=photo.jpg styles=painting.jpg width=512
 */
#include <stdio.h>
#include <string.h>

#include <engine/run/run.h>

static enum status paint(struct run **run, int argc, char **argv, struct diag *diag)
{
    static struct job job;         /* these two are large */
    static struct job_lists lists; /* what acts on all styles together */
    struct losses losses;
    job_defaults(&job);
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value)
            *value++ = 0;
        const struct job_key *key = job_find_key(argv[i]);
        if (!value || !key)
            return diag_set(diag, STATUS_USAGE, "%s is no setting=value", argv[i]);
        TRY(job_set(&job, &lists, key, value, "", diag));
    }
    TRY(job_resolve(&job, &lists, diag));
    TRY(job_validate(&job, diag));
    TRY(run_open(run, &job, NULL, diag));
    while (run_iteration(*run) < run_iterations(*run))
        TRY(run_step(*run, &losses, diag));
    TRY(run_measure(*run, &losses, NULL, diag));
    printf("%s: loss %g\n", argv[1], losses.total);
    return run_write(&(struct run_result){.run = *run}, &job, argv[1], FILE_OVERWRITE, diag);
}

int main(int argc, char **argv)
{
    struct diag diag;
    struct run *run = NULL;
    enum status status = argc < 2 ? diag_set(&diag, STATUS_USAGE, "paint OUTPUT setting=value ...")
                                  : paint(&run, argc, argv, &diag);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n", diag.text);
    run_close(&run);
    return diag_exit_status(status);
}

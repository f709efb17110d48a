/* run_open.c: see run.h. A run from its beginning, or from a state; in place of another one. */
#include "engine/run/run_private.h"

static enum status begin(struct run *run, struct diag *diag)
{
    TRY(run_stage_begin(run, diag));
    return run_make_edits(run, diag);
}

enum status run_open_shared(struct run **out, const struct job *job, const struct run_state *state,
                            struct run_shared *shared, int threads, const atomic_int *stop,
                            struct diag *diag)
{
    struct run *run;
    TRY(run_prepare(&run, job, state, shared, state ? state->threads : threads, stop, diag));
    enum status status = state ? run_restore(run, state, diag) : begin(run, diag);
    run_summarise(run);
    if (status != STATUS_OK)
        run_close(&run);
    else
        *out = run;
    return status;
}

enum status run_open(struct run **out, const struct job *job, const atomic_int *stop,
                     struct diag *diag)
{
    return run_open_shared(out, job, NULL, NULL, 0, stop, diag);
}

enum status run_foresee(size_t *bytes, const struct job *job, struct run_shared *shared,
                        const atomic_int *stop, struct diag *diag)
{
    struct run *run;
    TRY(run_prepare(&run, job, NULL, shared, 1, stop, diag));
    enum status status = run_memory_foresee(bytes, run, diag);
    run_close(&run);
    return status;
}

enum status run_resume(struct run **out, const struct job *job, const struct run_state *state,
                       const atomic_int *stop, struct diag *diag)
{
    return run_open_shared(out, job, state, NULL, 0, stop, diag);
}

enum status run_restart(struct run **run, const struct job *job, const struct run_state *state,
                        struct diag *diag)
{
    struct run *fresh, *old = *run;
    TRY(run_prepare(&fresh, job, state, NULL, nn_threads(old->nn), old->stop, diag));
    objective_close(&old->objective); /* first: there may be no memory for two */
    nn_drop_kernels(old->nn);
    enum status status = state ? run_restore(fresh, state, diag) : begin(fresh, diag);
    run_summarise(fresh);
    if (status != STATUS_OK) {
        run_close(&fresh);
        return status;
    }
    run_close(run);
    *run = fresh;
    return STATUS_OK;
}

/*
 * cli_sweep.h: what the files of `strata sweep` share, the lower before the higher:
 *     cli_sweep_state.c   what is painted of a sweep; its contact sheet and table of losses
 *     cli_sweep_print.c   a command line for each run
 *     cli_sweep_queue.c   painting here
 *     cli_sweep_slurm.c   painting in an array of jobs of Slurm
 *     cli_sweep.c         options
 */
#ifndef STRATA_CLI_SWEEP_H
#define STRATA_CLI_SWEEP_H

#include "engine/base/text_buffer.h"
#include "engine/queue/painted.h"
#include "engine/job/sweep.h"
#include "tui/cli/progress.h"

struct cli_sweep {
    char path[JOB_PATH]; /* of the sweep file */
    bool print, slurm, sheet, all, overwrite;
    int threads, beside, pack; /* 0: not said */
    enum progress_style progress;
    const char *only; /* "1-4,7", or NULL */
    char **extra;     /* options of sbatch, extra_count of them */
    int extra_count;
    struct sweep *sweep;
    bool *chosen;            /* [runs]: by --only */
    struct painted *painted; /* [runs] */
    char **why;              /* [runs]: what a run has failed by, or NULL */
};

/* ---- cli_sweep_state.c -------------------------------------------------------------------- */

/* Looks at what is painted of every run. */
void cli_sweep_look(struct cli_sweep *s);

/* Is a run chosen and to be painted? What is there of another job is not, without --overwrite. */
bool cli_sweep_wanted(const struct cli_sweep *s, int run);

/* Says of chosen runs in whose places there is something else; how many these are. */
int cli_sweep_tell_others(const struct cli_sweep *s);

/* Makes the folder of outputs, or the one in it that is ours, and gives its path, or that of
 * something in it: "runs". */
enum status cli_sweep_folder(const struct cli_sweep *s, struct diag *diag);
enum status cli_sweep_own(char out[JOB_PATH], const struct cli_sweep *s, const char *name,
                          struct diag *diag);

/* Writes sheet.png and losses.csv, and says so on stdout unless `quiet`. */
enum status cli_sweep_write(const struct cli_sweep *s, bool quiet, struct diag *diag);

/* ---- the ways to paint: the exit status --------------------------------------------------- */

int cli_sweep_print(struct cli_sweep *s);
int cli_sweep_queue(struct cli_sweep *s);
int cli_sweep_slurm(struct cli_sweep *s);

#endif

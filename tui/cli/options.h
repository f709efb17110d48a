/*
 * options.h: the command line of run, eval and the workbench: a job, and what concerns this call
 * only. Options of the painting are the keys of the job file with - for _.
 */
#ifndef STRATA_OPTIONS_H
#define STRATA_OPTIONS_H

#include "engine/base/args.h"
#include "engine/job/job.h"
#include "tui/pixels/graphics.h"
#include "tui/cli/progress.h"

/* ORIGINAL: `strata neural-style`: run, with the defaults and abbreviations of neural_style.py. */
enum options_for { OPTIONS_RUN, OPTIONS_EVAL, OPTIONS_DESK, OPTIONS_ORIGINAL };

struct options {
    struct job job;
    char job_path[JOB_PATH]; /* the job file or PNG that was named, or "" */
    char folder[JOB_PATH];   /* the workbench: the folder that was named, or "" */
    bool made_up;            /* the output's name follows the content's */
    bool overwrite;
    bool trust_paths; /* a PNG's job may read files outside the PNG's folder */
    char checkpoint_output[JOB_PATH]; /* "" or a pattern, see options_checkpoint_path */
    int checkpoint_iterations;
    int print_iterations; /* 0: about twenty lines in all */
    bool progress_write, progress_plot;
    bool original; /* the files on the way are called as neural_style.py calls them */
    char run_dir[JOB_PATH];    /* "": one below the user's own */
    char preset[JOB_PATH];     /* "" or the name of one to begin with */
    bool anew;                 /* not to go on with an unfinished run of the same job */
    double checkpoint_seconds; /* between two checkpoints */
    enum progress_style progress;
    char image[JOB_PATH], grad[JOB_PATH]; /* eval; grad may be "" */
    bool json;
    bool start;            /* the workbench: run at once */
    bool detach;           /* the workbench: and without a terminal */
    char script[JOB_PATH]; /* the workbench: "" or a script of keys */
    char latest[JOB_PATH]; /* the workbench: "" or where the preview is kept */
    enum graphics_kind graphics; /* the workbench */
    double timeout;              /* of the questions to its terminal, seconds */
};

/* argv[0] is the subcommand. Words behind no option are a job file or a PNG with a job in it, or
 * else a content picture and its styles, for the workbench also a folder; they are read first, then
 * options in their order, the schedule before all. Below them, where there is no job file and
 * nothing is measured, lie the user's settings for new jobs. What is said twice counts as said
 * last, a list goes on. STATUS_USAGE, STATUS_RANGE or what job_read says. run and eval are refused
 * files that only a PNG's job names and that lie outside its folder; what the workbench does not
 * ask for first is in options->trust_paths. */
enum status options_parse(struct options *out, int argc, char **argv, enum options_for use,
                          struct diag *diag);

/* The words that stand behind no option, as options_parse tells them apart: out, [argc], points
 * into argv; how many. 0 where an option is not understood, of which options_parse has the
 * sentence. */
int options_words(const char **out, int argc, char **argv, enum options_for use);

/* The name of a checkpoint: the one {} or %d in pattern becomes iteration, with five digits if it
 * is {:05}, {0:05d} or %05d; %s is as good as %d where there is neither. */
enum status options_checkpoint_path(char *out, size_t size, const char *pattern, int iteration,
                                    struct diag *diag);

/* Every option that there is, *count; static. Those of other subcommands are ARGS_OTHER, keys of a
 * job are called as in job_keys. */
const struct args_option *options_list(int *count, enum options_for use);

#endif

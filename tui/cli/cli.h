/*
 * cli.h: the subcommands, one file cli_<name>.c each. argv[0] is the subcommand's name; the result
 * is the exit status of the program.
 */
#ifndef STRATA_CLI_H
#define STRATA_CLI_H

#include "engine/base/diag.h"

#define STRATA_VERSION "0.2.0"

/* No subcommand: argv[1] and what follows are a job and options. */
int cli_desk(int argc, char **argv);
int cli_attach(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_sweep(int argc, char **argv);
int cli_resume(int argc, char **argv);
int cli_runs(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_presets(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_neural_style(int argc, char **argv);
int cli_weights(int argc, char **argv);

/* What they take, *count; static. See commands.h. */
struct args_option;
const struct args_option *cli_attach_options(int *count);
const struct args_option *cli_sweep_options(int *count);
const struct args_option *cli_resume_options(int *count);
const struct args_option *cli_runs_options(int *count);
const struct args_option *cli_bench_options(int *count);
const struct args_option *cli_compare_options(int *count);
const struct args_option *cli_presets_options(int *count);

/* Says the sentence on stderr; returns the exit status that belongs to it. */
int cli_fail(const struct diag *diag);

/* The same for a note that ends nothing. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

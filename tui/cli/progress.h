/*
 * progress.h: how a headless run tells what it does: a bar on a terminal, plain lines in a pipe,
 * JSON lines for programs; and, on request, a loss log and its plot beside the output.
 */
#ifndef STRATA_PROGRESS_H
#define STRATA_PROGRESS_H

#include <stdbool.h>

#include "engine/base/diag.h"
#include "engine/style/losses.h"

struct progress;

/* AUTO: a bar if stdout and stderr are a terminal that can redraw a line, else plain lines. The bar
 * goes to stderr, plain lines and JSON go to stdout. */
enum progress_style { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON };

struct progress_options {
    enum progress_style style;
    int iterations;        /* of the whole run */
    int print_every;       /* lines of plain: every so many iterations, 0: about twenty in all */
    const char *log_path;  /* NULL: none; a table of the losses that grows while the run goes on */
    const char *plot_path; /* NULL: none; a PNG drawn by gnuplot when the run ends */
    const char *title;     /* what the plot is called, the output's name; NULL: plot_path */
    bool original;         /* the log is neural_style.py's: its columns, print_every's rows */
    bool overwrite;        /* log and plot may replace what is there */
    bool append;           /* the log goes on where there is one; the plot replaces it */
};

/* What is told after each iteration. Losses are those of the picture after `iteration` steps. */
struct progress_state {
    int iteration;
    double seconds;               /* since the run began */
    double seconds_per_iteration; /* recent median or mean; 0: not known yet */
    struct losses losses;
    double seconds_left;          /* 0: as many iterations as are left at that pace */
};

/* Checks that log and plot can be written (STATUS_OUTPUT) and that gnuplot is there (STATUS_USAGE),
 * and begins the log. The strings need not outlive the call. The program has called
 * setlocale(LC_CTYPE, "") and ignores SIGPIPE. */
enum status progress_open(struct progress **out, const struct progress_options *options,
                          struct diag *diag);

/* Shows a state: redraws the bar (at most ten times a second), prints a line or a JSON object. The
 * first and the last iteration are always shown. Cheap enough to be called every iteration.
 * STATUS_IO if the log cannot be written, once: it ends there. A reader of stdout that went away is
 * not an error. One that does not read, or a stopped terminal, misses whole lines and holds the run
 * up for a moment only. A process in the background of its terminal draws nothing there. */
enum status progress_show(struct progress *progress, const struct progress_state *state,
                          struct diag *diag);

/* A line for people (a checkpoint was saved, …), above the bar; nothing in JSON. */
void progress_note(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "strata: TEXT" on stderr, below the bar; text is printable. */
void progress_warn(struct progress *progress, const char *text);

/* A line on stderr, at once, from a signal handler. */
void progress_interrupt(const char *text);

/* Shows the newest state if it was not shown, ends the bar's line, closes the log and draws the
 * plot (none if there was no loss to plot); says on stderr if lines were missed. STATUS_IO also if
 * stdout could not be written, its reader's leaving excepted. Once, after a run that ended or was
 * stopped. */
enum status progress_finish(struct progress *progress, struct diag *diag);

/* Frees; NULL inside is fine. Without progress_finish before, the bar's line is ended and the log
 * holds all that was shown, but there is no plot. */
void progress_close(struct progress **progress);

#endif

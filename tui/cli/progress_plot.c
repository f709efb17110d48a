/*
 * progress_plot.c: see progress_plot.h. gnuplot reads a script from a temporary file and prints
 * the PNG into another: no shell, no file name in the script, and no pipe on which two programs
 * could wait for each other.
 */
#include "tui/cli/progress_plot.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "tui/cli/progress_line.h"
#include "tui/term/number.h"

extern char **environ;

enum { MOST_POINTS = 4096 }; /* even: every second one is dropped when they are reached */

struct point {
    int iteration;
    struct losses losses;
};

struct progress_plot {
    char *path, *title;
    enum file_overwrite mode;
    struct point *points; /* [MOST_POINTS], and one more for the last */
    size_t count;
    long added, stride; /* every stride-th state that was added is among the points */
    struct point last;
};

/* The three temporary files of one call of gnuplot. */
struct session {
    FILE *script, *picture, *errors;
};

/* ---- gnuplot ------------------------------------------------------------------------------ */

static void session_close(struct session *session)
{
    FILE *files[] = {session->script, session->picture, session->errors};
    for (int i = 0; i < 3; i++)
        if (files[i])
            fclose(files[i]);
}

static enum status session_open(struct session *out, struct diag *diag)
{
    struct session session = {tmpfile(), tmpfile(), tmpfile()};
    if (!session.script || !session.picture || !session.errors) {
        diag_set(diag, STATUS_IO, "no temporary file can be made for the plot: %s",
                 strerror(errno));
        session_close(&session);
        return STATUS_IO;
    }
    fputs("set terminal pngcairo size 1200,800 font 'sans,13'\n", session.script);
    *out = session;
    return STATUS_OK;
}

/* gnuplot's reason: the last line that is neither blank nor its arrow. */
static enum status session_failed(struct session *session, struct diag *diag)
{
    char line[256], reason[256] = "it does not say why";
    rewind(session->errors);
    while (fgets(line, sizeof line, session->errors)) {
        line[strcspn(line, "\n")] = 0;
        if (line[strspn(line, " \t^")])
            memcpy(reason, line, sizeof reason);
    }
    return diag_set(diag, STATUS_LIBRARY, "gnuplot does not draw the plot: %s", reason);
}

static enum status session_run(struct session *session, struct diag *diag)
{
    char *argv[] = {"gnuplot", "--default-settings", NULL};
    posix_spawn_file_actions_t files;
    pid_t child;
    int code = -1;
    if (fflush(session->script) != 0 || ferror(session->script) ||
        fseek(session->script, 0, SEEK_SET) != 0)
        return diag_set(diag, STATUS_IO, "the plot's temporary file cannot be written: %s",
                        strerror(errno));
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, fileno(session->script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, fileno(session->picture), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, fileno(session->errors), STDERR_FILENO);
    int error = posix_spawnp(&child, argv[0], &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0)
        return diag_set(diag, STATUS_USAGE, "a plot needs gnuplot, which cannot be started (%s); "
                        "install the package gnuplot-nox or leave --progress-plot out",
                        strerror(error));
    while (waitpid(child, &code, 0) == -1 && errno == EINTR)
        ;
    return code == 0 ? STATUS_OK : session_failed(session, diag);
}

/* ---- the script --------------------------------------------------------------------------- */

/* The smallest positive and the largest value of a column; false if there is none. */
static bool column_range(double *low, double *high, const struct progress_plot *plot, int column)
{
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < plot->count; i++) {
        double value = losses_value(&plot->points[i].losses, column);
        if (!isfinite(value) || value <= 0)
            continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
    return *high > 0;
}

/* All of the losses, down to a millionth of the largest; at least one whole decade, because only
 * those are labelled. */
static bool add_range(FILE *script, const struct progress_plot *plot)
{
    static const double margin = 1.3, deepest = 1e-6;
    double low = INFINITY, high = 0;
    for (int i = 0; i < LOSSES_SERIES; i++) {
        double column_low, column_high;
        column_range(&column_low, &column_high, plot, i);
        low = fmin(low, column_low);
        high = fmax(high, column_high);
    }
    if (high <= 0)
        return false;
    low = fmax(low / margin, high * deepest);
    high *= margin;
    if (high / low < 20) {
        low = pow(10, floor(log10(low)));
        high = pow(10, floor(log10(high)) + 1);
    }
    fprintf(script, "set yrange [%g:%g]\n", low, high);
    return true;
}

/* What gnuplot could take for more than text, its quotes, backquotes and backslashes, becomes what
 * looks like it. */
static void add_title(FILE *script, const char *title)
{
    fputs("set title '", script);
    for (; *title; title++) {
        if (*title == '\'' || *title == '`')
            fputs(*title == '`' ? "\u2018" : "\u2019", script);
        else
            fputc(*title == '\\' ? '/' : *title, script);
    }
    fputs("' noenhanced font 'sans,16'\n", script);
}

static void add_data(FILE *script, const struct progress_plot *plot)
{
    fputs("$losses << END_OF_LOSSES\n", script);
    for (size_t i = 0; i < plot->count; i++) {
        fprintf(script, "%d", plot->points[i].iteration);
        for (int k = 0; k < LOSSES_SERIES; k++) {
            double value = losses_value(&plot->points[i].losses, k);
            fprintf(script, " %s", number_exact(value, "NaN").text);
        }
        fputs("\n", script);
    }
    fputs("END_OF_LOSSES\n", script);
}

/* The total and its terms thick, in colours that the colour-blind can tell apart; the layers thin,
 * from light for fine texture to dark for large shapes. */
static void add_curves(FILE *script, const struct progress_plot *plot)
{
    enum { PART_COLOURS = 6 };
    static const char *const part_colours[PART_COLOURS] = {
        "#202020", "#0072b2", "#d55e00", "#009e73", "#56b4e9", "#8c6d31",
    };
    static const char *const layer_colours[STYLE_LAYER_COUNT] = {
        "#e0a800", "#e8798f", "#b5469b", "#7a3db8", "#35308f",
    };
    const char *separator = "plot";
    for (int i = 0; i < LOSSES_SERIES; i++) {
        double low, high;
        if (!column_range(&low, &high, plot, i))
            continue;
        fprintf(script, "%s $losses using 1:%d with %s lw %s lc rgb '%s' title '%s'", separator,
                i + 2, plot->count > 1 ? "lines" : "points pt 7", i < LOSSES_PARTS ? "3" : "1.3",
                i < LOSSES_PARTS ? part_colours[i % PART_COLOURS] : layer_colours[i - LOSSES_PARTS],
                losses_name(i));
        separator = ",";
    }
    fputs("\n", script);
}

/* ---- a plot ------------------------------------------------------------------------------- */

enum status progress_plot_open(struct progress_plot **out, const char *path, const char *title,
                               enum file_overwrite mode, struct diag *diag)
{
    struct session session;
    TRY(file_check_output(path, mode, diag));
    TRY(session_open(&session, diag));
    enum status status = session_run(&session, diag);
    session_close(&session);
    if (status != STATUS_OK)
        return status;
    struct progress_plot *plot = mem_new(sizeof *plot);
    plot->path = mem_text(path);
    plot->title = mem_new(4 * strlen(title) + 1);
    diag_clean(plot->title, 4 * strlen(title) + 1, title);
    plot->mode = mode;
    plot->points = mem_new((MOST_POINTS + 1) * sizeof *plot->points);
    plot->stride = 1;
    *out = plot;
    return STATUS_OK;
}

void progress_plot_add(struct progress_plot *plot, int iteration, const struct losses *losses)
{
    plot->last = (struct point){iteration, *losses};
    if (plot->added++ % plot->stride != 0)
        return;
    if (plot->count == MOST_POINTS) {
        plot->count /= 2;
        for (size_t i = 0; i < plot->count; i++)
            plot->points[i] = plot->points[2 * i];
        plot->stride *= 2;
    }
    plot->points[plot->count++] = plot->last;
}

enum status progress_plot_draw(struct progress_plot *plot, struct diag *diag)
{
    static const char look[] =
        "set encoding utf8\n"
        "set xlabel 'iteration'\n"
        "set ylabel 'loss, weighted as in the total'\n"
        "set logscale y\n"
        "set format y '10^{%L}'\n"
        "set autoscale xfix\n"
        "set border 3 lc rgb '#606060'\n"
        "set tics nomirror textcolor rgb '#202020'\n"
        "set grid xtics ytics lt 1 lw 1 lc rgb '#e4e4e4'\n"
        "set key outside right center Left reverse noenhanced spacing 1.4 samplen 2\n";
    unsigned char *png = NULL;
    struct session session;
    if (plot->count == 0)
        return STATUS_OK;
    if (plot->points[plot->count - 1].iteration != plot->last.iteration)
        plot->points[plot->count++] = plot->last;
    TRY(session_open(&session, diag));
    enum status status = STATUS_OK;
    fputs(look, session.script);
    add_title(session.script, plot->title);
    add_data(session.script, plot);
    if (!add_range(session.script, plot))
        goto fail; /* nothing to draw, and nothing wrong */
    add_curves(session.script, plot);
    if ((status = session_run(&session, diag)) != STATUS_OK)
        goto fail;
    fseek(session.picture, 0, SEEK_END);
    long size = ftell(session.picture);
    rewind(session.picture);
    if ((status = mem_big(&png, size > 0 ? (size_t)size : 0, "the plot", diag)) != STATUS_OK)
        goto fail;
    if (size <= 0 || fread(png, 1, (size_t)size, session.picture) != (size_t)size)
        status = session_failed(&session, diag);
    else
        status = file_write(plot->path, png, (size_t)size, plot->mode, diag);
fail:
    mem_free(png);
    session_close(&session);
    return status;
}

void progress_plot_close(struct progress_plot **plot)
{
    if (!*plot)
        return;
    mem_free((*plot)->path);
    mem_free((*plot)->title);
    mem_free((*plot)->points);
    mem_free(*plot);
    *plot = NULL;
}

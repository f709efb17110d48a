/* progress.c: see progress.h. */
#include "tui/cli/progress.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "tui/cli/losses_json.h"
#include "tui/cli/neural_style.h"
#include "tui/cli/progress_line.h"
#include "tui/cli/progress_log.h"
#include "tui/cli/progress_plot.h"
#include "tui/term/number.h"
#include "tui/term/text.h"

enum { BAR_LEAST = 6, BAR_MOST = 52 }; /* cells, with its two ends */

enum { LAST_WAIT = 1000 };             /* milliseconds, for a reader that is stuck at the end */

static const double redraw_seconds = 0.1;

struct progress {
    enum progress_style style; /* AUTO is decided */
    int iterations, print_every;
    int log_every; /* rows of the original's log, see neural_style_number; -1: ours, all rows */
    int fd;
    int error;    /* errno of the write that failed; nothing is written after it */
    bool stuck;   /* the reader took nothing: it is not waited for until it does */
    bool lost;    /* lines that it did not take were dropped */
    int wait;     /* for a reader that is not stuck, milliseconds */
    struct progress_line rest; /* of a line that is half out */
    bool utf8;    /* block characters may be used */
    bool escapes; /* the terminal can erase to the end of its line */
    bool colour;
    bool line_open;             /* the bar stands there, without a newline */
    size_t cells;               /* its length */
    bool any, shown;            /* is there a newest state, and was it shown? */
    struct progress_state last; /* the newest */
    double drawn;               /* the seconds of the newest that was shown */
    struct progress_log *log;   /* NULL: none */
    struct progress_plot *plot; /* NULL: none */
};

/* ---- opening ------------------------------------------------------------------------------ */

/* A step of 1, 2 or 5 times a power of ten that gives about twenty lines. */
static int round_step(int iterations)
{
    enum { MOST_LINES = 25 };
    int step = 1;
    for (int i = 0; iterations / step > MOST_LINES; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void look_at_terminal(struct progress *p)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    p->utf8 = text_utf8();
    p->escapes = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
    p->colour = p->escapes && (!no_color || !*no_color);
}

/* The plot first: when it is refused, no empty log is left behind. */
static enum status open_files(struct progress *p, const struct progress_options *options,
                              struct diag *diag)
{
    enum file_overwrite mode = options->overwrite ? FILE_OVERWRITE : FILE_KEEP;
    const char *log = options->log_path, *plot = options->plot_path;
    const char *title = options->title ? options->title : plot;
    if (log && plot && strcmp(log, plot) == 0)
        return diag_set(diag, STATUS_OUTPUT, "%s cannot be both the log and the plot", log);
    enum file_overwrite plot_mode = options->append ? FILE_OVERWRITE : mode;
    if (plot)
        TRY(progress_plot_open(&p->plot, plot, title, plot_mode, diag));
    if (log)
        TRY(progress_log_open(&p->log, log, mode, options->append, options->original, diag));
    return STATUS_OK;
}

enum status progress_open(struct progress **out, const struct progress_options *options,
                          struct diag *diag)
{
    struct progress *p = mem_new(sizeof *p);
    p->iterations = options->iterations;
    p->print_every = options->print_every > 0 ? options->print_every
                                              : round_step(options->iterations);
    p->log_every = options->original ? options->print_every : -1;
    p->wait = PROGRESS_WAIT;
    look_at_terminal(p);
    p->style = options->style;
    if (p->style == PROGRESS_AUTO)
        p->style = p->escapes && isatty(STDOUT_FILENO) ? PROGRESS_BAR : PROGRESS_PLAIN;
    p->fd = p->style == PROGRESS_BAR ? STDERR_FILENO : STDOUT_FILENO;
    enum status status = open_files(p, options, diag);
    if (status != STATUS_OK) {
        progress_close(&p);
        return status;
    }
    fflush(stdout); /* what was printed before comes before */
    *out = p;
    return STATUS_OK;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* What is left of a line; false if the reader does not take all of it. */
static bool put_rest(struct progress *p)
{
    size_t done;
    struct progress_line *rest = &p->rest;
    int error = progress_line_write(&done, p->fd, rest->text, rest->used, p->stuck ? 0 : p->wait);
    rest->used -= done;
    memmove(rest->text, rest->text + done, rest->used);
    p->stuck = error == EAGAIN;
    if (!p->stuck)
        p->error = error;
    return !p->stuck;
}

/* A line that the reader does not take is dropped, unless it is half out: the run goes on. */
static void put(struct progress *p, const struct progress_line *line)
{
    if (p->error != 0)
        return;
    bool ready = p->rest.used == 0 || put_rest(p);
    if (ready && p->error == 0) {
        p->rest = *line;
        ready = put_rest(p) || p->rest.used < line->used;
        if (!ready)
            p->rest.used = 0;
    }
    p->lost |= !ready;
}

/* In the background the terminal belongs to somebody else. */
static bool hidden(const struct progress *p)
{
    if (p->style == PROGRESS_JSON)
        return false;
    pid_t owner = tcgetpgrp(p->fd);
    return owner != -1 && owner != getpgrp();
}

/* Replaces the bar's line, or its absence, by text, which takes that many cells. */
static void put_over(struct progress *p, const char *text, size_t cells, const char *end)
{
    struct progress_line line = {0};
    int rest = !p->escapes && p->line_open && p->cells > cells ? (int)(p->cells - cells) : 0;
    progress_line_add(&line, "\r%s%s%*s%s", text, p->escapes ? "\033[K" : "", rest, "", end);
    put(p, &line);
}

static void end_bar(struct progress *p)
{
    if (p->line_open && !hidden(p))
        put(p, &(struct progress_line){.used = 1, .text = "\n"});
    p->line_open = false;
}

/* ---- the three styles --------------------------------------------------------------------- */

static double seconds_left(const struct progress *p, const struct progress_state *s)
{
    if (s->seconds_left > 0)
        return s->seconds_left;
    if (s->seconds_per_iteration <= 0)
        return NAN;
    return s->seconds_per_iteration * fmax(0, (double)p->iterations - s->iteration);
}

static double percent(double part, double total)
{
    return isfinite(part) && isfinite(total) && total > 0 ? 100 * part / total : 0;
}

/* Right of the bar: everything at level 0, less and less after it, nothing at level 6. */
static void add_tail(struct progress_line *line, int level, const struct progress *p,
                     const struct progress_state *s)
{
    const struct losses *l = &s->losses;
    struct number_text rate = number_rate(s->seconds_per_iteration);
    struct number_text gone = number_duration(s->seconds);
    struct number_text left = number_duration(seconds_left(p, s));
    struct number_text total = number_short(l->total);
    if (level == 0)
        progress_line_add(line, "  %s  %s gone, %s left  total %s:", rate.text, gone.text,
                          left.text, total.text);
    if (level == 1 || level == 2 || level == 3)
        progress_line_add(line, " %s", rate.text);
    if (level == 1 || level == 2)
        progress_line_add(line, " %s", gone.text);
    if (level >= 1 && level <= 5)
        progress_line_add(line, " ETA %s", left.text);
    if (level >= 1 && level <= 4)
        progress_line_add(line, " %s", total.text);
    if (level <= 1)
        for (int i = LOSSES_TOTAL + 1; i < LOSSES_PARTS; i++)
            progress_line_add(line, " %s %.0f%%", losses_name(i),
                              percent(losses_value(l, i), l->total));
}

/* The bar itself, width cells with its ends. */
static void add_bar(struct progress_line *line, const struct progress *p, double done, int width)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int inner = width - 2;
    int full = (int)(done * inner), eighth = p->utf8 ? (int)(done * inner * 8) % 8 : 0;
    progress_line_add(line, "%s%s", p->colour ? "\033[36m" : "", p->utf8 ? "▕" : "[");
    for (int i = 0; i < full; i++)
        progress_line_add(line, "%s", p->utf8 ? "█" : "#");
    progress_line_add(line, "%s%*s%s%s", eighths[eighth], inner - full - (eighth > 0), "",
                      p->utf8 ? "▏" : "]", p->colour ? "\033[0m" : "");
}

static void show_bar(struct progress *p, const struct progress_state *s)
{
    enum { LEVELS = 7, WIDE_BAR = 12 };
    struct winsize size;
    int columns = ioctl(p->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    int digits = snprintf(NULL, 0, "%d", p->iterations);
    double done = p->iterations > 0 ? (double)s->iteration / p->iterations : 1;
    struct progress_line line = {0}, tail;
    progress_line_add(&line, "%*d/%d", digits, s->iteration, p->iterations);
    int space = columns - 1; /* a full line would wrap on some terminals */
    int width = 0;
    for (int level = 0; level < LEVELS && width == 0; level++) {
        tail = (struct progress_line){0};
        add_tail(&tail, level, p, s);
        int rest = space - (int)line.used - 1 - (int)tail.used;
        if (rest >= (level == 0 ? WIDE_BAR : BAR_LEAST))
            width = rest < BAR_MOST ? rest : BAR_MOST;
    }
    size_t cells = line.used + 1 + (size_t)width + tail.used;
    if (width == 0) {
        cells = line.used = space < (int)line.used ? (size_t)space : line.used;
        line.text[cells] = 0;
    } else {
        progress_line_add(&line, " ");
        add_bar(&line, p, fmin(fmax(done, 0), 1), width);
        progress_line_add(&line, "%s", tail.text);
    }
    put_over(p, line.text, cells, "");
    p->line_open = true;
    p->cells = cells;
}

static void show_plain(struct progress *p, const struct progress_state *s)
{
    const struct losses *l = &s->losses;
    struct progress_line line = {0};
    progress_line_add(&line, "iteration %*d/%d", snprintf(NULL, 0, "%d", p->iterations),
                      s->iteration, p->iterations);
    for (int i = 0; i < LOSSES_PARTS; i++)
        progress_line_add(&line, "  %s %s", losses_name(i), number_short(losses_value(l, i)).text);
    if (s->seconds_per_iteration > 0)
        progress_line_add(&line, "  %s  %s left",
                          number_rate(s->seconds_per_iteration).text,
                          number_duration(seconds_left(p, s)).text);
    progress_line_add(&line, "\n");
    put(p, &line);
}

static void show_json(struct progress *p, const struct progress_state *s)
{
    struct progress_line line = {0};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "iteration", s->iteration);
    cJSON_AddNumberToObject(json, "iterations", p->iterations);
    losses_json_number(json, "seconds", s->seconds);
    losses_json_number(json, "seconds_per_iteration", s->seconds_per_iteration);
    losses_json_add(json, &s->losses);
    if (cJSON_PrintPreallocated(json, line.text, sizeof line.text - 1, false)) {
        line.used = strlen(line.text);
        progress_line_add(&line, "\n");
        put(p, &line);
    }
    cJSON_Delete(json);
}

/* ---- a run -------------------------------------------------------------------------------- */

static bool is_due(const struct progress *p, const struct progress_state *s)
{
    double since = s->seconds - p->drawn;
    if (!p->any || s->iteration >= p->iterations)
        return true;
    switch (p->style) {
    case PROGRESS_PLAIN: return s->iteration % p->print_every == 0;
    case PROGRESS_JSON: return true;
    default: return since >= redraw_seconds || since < 0;
    }
}

static void show_last(struct progress *p)
{
    p->shown = true;
    p->drawn = p->last.seconds;
    if (hidden(p))
        return;
    bool lost = p->lost;
    p->lost = false;
    switch (p->style) {
    case PROGRESS_PLAIN: show_plain(p, &p->last); break;
    case PROGRESS_JSON: show_json(p, &p->last); break;
    default: show_bar(p, &p->last);
    }
    p->shown = !p->lost;
    p->lost |= lost;
}

enum status progress_show(struct progress *p, const struct progress_state *state,
                          struct diag *diag)
{
    bool due = is_due(p, state);
    p->last = *state;
    p->any = true;
    p->shown = false;
    if (due)
        show_last(p);
    if (p->plot)
        progress_plot_add(p->plot, state->iteration, &state->losses);
    enum status status = STATUS_OK;
    int row = p->log_every < 0 ? state->iteration
                               : neural_style_number(state->iteration, p->iterations, p->log_every);
    if (p->log && row >= 0)
        status = progress_log_add(p->log, row, state->seconds, &state->losses, diag);
    if (status != STATUS_OK)
        progress_log_close(&p->log);
    return status;
}

void progress_note(struct progress *p, const char *format, ...)
{
    if (p->style == PROGRESS_JSON || hidden(p))
        return;
    char text[1024], clean[4 * sizeof text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_clean(clean, sizeof clean, text);
    if (p->style == PROGRESS_BAR) {
        put_over(p, clean, strlen(clean), "\n");
        p->line_open = false;
        if (p->any)
            show_last(p);
    } else {
        struct progress_line line = {0};
        progress_line_add(&line, "%s\n", clean);
        put(p, &line);
    }
}

void progress_warn(struct progress *p, const char *text)
{
    struct progress_line line = {0};
    size_t done;
    end_bar(p);
    progress_line_add(&line, "strata: %s\n", text);
    progress_line_write(&done, STDERR_FILENO, line.text, line.used, PROGRESS_WAIT);
}

void progress_interrupt(const char *text)
{
    size_t done;
    bool terminal = isatty(STDERR_FILENO);
    if (terminal && tcgetpgrp(STDERR_FILENO) != getpgrp())
        return;
    if (terminal) /* the bar, or the ^C that it shows, stands there */
        progress_line_write(&done, STDERR_FILENO, "\n", 1, 0);
    progress_line_write(&done, STDERR_FILENO, text, strlen(text), 0);
}

enum status progress_finish(struct progress *p, struct diag *diag)
{
    p->stuck = false; /* the end is worth waiting for */
    p->wait = LAST_WAIT;
    if (p->any && !p->shown)
        show_last(p);
    end_bar(p);
    p->any = false; /* a note after the end stands alone */
    if (p->lost && p->style != PROGRESS_BAR)
        progress_warn(p, "standard output was not read: lines of the progress are missing there");
    enum status status = p->log ? progress_log_end(p->log, diag) : STATUS_OK;
    if (p->plot) {
        enum status drawn = progress_plot_draw(p->plot, status == STATUS_OK ? diag : NULL);
        status = status == STATUS_OK ? drawn : status;
    }
    if (status != STATUS_OK)
        return status;
    bool left = p->error == EPIPE || p->error == EIO || p->style == PROGRESS_BAR;
    if (p->error != 0 && !left)
        return diag_set(diag, STATUS_IO, "the progress could not be written to standard output: %s",
                        strerror(p->error));
    return STATUS_OK;
}

void progress_close(struct progress **progress)
{
    struct progress *p = *progress;
    if (!p)
        return;
    end_bar(p);
    progress_log_close(&p->log);
    progress_plot_close(&p->plot);
    mem_free(p);
    *progress = NULL;
}

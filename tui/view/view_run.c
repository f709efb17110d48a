/* view_run.c: what the run does: state, speed, losses with their curves, kept snapshots. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/term/text.h"
#include "tui/view/view.h"
#include "tui/term/number.h"

/* Run */

int view_state(const struct model *m, char *out, size_t size)
{
    static const struct {
        const char *utf8, *ascii, *word;
        enum ink ink;
    } states[] = {
        [SNAPSHOT_OPENING] = {"◌", "*", "reads the pictures", INK_WARN},
        [SNAPSHOT_RUNNING] = {"▶", ">", "runs", INK_GOOD},
        [SNAPSHOT_PAUSED] = {"‖", "||", "paused", INK_WARN},
        [SNAPSHOT_DONE] = {"✓", "=", "done", INK_GOOD},
        [SNAPSHOT_STOPPED] = {"■", "#", "stopped", INK_WARN},
        [SNAPSHOT_FAILED] = {"✗", "!", "failed", INK_BAD},
    };
    const struct snapshot *s = m->run;
    if (!m->started) {
        keys_fill_in(out, size, text_shows("○") ? "○ not started: {run}" : "- not started: {run}");
        return INK_DIM;
    }
    enum snapshot_state state = s ? s->state : SNAPSHOT_OPENING;
    const char *mark = text_shows(states[state].utf8) ? states[state].utf8 : states[state].ascii;
    if (state == SNAPSHOT_OPENING || !s || s->width == 0)
        snprintf(out, size, "%s %s", mark, states[state].word);
    else
        snprintf(out, size, "%s %s %d/%d", mark, states[state].word, s->iteration, s->iterations);
    return states[state].ink;
}

/* Leaves out the last parts of a list, so that no word is cut. */
static void cut_parts(char *list, int columns)
{
    char *comma;
    while (text_columns(list) > columns && (comma = strrchr(list, ',')))
        *comma = 0;
}

/* The memory in use, of what was planned for the run unless previews have taken more; a shorter
 * form is one figure only. */
static void print_memory(char *out, size_t size, const struct snapshot *s, int form)
{
    char now[16], planned[16];
    text_size(now, (double)s->memory);
    text_size(planned, (double)s->planned);
    const char *unit = strchr(now, ' '), *other = strchr(planned, ' ');
    int digits = (int)(unit && other && strcmp(unit, other) == 0 ? unit - now : (int)strlen(now));
    if (s->memory == 0)
        out[0] = 0;
    else if (form == 0 && s->planned >= s->memory)
        snprintf(out, size, "%.*s of %s planned", digits, now, planned);
    else
        snprintf(out, size, "%s%s", now, form < 2 ? " used" : "");
}

/* Which network at which size, and the memory. */
static void draw_size(const struct snapshot *s, const char *network, const struct rect *r)
{
    char line[400], summary[sizeof s->summary], memory[64] = "";
    if (s->stage_width > 0 && s->stage_width != s->width)
        snprintf(line, sizeof line, "%s %dx%d at %d", file_name(network), s->width, s->height,
                 s->stage_width);
    else
        snprintf(line, sizeof line, "%s %dx%d", file_name(network), s->width, s->height);
    for (int form = 0; form < 3; form++) {
        print_memory(memory, sizeof memory, s, form);
        if (text_columns(line) + 2 + text_columns(memory) <= r->width)
            break;
    }
    int right = draw_right(r->y, r->x, r->width, INK_DIM, memory), left = r->width - right - 2;
    snprintf(summary, sizeof summary, "%s", s->summary);
    cut_parts(summary, left);
    if (strchr(summary, ',') && text_columns(summary) <= left)
        snprintf(line, sizeof line, "%s", summary);
    draw_text(r->y, r->x, left, INK_DIM, line);
}

static void draw_run(const struct model *m, const struct rect *r)
{
    const struct snapshot *s = m->run;
    char state[128], line[400];
    int ink = view_state(m, state, sizeof state);
    int used = draw_text(r->y, r->x, r->width, (enum ink)ink, state);
    if (!s || !m->started || s->width == 0) {
        draw_name(r->y + 1, r->x, r->width, INK_DIM, m->job.network);
        return;
    }
    if (s->iterations > 0)
        draw_progress(r->y, r->x + used + 1, r->width - used - 1,
                      (double)s->iteration / s->iterations, (enum ink)ink);
    int left = 0;
    if (s->seconds_left > 0.0) {
        snprintf(line, sizeof line, "%s left", number_duration(s->seconds_left).text);
        left = draw_right(r->y + 1, r->x, r->width, INK_PLAIN, line) + 1;
    }
    snprintf(line, sizeof line, "%s  %s%s",
             s->seconds_per_iteration > 0.0 ? number_rate(s->seconds_per_iteration).text
                                            : "- it/s",
             number_duration(s->seconds).text, r->width - left >= 22 ? " gone" : "");
    draw_text(r->y + 1, r->x, r->width - left, INK_PLAIN, line);
    struct rect third = {r->y + 2, r->x, 1, r->width};
    draw_size(s, m->job.network, &third);
}

/* Losses */

enum { LOSS_NAME = 8, LOSS_NUMBER = 8 };

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The upper end of a chart of n logarithms: a change of the job may send the loss up a millionfold
 * for a few iterations, and what is seen should not be that alone. */
static float upper_end(const float *values, int n, float low)
{
    float sorted[SNAPSHOT_POINTS];
    int count = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            sorted[count++] = values[i];
    if (count == 0)
        return low;
    qsort(sorted, (size_t)count, sizeof *sorted, by_value);
    float usual = sorted[(count - 1) * 9 / 10];
    return fminf(sorted[count - 1], usual + fmaxf(3.0f * (usual - low), 1.0f));
}

/* The curve on a log scale, and the logarithms of its ends; returns the points. */
static int series_points(const struct model *m, int series, float out[SNAPSHOT_POINTS], float *low,
                         float *high)
{
    const struct snapshot_curve *c = &m->run->curve;
    int first = m->recent ? c->count / 2 : 0, n = 0;
    *low = INFINITY;
    for (int i = first; i < c->count; i++) {
        double v = losses_value(&c->point[i], series);
        out[n] = v > 0.0 ? (float)log10(v) : NAN;
        *low = fminf(*low, out[n]);
        n++;
    }
    *high = upper_end(out, n, *low);
    float range = *high - *low > 1e-3f ? *high - *low : 1.0f;
    for (int i = 0; i < n; i++)
        if (!isnan(out[i]))
            out[i] = fminf((out[i] - *low) / range, 1.0f);
    return n;
}

static void draw_series(const struct model *m, int series, int y, int x, int width)
{
    float points[SNAPSHOT_POINTS], low, high;
    double value = losses_value(&m->run->losses, series);
    draw_text(y, x, LOSS_NAME, INK_DIM, losses_name(series));
    const char *text = value > 0.0 ? number_short(value).text : "-";
    draw_right(y, x + LOSS_NAME, LOSS_NUMBER - 1, value > 0.0 ? INK_PLAIN : INK_DIM, text);
    struct rect r = {y, x + LOSS_NAME + LOSS_NUMBER, 1, width - LOSS_NAME - LOSS_NUMBER};
    if (r.width > 0 && value > 0.0)
        draw_curve(&r, points, series_points(m, series, points, &low, &high), INK_LEVEL);
}

static void draw_chart(const struct model *m, const struct rect *r)
{
    float points[SNAPSHOT_POINTS], low, high;
    int count = series_points(m, 0, points, &low, &high);
    struct rect chart = {r->y, r->x + LOSS_NUMBER, r->height, r->width - LOSS_NUMBER};
    if (!isfinite(low))
        return;
    draw_text(r->y, r->x, LOSS_NUMBER, INK_DIM, number_short(pow(10.0, high)).text);
    draw_text(r->y + r->height - 1, r->x, LOSS_NUMBER, INK_DIM, number_short(pow(10.0, low)).text);
    draw_curve(&chart, points, count, INK_LEVEL);
}

static void loss_title(const struct model *m, char *out, size_t size)
{
    snprintf(out, size, "Loss, log scale%s", m->recent ? ", recent half" : "");
}

static void draw_loss(const struct model *m, const struct rect *r)
{
    /* The total and its terms on the left, the style layers on the right. */
    enum {
        LAYERS = STYLE_LAYER_COUNT,
        PARTS = LOSSES_PARTS,
        GRID = PARTS > LAYERS ? PARTS : LAYERS
    };
    int chart = r->height - GRID - 1, grid = r->y, half = (r->width - 1) / 2;
    if (!m->run || m->run->curve.count == 0) {
        draw_text(r->y, r->x, r->width, INK_DIM, "curves appear here while it runs");
        return;
    }
    if (chart >= 3) {
        struct rect upper = {r->y, r->x, chart, r->width};
        draw_chart(m, &upper);
        grid += chart + 1;
    }
    for (int i = 0; i < GRID && grid + i < r->y + r->height; i++) {
        if (i < PARTS)
            draw_series(m, i, grid + i, r->x, half);
        if (i < LAYERS)
            draw_series(m, PARTS + i, grid + i, r->x + half + 1, half);
    }
}

static bool loss_mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                       struct act *out)
{
    (void)area;
    *out = (struct act){.action = ACTION_LOSS_SCALE};
    return at->wheel == 0 && m->focus == PANE_LOSS;
}

/* Snapshots */

static void kept_title(const struct model *m, char *out, size_t size)
{
    int count = m->run ? m->run->kept_count : 0;
    if (count)
        snprintf(out, size, "Snapshots %d/%d", m->kept + 1, count);
    else
        snprintf(out, size, "Snapshots");
}

static void draw_kept(const struct model *m, const struct rect *r)
{
    const struct snapshot *s = m->run;
    char hint[80];
    if (!s || s->kept_count == 0) {
        keys_fill_in(hint, sizeof hint, "{snapshot} keeps picture and job here");
        draw_text(r->y, r->x, r->width, INK_DIM, hint);
        return;
    }
    for (int i = 0; i < r->height && m->first_kept + i < s->kept_count; i++) {
        const struct snapshot_kept *k = &s->kept[m->first_kept + i];
        int y = r->y + i;
        bool here = m->first_kept + i == m->kept;
        draw_format(y, r->x, r->width, here ? INK_STRONG : INK_PLAIN, "%3d", k->number);
        int used = 4 + draw_format(y, r->x + 4, r->width - 4, INK_PLAIN, "iteration %d",
                                   k->iteration);
        if (k->total > 0.0 && r->width - used > LOSS_NUMBER)
            draw_right(y, r->x, r->width, INK_DIM, number_short(k->total).text);
        if (here && m->focus == PANE_SNAPSHOTS)
            draw_cursor_line(y, r->x, r->width);
    }
}

static bool kept_mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                       struct act *out)
{
    int line = m->first_kept + at->y - area->y;
        if (at->wheel != 0) {
        *out = (struct act){.action = at->wheel < 0 ? ACTION_SNAPSHOT_UP : ACTION_SNAPSHOT_DOWN};
        return m->run && m->run->kept_count > 0;
    }
    *out = (struct act){.action = ACTION_KEPT_LINE, .index = line};
    if (at->clicks == 2 && line == m->kept)
        out->action = ACTION_SNAPSHOT_RETURN;
    return m->run && line < m->run->kept_count;
}

const struct view_ops view_run = {.draw = draw_run};
const struct view_ops view_loss = {.title = loss_title, .draw = draw_loss, .mouse = loss_mouse};
const struct view_ops view_snapshots = {.title = kept_title, .draw = draw_kept,
                                        .mouse = kept_mouse};

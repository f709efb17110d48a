/* view_job.c: the job's settings: two lines of the weightiest, or the list of all. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

enum { NAME = 22, COMPACT = 3 };

static void title(const struct model *m, char *out, size_t size)
{
    (void)m;
    snprintf(out, size, "Job");
}

/* "name value" pairs, spread over a line. */
static void draw_pairs(const struct model *m, int y, const struct rect *area,
                       const char *const *names, const char *const *labels, int count)
{
    int step = area->width / count;
    for (int i = 0; i < count; i++) {
        char value[JOB_PATH];
        int x = area->x + i * step;
        job_print_value(value, sizeof value, &m->job, job_find_key(names[i]));
        if (strcmp(names[i], "width") == 0 && strcmp(value, "0") == 0)
            snprintf(value, sizeof value, "own");
        int used = draw_text(y, x, step - 1, INK_DIM, labels[i]) + 1;
        draw_name(y, x + used, step - used - 1, INK_PLAIN, file_name(value));
    }
}

static void draw_compact(const struct model *m, const struct rect *area)
{
    static const char *const weights[] = {"content_weight", "style_weight", "tv_weight"};
    static const char *const labels[] = {"content", "style", "tv"};
    static const char *const rest[] = {"schedule", "width", "iterations"};
    static const char *const rest_labels[] = {"plan", "width", "steps"};
    draw_pairs(m, area->y, area, weights, labels, 3);
    if (area->height > 1)
        draw_pairs(m, area->y + 1, area, rest, rest_labels, 3);
}

static void draw_setting(const struct model *m, const struct rect *area, int y, int index)
{
    const struct job_key *key = model_setting(index);
    char value[JOB_PATH], then[JOB_PATH];
    int name = area->width < 40 ? 20 : NAME;
    job_print_value(value, sizeof value, &m->job, key);
    bool waits = false;
    if (m->started && m->run && key->at_start) {
        job_print_value(then, sizeof then, &m->run->job, key);
        waits = m->run->state != SNAPSHOT_OPENING && strcmp(value, then) != 0;
    }
    draw_text(y, area->x, name - 1, INK_DIM, key->name);
    draw_path(y, area->x + name, area->width - name - 2 * waits, waits ? INK_WARN : INK_PLAIN,
              value[0] ? value : "-");
    if (waits)
        draw_text(y, area->x + area->width - 1, 1, INK_WARN, "R");
    if (m->focus == PANE_JOB && index == m->setting)
        draw_cursor_line(y, area->x, area->width);
}

static void draw(const struct model *m, const struct rect *area)
{
    if (area->height <= COMPACT && m->focus != PANE_JOB) {
        draw_compact(m, area);
        return;
    }
    int first = m->first_setting;
    struct rect thumb = layout_thumb(&m->layout, LAYOUT_CONTENT);
    const struct snapshot_picture *p = m->thumb[LAYOUT_CONTENT];
    if (thumb.height > 0 && p)
        place_picture(&thumb, p->rgb, p->width, p->height);
    for (int i = 0; i < area->height && first + i < model_setting_count(); i++)
        draw_setting(m, &(struct rect){.x = area->x,
                                       .width = area->width -
                                                (i < thumb.height ? thumb.width + 1 : 0)},
                     area->y + i, first + i);
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    int line = m->first_setting + at->y - area->y;
    bool compact = area->height <= COMPACT && m->focus != PANE_JOB;
    if (at->wheel != 0) {
        *out = (struct act){.action = at->wheel < 0 ? ACTION_JOB_UP : ACTION_JOB_DOWN};
        return !compact;
    }
    if (compact || line >= model_setting_count())
        return false;
    *out = (struct act){.action = ACTION_JOB_LINE, .index = line};
    if (at->clicks == 2 && line == m->setting)
        out->action = ACTION_JOB_EDIT;
    return true;
}

const struct view_ops view_job = {.title = title, .draw = draw, .mouse = mouse};

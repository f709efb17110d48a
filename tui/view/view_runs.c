/* view_runs.c: the list of runs, and the picture of the one under the cursor. */
#include <stdio.h>
#include <time.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"
#include "tui/term/text.h"

enum { DATE = 13, COUNT = 12, STATE = 11, WITH_PICTURE = 66 };

static void title(const struct model *m, char *out, size_t size)
{
    (void)m;
    snprintf(out, size, "Runs");
}

static struct rect list_area(const struct rect *area)
{
    int width = area->width >= WITH_PICTURE ? area->width * 62 / 100 : area->width;
    return (struct rect){area->y, area->x, area->height, width};
}

static void draw_entry(const struct rundir_entry *e, bool chosen, int y, const struct rect *list)
{
    static const char *const states[] = {[RUNDIR_RUNNING] = "runs",
                                         [RUNDIR_UNFINISHED] = "unfinished",
                                         [RUNDIR_FINISHED] = "finished",
                                         [RUNDIR_DAMAGED] = "damaged"};
    static const enum ink inks[] = {[RUNDIR_RUNNING] = INK_GOOD, [RUNDIR_UNFINISHED] = INK_WARN,
                                    [RUNDIR_FINISHED] = INK_DIM, [RUNDIR_DAMAGED] = INK_BAD};
    char text[64];
    struct tm when;
    int x = list->x, space = list->width - DATE - COUNT - STATE - 1;
    if (localtime_r(&e->changed, &when) && strftime(text, sizeof text, "%m-%d %H:%M", &when) > 0)
        draw_text(y, x, DATE, INK_DIM, text);
    draw_text(y, x + DATE, STATE, inks[e->state], states[e->state]);
    snprintf(text, sizeof text, "%d/%d", e->iteration, e->iterations);
    draw_right(y, x + DATE + STATE, COUNT - 1, INK_PLAIN, text);
    if (space > 0)
        draw_name(y, x + DATE + STATE + COUNT, space, INK_PLAIN, file_name(e->content));
    if (chosen)
        draw_cursor_line(y, list->x, list->width);
}

/* The first line shown, so that the cursor is. */
static int first_line(const struct model *m, int rows)
{
    return m->run_at < rows ? 0 : m->run_at - rows + 1;
}

static void draw(const struct model *m, const struct rect *area)
{
    struct rect list = list_area(area);
    int first = first_line(m, list.height);
    for (int i = 0; i < list.height && first + i < m->run_count; i++)
        draw_entry(&m->runs[first + i], first + i == m->run_at, list.y + i, &list);
    if (m->run_count == 0)
        draw_text(list.y, list.x, list.width, INK_DIM,
                  "there is no other run to go on with or look at");
    if (list.width >= area->width)
        return;
    struct rect right = {area->y, list.x + list.width + 1, area->height,
                         area->width - list.width - 1};
    if (m->still)
        place_picture(&right, m->still->rgb, m->still->width, m->still->height);
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    struct rect list = list_area(area);
    *out = (struct act){.action = at->wheel < 0 ? ACTION_RUNS_UP : ACTION_RUNS_DOWN};
    if (at->wheel != 0)
        return true;
    *out = (struct act){.action = ACTION_RUNS_LINE,
                        .index = first_line(m, list.height) + at->y - list.y};
    if (at->clicks == 2 && out->index == m->run_at)
        out->action = ACTION_RUNS_CHOOSE;
    return rect_holds(&list, at->y, at->x) && out->index < m->run_count;
}

const struct view_ops view_runs = {.title = title, .draw = draw, .mouse = mouse};

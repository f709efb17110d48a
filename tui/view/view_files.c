/* view_files.c: the file browser: a list with sizes and dates, and the picture under the cursor. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

enum { SIZE = 8, DATE = 13, WITH_PICTURE = 66 };

static void title(const struct model *m, char *out, size_t size)
{
    static const char *const what[] = {"Open a job or a painted PNG", "A network"};
    if (m->browser.kind != BROWSER_PICTURES)
        snprintf(out, size, "%s", what[m->browser.kind - BROWSER_JOBS]);
    else if (m->choice == CHOICE_LAYER)
        snprintf(out, size, "A picture for %s", layer_name(layer_style[m->layer]));
    else
        snprintf(out, size, "The content picture");
}

/* The list's part of the area: its first line is the folder and the filter, its last the count. */
static struct rect list_area(const struct rect *area)
{
    int width = area->width >= WITH_PICTURE ? area->width * 58 / 100 : area->width;
    return (struct rect){area->y + 1, area->x, area->height - 2 + 1, width};
}

static void draw_entry(const struct browser *b, int index, int y, const struct rect *list)
{
    const struct browser_entry *e = &b->entry[b->match[index]];
    char text[32], name[JOB_PATH];
    bool wide = list->width >= 44;
    int space = list->width - SIZE - (wide ? DATE : 0) - 1;
    snprintf(name, sizeof name, "%s%s", e->name, e->folder ? "/" : "");
    draw_name(y, list->x, space, e->folder ? INK_ACCENT : INK_PLAIN, name);
    if (!e->folder && e->known && !e->details.failed) {
        text_size(text, (double)e->details.bytes);
        draw_right(y, list->x + space, SIZE, INK_DIM, text);
    }
    struct tm when;
    if (wide && e->known && !e->details.failed && localtime_r(&e->details.time, &when) &&
        strftime(text, sizeof text, "%Y-%m-%d", &when) > 0)
        draw_right(y, list->x, list->width, INK_DIM, text);
    if (index == b->cursor)
        draw_cursor_line(y, list->x, list->width);
}

static void draw_place(const struct browser *b, const struct rect *area)
{
    int x = area->x + draw_path(area->y, area->x, area->width * 6 / 10, INK_DIM, b->folder);
    if (b->folder[0] && b->folder[1])
        x += draw_text(area->y, x, 1, INK_DIM, "/");
    int space = area->x + area->width - 12 - x;
    if (b->filter[0])
        x += draw_path(area->y, x, space, INK_STRONG, b->filter);
    else
        draw_text(area->y, x + 3, space - 3, INK_DIM, "type to filter");
    draw_caret(area->y, x);
}

static void draw_still(const struct model *m, const struct rect *r)
{
    if (m->still)
        place_picture(r, m->still->rgb, m->still->width, m->still->height);
    else if (m->still_problem[0] && model_still(m))
        draw_name(r->y, r->x, r->width, INK_BAD, m->still_problem);
}

static void draw(const struct model *m, const struct rect *area)
{
    const struct browser *b = &m->browser;
    struct rect list = list_area(area);
    draw_place(b, area);
    int rows = area->height - 1;
    for (int i = 0; i < rows && m->first_file + i < b->match_count; i++)
        draw_entry(b, m->first_file + i, list.y + i, &list);
    if (b->problem[0])
        draw_name(list.y, area->x, area->width, INK_BAD, b->problem);
    else if (b->match_count == 0)
        draw_text(list.y, area->x, area->width, INK_DIM,
                  b->filter[0]        ? "nothing here is called like this; esc clears the filter"
                  : b->kind == BROWSER_PICTURES ? "no pictures here; left goes to the folder above"
                                                : "nothing here; left goes to the folder above");
    else {
        char count[48];
        snprintf(count, sizeof count, "%d/%d", b->cursor + 1, b->match_count);
        draw_right(area->y, area->x, area->width, INK_DIM, count);
    }
    if (list.width < area->width) {
        struct rect right = {list.y, list.x + list.width + 1, rows, area->width - list.width - 1};
        draw_still(m, &right);
    }
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    struct rect list = list_area(area);
    int line = m->first_file + at->y - list.y;
    *out = (struct act){.action = at->wheel < 0 ? ACTION_FILES_UP : ACTION_FILES_DOWN};
    if (at->wheel != 0)
        return true;
    *out = (struct act){.action = ACTION_FILES_LINE, .index = line};
    return rect_holds(&list, at->y, at->x) && line < m->browser.match_count;
}

const struct view_ops view_files = {.title = title, .draw = draw, .mouse = mouse};

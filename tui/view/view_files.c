/*
 * view_files.c: the file browser: a list with dimensions, sizes and dates, and the picture under
 * the cursor; or a grid of small pictures.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/hash.h"
#include "tui/model/paths.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

enum { DIMENSIONS = 12, SIZE = 8, DATE = 12 };

static void title(const struct model *m, char *out, size_t size)
{
    static const char *const what[] = {"Open a job or a painted PNG", "A network"};
    if (m->browser.kind != BROWSER_PICTURES)
        snprintf(out, size, "%s", what[m->browser.kind - BROWSER_JOBS]);
    else if (m->choice == CHOICE_LAYER)
        snprintf(out, size, "A picture for %s", layer_name(layer_style[m->layer]));
    else if (m->choice == CHOICE_LAYERS)
        snprintf(out, size, "Pictures for the layers");
    else
        snprintf(out, size, "The content picture");
}

/* "900×562", or nothing. */
static void print_dimensions(char *out, size_t size, const struct browser_entry *e)
{
    out[0] = 0;
    if (e->known && e->details.width > 0)
        snprintf(out, size, "%d%s%d", e->details.width, text_shows("×") ? "×" : "x",
                 e->details.height);
}

/* The mark's number, and the name. */
static void draw_file(const struct browser *b, int line, int y, int x, int width)
{
    const struct browser_entry *e = browser_line(b, line);
    int number = browser_marked(b, line);
    char name[JOB_PATH];
    snprintf(name, sizeof name, "%s%s", e->name, e->folder ? "/" : "");
    if (number > 0) {
        draw_mark(y, x, INK_WARN, "●", '*');
        draw_format(y, x + 1, 2, INK_WARN, "%d", number);
    }
    x += b->mark_count > 0 ? 3 : 0;
    width -= b->mark_count > 0 ? 3 : 0;
    draw_name(y, x, width, e->folder ? INK_ACCENT : number ? INK_WARN : INK_PLAIN, name);
    if (line == b->cursor && !paths_begins(b->filter))
        draw_cursor_line(y, x, width);
}

/* Name, dimensions, size and, where there is room, date. */
static void draw_entry(const struct browser *b, int line, int y, const struct rect *list)
{
    const struct browser_entry *e = browser_line(b, line);
    char text[32];
    bool pictures = b->kind == BROWSER_PICTURES;
    int size = list->width >= 30 ? SIZE : 0;
    int dimensions = list->width >= 44 && pictures ? DIMENSIONS : 0;
    int date = list->width >= (pictures ? 57 : 44) ? DATE : 0;
    int space = list->width - size - date - dimensions - 1, x = list->x + space;
    struct tm when;
    draw_file(b, line, y, list->x, space);
    bool known = e->known && !e->details.failed;
    if (dimensions > 0) {
        print_dimensions(text, sizeof text, e);
        draw_right(y, x, dimensions, INK_DIM, text);
    }
    x += dimensions;
    if (known && !e->folder && size > 0) {
        text_size(text, (double)e->details.bytes);
        draw_right(y, x, size, INK_DIM, text);
    }
    if (known && date > 0 && localtime_r(&e->details.time, &when) &&
        strftime(text, sizeof text, "%Y-%m-%d", &when) > 0)
        draw_right(y, x + size, date, INK_DIM, text);
    if (line == b->cursor && !paths_begins(b->filter))
        draw_cursor_line(y, list->x, list->width);
}

/* The folder, and the filter behind it; or the path that is typed. */
static void draw_place(const struct browser *b, const struct rect *r)
{
    enum { COUNT = 12 };
    int x = r->x, end = r->x + r->width - COUNT;
    char count[48];
    if (paths_begins(b->filter)) {
        x += draw_path(r->y, x, r->width - 1, INK_STRONG, b->filter);
        draw_caret(r->y, x);
        return;
    }
    x += draw_path(r->y, x, r->width * 6 / 10, INK_DIM, b->folder);
    if (b->folder[0] && b->folder[1])
        x += draw_text(r->y, x, 1, INK_DIM, "/");
    if (b->filter[0])
        x += draw_path(r->y, x, end - x, INK_STRONG, b->filter);
    else
        draw_text(r->y, x + 3, end - x - 3, INK_DIM,
                  end - x < 32 ? "type to filter" : "type to filter, or a path");
    draw_caret(r->y, x);
    snprintf(count, sizeof count, "%d/%d", b->cursor + 1, b->match_count);
    if (b->match_count > 0)
        draw_right(r->y, end, COUNT, INK_DIM, count);
}

/* Which picture it is, for place_other. */
static uint64_t identity(const char *name)
{
    return hash_add(HASH_START, name, strlen(name));
}

/* The picture, and a line below it. */
static void draw_still(const struct model *m, const struct layout_files *f)
{
    const struct browser *b = &m->browser;
    const struct rect *r = &f->picture;
    const struct browser_entry *e = browser_line(b, b->cursor);
    const char *path = model_still(m);
    char dimensions[32];
    if (m->still && path)
        place_other(r, identity(path), m->still->rgb, m->still->width, m->still->height);
    else if (m->still_problem[0] && path)
        draw_wrapped(r, INK_BAD, m->still_problem);
    if (paths_begins(b->filter) || !e || e->folder)
        return;
    print_dimensions(dimensions, sizeof dimensions, e);
    int right = draw_right(r->y + r->height, r->x, r->width, INK_DIM, dimensions);
    draw_name(r->y + r->height, r->x, r->width - right - 1, INK_PLAIN, e->name);
}

/* A picture, or why there is none; its name below. */
static void draw_tile(const struct model *m, const struct layout_files *f, int index)
{
    int line = m->first_file + index;
    const struct browser_entry *e = browser_line(&m->browser, line);
    const struct snapshot_picture *p = m->tile[index];
    struct rect r = layout_tile(f, index);
    int middle = r.y + r.height / 2;
    if (p)
        place_other(&r, identity(e->name), p->rgb, p->width, p->height);
    else if (e->folder)
        draw_text(middle, r.x + 1, r.width - 1, INK_ACCENT, "folder");
    else if (!model_shows_picture(m, e->name))
        draw_text(middle, r.x + 1, r.width - 1, INK_DIM,
                  m->browser.kind == BROWSER_JOBS ? "job" : "network");
    else if (m->tile_failed[index])
        draw_text(middle, r.x + 1, r.width - 1, INK_BAD, "cannot be read");
    else
        draw_text(middle, r.x + 1, r.width - 1, INK_DIM, text_shows("…") ? "…" : "...");
    draw_file(&m->browser, line, r.y + r.height, r.x, r.width);
}

static void draw_entries(const struct model *m, const struct layout_files *f)
{
    const struct browser *b = &m->browser;
    for (int i = 0; i < f->rows * f->columns && m->first_file + i < b->match_count; i++)
        if (b->grid)
            draw_tile(m, f, i);
        else
            draw_entry(b, m->first_file + i, f->list.y + i, &f->list);
}

static void draw(const struct model *m, const struct rect *area)
{
    const struct browser *b = &m->browser;
    struct layout_files f = layout_files(&m->layout, b->grid);
    draw_place(b, &f.first);
    draw_entries(m, &f);
    struct rect below = {f.list.y, area->x, f.list.height, area->width};
    if (b->problem[0])
        draw_wrapped(&below, INK_BAD, b->problem);
    else if (b->match_count == 0)
        draw_text(f.list.y, area->x, area->width, INK_DIM,
                  b->reading          ? "reading"
                  : b->filter[0] && !paths_begins(b->filter)
                      ? "nothing here is called like this; esc clears the filter"
                  : b->kind == BROWSER_PICTURES ? "no pictures here; backspace goes a folder up"
                                                : "nothing here; backspace goes a folder up");
    if (f.picture.height > 0)
        draw_still(m, &f);
}

/* The line of the list, or of the grid's tiles, at a cell; -1: none. */
static int line_at(const struct model *m, const struct layout_files *f, int y, int x)
{
    int line = m->first_file + y - f->list.y;
    if (!rect_holds(&f->list, y, x))
        return -1;
    if (m->browser.grid) {
        int row = (y - f->tile.y) / f->tile.height, column = (x - f->tile.x) / f->tile.width;
        line = row < f->rows && column < f->columns ? m->first_file + row * f->columns + column
                                                    : -1;
    }
    return line < m->browser.match_count ? line : -1;
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    enum { LINES_A_TURN = 3 };
    struct layout_files f = layout_files(&m->layout, m->browser.grid);
    int line = line_at(m, &f, at->y, at->x);
    (void)area;
    *out = (struct act){.action = ACTION_FILES_SCROLL,
                        .x = at->wheel * (m->browser.grid ? 1 : LINES_A_TURN)};
    if (at->wheel != 0)
        return true;
    *out = (struct act){.action = at->clicks == 2 ? ACTION_FILES_OPEN : ACTION_FILES_LINE,
                        .index = line};
    return line >= 0;
}

const struct view_ops view_files = {.title = title, .draw = draw, .mouse = mouse};

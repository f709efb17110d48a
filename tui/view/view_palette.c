/*
 * view_palette.c: help and palette: what there is to be done, in columns, or what answers a search.
 * Where lines lie is palette.h's.
 */
#include <stdio.h>

#include "engine/base/file.h"
#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/view.h"

enum { INDENT = 2, GAP = 2 };

static bool of_presets(const struct palette *p)
{
    return p->entry_count > 0 && p->entry[0].kind == PALETTE_PRESET;
}

static void title(const struct model *m, char *out, size_t size)
{
    const struct palette *p = &m->palette;
    const struct style *painting = model_painting(m);
    if (of_presets(p) && painting)
        snprintf(out, size, "Presets; the painting is %s", file_name(painting->path));
    else if (of_presets(p))
        snprintf(out, size, "Presets; no layer has a painting yet");
    else if (p->query[0])
        snprintf(out, size, "Search: %d found", p->match_count);
    else
        snprintf(out, size, "%s", p->searching ? "Search" : "Keys, commands, settings");
}

/* What is left for lines: a search has its own first line. */
static struct rect list_area(const struct model *m, const struct rect *r)
{
    int used = m->palette.searching;
    return (struct rect){r->y + used, r->x, r->height - used, r->width};
}

/* What an entry is, beside it, where no title says so. */
static void draw_what(const struct palette *p, const struct palette_entry *e, int y, int x)
{
    char text[64];
    if (p->what_width == 0)
        return;
    text_fit(text, sizeof text, e->title, p->what_width - GAP);
    draw_right(y, x + p->column_width - p->what_width, p->what_width, INK_DIM, text);
}

static void draw_line(const struct palette *p, const struct palette_line *line, int y, int x)
{
    const struct palette_entry *e = &p->entry[line->entry];
    char text[PALETTE_TEXT];
    int width = p->column_width, at = x + INDENT + line->keys + GAP;
    bool chosen = p->match_count > 0 && p->match[p->cursor] == line->entry;
    switch (line->kind) {
    case PALETTE_EMPTY: return;
    case PALETTE_TITLE: draw_text(y, x, width, INK_ACCENT, e->title); return;
    case PALETTE_FIRST:
        draw_name(y, x + INDENT, line->keys, INK_STRONG, e->key);
        draw_what(p, e, y, x);
        break;
    case PALETTE_MORE: break;
    }
    snprintf(text, sizeof text, "%.*s", line->length, e->text + line->from);
    draw_text(y, at, x + width - at, INK_PLAIN, text);
    if (chosen)
        draw_cursor_line(y, x, width);
    if (chosen && line->kind == PALETTE_FIRST)
        draw_mark(y, x, INK_CURSOR, "▸", '>');
}

static void draw_query(const struct palette *p, const struct rect *r)
{
    int x = r->x + draw_text(r->y, r->x, r->width, INK_ACCENT, "/");
    x += draw_path(r->y, x, r->width - 2, INK_STRONG, p->query);
    if (!p->query[0])
        draw_text(r->y, x + 2, r->x + r->width - x - 2, INK_DIM,
                  of_presets(p) ? "type a part of its name, as 3d"
                                : "type a word, a key, a setting");
    draw_caret(r->y, x);
}

static void draw(const struct model *m, const struct rect *r)
{
    const struct palette *p = &m->palette;
    struct rect list = list_area(m, r);
    if (p->searching)
        draw_query(p, r);
    if (p->match_count == 0)
        draw_text(list.y + 1, list.x + INDENT, list.width - INDENT, INK_DIM,
                  "nothing answers to that; fewer letters find more");
    for (int i = 0; i < p->columns * p->rows && p->first + i < p->line_count; i++)
        draw_line(p, &p->line[p->first + i], list.y + i % p->rows,
                  list.x + i / p->rows * (p->column_width + GAP));
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    const struct palette *p = &m->palette;
    struct rect list = list_area(m, area);
    int row = at->y - list.y, column = (at->x - list.x) / (p->column_width + GAP);
    int i = p->first + column * p->rows + row;
    if (at->wheel != 0) {
        enum action up = p->searching ? ACTION_SEARCH_UP : ACTION_HELP_UP;
        enum action down = p->searching ? ACTION_SEARCH_DOWN : ACTION_HELP_DOWN;
        *out = (struct act){.action = at->wheel < 0 ? up : down};
        return true;
    }
    if (row < 0 || column >= p->columns || i >= p->line_count ||
        (p->line[i].kind != PALETTE_FIRST && p->line[i].kind != PALETTE_MORE))
        return false;
    *out = (struct act){.action = at->clicks > 1 ? ACTION_PALETTE_DO : ACTION_PALETTE_LINE,
                        .index = p->line[i].entry};
    return true;
}

const struct view_ops view_palette = {.title = title, .draw = draw, .mouse = mouse};

/* palette.c: see palette.h: entries, their lines in columns, the cursor. */
#include "tui/model/palette.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/model/layout.h"
#include "tui/model/palette_score.h"
#include "tui/term/text.h"

/* Columns are at least so wide; between two of them; before keys; at least for text beside them;
 * at most for the title beside an entry, and where there is space for it. */
enum { COLUMN = 56, GAP = 2, INDENT = 2, LEAST_TEXT = 10, WHAT = 24, WITH_WHAT = 72,
       GROWS_BY = 64 };

void palette_clear(struct palette *p)
{
    mem_free(p->entry);
    mem_free(p->match);
    mem_free(p->line);
    *p = (struct palette){0};
}

/* An array of count with a place for one more. */
static void *grown(void *array, int count, size_t size)
{
    if (count % GROWS_BY != 0)
        return array;
    void *more = mem_new(size * (size_t)(count + GROWS_BY));
    if (array)
        memcpy(more, array, size * (size_t)count);
    mem_free(array);
    return more;
}

struct palette_entry *palette_add(struct palette *p)
{
    p->entry = grown(p->entry, p->entry_count, sizeof *p->entry);
    return &p->entry[p->entry_count++];
}

const struct palette_entry *palette_at_cursor(const struct palette *p)
{
    return p->cursor < p->match_count ? &p->entry[p->match[p->cursor]] : NULL;
}

/* ---- search ------------------------------------------------------------------------------- */

struct found {
    int entry, score;
};

static int by_score(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return x->score != y->score ? y->score - x->score : x->entry - y->entry;
}

void palette_search(struct palette *p)
{
    struct found *found = mem_new(sizeof *found * (size_t)(p->entry_count + 1));
    int count = 0;
    for (int i = 0; i < p->entry_count; i++) {
        int score = palette_score(&p->entry[i], p->query);
        if (score >= 0)
            found[count++] = (struct found){i, score};
    }
    if (p->query[0])
        qsort(found, (size_t)count, sizeof *found, by_score);
    mem_free(p->match);
    p->match = mem_new(sizeof *p->match * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        p->match[i] = found[i].entry;
    p->match_count = count;
    p->cursor = p->first = 0;
    mem_free(p->line);
    p->line = NULL;
    p->line_count = 0;
    mem_free(found);
}

/* ---- lines -------------------------------------------------------------------------------- */

/* Of all that answer a query or, without one, of an entry's section. */
static int key_width(const struct palette *p, int entry)
{
    int widest = 0, most = p->column_width - INDENT - GAP - LEAST_TEXT;
    const char *title = p->entry[entry].title;
    for (int i = 0; i < p->match_count; i++) {
        const struct palette_entry *e = &p->entry[p->match[i]];
        int columns = p->query[0] || e->title == title ? text_columns(e->key) : 0;
        widest = columns > widest ? columns : widest;
    }
    return widest < most ? widest : most;
}

/* The titles beside entries, and a gap. */
static int what_width(const struct palette *p)
{
    int widest = 0;
    for (int i = 0; i < p->match_count; i++) {
        int columns = GAP + text_columns(p->entry[p->match[i]].title);
        widest = columns > widest ? columns : widest;
    }
    return widest < WHAT ? widest : WHAT;
}

/* The bytes of text that fit into so many columns, up to a blank where there is one. */
static int fitting(const char *text, int columns)
{
    const char *at = text, *blank = NULL;
    int used = 0;
    while (*at) {
        const char *here = at;
        used += text_width(text_next(&at));
        if (used > columns)
            return (int)((blank ? blank : here > text ? here : at) - text);
        if (*here == ' ')
            blank = here;
    }
    return (int)(at - text);
}

static void add_line(struct palette *p, int kind, int entry, int from, int length, int keys)
{
    if (p->line_count > 0)
        p->line = grown(p->line, p->line_count, sizeof *p->line);
    struct palette_line *line = &p->line[p->line_count++];
    line->kind = kind;
    line->entry = entry;
    line->from = from;
    line->length = length;
    line->keys = keys;
}

/* So many lines from here on stay in one column. */
static void keep_together(struct palette *p, int lines)
{
    int used = p->line_count % p->rows;
    if (p->columns > 1 && lines <= p->rows && used + lines > p->rows)
        for (; used < p->rows; used++)
            add_line(p, PALETTE_EMPTY, 0, 0, 0, 0);
}

/* The pieces of an entry's text; how many. */
static int add_text(struct palette *p, int entry, int width, int keys, bool count_only)
{
    const char *text = p->entry[entry].text;
    int lines = 0, from = 0;
    do {
        int length = fitting(text + from, width);
        if (!count_only)
            add_line(p, lines ? PALETTE_MORE : PALETTE_FIRST, entry, from, length, keys);
        from += length;
        from += (int)strspn(text + from, " ");
        lines++;
    } while (text[from]);
    return lines;
}

static void add_entry(struct palette *p, int entry, int keys, bool titled)
{
    int width = p->column_width - INDENT - keys - GAP - p->what_width;
    int lines = add_text(p, entry, width, keys, true);
    if (titled && p->line_count % p->rows != 0)
        add_line(p, PALETTE_EMPTY, 0, 0, 0, 0);
    keep_together(p, lines + titled);
    if (titled)
        add_line(p, PALETTE_TITLE, entry, 0, 0, keys);
    add_text(p, entry, width, keys, false);
}

/* The cursor's first line. */
static int cursor_line(const struct palette *p)
{
    for (int i = 0; p->match_count > 0 && i < p->line_count; i++)
        if (p->line[i].kind == PALETTE_FIRST && p->line[i].entry == p->match[p->cursor])
            return i;
    return 0;
}

static void scroll(struct palette *p)
{
    int line = cursor_line(p), last = line;
    if (p->columns > 1) {
        int shown = p->columns, all = (p->line_count + p->rows - 1) / p->rows;
        p->first = p->rows * layout_scroll(p->first / p->rows, line / p->rows, shown, all);
        return;
    }
    while (last + 1 < p->line_count && p->line[last + 1].kind == PALETTE_MORE)
        last++;
    if (line > 0 && p->line[line - 1].kind == PALETTE_TITLE)
        line--;
    p->first = layout_scroll(p->first, last, p->rows, p->line_count);
    p->first = layout_scroll(p->first, line, p->rows, p->line_count);
}

void palette_flow(struct palette *p, int rows, int width)
{
    if (p->line && p->rows == rows && p->width == width)
        return;
    p->rows = rows = rows > 0 ? rows : 1;
    p->width = width;
    int keys = 0;
    p->columns = p->query[0] ? 1 : width / COLUMN > 3 ? 3 : width / COLUMN > 0 ? width / COLUMN : 1;
    p->column_width = (width - GAP * (p->columns - 1)) / p->columns;
    p->what_width = p->query[0] && width >= WITH_WHAT ? what_width(p) : 0;
    mem_free(p->line);
    p->line = grown(NULL, 0, sizeof *p->line);
    p->line_count = 0;
    for (int i = 0; i < p->match_count; i++) {
        int entry = p->match[i];
        bool begins = i == 0 || p->entry[p->match[i - 1]].title != p->entry[entry].title;
        if (i == 0 || (begins && !p->query[0]))
            keys = key_width(p, entry);
        add_entry(p, entry, keys, begins && !p->query[0]);
    }
    scroll(p);
}

/* ---- the cursor --------------------------------------------------------------------------- */

void palette_move(struct palette *p, int entries)
{
    int to = p->cursor + entries;
    p->cursor = to < 0 || p->match_count == 0 ? 0 : to < p->match_count ? to : p->match_count - 1;
    scroll(p);
}

/* To the entry of a line, or the last before it. */
static void move_to_line(struct palette *p, int line)
{
    int cursor = -1;
    for (int i = 0; i < p->line_count && (i <= line || cursor < 0); i++)
        cursor += p->line[i].kind == PALETTE_FIRST;
    p->cursor = 0;
    palette_move(p, cursor < 0 ? 0 : cursor);
}

void palette_move_column(struct palette *p, int columns)
{
    if (p->columns > 1)
        move_to_line(p, cursor_line(p) + columns * p->rows);
}

void palette_move_page(struct palette *p, int pages)
{
    move_to_line(p, cursor_line(p) + pages * p->columns * p->rows);
}

/* view_tree.c: the history: a line for each picture, and the one under the cursor with all that is
 * known of it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/host/budget.h"
#include "tui/term/number.h"
#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"

/* Columns, and from which width of the list on there is space for them. */
enum { MARKS = 3, COUNT = 7, LOSS = 10, AGE = 12 };
enum { WITH_COUNT = 40, WITH_LOSS = 64, WITH_PICTURE = 66 };

static void title(const struct model *m, char *out, size_t size)
{
    const struct tree *t = &m->tree;
    char bytes[BUDGET_TEXT], limit[BUDGET_TEXT];
    if (t->list.bytes < 1 << 20)
        text_size(bytes, (double)t->list.bytes);
    else
        budget_print_bytes(bytes, (size_t)t->list.bytes);
    budget_print_bytes(limit, (size_t)t->limit);
    if (!t->known || t->limit <= 0)
        snprintf(out, size, t->known ? "History: switched off" : "History");
    else
        snprintf(out, size, "History: %s of %s, %d picture%s", bytes, limit, t->list.count,
                 t->list.count == 1 ? "" : "s");
    size_t used = strlen(out);
    if (tree_filtered(t))
        snprintf(out + used, size - used, ", %d shown%s%s%s", t->count,
                 t->starred ? " with a star" : "", t->filter[0] ? ": " : "", t->filter);
}

static bool with_picture(const struct rect *area)
{
    return area->width >= WITH_PICTURE;
}

/* Without a picture beside it the last line says in full what the cursor is on. */
static struct rect list_area(const struct rect *area)
{
    bool beside = with_picture(area);
    int width = !beside ? area->width : area->width * (area->width < 96 ? 62 : 55) / 100;
    return (struct rect){area->y, area->x, area->height - !beside, width};
}

/* ---- the list ----------------------------------------------------------------------------- */

static void print_age(char out[24], long long when)
{
    time_t then = (time_t)when;
    long long seconds = (long long)time(NULL) - when;
    struct tm date;
    if (seconds < 0 || seconds >= 7 * 86400LL) {
        out[0] = 0;
        if (localtime_r(&then, &date) && strftime(out, 24, "%Y-%m-%d", &date) == 0)
            out[0] = 0;
    } else if (seconds < 60) {
        snprintf(out, 24, "now");
    } else if (seconds < 3600) {
        snprintf(out, 24, "%d min ago", (int)(seconds / 60));
    } else if (seconds < 86400) {
        snprintf(out, 24, "%d h ago", (int)(seconds / 3600));
    } else {
        snprintf(out, 24, "%d day%s ago", (int)(seconds / 86400), seconds < 2 * 86400 ? "" : "s");
    }
}

/* The lines of the tree to the left of a label; returns the columns used. Of what is too deep only
 * the last branches are shown. */
static int draw_branches(int y, int x, int width, const struct history_node *node)
{
    int most = width / 6, hidden = node->depth > most ? node->depth - most : 0, at = x;
    int bars = node->depth - node->begins;
    for (int i = hidden; i < bars; i++, at += 2)
        draw_mark(y, at, INK_DIM, "│", '|');
    if (node->begins && node->depth > 0) {
        draw_mark(y, at, INK_DIM, "├", '|');
        draw_mark(y, at + 1, INK_DIM, "─", '-');
        at += 2;
    }
    const char *mark = node->begins && node->ends    ? "─"
                       : node->begins                ? node->depth > 0 ? "┬" : "┌"
                       : node->ends                  ? "└"
                                                     : "├";
    draw_mark(y, at, INK_DIM, mark, node->ends && node->begins ? '-' : node->ends ? '`' : '+');
    return at + 2 - x;
}

static void draw_numbers(const struct history_node *node, int y, const struct rect *list, int *end)
{
    char text[32];
    int x = list->x + list->width;
    print_age(text, node->time);
    draw_right(y, x - AGE, AGE, INK_DIM, text);
    x -= AGE;
    if (list->width >= WITH_LOSS) {
        if (node->total > 0.0)
            draw_right(y, x - LOSS, LOSS, INK_DIM, number_short(node->total).text);
        x -= LOSS;
    }
    if (list->width >= WITH_COUNT) {
        snprintf(text, sizeof text, "%d", node->iteration);
        draw_right(y, x - COUNT, COUNT, INK_PLAIN, text);
        x -= COUNT;
    }
    *end = x - 1;
}

static void draw_line(const struct model *m, int line, int y, const struct rect *list)
{
    const struct tree *t = &m->tree;
    const struct history_node *node = tree_line(t, line);
    char label[HISTORY_WORDS];
    bool here = strcmp(node->id, m->parent) == 0;
    int x = list->x + MARKS, end;
    if (here) /* what the desk's next picture comes from */
        draw_mark(y, list->x, INK_ACCENT, "▸", '>');
    if (node->starred)
        draw_mark(y, list->x + 1, INK_WARN, "★", '*');
    draw_numbers(node, y, list, &end);
    if (!tree_filtered(t))
        x += draw_branches(y, x, end - x, node);
    tree_label(label, sizeof label, t, node);
    bool root = !node->parent[0];
    enum ink ink = here ? INK_ACCENT : node->name[0] || root ? INK_STRONG : INK_PLAIN;
    bool cut = text_columns(label) > end - x;
    if (end - x > 1)
        x += draw_text(y, x, end - x - cut, ink, label);
    if (cut && end - x > 0)
        draw_mark(y, x, ink, "…", '~');
    if (line == t->at)
        draw_cursor_line(y, list->x, list->width);
}

static void draw_nothing(const struct model *m, const struct rect *list)
{
    const struct tree *t = &m->tree;
    draw_text(list->y, list->x, list->width, INK_DIM,
              !t->known            ? "reading"
              : tree_filtered(t)   ? "no picture here is like this; esc and o show all"
              : t->limit <= 0      ? "nothing is kept: history is off, or HOME is not set"
                                   : "finished pictures and snapshots (S) are kept here");
}

/* ---- the picture under the cursor ----------------------------------------------------------- */

/* Text from line y on, within so many lines; returns the line behind it. */
static int draw_text_below(int y, const struct rect *r, int rows, enum ink ink, const char *text)
{
    struct rect part = {y, r->x, rows, r->width};
    return rows > 0 ? y + draw_wrapped(&part, ink, text) : y;
}

static void draw_details(const struct model *m, const struct history_node *node,
                         const struct rect *r)
{
    char text[HISTORY_WORDS + 64], date[32] = "";
    time_t then = (time_t)node->time;
    struct tm when;
    int y = r->y, end = r->y + r->height;
    if (localtime_r(&then, &when) && strftime(date, sizeof date, "%Y-%m-%d %H:%M", &when) == 0)
        date[0] = 0;
    tree_label(text, sizeof text, &m->tree, node);
    y = draw_text_below(y, r, end - y - 2, INK_STRONG, text);
    if (node->name[0] && node->differs[0])
        y = draw_text_below(y, r, end - y - 2, INK_PLAIN, node->differs);
    if (strcmp(text, node->title) != 0 && end - y > 2)
        draw_name(y++, r->x, r->width, INK_DIM, node->title);
    snprintf(text, sizeof text, "%s at %d%s", node->snapshot ? "snapshot" : "run", node->iteration,
             node->resumable ? ", g resumes" : "");
    draw_name(y++, r->x, r->width, INK_DIM, text);
    snprintf(text, sizeof text, "%s, %dx%d", date, node->width, node->height);
    draw_name(y, r->x, r->width, INK_DIM, text);
}

static void draw_beside(const struct model *m, const struct history_node *node,
                        const struct rect *r)
{
    enum { DETAILS = 6, WITH_DETAILS = 14 };
    int details = r->height >= WITH_DETAILS ? DETAILS : 0;
    struct rect picture = {r->y, r->x, r->height - details, r->width};
    struct rect below = {r->y + picture.height, r->x, details, r->width};
    if (m->still)
        place_picture(&picture, m->still->rgb, m->still->width, m->still->height);
    else if (m->still_problem[0])
        draw_wrapped(r, INK_BAD, m->still_problem);
    if (details > 0)
        draw_details(m, node, &below);
}

static void draw(const struct model *m, const struct rect *area)
{
    const struct tree *t = &m->tree;
    struct rect list = list_area(area);
    const struct history_node *node = tree_node(t);
    char label[HISTORY_WORDS];
    for (int i = 0; i < list.height && t->first + i < t->count; i++)
        draw_line(m, t->first + i, list.y + i, &list);
    if (!node) {
        draw_nothing(m, &list);
        return;
    }
    if (with_picture(area)) {
        struct rect right = {area->y, list.x + list.width + 1, area->height,
                             area->width - list.width - 1};
        draw_beside(m, node, &right);
        return;
    }
    tree_label(label, sizeof label, t, node);
    draw_name(area->y + area->height - 1, area->x, area->width, INK_DIM, label);
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    struct rect list = list_area(area);
    *out = (struct act){.action = at->wheel < 0 ? ACTION_TREE_UP : ACTION_TREE_DOWN};
    if (at->wheel != 0)
        return true;
    *out = (struct act){.action = ACTION_TREE_LINE, .index = m->tree.first + at->y - list.y};
    if (at->clicks == 2 && out->index == m->tree.at)
        out->action = ACTION_TREE_GO;
    return rect_holds(&list, at->y, at->x) && out->index < m->tree.count;
}

const struct view_ops view_tree = {.title = title, .draw = draw, .mouse = mouse};

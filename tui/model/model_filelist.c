/* model_filelist.c: the browser's actions: moving in it, filtering, choosing. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"
#include "tui/model/paths.h"
#include "tui/term/text.h"

static void choose(struct model *m)
{
    char path[JOB_PATH];
    bool folder = false, any = browser_path(&m->browser, path, &folder);
    if (paths_begins(m->browser.filter)) {
        model_open_typed(m);
    } else if (any && folder) {
        model_list(m, path, NULL);
    } else if (m->browser.mark_count > 0) {
        model_remember_folder(m, m->browser.mark[0]);
        model_choose_marked(m);
    } else if (any) {
        model_choose_file(m, path);
    }
}

static void shorten_filter(struct model *m)
{
    struct browser *b = &m->browser;
    char filter[JOB_PATH];
    size_t n = strlen(b->filter);
    if (n == 0) {
        model_parent(m);
        return;
    }
    snprintf(filter, sizeof filter, "%s", b->filter);
    do
        filter[--n] = 0;
    while (n > 0 && ((unsigned char)b->filter[n] & 0xc0) == 0x80);
    browser_filter(b, filter);
}

void model_type_filter(struct model *m, unsigned code)
{
    char filter[JOB_PATH];
    snprintf(filter, sizeof filter, "%s", m->browser.filter);
    if (text_insert(filter, sizeof filter, strlen(filter), code))
        browser_filter(&m->browser, filter);
}

static void enter_folder(struct model *m)
{
    char path[JOB_PATH];
    bool folder;
    if (browser_path(&m->browser, path, &folder) && folder)
        model_list(m, path, NULL);
}

/* The cursor stays where it is as long as that is seen. */
static void scroll(struct model *m, int lines)
{
    struct layout_files f = layout_files(&m->layout, m->browser.grid);
    int shown = f.rows * f.columns, count = m->browser.match_count, step = lines * f.columns;
    int last = (count + f.columns - 1) / f.columns * f.columns - shown;
    int first = m->first_file + step < last ? m->first_file + step : last;
    m->first_file = first > 0 ? first : 0;
    int over = m->browser.cursor - (m->first_file + shown - f.columns);
    if (m->browser.cursor < m->first_file)
        browser_move(&m->browser,
                     (m->first_file - m->browser.cursor + f.columns - 1) / f.columns * f.columns);
    else if (over >= f.columns)
        browser_move(&m->browser, -(over / f.columns) * f.columns);
}

void model_files_pointer(struct model *m, const struct act *act)
{
    if (act->action == ACTION_FILES_SCROLL) {
        scroll(m, (int)act->x);
        return;
    }
    browser_move(&m->browser, act->index - m->browser.cursor);
    if (act->action == ACTION_FILES_OPEN && !paths_begins(m->browser.filter))
        choose(m);
}

/* To the side: in a list, which has none, out of the folder and into one. */
static void move_aside(struct model *m, int step)
{
    if (m->browser.grid)
        browser_move(&m->browser, step);
    else if (step < 0)
        model_parent(m);
    else
        enter_folder(m);
}

/* A blank belongs to a filter that was begun. */
static void press_space(struct model *m)
{
    if (m->browser.filter[0])
        model_type_filter(m, ' ');
    else
        model_mark(m);
}

static void close_browser(struct model *m)
{
    if (m->browser.filter[0])
        browser_filter(&m->browser, "");
    else
        m->overlay = OVERLAY_NONE;
}

void model_files_action(struct model *m, enum files_action action)
{
    struct browser *b = &m->browser;
    struct layout_files f = layout_files(&m->layout, b->grid);
    int page = (f.rows > 1 ? f.rows - !b->grid : 1) * f.columns;
    switch (action) {
    case DO_FILES_CHOOSE: choose(m); break;
    case DO_FILES_SPACE: press_space(m); break;
    case DO_FILES_MARK: model_mark(m); break;
    case DO_FILES_MARK_ALL: model_mark_all(m); break;
    case DO_FILES_GRID: b->grid = !b->grid; break;
    case DO_FILES_UP: browser_move(b, -f.columns); break;
    case DO_FILES_DOWN: browser_move(b, f.columns); break;
    case DO_FILES_PAGE_UP: browser_move(b, -page); break;
    case DO_FILES_PAGE_DOWN: browser_move(b, page); break;
    case DO_FILES_FIRST: browser_move(b, -b->match_count); break;
    case DO_FILES_LAST: browser_move(b, b->match_count); break;
    case DO_FILES_PARENT: move_aside(m, -1); break;
    case DO_FILES_ENTER: move_aside(m, 1); break;
    case DO_FILES_BOOKMARK:
        if (paths_begins(b->filter))
            model_complete_typed(m);
        else
            model_next_place(m);
        break;
    case DO_FILES_HIDDEN: browser_toggle_hidden(b); break;
    case DO_FILES_ERASE: shorten_filter(m); break;
    case DO_FILES_CLEAR: browser_filter(b, ""); break;
    case DO_FILES_CLOSE: close_browser(m); break;
    }
}

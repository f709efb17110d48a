/*
 * model_palette.c: help and palette: what is listed in them, made from the tables of keys,
 * commands, presets and settings, and how they are moved through. What the line under the cursor
 * does is model_apply.c's.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/term/text.h"

/* ---- entries ------------------------------------------------------------------------------ */

static struct palette_entry *add(struct model *m, enum palette_kind kind, int index,
                                 const char *title, const char *key)
{
    struct palette_entry *e = palette_add(&m->palette);
    e->kind = kind;
    e->index = index;
    e->title = title;
    e->hint = "";
    diag_clean(e->key, sizeof e->key, key);
    return e;
}

static void add_keys(struct model *m, enum context context)
{
    size_t count;
    char keys[PALETTE_KEY];
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].context == context) {
            keys_show_all(keys, sizeof keys, &table[i], text_shows("⏎←→"));
            struct palette_entry *e = add(m, PALETTE_ACTION, (int)i, keys_context_title(context),
                                          keys);
            e->hint = table[i].hint;
            snprintf(e->text, sizeof e->text, "%s", table[i].help);
        }
}

/* Those of the place that help was called from, the desk's, then the rest. */
static void add_all_keys(struct model *m, enum context from)
{
    if (from != CONTEXT_DESK)
        add_keys(m, from);
    add_keys(m, CONTEXT_DESK);
    for (int c = 0; c < CONTEXT_COUNT; c++)
        if (c != (int)from && c != CONTEXT_DESK)
            add_keys(m, (enum context)c);
}

static void add_commands(struct model *m)
{
    int count;
    char line[PALETTE_KEY];
    const struct model_command *table = model_commands(&count);
    for (int i = 0; i < count; i++) {
        snprintf(line, sizeof line, ":%s%s%s", table[i].word, *table[i].arguments ? " " : "",
                 table[i].arguments);
        struct palette_entry *e = add(m, PALETTE_COMMAND, i, "Commands", line);
        snprintf(e->text, sizeof e->text, "%s", table[i].help);
    }
}

static void add_presets(struct model *m)
{
    for (int i = 0; i < model_preset_count(m); i++) {
        struct palette_entry *e = add(m, PALETTE_PRESET, i, model_preset_group(m, i),
                                      model_preset_name(m, i));
        snprintf(e->text, sizeof e->text, "%s", model_preset_line(m, i));
    }
}

/* "of relu3_1; now 1.4" behind what a setting is. */
static void add_setting(struct model *m, enum palette_kind kind, int index, const char *title,
                        const char *name, const char *choices, const char *help)
{
    enum { MOST = 48 };
    char value[JOB_PATH], shown[4 * MOST];
    struct palette_entry *e = add(m, kind, index, title, name);
    model_print_value(m, name, value, sizeof value);
    text_fit_end(shown, sizeof shown, value, MOST);
    snprintf(e->text, sizeof e->text, "%s%s%s%s%s", help, *choices ? ": " : "", choices,
             shown[0] ? "; now " : "", shown);
}

static void add_settings(struct model *m)
{
    size_t keys;
    int count;
    const struct job_key *table = job_keys(&keys);
    for (size_t i = 0; i < keys; i++) {
        bool said = strchr(table[i].help, ':') != NULL; /* what the choices are */
        add_setting(m, PALETTE_SETTING, (int)i, "Settings", table[i].name,
                    said ? "" : table[i].choices, table[i].help);
    }
    static const char *const titles[] = {"Settings of relu1_1", "Settings of relu2_1",
                                         "Settings of relu3_1", "Settings of relu4_1",
                                         "Settings of relu5_1"};
    const struct model_layer_setting *settings = model_layer_settings(&count);
    for (int i = 0; i < count; i++)
        add_setting(m, PALETTE_LAYER, i, titles[m->layer], settings[i].name, "", settings[i].help);
}

/* ---- opening, moving ---------------------------------------------------------------------- */

/* What the line under the cursor is called, to find it again. */
static void put_cursor_on(struct palette *p, const char *name)
{
    for (int i = 0; i < p->match_count && name[0]; i++)
        if (strcmp(p->entry[p->match[i]].key, name) == 0)
            p->cursor = i;
}

void model_open_palette(struct model *m, const char *query, enum palette_kind kind)
{
    struct palette *p = &m->palette;
    enum context from = model_context(m);
    palette_clear(p);
    if (kind == PALETTE_KINDS) {
        add_all_keys(m, from);
        add_commands(m);
    }
    if (kind == PALETTE_KINDS || kind == PALETTE_PRESET)
        add_presets(m);
    if (kind == PALETTE_KINDS)
        add_settings(m);
    p->searching = p->direct = query != NULL;
    snprintf(p->query, sizeof p->query, "%s", query ? query : "");
    palette_search(p);
    if (kind == PALETTE_PRESET)
        put_cursor_on(p, m->last_preset);
    if (m->overlay == OVERLAY_PALETTE)
        return;
    m->covered = m->overlay;
    m->overlay = OVERLAY_PALETTE;
}

void model_palette_line(struct model *m, int entry)
{
    struct palette *p = &m->palette;
    for (int i = 0; i < p->match_count; i++)
        if (p->match[i] == entry)
            palette_move(p, i - p->cursor);
}

void model_type_query(struct model *m, unsigned code)
{
    struct palette *p = &m->palette;
    if (text_insert(p->query, sizeof p->query, strlen(p->query), code))
        palette_search(p);
}

static void shorten_query(struct palette *p)
{
    size_t n = strlen(p->query);
    do
        n--;
    while (n > 0 && ((unsigned char)p->query[n] & 0xc0) == 0x80);
    p->query[n] = 0;
    palette_search(p);
}

/* Back to the help that the search was begun in, or to what that covers. */
static void leave_search(struct model *m)
{
    struct palette *p = &m->palette;
    if (p->direct) {
        model_close_overlay(m);
        return;
    }
    p->searching = false;
    p->query[0] = 0;
    palette_search(p);
}

/* Moves are of both. */
static void move(struct palette *p, enum action action)
{
    switch (action) {
    case ACTION_HELP_UP: case ACTION_SEARCH_UP: palette_move(p, -1); break;
    case ACTION_HELP_DOWN: case ACTION_SEARCH_DOWN: palette_move(p, 1); break;
    case ACTION_HELP_LEFT: case ACTION_SEARCH_LEFT: palette_move_column(p, -1); break;
    case ACTION_HELP_RIGHT: case ACTION_SEARCH_RIGHT: palette_move_column(p, 1); break;
    case ACTION_HELP_PAGE_UP: case ACTION_SEARCH_PAGE_UP: palette_move_page(p, -1); break;
    case ACTION_HELP_PAGE_DOWN: case ACTION_SEARCH_PAGE_DOWN: palette_move_page(p, 1); break;
    case ACTION_HELP_FIRST: case ACTION_SEARCH_FIRST: palette_move(p, -p->match_count); break;
    case ACTION_HELP_LAST: case ACTION_SEARCH_LAST: palette_move(p, p->match_count); break;
    default: break;
    }
}

void model_help_action(struct model *m, enum help_action action)
{
    switch (action) {
    case DO_HELP_DO: break; /* model_apply.c */
    case DO_HELP_SEARCH:
        m->palette.searching = true;
        palette_search(&m->palette);
        break;
    case DO_HELP_CLOSE: model_close_overlay(m); break;
    case DO_HELP_UP: case DO_HELP_DOWN: case DO_HELP_LEFT: case DO_HELP_RIGHT:
    case DO_HELP_PAGE_UP: case DO_HELP_PAGE_DOWN: case DO_HELP_FIRST: case DO_HELP_LAST:
        move(&m->palette, (enum action)action);
        break;
    }
}

void model_search_action(struct model *m, enum search_action action)
{
    struct palette *p = &m->palette;
    switch (action) {
    case DO_SEARCH_DO: break; /* model_apply.c */
    case DO_SEARCH_ERASE:
        if (p->query[0])
            shorten_query(p);
        else
            leave_search(m);
        break;
    case DO_SEARCH_CLEAR:
        p->query[0] = 0;
        palette_search(p);
        break;
    case DO_SEARCH_CLOSE: leave_search(m); break;
    case DO_SEARCH_UP: case DO_SEARCH_DOWN: case DO_SEARCH_LEFT: case DO_SEARCH_RIGHT:
    case DO_SEARCH_PAGE_UP: case DO_SEARCH_PAGE_DOWN: case DO_SEARCH_FIRST: case DO_SEARCH_LAST:
        move(p, (enum action)action);
        break;
    }
}

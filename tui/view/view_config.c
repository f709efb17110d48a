/* view_config.c: the user's settings: what there is, what holds, what it means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/view.h"

/* Columns; lines below the list; the width from which on each line has its meaning beside it. */
enum { MARK = 2, NAME = 22, VALUE = 20, SENTENCE = 3, WIDE = 90 };

static void title(const struct model *m, char *out, size_t size)
{
    int unsaved = model_config_unsaved(m);
    const char *path = m->config_path, *home = getenv("HOME");
    size_t n = home ? strlen(home) : 0;
    bool below = n > 1 && strncmp(path, home, n) == 0 && path[n] == '/';
    char clean[JOB_PATH], count[40] = "";
    text_fit_end(clean, sizeof clean, below ? path + n : path, 50);
    if (unsaved > 0)
        snprintf(count, sizeof count, ": %d not saved", unsaved);
    snprintf(out, size, "Settings%s%s%s%s", *path ? " in " : "", below ? "~" : "", clean, count);
}

static struct rect list_area(const struct rect *area)
{
    return (struct rect){area->y, area->x, area->height - SENTENCE, area->width};
}

static const char *value_of(const struct model *m, const struct config_entry *e, int index)
{
    const char *set = e->key ? e->key->keys : config_set_value(&m->config, index);
    return set[0] ? set : e->key ? "none" : e->standard[0] ? e->standard : "-";
}

static void draw_entry(const struct model *m, int index, int y, const struct rect *list)
{
    struct config_entry e;
    int name = list->width < MARK + NAME + 12 ? list->width / 2 : NAME;
    int x = list->x + MARK, rest = list->width - MARK - name - 1;
    bool wide = list->width >= WIDE, is_set = m->config.value[index] != NULL;
    config_entry(&e, index);
    if (!config_same(&m->config, &m->config_file, index))
        draw_mark(y, list->x, INK_WARN, "●", '*');
    draw_name(y, x, name, INK_PLAIN, e.name);
    draw_name(y, x + name + 1, wide ? VALUE : rest, is_set ? INK_STRONG : INK_DIM,
              value_of(m, &e, index));
    if (wide)
        draw_text(y, x + name + VALUE + 2, rest - VALUE - 1, INK_DIM, e.help);
    if (index == m->config_at)
        draw_cursor_line(y, list->x, list->width);
}

/* What the setting under the cursor means, and what else it could be. */
static void draw_meaning(const struct model *m, const struct rect *area)
{
    struct rect below = {area->y + area->height - 2, area->x, 2, area->width};
    struct config_entry e;
    char text[DIAG_TEXT + JOB_PATH], standard[JOB_PATH + 40] = "";
    config_entry(&e, m->config_at);
    if (m->config.value[m->config_at])
        snprintf(standard, sizeof standard, ". As strata has it: %s",
                 e.standard[0] ? e.standard : "nothing");
    snprintf(text, sizeof text, "%s: %s%s%s%s%s", e.name, e.help, e.choices[0] ? " (" : "",
             e.choices, e.choices[0] ? ")" : "", standard);
    draw_wrapped(&below, INK_DIM, text);
}

static void draw(const struct model *m, const struct rect *area)
{
    static const char *const titles[] = {"Workbench", "New jobs begin with", "Keys"};
    struct rect list = list_area(area);
    for (int i = 0; i < list.height; i++) {
        int index = config_line(m->first_config + i);
        if (index >= 0)
            draw_entry(m, index, list.y + i, &list);
        else if (index != CONFIG_NO_ENTRY)
            draw_text(list.y + i, list.x, list.width, INK_ACCENT, titles[-1 - index]);
    }
    draw_meaning(m, area);
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    struct rect list = list_area(area);
    int index = config_line(m->first_config + at->y - list.y);
    *out = (struct act){.action = at->wheel < 0 ? ACTION_CONFIG_UP : ACTION_CONFIG_DOWN};
    if (at->wheel != 0)
        return true;
    *out = (struct act){.action = ACTION_CONFIG_LINE, .index = index};
    if (at->clicks == 2 && index == m->config_at)
        out->action = ACTION_CONFIG_EDIT;
    return rect_holds(&list, at->y, at->x) && index >= 0;
}

const struct view_ops view_config = {.title = title, .draw = draw, .mouse = mouse};

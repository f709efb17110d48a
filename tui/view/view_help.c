/* view_help.c: all keys and what they do, made from the table of keys. */
#include <stdio.h>

#include "tui/view/draw.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

enum { KEY = 16, TWO_COLUMNS = 120 };

static int columns_of(const struct rect *r)
{
    return r->width >= TWO_COLUMNS ? 2 : 1;
}

static void title(const struct model *m, char *out, size_t size)
{
    (void)m;
    snprintf(out, size, "Keys");
}

static void all_keys(char *out, size_t size, const struct key_entry *e)
{
    char key[16];
    size_t used = 0;
    for (int i = 0; used < size && keys_show_nth(key, e, i, text_shows("⏎←→")); i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "", key);
}

static void draw_line(int line, int y, int x, int width)
{
    const struct key_entry *entry;
    char keys[64];
    switch (keys_help_line(line, &entry)) {
    case KEYS_LINE_TITLE:
        draw_text(y, x, width, INK_ACCENT, keys_context_title(entry->context));
        break;
    case KEYS_LINE_KEY:
        all_keys(keys, sizeof keys, entry);
        draw_text(y, x + 2, KEY - 1, INK_STRONG, keys);
        draw_text(y, x + 2 + KEY, width - KEY - 2, INK_PLAIN, entry->help);
        break;
    default: break;
    }
}

static void draw(const struct model *m, const struct rect *r)
{
    int columns = columns_of(r), width = (r->width - columns + 1) / columns;
    for (int i = 0; i < columns * r->height; i++)
        draw_line(m->first_help + i, r->y + i % r->height, r->x + i / r->height * (width + 1),
                  width);
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    (void)m, (void)area;
    *out = (struct act){.action = at->wheel < 0 ? ACTION_HELP_UP : ACTION_HELP_DOWN};
    return at->wheel != 0;
}

const struct view_ops view_help = {.title = title, .draw = draw, .mouse = mouse};

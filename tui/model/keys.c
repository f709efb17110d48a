/* keys.c: see keys.h. */
#include "tui/model/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/utf8.h"

static struct key_entry entries[] = {
#define X(name, context, keys, hint, help)                                                       \
    {ACTION_##name, CONTEXT_##context, #name, keys, keys, hint, help},
    KEY_ACTIONS(X)
#undef X
};

enum { ENTRY_COUNT = sizeof entries / sizeof *entries };

/* name as in the table, ascii and utf8 as shown. */
static const struct {
    const char *name, *ascii, *utf8;
    int code;
} named[] = {
    {"Space", "space", "space", ' '},
    {"Tab", "tab", "tab", KEYCODE_TAB},
    {"Enter", "enter", "⏎", KEYCODE_ENTER},
    {"Esc", "esc", "esc", KEYCODE_ESC},
    {"Up", "up", "↑", KEYCODE_UP},
    {"Down", "down", "↓", KEYCODE_DOWN},
    {"Left", "left", "←", KEYCODE_LEFT},
    {"Right", "right", "→", KEYCODE_RIGHT},
    {"Shift-Left", "shift-left", "⇧←", KEYCODE_SHIFT_LEFT},
    {"Shift-Right", "shift-right", "⇧→", KEYCODE_SHIFT_RIGHT},
    {"PageUp", "page up", "page up", KEYCODE_PAGE_UP},
    {"PageDown", "page down", "page down", KEYCODE_PAGE_DOWN},
    {"Home", "home", "home", KEYCODE_HOME},
    {"End", "end", "end", KEYCODE_END},
    {"Delete", "del", "del", KEYCODE_DELETE},
    {"Insert", "ins", "ins", KEYCODE_INSERT},
    {"Ctrl-Space", "^space", "^space", KEYCODE_CTRL_SPACE},
    {"Backspace", "backspace", "⌫", KEYCODE_BACKSPACE},
    {"Shift-Tab", "shift-tab", "⇧tab", KEYCODE_SHIFT_TAB},
    {"F1", "F1", "F1", KEYCODE_F1},
};

/* Given to other actions. */
static char given[ENTRY_COUNT][KEYS_TEXT];

enum { NAMED_COUNT = sizeof named / sizeof *named };

const struct key_entry *keys_table(size_t *count)
{
    *count = ENTRY_COUNT;
    return entries;
}

static const struct {
    const char *title;
    bool falls_through;
} contexts[] = {
#define X(name, title, falls_through) {title, falls_through},
    CONTEXT_LIST(X)
#undef X
};

const char *keys_context_title(enum context context)
{
    return contexts[context].title;
}

bool keys_falls_through(enum context context)
{
    return contexts[context].falls_through;
}

static int named_index(const char *name, size_t length)
{
    for (int i = 0; i < NAMED_COUNT; i++)
        if (strlen(named[i].name) == length && strncasecmp(named[i].name, name, length) == 0)
            return i;
    return -1;
}

/* As term_key has it, which cannot tell all of them from others. */
static int control(char letter)
{
    int code = letter & 31;
    return code == 8 ? KEYCODE_BACKSPACE : code == '\n' ? KEYCODE_ENTER : code;
}

int keys_code(const char *name)
{
    size_t length = strcspn(name, " ");
    int index = named_index(name, length), n;
    if (index >= 0)
        return named[index].code;
    if (length == 6 && strncasecmp(name, "Ctrl-", 5) == 0)
        return control(name[5]);
    if (length == 2 && name[0] == '^' && isalpha((unsigned char)name[1]))
        return control(name[1]);
    if (length < 1 || (unsigned char)name[0] < ' ')
        return 0;
    unsigned code = utf8_read(name, &n);
    return (size_t)n == length && code != UTF8_INVALID ? (int)code : 0;
}

void keys_name(char out[16], int code)
{
    char character[UTF8_SIZE] = "";
    out[0] = 0;
    for (int i = 0; i < NAMED_COUNT; i++)
        if (named[i].code == code)
            snprintf(out, 16, "%s", named[i].name);
    if (out[0])
        return;
    if (code > 0 && code < ' ')
        snprintf(out, 16, "Ctrl-%c", code + 64);
    else if (code > ' ' && code != 127 && code < KEYCODE_SPECIAL) {
        utf8_write(character, (unsigned)code);
        snprintf(out, 16, "%s", character);
    }
}

bool keys_types(enum context context)
{
    return context == CONTEXT_FILES || context == CONTEXT_PROMPT || context == CONTEXT_SEARCH;
}

void keys_give(const struct key_entry *entry, const char *names)
{
    size_t i = (size_t)(entry - entries);
    snprintf(given[i], sizeof given[i], "%s", names ? names : "");
    entries[i].keys = names ? given[i] : entries[i].standard;
}

/* The index-th of the names parted by blanks, or NULL. */
static const char *nth(const char *keys, int index)
{
    for (; index > 0; index--) {
        keys += strcspn(keys, " ");
        keys += strspn(keys, " ");
    }
    return *keys ? keys : NULL;
}

static bool has_key(const struct key_entry *entry, int code)
{
    const char *name;
    for (int i = 0; (name = nth(entry->keys, i)); i++)
        if (keys_code(name) == code)
            return true;
    return false;
}

/* Help is called from everywhere but where it would cover what waits for an answer. */
static bool hands_on(enum context context, enum action desk)
{
    bool asks = context == CONTEXT_PROMPT || context == CONTEXT_QUESTION ||
                context == CONTEXT_SEARCH || context == CONTEXT_NEW_KEY;
    return keys_falls_through(context) || desk == ACTION_REDRAW ||
           (desk == ACTION_HELP && !asks);
}

enum action keys_action(enum context context, int code)
{
    for (int i = 0; i < ENTRY_COUNT; i++)
        if (entries[i].context == context && has_key(&entries[i], code))
            return entries[i].action;
    if (context == CONTEXT_NEW_KEY)
        return ACTION_TYPE;
    if (keys_types(context) && code >= ' ' && code != 127 && code < KEYCODE_SPECIAL)
        return ACTION_TYPE;
    if (context == CONTEXT_DESK)
        return ACTION_NONE;
    enum action desk = keys_action(CONTEXT_DESK, code);
    return hands_on(context, desk) ? desk : ACTION_NONE;
}

/* The same for the index-th key of the entry; false if it has no such. */
static bool show_nth(char out[16], const struct key_entry *entry, int index, bool utf8)
{
    const char *name = nth(entry->keys, index);
    if (!name)
        return false;
    size_t length = strcspn(name, " ");
    int i = named_index(name, length);
    if (i >= 0)
        snprintf(out, 16, "%s", utf8 ? named[i].utf8 : named[i].ascii);
    else if (length == 6)
        snprintf(out, 16, "^%c", name[5]);
    else
        snprintf(out, 16, "%.*s", (int)length, name);
    return true;
}

void keys_show(char out[16], const struct key_entry *entry, bool utf8)
{
    out[0] = 0;
    show_nth(out, entry, 0, utf8);
}

void keys_show_all(char *out, size_t size, const struct key_entry *entry, bool utf8)
{
    char key[16];
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; used < size && show_nth(key, entry, i, utf8); i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "", key);
}

#define CASE(name, ...) case ACTION_##name:
bool keys_only_look(enum action action)
{
    if (action == ACTION_HELP_DO || action == ACTION_SEARCH_DO || action == ACTION_VARY)
        return false;
    switch (action) {
    FLIP_ACTIONS(CASE) LOSS_ACTIONS(CASE) PREVIEW_ACTIONS(CASE) FULL_ACTIONS(CASE)
    ZOOM_ACTIONS(CASE) COMPARE_ACTIONS(CASE) case ACTION_ZOOM_AT: case ACTION_GRAB: case ACTION_PAN:
    case ACTION_WIPE: case ACTION_TICK:
    HELP_ACTIONS(CASE) SEARCH_ACTIONS(CASE) case ACTION_SEARCH: case ACTION_PRESETS:
    case ACTION_TYPE: case ACTION_PALETTE_LINE: case ACTION_FOCUS: case ACTION_FOCUS_NEXT:
    case ACTION_FOCUS_BACK: case ACTION_CANCEL: case ACTION_HELP: case ACTION_REDRAW:
    case ACTION_SUSPEND: case ACTION_DETACH: case ACTION_MOUSE: case ACTION_TREE:
    case ACTION_TREE_UP: case ACTION_TREE_DOWN: case ACTION_TREE_PAGE_UP:
    case ACTION_TREE_PAGE_DOWN:
    case ACTION_TREE_FIRST: case ACTION_TREE_LAST: case ACTION_TREE_LINE:
    case ACTION_TREE_STARRED: case ACTION_TREE_CLOSE: return true;
    default: return false;
    }
}
#undef CASE

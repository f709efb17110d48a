/* keys_map.c: see keys.h: keys that are given to other actions, and what stands against it. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tui/model/keys.h"

enum { CTRL_C = 3 };

void keys_action_name(char out[32], const struct key_entry *entry)
{
    size_t n = 0;
    for (; entry->name[n] && n < 31; n++)
        out[n] = (char)tolower((unsigned char)entry->name[n]);
    out[n] = 0;
}

/* The entry whose name, of n letters, is at text; NULL: there is none. */
static const struct key_entry *find(const char *text, size_t n)
{
    char name[32];
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++) {
        keys_action_name(name, &table[i]);
        if (strlen(name) == n && strncmp(name, text, n) == 0)
            return &table[i];
    }
    return NULL;
}

void keys_fill_in(char *out, size_t size, const char *sentence)
{
    size_t used = 0;
    while (*sentence && used + 1 < size) {
        char key[16] = {*sentence};
        size_t n = *sentence == '{' ? strcspn(sentence + 1, "}") : 0;
        const struct key_entry *entry = n > 0 ? find(sentence + 1, n) : NULL;
        sentence += entry ? n + 2 : 1;
        if (entry && !entry->keys[0])
            snprintf(key, sizeof key, "(no key)");
        else if (entry)
            keys_show(key, entry, false);
        if (entry && strcmp(key, "%") == 0)
            strcpy(key, "%%"); /* of a format */
        used += (size_t)snprintf(out + used, size - used, "%s", key);
    }
    out[used < size ? used : size - 1] = 0;
}

static bool has(const char *keys, int code)
{
    for (; *keys; keys += strspn(keys, " ")) {
        if (keys_code(keys) == code)
            return true;
        keys += strcspn(keys, " ");
    }
    return false;
}

/* On the desk what is not wanted may be without a key; what has covered it must be left, answered
 * and confirmed. */
static bool needs_a_key(const struct key_entry *e)
{
    return e->action == ACTION_CONFIG || e->action == ACTION_HELP ||
           !(e->context == CONTEXT_DESK || keys_falls_through(e->context));
}

static enum status add(char out[KEYS_TEXT], const struct key_entry *e, const char *name,
                       size_t length, struct diag *diag)
{
    char shown[32], tidy[16];
    int code = keys_code(name);
    snprintf(shown, sizeof shown, "%.*s", (int)(length < 31 ? length : 31), name);
    keys_name(tidy, code);
    if (!tidy[0])
        return diag_set(diag, STATUS_USAGE, "%s is no key; keys are x, Ctrl-R, Space, Enter, F1",
                        shown);
    if (keys_types(e->context) && code >= ' ' && code < KEYCODE_SPECIAL && !has(e->standard, code))
        return diag_set(diag, STATUS_USAGE, "%s is text where it is typed", shown);
    size_t used = strlen(out);
    if (has(out, code))
        return STATUS_OK;
    if (used + strlen(tidy) + sizeof " Ctrl-C" >= KEYS_TEXT)
        return diag_set(diag, STATUS_USAGE, "these are too many keys for one action");
    snprintf(out + used, KEYS_TEXT - used, "%s%s", used ? " " : "", tidy);
    return STATUS_OK;
}

enum status keys_tidy(char out[KEYS_TEXT], const struct key_entry *e, const char *names,
                      struct diag *diag)
{
    out[0] = 0;
    if (e->context == CONTEXT_QUESTION && e->action != ACTION_ANSWER_NONE)
        return diag_set(diag, STATUS_USAGE, "a question names the keys of its answers itself");
    if (strcmp(names, "none") == 0)
        names = "";
    for (names += strspn(names, " "); *names; names += strspn(names, " ")) {
        size_t length = strcspn(names, " ");
        TRY(add(out, e, names, length, diag));
        names += length;
    }
    if (!out[0] && needs_a_key(e))
        return diag_set(diag, STATUS_USAGE, "this cannot be without a key");
    if (has(e->standard, CTRL_C) && !has(out, CTRL_C))
        strcat(out, out[0] ? " Ctrl-C" : "Ctrl-C");
    return STATUS_OK;
}

/* Where a key of b in another context, the desk, would be out of reach from a's. */
static bool hides(const struct key_entry *a, const struct key_entry *b, int code)
{
    bool reached = b->context == CONTEXT_DESK && a->context != CONTEXT_DESK &&
                   (keys_falls_through(a->context) || b->action == ACTION_REDRAW);
    return reached && !(has(a->standard, code) && has(b->standard, code));
}

static bool both_mean(const struct key_entry *a, const struct key_entry *b, int *code)
{
    for (const char *key = a->keys; *key; key += strspn(key, " ")) {
        *code = keys_code(key);
        key += strcspn(key, " ");
        if (has(b->keys, *code) &&
            (a->context == b->context || hides(a, b, *code) || hides(b, a, *code)))
            return true;
    }
    return false;
}

bool keys_clash(const struct key_entry **a, const struct key_entry **b, int *code)
{
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if ((table[i].keys != table[i].standard || table[k].keys != table[k].standard) &&
                both_mean(&table[i], &table[k], code)) {
                bool own = has(table[k].standard, *code);
                *a = &table[own ? k : i];
                *b = &table[own ? i : k];
                return true;
            }
    return false;
}

enum status keys_change(const struct key_entry *e, const char *names, struct diag *diag)
{
    const struct key_entry *a, *b;
    char tidy[KEYS_TEXT], was[KEYS_TEXT], key[16], own[32], other[32];
    int code;
    bool standard = e->keys == e->standard;
    TRY(keys_tidy(tidy, e, names, diag));
    snprintf(was, sizeof was, "%s", e->keys);
    keys_give(e, strcmp(tidy, e->standard) == 0 ? NULL : tidy);
    if (!keys_clash(&a, &b, &code))
        return STATUS_OK;
    keys_give(e, standard ? NULL : was);
    keys_name(key, code);
    keys_action_name(own, e);
    keys_action_name(other, a == e ? b : a);
    return diag_set(diag, STATUS_USAGE, "%s is the key of %s; %s cannot have it as well", key,
                    other, own);
}

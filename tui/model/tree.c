/* tree.c: see tree.h. */
#include "tui/model/tree.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/model/match.h"

void tree_clear(struct tree *t)
{
    history_list_clear(&t->list);
    mem_free(t->shown);
    *t = (struct tree){0};
}

struct history_node *tree_line(const struct tree *t, int i)
{
    return i >= 0 && i < t->count ? &t->list.node[t->shown[i]] : NULL;
}

struct history_node *tree_node(const struct tree *t)
{
    return tree_line(t, t->at);
}

bool tree_filtered(const struct tree *t)
{
    return t->starred || t->filter[0];
}

const struct history_node *tree_find(const struct tree *t, const char *id)
{
    for (int i = 0; id[0] && i < t->list.count; i++)
        if (strcmp(t->list.node[i].id, id) == 0)
            return &t->list.node[i];
    return NULL;
}

void tree_label(char *out, size_t size, const struct tree *t, const struct history_node *node)
{
    const struct history_node *parent = tree_find(t, node->parent);
    if (node->name[0])
        snprintf(out, size, "%s", node->name);
    else if (!parent)
        snprintf(out, size, "%s", node->title);
    else if (node->differs[0])
        snprintf(out, size, "%s", node->differs);
    else
        snprintf(out, size, "%s",
                 node->iteration > parent->iteration ? "further on" : "the same again");
}

/* ---- the filter --------------------------------------------------------------------------- */

static bool passes(const struct tree *t, const struct history_node *node)
{
    const char *word = t->filter;
    bool begins;
    if (t->starred && !node->starred)
        return false;
    for (size_t n; *(word += strspn(word, " ")); word += n) {
        n = strcspn(word, " ");
        if (match_find(node->name, word, n, &begins) < 0 &&
            match_find(node->title, word, n, &begins) < 0 &&
            match_find(node->differs, word, n, &begins) < 0)
            return false;
    }
    return true;
}

/* The cursor goes to the line of the picture at index `to` of the list, or near it. */
static void show(struct tree *t, int to)
{
    t->count = t->at = 0;
    for (int i = 0; i < t->list.count; i++) {
        if (!passes(t, &t->list.node[i]))
            continue;
        if (i <= to)
            t->at = t->count;
        t->shown[t->count++] = i;
    }
}

static int cursor_index(const struct tree *t)
{
    return t->at < t->count ? t->shown[t->at] : 0;
}

void tree_filter(struct tree *t, const char *text)
{
    if (strncmp(t->filter, text, sizeof t->filter - 1) == 0)
        return;
    snprintf(t->filter, sizeof t->filter, "%s", text);
    show(t, cursor_index(t));
}

void tree_toggle_starred(struct tree *t)
{
    t->starred = !t->starred;
    show(t, cursor_index(t));
}

/* ---- the list ----------------------------------------------------------------------------- */

void tree_take(struct tree *t, struct history_list *list, const char *id)
{
    char at[HISTORY_ID];
    int to = cursor_index(t), newest = 0;
    const struct history_node *node = id[0] ? NULL : tree_node(t);
    snprintf(at, sizeof at, "%s", node ? node->id : id);
    history_list_clear(&t->list);
    mem_free(t->shown);
    t->list = *list;
    *list = (struct history_list){0};
    t->shown = mem_new(((size_t)t->list.count + 1) * sizeof *t->shown);
    for (int i = 1; i < t->list.count; i++)
        if (strcmp(t->list.node[i].id, t->list.node[newest].id) > 0)
            newest = i;
    const struct history_node *found = tree_find(t, at);
    show(t, found ? (int)(found - t->list.node) : node ? to : newest);
    t->known = true;
}

void tree_move(struct tree *t, int lines)
{
    int to = t->at + lines;
    t->at = to >= t->count ? t->count - 1 : to;
    if (t->at < 0)
        t->at = 0;
}

/*
 * tree.h: the history as the screen shows it: all pictures in the order of their tree, those that
 * pass the filter, the cursor. Plain data; what is read from the disk is given to it. Knows no
 * screens.
 */
#ifndef STRATA_TREE_H
#define STRATA_TREE_H

#include "engine/rundir/history.h"

struct tree {
    struct history_list list; /* owned */
    int *shown;               /* [list.count]; indices of those that pass */
    int count, at;            /* how many pass; the cursor among them */
    int first;                /* the first line shown */
    char filter[128];
    bool starred; /* only those with a star */
    bool known;   /* it was read */
    long long limit; /* bytes that all may take, 0: none is kept */
};

void tree_clear(struct tree *tree);

/* Takes a list over. The cursor goes to the picture of that id or, for "", stays at its own; where
 * there is none, to the newest. */
void tree_take(struct tree *tree, struct history_list *list, const char *id);

/* Only those that have every word of text somewhere in what is said of them; case is ignored. */
void tree_filter(struct tree *tree, const char *text);
void tree_toggle_starred(struct tree *tree);

void tree_move(struct tree *tree, int lines);

/* The picture at line i of what passes; NULL beyond it. The one under the cursor. Lent. */
struct history_node *tree_line(const struct tree *tree, int i);
struct history_node *tree_node(const struct tree *tree);

/* The picture of that id; NULL: it is not there. */
const struct history_node *tree_find(const struct tree *tree, const char *id);

/* Are some left out, so that the lines of a tree would lead nowhere? */
bool tree_filtered(const struct tree *tree);

/* What a picture is called: its name, what differs from its parent, or what it is of. */
void tree_label(char *out, size_t size, const struct tree *tree, const struct history_node *node);

#endif

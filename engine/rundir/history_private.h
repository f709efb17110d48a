/*
 * history_private.h: what the files of the history share: history.c (one node), history_list.c (all
 * of them). Private to them.
 */
#ifndef STRATA_HISTORY_PRIVATE_H
#define STRATA_HISTORY_PRIVATE_H

#include "engine/rundir/history.h"

/* Begins the names of folders that are no nodes yet, or no longer. */
extern const char history_passing[];

enum status history_root(char out[JOB_PATH], struct diag *diag);

/* The node in a folder below the open one; false if it is none. */
bool history_read_node(struct history_node *out, int root, const char *id);

/* The node of that id. */
enum status history_find(struct history_node *out, const char *id, struct diag *diag);

/* node.ini anew, in place of the one there. */
enum status history_write_node(const struct history_node *node, struct diag *diag);

/* Sets node->differs, from node->parent. */
void history_compare(struct history_node *node);

/* A folder and the files in it. */
void history_remove_folder(const char *path);

#endif

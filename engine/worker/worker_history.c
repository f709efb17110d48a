/*
 * worker_history.c: see worker_private.h. Pictures on their way into the history: which one comes
 * from which. What goes wrong with that is told once, and ends nothing.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/worker/worker_private.h"

static void tell_trouble(struct worker *w, struct diag *diag)
{
    if (w->history_failed)
        return;
    w->history_failed = true;
    diag_prefix(diag, diag->status, "the picture is not in the history");
    worker_tell(w, diag, 0);
}

/* The oldest go where all together take too much. Only then is the whole list looked at. */
static void keep_limit(struct worker *w, long long added)
{
    struct diag diag;
    char limit[BUDGET_TEXT];
    int removed;
    w->history_bytes += added;
    if (w->history_known && w->history_bytes <= w->options.history_limit)
        return;
    if (history_prune(&removed, &w->history_bytes, w->options.history_limit, &diag) != STATUS_OK) {
        tell_trouble(w, &diag);
        return;
    }
    w->history_known = true;
    if (removed == 0 || w->history_pruned)
        return;
    w->history_pruned = true;
    budget_print_bytes(limit, (size_t)w->options.history_limit);
    diag_set(&diag, STATUS_OK,
             "the history has its %s: the oldest pictures without a star leave it", limit);
    worker_tell(w, &diag, 0);
}

static enum status make_small(struct image *out, const struct worker *w, const struct kept *kept,
                              struct diag *diag)
{
    int width, height;
    if (!kept)
        return run_small(w->run, out, HISTORY_SIDE, diag);
    snapshot_fit(&width, &height, kept->picture.width, kept->picture.height, HISTORY_SIDE,
                 HISTORY_SIDE);
    return image_resize(out, &kept->picture, width, height, diag);
}

/* The picture as it is; kept: as it has just been kept. */
static enum status add(struct worker *w, const struct kept *kept, struct history_node *node,
                       struct diag *diag)
{
    struct image whole = {0}, small = {0};
    bool saved = w->saved == w->serial && w->saved_path[0];
    struct history_picture picture = {saved ? w->saved_path : NULL, &whole, &small};
    memcpy(node->parent, w->now.node, sizeof node->parent);
    memcpy(node->run_dir, w->now.run_dir, sizeof node->run_dir);
    node->snapshot = kept != NULL;
    node->kept = kept && w->autosave ? kept->entry.number : 0;
    node->iteration = w->now.iteration;
    node->total = w->now.losses.total;
    node->width = w->now.width;
    node->height = w->now.height;
    TRY(make_small(&small, w, kept, diag));
    enum status status = STATUS_OK;
    if (kept)
        picture.whole = &kept->picture;
    else if (!saved)
        status = run_picture(w->run, &whole, diag);
    struct job *record = mem_new(sizeof *record);
    run_record(w->run, record);
    if (status == STATUS_OK)
        status = history_add(node, record, &picture, diag);
    mem_free(record);
    image_clear(&whole);
    image_clear(&small);
    return status;
}

void worker_record(struct worker *w, struct kept *kept)
{
    struct diag diag;
    if (w->options.history_limit <= 0 || !w->run || (!kept && w->now.iteration == 0))
        return;
    if (w->recorded != w->serial) {
        struct history_node *node = mem_new(sizeof *node);
        if (add(w, kept, node, &diag) == STATUS_OK) {
            w->recorded = w->serial;
            w->now.nodes++;
            memcpy(w->now.node, node->id, sizeof w->now.node);
            keep_limit(w, node->bytes);
        } else {
            tell_trouble(w, &diag);
        }
        mem_free(node);
    } else if (kept && w->autosave && history_keep(w->now.node, w->now.run_dir, kept->entry.number,
                                                   NULL) == STATUS_OK) {
        w->now.nodes++;
    }
    if (kept && w->recorded == w->serial)
        memcpy(kept->node, w->now.node, sizeof kept->node);
}

void worker_record_return(struct worker *w, const struct kept *kept)
{
    if (!kept->node[0])
        return;
    memcpy(w->now.node, kept->node, sizeof w->now.node);
    w->recorded = w->serial;
}

void worker_find_nodes(struct worker *w)
{
    struct history_list list;
    const struct history_node *newest = NULL;
    if (w->options.history_limit <= 0 || history_read(&list, NULL) != STATUS_OK)
        return;
    for (int i = 0; i < list.count; i++) {
        const struct history_node *node = &list.node[i];
        if (strcmp(node->run_dir, w->now.run_dir) != 0)
            continue;
        if (!newest || strcmp(node->id, newest->id) > 0)
            newest = node;
        for (int k = 0; k < w->now.kept_count; k++)
            if (w->kept[k]->entry.number == node->kept)
                memcpy(w->kept[k]->node, node->id, sizeof w->kept[k]->node);
    }
    if (newest) {
        memcpy(w->now.node, newest->id, sizeof w->now.node);
        w->recorded_iteration = newest->iteration;
    }
    history_list_clear(&list);
}

/* history_list.c: see history.h: all nodes as a tree; changing and removing them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/history_private.h"
#include "engine/rundir/rundir.h"

void history_list_clear(struct history_list *list)
{
    mem_free(list->node);
    *list = (struct history_list){0};
}

/* ---- reading ------------------------------------------------------------------------------ */

static int older_first(const void *a, const void *b)
{
    const struct history_node *one = a, *other = b;
    return strcmp(one->id, other->id);
}

static struct history_node *next_place(struct history_list *list, int *room)
{
    if (list->count == *room) {
        *room = *room ? 2 * *room : 64;
        struct history_node *larger = mem_new((size_t)*room * sizeof *larger);
        if (list->node)
            memcpy(larger, list->node, (size_t)list->count * sizeof *larger);
        mem_free(list->node);
        list->node = larger;
    }
    return &list->node[list->count];
}

/* By age. */
static enum status read_all(struct history_list *out, struct diag *diag)
{
    char root[JOB_PATH];
    int room = 0;
    *out = (struct history_list){0};
    TRY(history_root(root, diag));
    DIR *folder = opendir(root);
    if (!folder && errno != ENOENT)
        return diag_set(diag, STATUS_INPUT, "cannot read %s: %s", root, strerror(errno));
    for (struct dirent *d; folder && (d = readdir(folder));) {
        struct history_node *node = next_place(out, &room);
        if (!history_read_node(node, dirfd(folder), d->d_name))
            continue;
        out->bytes += node->bytes;
        out->count++;
    }
    if (folder)
        closedir(folder);
    if (out->count > 0)
        qsort(out->node, (size_t)out->count, sizeof *out->node, older_first);
    return STATUS_OK;
}

/* Its place in a list by age, or -1. */
static int find(const struct history_list *list, const char *id)
{
    struct history_node key = {0};
    if (!id[0] || list->count == 0)
        return -1;
    snprintf(key.id, sizeof key.id, "%s", id);
    const struct history_node *found =
        bsearch(&key, list->node, (size_t)list->count, sizeof *list->node, older_first);
    return found ? (int)(found - list->node) : -1;
}

/* ---- the tree ----------------------------------------------------------------------------- */

/* Indices of a list by age; -1: none. */
struct tree {
    const struct history_node *node;
    int *first, *next; /* what was painted from it, and the next of the same parent, by age */
    int *latest;       /* the newest of it and what comes from it */
    struct history_node *out; /* in the order of the tree */
    int count;
};

static int last_worked_on(const struct tree *t, int first)
{
    int main = first;
    for (int i = first; i >= 0; i = t->next[i])
        if (t->latest[i] > t->latest[main])
            main = i;
    return main;
}

/* The line that begins with node i: branches from it are put where they leave it. */
static void put_line(struct tree *t, int i, int depth)
{
    for (bool begins = true; i >= 0; begins = false) {
        struct history_node *node = &t->out[t->count++];
        int main = last_worked_on(t, t->first[i]);
        *node = t->node[i];
        node->depth = depth;
        node->begins = begins;
        node->ends = main < 0;
        for (int branch = t->first[i]; branch >= 0; branch = t->next[branch])
            if (branch != main)
                put_line(t, branch, depth + 1);
        i = main;
    }
}

/* list: by age. A parent is older, so there are no circles, whatever the files say. */
static void plant(struct history_list *list)
{
    size_t n = (size_t)list->count;
    int *links = mem_new((3 * n + 1) * sizeof *links), first = -1, main;
    struct tree t = {.node = list->node, .first = links, .next = links + n,
                     .latest = links + 2 * n,
                     .out = mem_new((n + 1) * sizeof *list->node)};
    for (int i = 0; i < list->count; i++) {
        t.first[i] = -1;
        t.latest[i] = i;
    }
    for (int i = list->count - 1; i >= 0; i--) {
        int parent = find(list, list->node[i].parent), *before = &first;
        if (parent >= i)
            parent = -1;
        if (parent < 0) {
            list->node[i].parent[0] = list->node[i].differs[0] = 0;
        } else {
            before = &t.first[parent];
            if (t.latest[i] > t.latest[parent])
                t.latest[parent] = t.latest[i];
        }
        t.next[i] = *before;
        *before = i;
    }
    while (first >= 0) { /* the tree that was worked on last, and then without it */
        int *link = &first;
        main = last_worked_on(&t, first);
        while (*link != main)
            link = &t.next[*link];
        *link = t.next[main];
        put_line(&t, main, 0);
    }
    mem_free(links);
    mem_free(list->node);
    list->node = t.out;
}

static void look_for_states(struct history_list *list)
{
    for (int i = 0; i < list->count; i++) {
        char path[JOB_PATH];
        struct history_node *node = &list->node[i];
        node->resumable = node->run_dir[0] == '/' &&
                          file_join(path, sizeof path, node->run_dir, "checkpoint", NULL) ==
                              STATUS_OK &&
                          access(path, F_OK) == 0;
    }
}

enum status history_read(struct history_list *out, struct diag *diag)
{
    TRY(read_all(out, diag));
    plant(out);
    look_for_states(out);
    return STATUS_OK;
}

/* ---- changing ----------------------------------------------------------------------------- */

enum status history_rename(const char *id, const char *name, struct diag *diag)
{
    struct history_node node;
    TRY(history_find(&node, id, diag));
    diag_clean(node.name, sizeof node.name, name);
    return history_write_node(&node, diag);
}

enum status history_star(const char *id, bool starred, struct diag *diag)
{
    struct history_node node;
    TRY(history_find(&node, id, diag));
    node.starred = starred;
    return history_write_node(&node, diag);
}

enum status history_keep(const char *id, const char *run_dir, int kept, struct diag *diag)
{
    struct history_node node;
    TRY(history_find(&node, id, diag));
    snprintf(node.run_dir, sizeof node.run_dir, "%s", run_dir);
    node.kept = kept;
    return history_write_node(&node, diag);
}

/* ---- removing ----------------------------------------------------------------------------- */

/* Out of the list, too, by age. First what was painted from it gets another parent, then it is gone
 * under a name that is no node's. */
static enum status take_out(struct history_list *list, int at, struct diag *diag)
{
    char path[JOB_PATH], gone[JOB_PATH], root[JOB_PATH], name[HISTORY_ID + 64];
    struct history_node *node = list->node;
    TRY(history_root(root, diag));
    for (int i = 0; i < list->count; i++) {
        if (strcmp(node[i].parent, node[at].id) != 0)
            continue;
        strcpy(node[i].parent, node[at].parent);
        history_compare(&node[i]);
        TRY(history_write_node(&node[i], diag));
    }
    snprintf(name, sizeof name, "%s%ld-%s", history_passing, (long)getpid(), node[at].id);
    TRY(file_join(path, sizeof path, root, node[at].id, diag));
    TRY(file_join(gone, sizeof gone, root, name, diag));
    if (rename(path, gone) != 0)
        return diag_set(diag, STATUS_IO, "cannot remove %s: %s", path, strerror(errno));
    history_remove_folder(gone);
    list->bytes -= node[at].bytes;
    memmove(node + at, node + at + 1, (size_t)(--list->count - at) * sizeof *node);
    return STATUS_OK;
}

static void forget_state(const struct history_node *node)
{
    struct rundir *dir;
    if (node->kept < 1 || !node->run_dir[0] ||
        rundir_open(&dir, node->run_dir, NULL) != STATUS_OK)
        return;
    rundir_remove_kept(dir, node->kept);
    rundir_close(&dir);
}

enum status history_remove(const char *id, struct diag *diag)
{
    struct history_list list;
    TRY(read_all(&list, diag));
    int at = find(&list, id);
    enum status status = at < 0 ? diag_set(diag, STATUS_INPUT,
                                           "this picture is no longer in the history")
                                : STATUS_OK;
    struct history_node *node = mem_new(sizeof *node);
    if (at >= 0) {
        *node = list.node[at];
        status = take_out(&list, at, diag);
    }
    if (status == STATUS_OK)
        forget_state(node);
    mem_free(node);
    history_list_clear(&list);
    return status;
}

/* What a process that was killed has left; another one may be at a younger one. */
static void sweep(void)
{
    enum { OLD = 3600 };
    char root[JOB_PATH], path[JOB_PATH];
    DIR *folder = history_root(root, NULL) == STATUS_OK ? opendir(root) : NULL;
    for (struct dirent *d; folder && (d = readdir(folder));) {
        struct stat info;
        if (strncmp(d->d_name, history_passing, strlen(history_passing)) == 0 &&
            fstatat(dirfd(folder), d->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            time(NULL) - info.st_mtime > OLD &&
            file_join(path, sizeof path, root, d->d_name, NULL) == STATUS_OK)
            history_remove_folder(path);
    }
    if (folder)
        closedir(folder);
}

/* The newest is what was just painted, and mostly the only one without something that comes from
 * it. */
enum status history_prune(int *removed, long long *left, long long limit, struct diag *diag)
{
    struct history_list list;
    enum status status = STATUS_OK;
    *removed = 0;
    *left = 0;
    TRY(read_all(&list, diag));
    sweep();
    for (int i = 0; list.bytes > limit && i < list.count - 1 && status == STATUS_OK;) {
        if (list.node[i].starred) {
            i++;
            continue;
        }
        status = take_out(&list, i, diag);
        *removed += status == STATUS_OK;
    }
    *left = list.bytes;
    history_list_clear(&list);
    return status;
}

/*
 * history.h: every finished picture and every snapshot, kept as a tree below
 * $XDG_STATE_HOME/strata/history: a folder each, with job.ini (paths from the root, so that it can
 * be used from any working directory), the picture, thumbnail.png and node.ini, which says what it
 * comes from. Owns the format and the limit of size. Nodes appear and go as a whole, so that any
 * number of processes may use it at once; a node that is damaged is passed over. Does not know when
 * one is added, nor how a tree looks on a screen.
 */
#ifndef STRATA_HISTORY_H
#define STRATA_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/image/image.h"
#include "engine/job/job.h"

enum { HISTORY_ID = 32, HISTORY_NAME = 128, HISTORY_WORDS = 400, HISTORY_PICTURE = 16 };

/* One picture. What it is made with is the caller's down to run_dir; the rest is filled in. */
struct history_node {
    char parent[HISTORY_ID]; /* what it was painted from, "" if from nothing */
    bool snapshot;           /* kept on the way; else the run was done or stopped */
    int iteration;
    double total;            /* loss; 0 if it is not known */
    char run_dir[JOB_PATH];  /* where the run's state was kept, "" if nowhere, */
    int kept;                /* and the number that it has there, or 0 */

    char id[HISTORY_ID]; /* rises with time */
    long long time;      /* seconds since 1970 */
    int width, height;
    char picture[HISTORY_PICTURE]; /* the file's name: picture.png */
    long long bytes;               /* of its files, those counted that are elsewhere, too */
    char title[HISTORY_WORDS];     /* see job_title */
    char differs[HISTORY_WORDS];   /* what it ended with from that of its parent, in words */
    bool starred;
    char name[HISTORY_NAME]; /* that the user gave it, or "" */

    /* In a list: how deep in branches it lies; does a branch begin, or end, with it; can its run be
     * gone on with? */
    int depth;
    bool begins, ends, resumable;
};

/* A picture on its way in. */
struct history_picture {
    const char *file;          /* that it was saved as, or NULL, */
    const struct image *whole; /* and the picture itself, or NULL */
    const struct image *small; /* of at most HISTORY_SIDE pixels */
};

enum { HISTORY_SIDE = 256 };

/* In the order of the tree: a node before what was painted from it; the line that was worked on
 * last comes after the branches from it, and the tree that was worked on last is the first. */
struct history_list {
    struct history_node *node; /* [count] */
    int count;
    long long bytes; /* of all */
};

/* Bytes that all may take together: as STRATA_HISTORY says, or the setting, "2G" or "off", or else
 * 1 GB. 0: none is kept, for there is no such folder, or none is wanted. */
long long history_limit(const char *setting);

/* Adds a node; job: what paints the picture again, see run_record. Where the file system can do
 * that the picture shares its bytes with the file. */
enum status history_add(struct history_node *node, const struct job *job,
                        const struct history_picture *picture, struct diag *diag);

/* All of them; history_list_clear. That there is no such folder yet is an empty list. */
enum status history_read(struct history_list *out, struct diag *diag);
void history_list_clear(struct history_list *list);

/* What the user may change: its name, cut where it is too long, and the star; and where its exact
 * state is. */
enum status history_rename(const char *id, const char *name, struct diag *diag);
enum status history_star(const char *id, bool starred, struct diag *diag);
enum status history_keep(const char *id, const char *run_dir, int kept, struct diag *diag);

/* Removes a node, and the state that is kept of it, unless a process has that run. What was painted
 * from it now comes from its parent. */
enum status history_remove(const char *id, struct diag *diag);

/* Removes the oldest that have no star, but never the newest, until all take at most so many bytes.
 * *removed of them; *left bytes. What lies about half-made goes, too. */
enum status history_prune(int *removed, long long *left, long long limit, struct diag *diag);

/* The path of a file of a node: "job.ini", "thumbnail.png", or node->picture. */
enum status history_file(char out[JOB_PATH], const char *id, const char *name, struct diag *diag);

#endif

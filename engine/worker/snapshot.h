/*
 * snapshot.h: what outsiders may see of a run: plain data that the worker fills and gives away.
 * Says nothing of how it was computed; the pictures that the user keeps, also called snapshots on
 * the screen, are held by worker_kept.c. Whoever holds a snapshot owns it; any thread.
 */
#ifndef STRATA_SNAPSHOT_H
#define STRATA_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/image/image.h"
#include "engine/job/job.h"
#include "engine/rundir/history.h"
#include "engine/style/losses.h"

enum { SNAPSHOT_POINTS = 512, SNAPSHOT_KEPT_MAX = 64, SNAPSHOT_TOLD = 24 };

enum snapshot_state {
    SNAPSHOT_OPENING, /* reads the pictures, looks at the styles; iteration 0, nothing to see yet */
    SNAPSHOT_RUNNING,
    SNAPSHOT_PAUSED,
    SNAPSHOT_DONE,    /* no iterations left; more may be given */
    SNAPSHOT_STOPPED, /* ended early on request; may go on */
    SNAPSHOT_FAILED,  /* diag says why; the picture, if there was one, is still there */
};

/* What of a picture is to be seen, and how large. */
struct snapshot_window {
    int width, height; /* pixels that there are for it; 0: nothing is to be seen */
    int zoom;          /* 0: all of the picture, as large as fits, also enlarged, and filling what
                        * it nearly fills; else each of its pixels becomes zoom × zoom */
    double x, y;       /* with zoom: the place in the picture that is in the middle, from 0 to 1 */
    int as_width, as_height; /* for files: as if the picture had this size, if its aspect is about
                              * the same, so that it covers another one exactly; 0: its own */
};

/* A picture small enough to show. Zeroed is none. */
struct snapshot_picture {
    int width, height;
    int iteration;      /* the number of steps behind it */
    int whole_width, whole_height; /* of the picture of which it shows all or a part */
    struct snapshot_window window; /* that it was made for */
    unsigned char *rgb; /* [height][width][3] */
};

/* The losses so far, thinned: point i is of iteration i·stride. When all are used every other one
 * goes and stride doubles. */
struct snapshot_curve {
    int count, stride;
    struct losses point[SNAPSHOT_POINTS];
};

/* A picture that was kept under a number, with the job of that moment. */
struct snapshot_kept {
    int number; /* 1 and up, never given twice */
    int iteration;
    double total; /* loss; 0 if none was measured yet */
    bool saved;   /* its picture is in a file */
};

/* One of them, asked for by CMD_LOOK. */
struct snapshot_look {
    int number;
    struct job job;
    struct snapshot_picture picture;
};

/* A sentence for people: why something was refused or failed, or, with STATUS_OK, what was done
 * ("out.png saved, iteration 300"). */
struct snapshot_told {
    struct diag diag;
    unsigned command; /* serial of the command that it answers, 0 for none */
};

struct snapshot {
    enum snapshot_state state;
    int iteration, iterations;    /* done, and wanted */
    double seconds;               /* spent computing; pauses do not count */
    double seconds_left;          /* estimated; 0 if unknown */
    double seconds_per_iteration; /* at the present size, smoothed; 0 if unknown */
    int width, height;            /* of the finished picture; 0 while opening */
    int stage_width;              /* of the picture in progress: smaller in a coarse stage */
    char summary[256];            /* network, size, threads, instruction set; "" while opening */
    size_t memory, planned;       /* resident bytes of the process, at most; 0 if unknown */

    struct job job;       /* in force; without edits */
    struct job began;     /* what the run began with, and its edits: those made and those to come */
    struct losses losses; /* of the newest picture that was measured; total 0: none yet */
    double pull[STYLE_LAYER_COUNT]; /* of the layers, see objective_pulls; all 0: not known */
    struct snapshot_curve curve;

    unsigned handled; /* serial of the last command that was carried out or refused */

    /* The last sentences: number n is told[n % SNAPSHOT_TOLD], the newest is told_serial, 0 is
     * none. */
    struct snapshot_told told[SNAPSHOT_TOLD];
    unsigned told_serial;

    char node[HISTORY_ID]; /* what the next picture in the history comes from, "" if nothing */
    unsigned nodes;        /* grows with each change of the history */
    char run_dir[JOB_PATH]; /* where its state is kept, "" if nowhere */
    bool saved;          /* the picture, as it is, is in a file */
    char file[JOB_PATH]; /* where this run was saved last under the job's output, "" if nowhere */

    struct snapshot_kept kept[SNAPSHOT_KEPT_MAX]; /* by number */
    int kept_count;

    /* What is new since the last snapshot that was taken: rgb is NULL, look is NULL, if nothing.
     * The owner may move them out (and must then clear the pointer). */
    struct snapshot_picture preview;
    struct snapshot_look *look;
};

/* A zeroed one, on the heap. */
struct snapshot *snapshot_new(void);

/* Frees it and what it holds, leaves NULL; NULL is fine. */
void snapshot_free(struct snapshot **snapshot);

void snapshot_picture_clear(struct snapshot_picture *picture);
void snapshot_look_free(struct snapshot_look **look);

/* The largest size within max_width × max_height that has the aspect of width × height, is not
 * larger, and at least 1 × 1. */
void snapshot_fit(int *out_width, int *out_height, int width, int height, int max_width,
                  int max_height);

/* The part of a picture that a window shows, in the picture's pixels, and the size at which it is
 * made, before zoom repeats its pixels. */
struct snapshot_part {
    int left, top, width, height;
    int to_width, to_height;
};
struct snapshot_part snapshot_find_part(const struct snapshot_window *window, int width,
                                        int height);

/* image as bytes, rounded and clamped; each pixel repeated zoom × zoom times, 0 and 1: once.
 * iteration is left to the caller. */
enum status snapshot_picture_set(struct snapshot_picture *out, const struct image *image, int zoom,
                                 struct diag *diag);

/* Adds the losses of `iteration`, or of none if the stride leaves it out. */
void snapshot_curve_add(struct snapshot_curve *curve, int iteration, const struct losses *losses);

/* Forgets iteration and what comes after it. */
void snapshot_curve_cut(struct snapshot_curve *curve, int iteration);

#endif

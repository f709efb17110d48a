/*
 * worker.h: a run on a thread of its own: commands go in, the newest snapshot comes out. Everything
 * that computes, reads or writes pictures happens on that thread; no function here waits for it but
 * worker_close and worker_finish. Knows no mathematics and no screen.
 */
#ifndef STRATA_WORKER_H
#define STRATA_WORKER_H

#include <stdbool.h>

#include "engine/base/file.h"
#include "engine/job/job.h"
#include "engine/rundir/history.h"
#include "engine/worker/snapshot.h"

struct worker;

/* Which previews are wanted. */
struct worker_view {
    struct snapshot_window window; /* of the finished picture; width 0: none wanted */
    int every;         /* iterations between two; 0: by time */
    double seconds;    /* by time: at least so many between two; 0 leaves it to the worker */
    bool pulls;        /* how strongly the layers pull is wanted, too */
};

enum command_kind {
    CMD_PAUSE,
    CMD_GO,   /* on from a pause, a stop, or a failure that was mended */
    CMD_STEP, /* one iteration, then PAUSED */
    CMD_STOP, /* ends the run: saves as at the end, then STOPPED; CMD_GO goes on */
    /* job: what of it may change while it runs (job_restart_key) is in force from the next
     * iteration on, all of it or, if something in it cannot work, nothing. What takes a new start
     * keeps its value until CMD_RESTART: compare with snapshot.job. It is recorded as an edit of
     * this iteration. Of job's own edits those of later iterations are made in their turn, and
     * those behind `seen`, made already, stay in force. More iterations after DONE go
     * on. After an opening that failed it opens anew. Two in a row in the ring become one. */
    CMD_JOB,
    CMD_RESTART, /* job: a new run from iteration 0 in place of this one, which stays as it was if
                  * the new one cannot be opened. Runs at once. Kept pictures remain. */
    CMD_VIEW,    /* view */
    CMD_KEEP,    /* keeps picture, job and the optimiser's state under the next number */
    CMD_RETURN,  /* number: back to it, job included, PAUSED */
    CMD_LOOK,    /* number: its job and picture, at the view's size, in snapshot.look */
    CMD_FREE,    /* number: forgets it */
    CMD_SAVE,    /* path, mode: writes the picture, or kept `number` unless that is 0, with its job
                  * inside a PNG. path "": the job's output or, where that is no file of this run,
                  * a free name beside it; of a kept one OUTPUT-snapshot-N.png */
};

/* Copied when sent. */
struct command {
    enum command_kind kind;
    unsigned serial; /* any number of the sender's; comes back as snapshot.handled, told.command */
    int number;
    struct worker_view view;
    char path[JOB_PATH];
    enum file_overwrite mode; /* what this run wrote itself may be overwritten in any case */
    struct job job;
    int seen; /* the iteration of the snapshot that job was made from */
};

/* What becomes of the run's state: it is kept nowhere; in a new directory; or the run goes on from
 * a directory that is there. */
enum worker_state { WORKER_STATE_NONE, WORKER_STATE_NEW, WORKER_STATE_RESUMED };

struct worker_options {
    struct job job;
    enum worker_state state;
    char run_dir[JOB_PATH];    /* see rundir.h; NEW: "" for one below the user's own */
    double checkpoint_seconds; /* 0: AUTOSAVE_SECONDS */
    /* Pictures that are done, stopped or kept go into the history, which may take so many bytes; 0:
     * they do not. parent: the one there that this run's job comes from, "" if none. */
    long long history_limit;
    char parent[HISTORY_ID];
    bool paused; /* opens, then waits for CMD_GO */
    struct worker_view view;
    bool save_at_end; /* at DONE and STOPPED, as CMD_SAVE with path "" does */
    /* FILE_OVERWRITE: the file that is at job.output before the run may be replaced, once. What a
     * run wrote is never replaced by another one: neither by that of CMD_RESTART, nor by what goes
     * on from a kept picture. */
    enum file_overwrite mode;
    /* Called on the worker's thread, without a lock, when there is something to take. It may do no
     * more than write a byte to a pipe; the context must outlive the worker. NULL: not called. */
    void (*wake)(void *context);
    void *context;
};

/* Starts the thread, which opens the run: what is wrong with the job comes as a snapshot in state
 * FAILED. options are copied. STATUS_LIBRARY only if there can be no thread. */
enum status worker_open(struct worker **out, const struct worker_options *options,
                        struct diag *diag);

/* false: the ring is full, nothing was sent; try again after the next wake. */
bool worker_send(struct worker *worker, const struct command *command);

/* The newest snapshot, or NULL if there was none since the last one taken. snapshot_free it. */
struct snapshot *worker_take(struct worker *worker);

/* Where pictures are. */
struct worker_saved {
    char picture[JOB_PATH]; /* "" if there is none */
    int count;
    char kept[SNAPSHOT_KEPT_MAX][JOB_PATH]; /* [count]: those that worker_finish had to save */
};

/* For when there is no screen any more: goes on, also from a pause but not from CMD_STOP, to the
 * last iteration, saves the picture and the kept ones that are in no file, closes. Blocks until
 * then. *saved, unless NULL, says where they are. A run that failed still saves what it had; the
 * failure is returned. With STATUS_OK *diag says why the picture is elsewhere than asked for, else
 * "". */
enum status worker_finish(struct worker **worker, struct worker_saved *saved, struct diag *diag);

/* Ends the run under way within a network layer, for good; worker_finish then saves and returns.
 * Only sets flags: fit for a signal handler. */
void worker_stop(struct worker *worker);

/* Stops within a network layer, joins, frees; no picture is saved. NULL inside is fine. */
void worker_close(struct worker **worker);

#endif

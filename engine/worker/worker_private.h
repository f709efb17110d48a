/*
 * worker_private.h: what the worker's files share, the lower before the higher:
 *     worker_channel.c  commands down, snapshots up
 *     worker_store.c    the log and the kept pictures in the run's directory
 *     worker_history.c  pictures on their way into the history
 *     worker_kept.c     pictures that the user keeps under numbers
 *     worker_files.c    pictures on their way to files
 *     worker_state.c    the run's state in its directory
 *     worker_run.c      the life of the run on the thread
 *     worker.c          the thread's start and end
 */
#ifndef STRATA_WORKER_PRIVATE_H
#define STRATA_WORKER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/run/run.h"
#include "engine/rundir/autosave.h"
#include "engine/rundir/history.h"
#include "engine/worker/worker.h"

enum { WORKER_RING = 16, WORKER_WRITTEN = 8 };

/* A picture under a number. */
struct kept {
    struct snapshot_kept entry;
    struct job job, record; /* in force, and run_record */
    struct losses losses;
    struct run_state state;
    struct image picture; /* as it would be saved */
    unsigned serial;     /* which one it is, see struct worker */
    char path[JOB_PATH];  /* the file that it is in, "" if none */
    char node[HISTORY_ID]; /* its place in the history, "" if none */
};

struct worker {
    struct worker_options options; /* set before start */
    pthread_t thread;
    atomic_int stop;   /* leave */
    atomic_int end;    /* no iteration any more; a signal handler may set it */
    atomic_int halt;   /* what is under way ends within a layer: with stop and with end */
    atomic_int finish; /* no more commands will come: go on to the end, save, leave */

    pthread_mutex_t mutex;
    pthread_cond_t cond;              /* a command, stop or finish */
    struct command ring[WORKER_RING]; /* lock */
    int first, count;                 /* lock */
    struct snapshot *newest;          /* lock */

    /* worker only, and after it was joined */
    struct run *run;
    struct snapshot now; /* what is told next; preview stays empty */
    bool single;         /* pause after the next iteration */
    struct worker_view view;
    bool new_view;             /* nothing was shown in it yet */
    unsigned version;   /* grows whenever the picture to be seen changes */
    unsigned previewed; /* the version that was last shown */
    /* Each picture that was painted has a serial: the present one's, the last one given, that of
     * the one in saved_path. Going back to a kept picture brings its serial back. */
    unsigned serial, last_serial, saved;
    char saved_path[JOB_PATH];
    int previewed_iteration;
    double published_at, previewed_at, preview_cost;
    unsigned pulled; /* the version whose pulls are known */
    double pulled_at, pull_cost;
    struct kept *kept[SNAPSHOT_KEPT_MAX]; /* as in now.kept */
    int last_number;
    size_t kept_bytes; /* of kept pictures that the run's forecast of memory counts already */
    char written[WORKER_WRITTEN][JOB_PATH]; /* this run's own files, oldest first */
    int written_count;
    char output[JOB_PATH]; /* the name that was asked for when now.file was written */

    struct autosave *autosave; /* NULL: its state is kept nowhere */
    struct checkpoint_file file; /* now.file, as it was written */
    bool again; /* an earlier process may have been killed right after it had saved the picture */
    unsigned stored;  /* the version that was saved as a checkpoint */
    int stored_width; /* and the size of its stage */

    unsigned recorded; /* the serial of the picture that is now.node in the history */
    int recorded_iteration; /* of a run that is being taken up: that picture's, else 0 */
    long long history_bytes; /* that all take, once known */
    bool history_known, history_failed, history_pruned; /* the last two: it was told */

    struct diag failure;  /* why the state is FAILED */
    struct diag finished; /* how it ended, and where the pictures are */
    struct worker_saved finished_files;
};

/* The thread. */
void *worker_work(void *worker);

/* Takes the oldest command; false if there is none. If idle, waits for one, a stop or a finish. */
bool worker_next_command(struct worker *w, struct command *out, bool idle);

/* Is one waiting, or a stop or a finish? */
bool worker_has_command(struct worker *w);

/* Publishes fresh and wakes. A preview or look that was published and not taken goes along, unless
 * fresh has a newer one. */
void worker_give(struct worker *w, struct snapshot *fresh);

/* Is there a published preview that was not taken yet? */
bool worker_preview_waits(struct worker *w);

/* A sentence for people, an answer to command `serial` or 0. */
void worker_tell(struct worker *w, const struct diag *diag, unsigned command);

/* A change of the job, in the log; a kept picture's file, made and removed; those of dir. */
void worker_log_change(struct worker *w, const struct job *before, const struct job *after);
void worker_store_kept(struct worker *w, const struct kept *kept);
void worker_drop_kept(struct worker *w, int number);
void worker_load_kept(struct worker *w, const struct rundir *dir);

/* The picture as it is, or as it has just been kept, goes into the history, unless it is there. */
void worker_record(struct worker *w, struct kept *kept);

/* The run goes on from a kept picture: what comes next comes from that one. And of a run that is
 * taken up: which pictures in the history are its own. */
void worker_record_return(struct worker *w, const struct kept *kept);
void worker_find_nodes(struct worker *w);

/* The run's directory: a new one, or opening the run of one, *saved: its picture is in a file. */
void worker_make_directory(struct worker *w);
enum status worker_take_up(struct worker *w, bool *saved, struct diag *diag);

/* A checkpoint now (left: the user does not want the rest), or if it is time. */
void worker_save_state(struct worker *w, bool left);
void worker_keep_state(struct worker *w);

/* All is written; *diag says what went wrong with that. */
void worker_end_state(struct worker *w, struct diag *diag);

/* Where the kept picture of that number is in kept, or -1 and a sentence. */
int worker_kept_index(const struct worker *w, int number, struct diag *diag);

/* STATUS_USAGE: there is no picture yet. */
enum status worker_no_picture(struct diag *diag);

/* See CMD_KEEP, CMD_RETURN, CMD_LOOK and CMD_FREE. */
enum status worker_keep(struct worker *w, struct diag *diag);
enum status worker_return(struct worker *w, int number, struct diag *diag);
enum status worker_look(struct worker *w, int number, struct diag *diag);
enum status worker_forget(struct worker *w, int number, struct diag *diag);
void worker_forget_all(struct worker *w);

/* What kept pictures take. */
size_t worker_kept_bytes(const struct worker *w);

/* Another run than before: it replaces no file that was written so far. */
void worker_new_run(struct worker *w);

/* This run has written that file, in an earlier process. */
void worker_adopt_file(struct worker *w, const struct checkpoint_file *file);

/* See CMD_SAVE; puts the good news into diag. */
enum status worker_save(struct worker *w, int number, const char *path, enum file_overwrite mode,
                        struct diag *diag);

#endif

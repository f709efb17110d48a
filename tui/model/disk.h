/*
 * disk.h: what the workbench asks of the disk, so that no key waits for it: requests are carried
 * out in order on a thread, answers come back. Without a thread, for scripts and tests, disk_do
 * carries one out at once. Knows nothing of what the answers are for.
 */
#ifndef STRATA_DISK_H
#define STRATA_DISK_H

#include "engine/base/file.h"
#include "engine/job/job.h"
#include "engine/rundir/history.h"
#include "engine/rundir/rundir.h"
#include "tui/model/browser.h"
#include "tui/model/presets.h"

enum disk_kind {
    DISK_PICTURE,  /* can the picture at path be read? */
    DISK_OUTPUT,   /* may a picture be written to path with mode? */
    DISK_READ_JOB, /* the job in path */
    DISK_WRITE,    /* text to path with mode */
    DISK_PNG,  /* pixels (text) of width × height to path as a PNG that replaces what is there */
    DISK_LIST, /* the folder path for the browser, for a choice of that kind */
    DISK_DETAILS, /* sizes, dates, dimensions of the names in text, of the folder path */
    DISK_RUNS,    /* the runs that there are; path: of one that is to be removed first, or "" */
    DISK_HISTORY, /* the history, after a change to the picture of the id in path */
    DISK_PATHS,   /* what the paths in text are */
    DISK_NETWORK, /* can the network of that name or path be used, as far as its header tells? */
    DISK_PRESETS, /* those in the folder path; name: of one that is to be removed first, or "" */
    DISK_NAMES    /* names that begin like the path, of which the last part may be incomplete */
};

/* What a path may lead to. */
enum disk_what { DISK_IS_NOTHING, DISK_IS_FOLDER, DISK_IS_PICTURE, DISK_IS_JOB, DISK_IS_OTHER };
struct disk_found {
    enum disk_what what;
    bool job; /* a picture that holds its job */
};

/* What is done to the history first; NAME: the name in name. */
enum disk_change { DISK_CHANGE_NONE, DISK_CHANGE_NAME, DISK_CHANGE_STAR, DISK_CHANGE_UNSTAR,
                   DISK_CHANGE_REMOVE };

enum { DISK_TEXT = 8192 }; /* bytes of names that are asked for at once */

struct disk_request {
    enum disk_kind kind;
    int purpose;     /* any numbers of the asker's; they come back */
    int number;
    unsigned serial;
    char path[JOB_PATH];
    char name[JOB_PATH]; /* the asker's, too */
    enum file_overwrite mode;
    bool beside;  /* WRITE: where path is taken, under a free name beside it, which path becomes */
    bool folders; /* WRITE: makes path's folders */
    enum browser_kind list;
    enum disk_change change;
    char *text; /* WRITE, PNG, DETAILS, PATHS: owned; of the last two names one behind the other,
                 * then an empty one */
    size_t size;
    int width, height;
};

struct disk_answer {
    struct disk_request request; /* its text is gone */
    struct diag diag;            /* STATUS_OK, or why not */
    bool exists;                 /* OUTPUT, WRITE: only what is there already stands in the way */
    char beside[JOB_PATH];       /* then: a free name beside it, out-2.png */
    struct job *job;                  /* READ_JOB; owned */
    struct browser_listing listing;   /* LIST; owned */
    char *names;                      /* DETAILS, PATHS, NAMES: as in text */
    struct browser_details *details;  /* DETAILS: in the order of names; owned */
    struct disk_found *found;         /* PATHS: likewise; diag: the first that is neither folder,
                                       * picture nor job */
    struct rundir_entry *runs;        /* RUNS: run_count of them; owned */
    int run_count;
    struct history_list history;      /* HISTORY; owned */
    struct preset *presets;           /* PRESETS: preset_count of them; owned */
    int preset_count;
};

void disk_request_clear(struct disk_request *request);
void disk_answer_clear(struct disk_answer *answer);

/* Carries request out and takes it over. */
void disk_do(struct disk_answer *out, struct disk_request *request);

struct disk;

/* wake runs on the thread when there is an answer; it may do no more than write a byte to a pipe.
 * STATUS_LIBRARY if there can be no thread. */
enum status disk_open(struct disk **out, void (*wake)(void *context), void *context,
                      struct diag *diag);

/* Waits for what was asked for to be written; the rest is dropped. NULL inside is fine. */
void disk_close(struct disk **disk);

/* Takes request over. */
void disk_ask(struct disk *disk, struct disk_request *request);

/* The next answer; false: there is none. disk_answer_clear it. */
bool disk_take(struct disk *disk, struct disk_answer *out);

/* Is a request of that kind on its way? */
bool disk_busy(struct disk *disk, enum disk_kind kind);

/* For tests: every request is held up by so many seconds. */
void disk_slow_down(struct disk *disk, double seconds);

#endif

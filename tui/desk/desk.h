/*
 * desk.h: the workbench: model, views, worker and terminal together. Knows nothing of how anything
 * is drawn or computed.
 */
#ifndef STRATA_DESK_H
#define STRATA_DESK_H

#include "tui/desk/model.h"
#include "tui/term/term.h"

struct desk;

struct desk_options {
    struct job job;
    char path[JOB_PATH];   /* the file that it was read from, "" if none */
    char places[JOB_PATH]; /* the file that keeps the browser's places, "" if none */
    char latest[JOB_PATH]; /* where the preview is kept as a PNG, "" if nowhere */
    bool start;            /* run at once */
    bool overwrite;        /* the output may be replaced without asking */
    bool made_up;          /* the output's name was made up, and may follow the content's */
    bool welcome;          /* say what to do first */
    bool fake;             /* no worker, no thumbnails: for scripts */
};

/* The terminal is open already. */
enum status desk_open(struct desk **out, const struct desk_options *options, struct diag *diag);
void desk_close(struct desk **desk);

/* Reads keys until the end; returns the exit status. Closes the terminal. */
int desk_loop(struct desk *desk);

/* One key, as it was typed; one drawing of the screen: for scripts. false: it is time to leave. */
bool desk_key(struct desk *desk, int code, const struct term_mouse *mouse);
void desk_draw(struct desk *desk);

/* Lent. */
struct model *desk_model(struct desk *desk);

/* The write end of the pipe that wakes the loop, for term_open; made on the first call. */
int desk_wake_fd(void);

#endif

/*
 * desk.h: the workbench: model, views, worker and terminal together. Knows nothing of how anything
 * is drawn or computed.
 */
#ifndef STRATA_DESK_H
#define STRATA_DESK_H

#include "tui/attach/server.h"
#include "tui/model/model.h"
#include "tui/pixels/graphics.h"
#include "tui/term/term.h"

struct desk;

struct desk_options {
    struct job job;
    char path[JOB_PATH];   /* the file that it was read from, "" if none */
    char folder[JOB_PATH]; /* the browser opens there, "": it does not */
    char places[JOB_PATH]; /* the file that keeps the browser's places, "" if none */
    char presets[PRESETS_FOLDERS][JOB_PATH]; /* their folders, "" if none */
    char latest[JOB_PATH]; /* where the preview is kept as a PNG, "" if nowhere */
    bool trusted;          /* all files that the job names may be read */
    bool start;            /* run at once */
    bool overwrite;        /* the output may be replaced without asking */
    bool made_up;          /* the output's name was made up, and may follow the content's */
    bool welcome;          /* say what to do first */
    bool fake;             /* no worker, no thumbnails: for scripts */
    struct config config;  /* the user's settings; taken over */
    char config_path[JOB_PATH], config_problem[DIAG_TEXT]; /* their file, and what is wrong in it */
    struct server *server; /* who lends the terminals; NULL: there is one, this process's own */
    enum graphics_kind graphics; /* AUTO: as the settings say */
    double timeout;          /* of the questions to a terminal that comes later */
    bool detach;             /* there is no terminal yet */
    int announce;            /* then: a socket on which to say that the run can be attached to */
    char run_dir[JOB_PATH];  /* see worker.h */
    double checkpoint_seconds;
    char resume[JOB_PATH];   /* the run to go on with, "" if none: at once with start, or paused */
};

/* The next terminal that server has been lent is opened and drawn on. */
enum status desk_take_terminal(struct server *server, double timeout, enum graphics_kind graphics,
                               const struct config *config, bool *read_only, struct diag *diag);

/* The terminal is open already, unless options say that there is none. */
enum status desk_open(struct desk **out, const struct desk_options *options, struct diag *diag);
void desk_close(struct desk **desk);

/* Reads keys until the end; returns the exit status. Closes the terminal. With a server, terminals
 * may come and go meanwhile. */
int desk_loop(struct desk *desk);

/* One key, as it was typed, what was pasted; one drawing of the screen: for scripts. false: it is
 * time to leave. */
bool desk_key(struct desk *desk, int code, const struct pointer *pointer);
bool desk_paste(struct desk *desk, const char *text);
void desk_draw(struct desk *desk);

/* Lent. */
struct model *desk_model(struct desk *desk);

/* The write end of the pipe that wakes the loop, for term_open; made on the first call. */
int desk_wake_fd(void);

#endif

/*
 * desk_private.h: what the files of the desk share, the lower before the higher:
 *     desk_pictures.c  pictures from files, small ones of variations
 *     desk_outside.c the terminal's title, progress and clipboard
 *     desk_config.c  the user's settings
 *     desk.c         keys, worker, disk
 *     desk_finish.c  a run that goes on without a screen, to its end
 *     desk_loop.c    waiting, drawing, terminals that come and go
 * Private to them.
 */
#ifndef STRATA_DESK_PRIVATE_H
#define STRATA_DESK_PRIVATE_H

#include <stdbool.h>

#include "tui/desk/desk.h"
#include "tui/model/disk.h"
#include "tui/desk/thumbnails.h"

struct desk {
    struct model *model;
    struct worker *worker;
    struct thumbnails *thumbnails;
    struct sketches *sketches; /* NULL: no variations were wanted yet */
    unsigned sketched;         /* the serial of those that are wanted now, 0: none */
    struct disk *disk; /* NULL: requests are carried out at once */
    struct worker_view view; /* as the worker was told last */
    bool fake, dirty;
    bool typed;   /* a key waits for its drawing */
    double drawn; /* when */
    double ticked; /* when something went on by itself, by clock_now */
    int signal;   /* that ended the loop, or 0 */
    bool hangup;
    char latest[JOB_PATH]; /* the file that the preview is kept in, or "" */
    int latest_iteration;
    double latest_at;

    struct server *server; /* NULL: the terminal is this process's own */
    enum graphics_kind graphics;
    double timeout;
    bool unseen;    /* there is no terminal */
    bool suspended; /* it is the shell's for now */
    bool read_only;
    bool focused; /* the terminal's window has the keys, as far as is known */
    bool notified; /* of the end of the run, or it was seen */
    int announce;   /* who started the run without a terminal, -1: nobody waits to be told */
    double listened; /* when the socket was looked at last */
    char run_dir[JOB_PATH], resume[JOB_PATH]; /* for the next start; "" */
    bool resume_runs;
    double checkpoint_seconds;
};

double desk_now_ms(void);

/* Empties the pipe that wakes the loop, whose read end is desk_wake_read. */
void desk_drain(void);
int desk_wake_read(void);

/* What the worker's previews are for: the pane, or what covers the desk, there perhaps closely. */
struct snapshot_window desk_window(const struct model *model);

/* Carries out what the model wants; takes what worker and disk bring. false: it is time to leave,
 * or to give the terminal back. */
bool desk_perform(struct desk *d);
bool desk_update(struct desk *d);

/* Lends the model the pictures from files that are to be seen. */
void desk_show_pictures(struct desk *d);

/* Has the variations that are to be seen painted, and lends the model their pictures. */
void desk_show_variations(struct desk *d);

void desk_redraw_all(void);
void desk_suspend(struct desk *d);

/* Tells the terminal, outside of the screen, how the run is doing. */
void desk_tell_outside(struct desk *d);
/* Takes the model's text to the clipboard. */
void desk_copy(struct desk *d);

/* The user's settings hold from here on: desk_redraw_all. */
void desk_use_config(struct desk *d);
void desk_open_colours(const struct config *config);
/* asked: on the command line, which wins. */
enum graphics_kind desk_graphics(enum graphics_kind asked, const struct config *config);

/* Sends what the terminal can take of the pictures. */
void desk_pump(struct desk *d);

/* The run without a screen, to its end or, if stop, only to its saving; says on the terminal where
 * its pictures are. The exit status. *worker NULL: there is no run. */
int desk_finish(struct worker **worker, bool stop);

#endif

/*
 * desk_loop.c: see desk_private.h.
 *
 * The loop sleeps in poll on the terminal, on one pipe, into which the worker, the threads that
 * read files and the signal handlers write a byte, and on the sockets of those who lend a terminal
 * or want to. Keys come first: all that were typed are obeyed before anything is drawn. Without a
 * terminal only the pipe and the sockets are left; the run goes on as before.
 */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/attach/server.h"
#include "tui/desk/desk_private.h"
#include "tui/term/environment.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"
#include "tui/term/text.h"

/* Between two drawings that no key asked for; between two looks at the socket. */
enum { FRAME_MS = 50, LISTEN_MS = 30000 };

/* false: it is time to leave. */
static bool take_events(struct desk *d)
{
    unsigned events = term_events();
    int rows, columns;
    if (events & TERM_RESUMED)
        d->suspended = false;
    if (events & (TERM_RESIZED | TERM_RESUMED) && !d->unseen) {
        term_size(&rows, &columns);
        model_resize(d->model, rows, columns);
        desk_redraw_all();
        d->dirty = true;
    }
    if (events & TERM_STOP)
        desk_suspend(d);
    if (events & TERM_QUIT)
        d->signal = term_quit_signal();
    if (events & TERM_HANGUP)
        d->hangup = true;
    return !d->signal && !d->hangup;
}

static bool in_multiplexer(void)
{
    const char *tmux = environment_get("TMUX"), *name = tty_answers(term_tty())->name;
    return (tmux && *tmux) || strncasecmp(name, "tmux", 4) == 0 ||
           strncasecmp(name, "zellij", 6) == 0;
}

/* A multiplexer that shows another window and comes back brings the text back, but no pictures. */
static void take_focus(struct desk *d, bool in)
{
    if (in && !d->focused && in_multiplexer())
        desk_redraw_all();
    d->focused = in;
    d->dirty = true;
}

/* Every key that was typed. */
static bool take_keys(struct desk *d)
{
    struct pointer pointer;
    int code;
    while ((code = term_key(&pointer)) != 0) {
        d->typed = true;
        if (code == KEYCODE_FOCUS_IN || code == KEYCODE_FOCUS_OUT)
            take_focus(d, code == KEYCODE_FOCUS_IN);
        else if (!(code == KEYCODE_PASTE ? desk_paste(d, term_pasted())
                                         : desk_key(d, code, &pointer)))
            return false;
    }
    return true;
}

/* Milliseconds until something is due that no descriptor tells of, -1: nothing. */
static int patience(const struct desk *d, double drawing)
{
    double tick = model_tick_seconds(d->model);
    double now = clock_now(), waits[] = {d->dirty ? fmax(drawing, 0) / 1e3 : -1,
                                       tty_wait(term_tty(), now),
                                       pixels_wait(place_pixels(), now),
                                       tick < 0 ? -1 : fmax(d->ticked + tick - now, 0)};
    double least = -1;
    for (int i = 0; i < 4; i++)
        if (waits[i] >= 0 && (least < 0 || waits[i] < least))
            least = waits[i];
    return least < 0 ? -1 : (int)(1e3 * fmin(least, 3600)) + 1;
}

static bool runs(const struct desk *d)
{
    const struct snapshot *s = d->model->run;
    return d->worker && (!s || s->state == SNAPSHOT_OPENING || s->state == SNAPSHOT_RUNNING);
}

/* ---- terminals that come and go ----------------------------------------------------------- */

enum status desk_take_terminal(struct server *server, double timeout, enum graphics_kind graphics,
                               const struct config *config, bool *read_only, struct diag *diag)
{
    int lent[WIRE_LENT];
    server_welcome(server, lent, read_only);
    term_lend(lent[WIRE_IN], lent[WIRE_OUT], lent[WIRE_RESTORE]);
    term_use_mouse(config_is(config, CONFIG_MOUSE, "on"));
    TRY(term_open(desk_wake_fd(), timeout, diag));
    text_use_marks(config_value(config, CONFIG_MARKS));
    desk_open_colours(config);
    place_open(term_tty(), desk_graphics(graphics, config));
    return STATUS_OK;
}

/* What is heard of the terminal that is gone does not count for the next one. */
static void forget_events(struct desk *d)
{
    if (term_events() & TERM_QUIT)
        d->signal = term_quit_signal();
}

static void close_terminal(struct desk *d)
{
    place_close();
    term_watch(true, server_has_guest);
    term_close();
    term_watch(false, NULL);
    forget_events(d);
}

/* There is no terminal any more. */
static void become_unseen(struct desk *d)
{
    d->unseen = true;
    d->hangup = d->suspended = false;
    memset(&d->view, 0, sizeof d->view);
    desk_perform(d);
}

/* What its owner is told whose terminal is given back. */
static void print_farewell(const struct desk *d, char out[JOB_PATH + 200])
{
    const char *folder = d->model->run ? d->model->run->run_dir : "";
    snprintf(out, JOB_PATH + 200, "the run goes on; strata attach %s looks at it again",
             file_name(folder));
}

static bool can_detach(struct desk *d)
{
    const struct snapshot *s = d->model->run;
    if (!d->worker)
        model_say(d->model, MESSAGE_HINT, "nothing runs that could go on alone; {quit} leaves");
    else if (!s || !s->run_dir[0])
        model_say(d->model, MESSAGE_HINT,
                  "the run has no directory, so nobody could come back to it");
    return d->worker && s && s->run_dir[0];
}

static void detach(struct desk *d)
{
    char text[JOB_PATH + 200];
    d->model->requests &= ~(unsigned)REQUEST_DETACH;
    d->dirty = true;
    if (!can_detach(d))
        return;
    print_farewell(d, text);
    close_terminal(d);
    server_release(d->server, term_restored(), 0, text);
    become_unseen(d);
}

/* To the process that has the run that was chosen; this one has none. */
static void go_over(struct desk *d)
{
    close_terminal(d);
    server_send_on(d->server, d->model->resume_path);
    become_unseen(d);
}

/* The terminal is gone, or hangs. A run that rested goes on: nobody is there to wake it. */
static void lose_terminal(struct desk *d)
{
    place_close();
    term_abandon();
    term_close();
    forget_events(d);
    server_release(d->server, term_restored(), 1,
                   "the terminal did not read; the run goes on, strata attach looks at it again");
    const struct snapshot *s = d->model->run;
    if (s && s->state == SNAPSHOT_PAUSED && d->worker) {
        struct act act = {.action = ACTION_RUN};
        model_apply(d->model, &act);
    }
    become_unseen(d);
}

/* Somebody lends us a terminal. Who only looks does not take it from who is at work. */
static void take_guest(struct desk *d)
{
    struct diag diag;
    int rows, columns;
    if (server_wants_to_look(d->server) && !d->unseen) {
        server_refuse(d->server, "somebody is at work on the run; --read-only looks at one that is "
                                 "alone");
        return;
    }
    if (!d->unseen) {
        close_terminal(d);
        server_release(d->server, term_restored(), 0, "another terminal has taken the run over");
    }
    d->unseen = false;
    if (desk_take_terminal(d->server, d->timeout, d->graphics, &d->model->config,
                           &d->read_only, &diag) !=
        STATUS_OK) {
        server_release(d->server, true, 2, diag.text);
        become_unseen(d);
        return;
    }
    term_size(&rows, &columns);
    model_resize(d->model, rows, columns);
    d->suspended = d->hangup = false;
    d->dirty = d->typed = d->focused = true;
    memset(&d->view, 0, sizeof d->view);
    desk_perform(d);
}

/* The run's directory is known now, or its socket may have been deleted. */
static void listen_at_run(struct desk *d)
{
    struct diag diag;
    const char *folder = d->model->run ? d->model->run->run_dir : "";
    if (!d->server || (d->listened > 0 && desk_now_ms() < d->listened + LISTEN_MS) || !folder[0])
        return;
    d->listened = desk_now_ms();
    if (server_listen(d->server, folder, &diag) != STATUS_OK)
        model_say(d->model, MESSAGE_ERROR, "%s", diag.text);
}

/* Who has started a run without a terminal is told when it runs. */
static void announce(struct desk *d)
{
    char text[JOB_PATH + 200];
    const struct snapshot *s = d->model->run;
    if (d->announce < 0 || !d->listened || !s || s->state == SNAPSHOT_OPENING ||
        s->state == SNAPSHOT_FAILED)
        return;
    print_farewell(d, text);
    wire_send(d->announce, WIRE_AWAY, 0, text, strlen(text), NULL, NULL);
    close(d->announce);
    d->announce = -1;
}

static void serve(struct desk *d)
{
    if (!d->server)
        return;
    listen_at_run(d);
    announce(d);
    switch (server_take(d->server)) {
    case SERVER_GONE: d->hangup |= !d->unseen; break;
    case SERVER_GUEST: take_guest(d); break;
    case SERVER_NOTHING: break;
    }
}

/* ---- the loop ----------------------------------------------------------------------------- */

static void draw(struct desk *d)
{
    d->typed = false;
    if (d->server)
        term_watch(true, server_has_guest);
    desk_draw(d);
    if (d->server)
        term_watch(false, NULL);
}

/* Something goes on by itself, from when the picture before it has arrived. */
static void tick(struct desk *d)
{
    double seconds = model_tick_seconds(d->model), now = clock_now();
    struct act act = {.action = ACTION_TICK};
    if (pixels_under_way(place_pixels()))
        d->ticked = now;
    if (seconds < 0 || now < d->ticked + seconds)
        return;
    d->ticked = now;
    model_apply(d->model, &act);
    d->dirty = d->typed = true;
}

static bool turn(struct desk *d)
{
    bool reading = !d->suspended;
    double pause = fmax(FRAME_MS, 1e3 * pixels_frame_interval(place_pixels()));
    double wait = d->drawn + pause - desk_now_ms();
    if (d->dirty && reading && (d->typed || wait <= 0.0))
        draw(d);
    bool writing = pixels_wants_write(place_pixels()); /* perhaps since it was drawn */
    struct pollfd fds[3 + SERVER_FDS] = {
        {.fd = reading ? tty_fd(term_tty()) : -1, .events = POLLIN},
        {.fd = desk_wake_read(), .events = POLLIN},
        {.fd = writing && reading ? tty_out(term_tty()) : -1, .events = POLLOUT}};
    int served = d->server ? server_polls(d->server, fds + 3) : 0;
    int ready = poll(fds, (nfds_t)(3 + served), d->suspended ? LISTEN_MS : patience(d, wait));
    if (ready > 0 && fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        d->hangup = true;
    desk_drain();
    serve(d);
    if (d->unseen || d->hangup)
        return desk_update(d) && !d->hangup;
    if (reading && tty_read(term_tty(), clock_now()) != STATUS_OK)
        d->hangup = true;
    if (place_outdated()) {
        desk_redraw_all();
        d->dirty = true;
    }
    tick(d);
    bool stay = take_events(d);
    stay = stay && take_keys(d);
    stay = desk_update(d) && stay;
    if (stay && !d->suspended)
        desk_pump(d);
    return stay;
}

/* The same without a terminal. */
static bool turn_unseen(struct desk *d)
{
    struct pollfd fds[1 + SERVER_FDS] = {{.fd = desk_wake_read(), .events = POLLIN}};
    int served = server_polls(d->server, fds + 1);
    poll(fds, (nfds_t)(1 + served), LISTEN_MS);
    desk_drain();
    serve(d);
    if (!d->unseen)
        return true;
    take_events(d);
    d->hangup = false;
    return desk_update(d) && !d->signal;
}

/* A run without a terminal is on its way: the disk looks at its output's place. */
static bool begins(const struct desk *d)
{
    const struct model *m = d->model;
    return d->announce >= 0 && !d->worker && m->question == QUESTION_NONE &&
           m->message.kind != MESSAGE_ERROR;
}

/* Has nobody anything to wait for? Who paused the run and went away comes back to it. */
static bool is_over(const struct desk *d)
{
    const struct snapshot *s = d->model->run;
    bool rests = s && s->state == SNAPSHOT_PAUSED && s->run_dir[0];
    return d->unseen && !runs(d) && !rests && !begins(d);
}

/* In this process's own terminal, a run whose terminal is gone goes on in it to its end. */
static int leave(struct desk *d)
{
    unsigned requests = d->model->requests;
    sketches_close(&d->sketches); /* a run may go on alone */
    place_close();
    if (d->hangup) {
        term_abandon();
        return desk_finish(&d->worker, false);
    }
    term_close();
    if (d->signal) {
        desk_finish(&d->worker, true);
        return 128 + d->signal;
    }
    if (d->unseen)
        return desk_finish(&d->worker, false);
    return requests & REQUEST_QUIT_SAVING ? desk_finish(&d->worker, true) : 0;
}

/* A run without a terminal that ended before anybody could attach, or never began. */
static int say_why_not(struct desk *d, int status)
{
    char text[JOB_PATH + 100];
    const struct model *m = d->model;
    bool taken = m->question == QUESTION_START, failed = m->message.kind == MESSAGE_ERROR;
    if (d->announce < 0)
        return status;
    if (taken)
        snprintf(text, sizeof text, "strata: %s exists already; choose another name or replace it "
                 "with --overwrite", m->question_path);
    else
        snprintf(text, sizeof text, "%s%s", failed ? "strata: " : "", m->message.text);
    status = status == 0 && (taken || failed) ? 2 : status;
    wire_send(d->announce, WIRE_END, status, text, strlen(text), NULL, NULL);
    close(d->announce);
    return status;
}

int desk_loop(struct desk *d)
{
    d->dirty = d->typed = true;
    bool stay = desk_update(d) && desk_perform(d);
    while (stay && !is_over(d)) {
        stay = d->unseen ? turn_unseen(d) : turn(d);
        if (!stay && d->server && !d->signal && d->hangup && d->worker) {
            lose_terminal(d);
            stay = true;
        }
        if (!stay && d->server && d->model->requests & REQUEST_GO_OVER)
            go_over(d);
        if (!stay && d->server && d->model->requests & REQUEST_DETACH) {
            detach(d);
            stay = !d->hangup && !d->signal;
        }
    }
    return say_why_not(d, leave(d));
}

/*
 * desk.c: see desk.h. What a key does and what comes back from the worker and the disk; the loop
 * that waits for both is desk_loop.c.
 */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "tui/attach/server.h"
#include "tui/desk/desk_private.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tui/view/view.h"

/* Between two files of --latest. */
enum { LATEST_MS = 3000 };

/* A purpose of the desk's own. */
enum { LATEST = PURPOSE_COUNT + 1 };

static int wake_pipe[2] = {-1, -1};

double desk_now_ms(void)
{
    return 1e3 * clock_now();
}

int desk_wake_fd(void)
{
    if (wake_pipe[0] < 0 && pipe(wake_pipe) == 0)
        for (int i = 0; i < 2; i++) {
            fcntl(wake_pipe[i], F_SETFL, O_NONBLOCK);
            fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
        }
    return wake_pipe[1];
}

int desk_wake_read(void)
{
    return wake_pipe[0];
}

/* Any thread. A full pipe means that the loop has been told already. */
static void wake(void *context)
{
    (void)context;
    if (write(wake_pipe[1], "w", 1) < 0)
        errno = 0;
}

void desk_drain(void)
{
    char bytes[256];
    while (read(wake_pipe[0], bytes, sizeof bytes) > 0)
        ;
}

struct model *desk_model(struct desk *d)
{
    return d->model;
}

/* Before the first key; a file that cannot be read is no loss. */
static void read_places(struct model *m, const char *path)
{
    enum { MOST = 1 << 16 };
    unsigned char *text;
    size_t size;
    snprintf(m->places, sizeof m->places, "%s", path);
    if (!path[0] || file_read(&text, &size, path, MOST, NULL) != STATUS_OK)
        return;
    mem_free(m->old_places);
    m->old_places = (char *)text; /* file_read ends it with a NUL */
}

static void take_config(struct model *m, const struct desk_options *o)
{
    m->config_file = o->config;
    config_copy(&m->config, &o->config);
    snprintf(m->config_path, sizeof m->config_path, "%s", o->config_path);
    m->every = config_preview(&m->config);
}

static bool act_on(struct desk *d, struct act *act);

/* What it was opened for. */
static void begin(struct desk *d, const struct desk_options *o)
{
    struct act run = {.action = ACTION_RUN};
    if (o->welcome)
        model_welcome(d->model);
    if (o->resume[0]) {
        snprintf(d->resume, sizeof d->resume, "%s", o->resume);
        d->resume_runs = o->start;
        model_resume(d->model);
    } else if (o->start) {
        act_on(d, &run);
    } else {
        if (o->folder[0])
            model_browse_folder(d->model, o->folder);
        else if (!o->path[0])
            model_browse_styles(d->model);
        if (!o->fake)
            model_offer_runs(d->model, o->welcome);
        desk_perform(d);
    }
    if (o->config_problem[0])
        model_say(d->model, MESSAGE_ERROR, "%s", o->config_problem);
}

enum status desk_open(struct desk **out, const struct desk_options *o, struct diag *diag)
{
    struct desk *d = mem_new(sizeof *d);
    int rows, columns;
    d->fake = o->fake;
    desk_wake_fd();
    if (!o->fake) {
        enum status status = thumbnails_open(&d->thumbnails, wake, NULL, diag);
        if (status == STATUS_OK)
            status = disk_open(&d->disk, wake, NULL, diag);
        if (status != STATUS_OK) {
            desk_close(&d);
            return status;
        }
    }
    d->model = model_new(&o->job, o->path);
    d->model->own_output = o->made_up;
    d->model->demo = o->welcome;
    model_guard(d->model, o->trusted ? "" : o->path);
    read_places(d->model, o->places);
    take_config(d->model, o);
    for (int i = 0; i < PRESETS_FOLDERS; i++)
        model_read_presets(d->model, (enum presets_of)i, o->presets[i]);
    snprintf(d->latest, sizeof d->latest, "%s", o->latest);
    d->latest_iteration = -1;
    if (o->overwrite)
        snprintf(d->model->written, sizeof d->model->written, "%s", o->job.output);
    d->server = o->server;
    d->graphics = o->graphics;
    d->timeout = o->timeout;
    d->unseen = o->detach;
    d->focused = true;
    d->announce = o->announce;
    d->checkpoint_seconds = o->checkpoint_seconds;
    snprintf(d->run_dir, sizeof d->run_dir, "%s", o->run_dir);
    if (d->unseen)
        model_resize(d->model, 24, 80);
    else {
        term_size(&rows, &columns);
        model_resize(d->model, rows, columns);
    }
    *out = d;
    begin(d, o);
    return STATUS_OK;
}

void desk_close(struct desk **desk)
{
    struct desk *d = *desk;
    if (!d)
        return;
    sketches_close(&d->sketches);
    worker_close(&d->worker);
    thumbnails_close(&d->thumbnails);
    disk_close(&d->disk);
    model_free(&d->model);
    mem_free(d);
    *desk = NULL;
}

static bool same_window(const struct snapshot_window *a, const struct snapshot_window *b)
{
    bool placed = a->zoom == 0 || (a->x == b->x && a->y == b->y);
    return a->width == b->width && a->height == b->height && a->zoom == b->zoom && placed;
}

/* What of the picture is to be seen, which the worker is told when it changes. */
static struct worker_view wanted_view(const struct desk *d)
{
    enum { UNSEEN_SIDE = 512 };
    const struct model *m = d->model;
    if (d->unseen) {
        int side = d->latest[0] ? UNSEEN_SIDE : 0;
        return (struct worker_view){.window = {.width = side, .height = side},
                                    .seconds = LATEST_MS / 1e3};
    }
    struct worker_view view = {.window = desk_window(m), .every = m->every, .pulls = true};
    /* whole tenths, so that the worker is not told of every change */
    view.seconds = ceil(10 * pixels_interval(place_pixels())) / 10;
    return view;
}

static void tell_view(struct desk *d)
{
    struct worker_view view = wanted_view(d);
    bool elsewhere = !same_window(&view.window, &d->view.window);
    if (!d->worker || (!elsewhere && view.every == d->view.every &&
                       fabs(view.seconds - d->view.seconds) < 0.3 * d->view.seconds))
        return;
    struct command *c = mem_new(sizeof *c);
    c->kind = CMD_VIEW;
    c->serial = ++d->model->serial;
    c->view = view;
    if (worker_send(d->worker, c))
        d->view = view;
    mem_free(c);
    if (!elsewhere)
        return;
    model_forget_looks(d->model);
    model_ask_looks(d->model);
}

static void send_commands(struct desk *d)
{
    struct model *m = d->model;
    while (m->outbox_count > 0 && (!d->worker || worker_send(d->worker, &m->outbox[0]))) {
        m->outbox_count--;
        memmove(&m->outbox[0], &m->outbox[1], (size_t)m->outbox_count * sizeof m->outbox[0]);
    }
}

void desk_redraw_all(void)
{
    term_redraw();
    place_reset();
}

void desk_suspend(struct desk *d)
{
    place_leave();
    term_suspend();
    d->suspended = d->server != NULL;
    if (d->server)
        server_suspend(d->server);
    desk_redraw_all();
}

static void start(struct desk *d)
{
    struct diag diag;
    struct worker_options *o = mem_new(sizeof *o);
    o->job = d->model->start_job;
    o->view = d->view = wanted_view(d);
    o->wake = wake;
    o->save_at_end = true; /* by the worker: this thread may be held up by a terminal */
    o->mode = d->model->start_mode;
    o->state = d->resume[0] ? WORKER_STATE_RESUMED : WORKER_STATE_NEW;
    o->paused = d->resume[0] && !d->resume_runs;
    memcpy(o->run_dir, d->resume[0] ? d->resume : d->run_dir, sizeof o->run_dir);
    o->checkpoint_seconds = d->checkpoint_seconds;
    o->history_limit = history_limit(config_value(&d->model->config, CONFIG_HISTORY));
    memcpy(o->parent, d->model->parent, sizeof o->parent);
    d->resume[0] = 0;
    if (!d->fake && worker_open(&d->worker, o, &diag) != STATUS_OK) {
        d->model->started = false;
        model_say(d->model, MESSAGE_ERROR, "%s", diag.text);
    }
    mem_free(o);
}

/* Hands the model's requests to the disk. Without a thread their answers are there at once, and may
 * ask for more. */
static void ask_disk(struct desk *d)
{
    struct model *m = d->model;
    while (m->disk_count > 0) {
        struct disk_request request = m->disk[0];
        struct disk_answer answer;
        memmove(&m->disk[0], &m->disk[1], (size_t)--m->disk_count * sizeof m->disk[0]);
        if (d->disk) {
            disk_ask(d->disk, &request);
            continue;
        }
        disk_do(&answer, &request);
        model_take_answer(m, &answer);
    }
}

/* Carries out what the model wants; false: it is time to leave. */
bool desk_perform(struct desk *d)
{
    struct model *m = d->model;
    ask_disk(d);
    unsigned requests = m->requests;
    m->requests = 0;
    if (requests & REQUEST_CLOSE_RUN)
        worker_close(&d->worker);
    if (requests & REQUEST_RESUME) {
        memcpy(d->resume, m->resume_path, sizeof d->resume);
        d->resume_runs = false;
        model_resume(m);
        m->requests &= ~(unsigned)REQUEST_START;
        requests |= REQUEST_START;
    }
    if (requests & REQUEST_START)
        start(d);
    if (requests & REQUEST_CONFIG)
        desk_use_config(d);
    if (requests & (REQUEST_REDRAW | REQUEST_CONFIG))
        desk_redraw_all();
    if (requests & REQUEST_COPY)
        desk_copy(d);
    if (requests & REQUEST_SUSPEND)
        desk_suspend(d);
    send_commands(d);
    if (m->outbox_count == 0) /* its serial is higher than those that wait */
        tell_view(d);
    send_commands(d); /* what is seen otherwise is asked for anew */
    m->requests = requests & (REQUEST_QUIT | REQUEST_QUIT_SAVING | REQUEST_DETACH |
                              (d->server ? REQUEST_GO_OVER : 0));
    return m->requests == 0;
}

static bool act_on(struct desk *d, struct act *act)
{
    struct model *m = d->model;
    d->dirty = true;
    if (act->action == ACTION_NONE)
        return true;
    if (d->read_only && act->action == ACTION_QUIT)
        act->action = ACTION_DETACH;
    if (d->read_only && !keys_only_look(act->action)) {
        model_say(m, MESSAGE_HINT,
                  "this terminal only looks: {full} shows the picture, {quit} leaves");
        return true;
    }
    model_apply(m, act);
    return desk_perform(d);
}

bool desk_key(struct desk *d, int code, const struct pointer *pointer)
{
    struct act act = {.typed = (unsigned)code};
    if (code == KEYCODE_MOUSE) {
        if (!pointer || !view_mouse(d->model, pointer, &act))
            return true;
    } else {
        act.action = keys_action(model_context(d->model), code);
    }
    if (act.action == ACTION_NONE) {
        char name[16];
        keys_name(name, code);
        if (name[0])
            model_idle_key(d->model, name);
    }
    return act_on(d, &act);
}

bool desk_paste(struct desk *d, const char *text)
{
    struct act act = {.action = ACTION_PASTE, .text = text};
    return act_on(d, &act);
}

/* The preview as a file that is rewritten every few seconds, for who has no other way to see it. */
static void save_latest(struct desk *d)
{
    const struct snapshot_picture *p = &d->model->result;
    bool runs = d->model->run && d->model->run->state == SNAPSHOT_RUNNING;
    size_t size = 3 * (size_t)p->width * (size_t)p->height;
    bool whole = p->rgb && p->window.zoom == 0;
    if (!d->latest[0] || !d->disk || !whole || p->iteration == d->latest_iteration ||
        (runs && desk_now_ms() < d->latest_at + LATEST_MS) || disk_busy(d->disk, DISK_PNG))
        return;
    struct disk_request request = {
        .kind = DISK_PNG, .purpose = LATEST, .width = p->width, .height = p->height};
    if (mem_big(&request.text, size, "a picture", NULL) != STATUS_OK)
        return;
    d->latest_iteration = p->iteration;
    d->latest_at = desk_now_ms();
    memcpy(request.path, d->latest, sizeof request.path);
    memcpy(request.text, p->rgb, size);
    disk_ask(d->disk, &request);
}

/* What the disk has brought. */
static void take_answers(struct desk *d)
{
    struct disk_answer answer;
    while (d->disk && disk_take(d->disk, &answer)) {
        if (answer.request.purpose == LATEST) {
            if (answer.diag.status != STATUS_OK) {
                d->latest[0] = 0; /* said once */
                model_say(d->model, MESSAGE_ERROR, "%s", answer.diag.text);
            }
            disk_answer_clear(&answer);
        } else {
            model_take_answer(d->model, &answer);
            d->typed = true; /* a key has asked for it: it is drawn at once */
        }
        d->dirty = true;
    }
}

/* Their thread is there from when it is needed first. */
static void show_variations(struct desk *d)
{
    struct model *m = d->model;
    struct diag diag;
    bool shown = m->overlay == OVERLAY_VARIATIONS && !d->fake;
    if (shown && !d->sketches && sketches_open(&d->sketches, wake, NULL, &diag) != STATUS_OK) {
        m->overlay = OVERLAY_NONE;
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
    }
    if (d->sketches)
        desk_show_variations(d);
}

bool desk_update(struct desk *d)
{
    struct snapshot *s = d->worker ? worker_take(d->worker) : NULL;
    bool stay = true;
    take_answers(d);
    if (s) {
        model_take(d->model, s);
        d->dirty = true;
    }
    if (d->model->requests || d->model->outbox_count || d->model->disk_count || s)
        stay = desk_perform(d);
    save_latest(d);
    show_variations(d);
    if (d->unseen)
        return stay;
    desk_show_pictures(d);
    return stay;
}

/* Sends what the terminal can take of the pictures. */
void desk_pump(struct desk *d)
{
    struct diag diag;
    struct pixels *pixels = place_pixels();
    if (pixels_pump(pixels, clock_now(), &diag) != STATUS_OK)
        model_say(d->model, MESSAGE_ERROR, "%s", diag.text);
    d->dirty |= pixels_redraw(pixels);
}

void desk_draw(struct desk *d)
{
    place_begin();
    draw_begin();
    view_screen(d->model);
    place_end();
    desk_tell_outside(d);
    draw_end(place_in_pixels());
    d->dirty = false;
    d->drawn = desk_now_ms();
    desk_pump(d);
}

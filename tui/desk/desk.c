/*
 * desk.c: see desk.h.
 *
 * The loop sleeps in poll on the terminal and on one pipe, into which the worker, the
 * threads that read files and the signal handlers write a byte. Keys come first: all that were
 * typed are obeyed before anything is drawn.
 */
#include "tui/desk/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "tui/desk/desk_private.h"
#include "tui/desk/draw.h"
#include "tui/desk/thumbnails.h"
#include "tui/desk/place.h"
#include "tui/desk/view.h"

/* Between two drawings that no key asked for; between two files of --latest. */
enum { FRAME_MS = 50, LATEST_MS = 3000 };

/* A purpose of the desk's own. */
enum { LATEST = PURPOSE_COUNT + 1 };

struct desk {
    struct model *model;
    struct worker *worker;
    struct thumbnails *thumbnails;
    struct disk *disk; /* NULL: requests are carried out at once */
    struct worker_view view; /* as the worker was told last */
    bool fake, dirty;
    bool typed;   /* a key waits for its drawing */
    double drawn; /* when */
    int signal;   /* that ended the loop, or 0 */
    bool hangup;
    char latest[JOB_PATH]; /* the file that the preview is kept in, or "" */
    int latest_iteration;
    double latest_at;
};

static int wake_pipe[2] = {-1, -1};

static double now_ms(void)
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

/* Any thread. A full pipe means that the loop has been told already. */
static void wake(void *context)
{
    (void)context;
    if (write(wake_pipe[1], "w", 1) < 0)
        errno = 0;
}

static void drain(void)
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
    read_places(d->model, o->places);
    snprintf(d->latest, sizeof d->latest, "%s", o->latest);
    d->latest_iteration = -1;
    if (o->overwrite)
        snprintf(d->model->written, sizeof d->model->written, "%s", o->job.output);
    term_size(&rows, &columns);
    model_resize(d->model, rows, columns);
    if (o->welcome)
        model_say(d->model, MESSAGE_HINT,
                  "space paints this demo; enter chooses a layer's picture, c the content; ? lists "
                  "all keys");
    *out = d;
    if (o->start)
        desk_key(d, ' ', NULL);
    return STATUS_OK;
}

void desk_close(struct desk **desk)
{
    struct desk *d = *desk;
    if (!d)
        return;
    worker_close(&d->worker);
    thumbnails_close(&d->thumbnails);
    disk_close(&d->disk);
    model_free(&d->model);
    mem_free(d);
    *desk = NULL;
}

/* The preview's size in pixels, which the worker is told when it changes. */
static struct worker_view wanted_view(const struct desk *d)
{
    const struct model *m = d->model;
    const struct rect *r = m->overlay == OVERLAY_NONE ? &m->layout.pane[PANE_PREVIEW]
                                                      : &m->layout.full;
    struct worker_view view = {.every = m->every, .pulls = true};
    place_size(r, &view.width, &view.height);
    /* whole tenths, so that the worker is not told of every change */
    view.seconds = ceil(10 * pixels_interval(place_pixels())) / 10;
    return view;
}

static void tell_view(struct desk *d)
{
    struct worker_view view = wanted_view(d);
    if (!d->worker || (view.width == d->view.width && view.height == d->view.height &&
                       view.every == d->view.every &&
                       fabs(view.seconds - d->view.seconds) < 0.3 * d->view.seconds))
        return;
    struct command *c = mem_new(sizeof *c);
    c->kind = CMD_VIEW;
    c->serial = ++d->model->serial;
    c->view = view;
    if (worker_send(d->worker, c))
        d->view = view;
    mem_free(c);
    if (d->model->preview == PREVIEW_SNAPSHOT)
        d->model->looking = 0;
}

static void redraw_all(void)
{
    term_redraw();
    place_reset();
}

static void suspend(void)
{
    place_leave();
    term_suspend();
    redraw_all();
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
static bool perform(struct desk *d)
{
    struct model *m = d->model;
    ask_disk(d);
    unsigned requests = m->requests;
    m->requests = 0;
    if (requests & REQUEST_CLOSE_RUN)
        worker_close(&d->worker);
    if (requests & REQUEST_START)
        start(d);
    if (requests & REQUEST_REDRAW)
        redraw_all();
    if (requests & REQUEST_SUSPEND)
        suspend();
    tell_view(d);
    while (m->outbox_count > 0 && (!d->worker || worker_send(d->worker, &m->outbox[0]))) {
        m->outbox_count--;
        memmove(&m->outbox[0], &m->outbox[1], (size_t)m->outbox_count * sizeof m->outbox[0]);
    }
    m->requests = requests & (REQUEST_QUIT | REQUEST_QUIT_SAVING | REQUEST_QUIT_ALONE);
    return m->requests == 0;
}

bool desk_key(struct desk *d, int code, const struct term_mouse *mouse)
{
    struct model *m = d->model;
    struct act act = {0};
    if (code == KEYCODE_MOUSE) {
        if (!mouse || !view_mouse(m, mouse->y, mouse->x, mouse->wheel, &act))
            return true;
    } else {
        act.action = keys_action(model_context(m), code);
        act.typed = (unsigned)code;
    }
    d->dirty = true;
    if (act.action == ACTION_NONE)
        return true;
    model_apply(m, &act);
    return perform(d);
}

/* The picture file that is to be seen. */
static void show_still(struct desk *d)
{
    struct model *m = d->model;
    const char *path = model_still(m), *problem = NULL;
    struct worker_view view = wanted_view(d);
    const struct snapshot_picture *still = NULL;
    if (path && d->thumbnails)
        still = thumbnails_get(d->thumbnails, path, view.width, view.height, &problem);
    if (still != m->still || (problem != NULL) != (m->still_problem[0] != 0))
        d->dirty = true;
    m->still = still;
    snprintf(m->still_problem, sizeof m->still_problem, "%s", problem ? problem : "");
}

/* The small pictures, one at a time while they are read. */
static void show_thumbnails(struct desk *d)
{
    struct model *m = d->model;
    bool reading = d->thumbnails && model_still(m) && !m->still && !m->still_problem[0];
    for (int i = 0; i < LAYOUT_THUMBS; i++) {
        const struct channel *c = &m->job.channel[i % STYLE_LAYER_COUNT];
        const char *path = i == LAYOUT_CONTENT           ? m->job.content
                           : c->state == CHANNEL_ON ? c->style.path
                                                         : "";
        struct rect r = layout_thumb(&m->layout, i);
        const struct snapshot_picture *thumb = NULL;
        const char *problem = NULL;
        int width, height;
        place_size(&r, &width, &height);
        if (d->thumbnails && !reading && *path && r.height > 0) {
            thumb = thumbnails_get(d->thumbnails, path, width, height, &problem);
            reading = !thumb && !problem;
        }
        d->dirty |= thumb != m->thumb[i];
        m->thumb[i] = thumb;
    }
}

/* The preview as a file that is rewritten every few seconds, for who has no other way to see it. */
static void save_latest(struct desk *d)
{
    const struct snapshot_picture *p = &d->model->result;
    bool runs = d->model->run && d->model->run->state == SNAPSHOT_RUNNING;
    size_t size = 3 * (size_t)p->width * (size_t)p->height;
    if (!d->latest[0] || !d->disk || !p->rgb || p->iteration == d->latest_iteration ||
        (runs && now_ms() < d->latest_at + LATEST_MS) || disk_busy(d->disk, DISK_PNG))
        return;
    struct disk_request request = {
        .kind = DISK_PNG, .purpose = LATEST, .width = p->width, .height = p->height};
    if (mem_big(&request.text, size, "a picture", NULL) != STATUS_OK)
        return;
    d->latest_iteration = p->iteration;
    d->latest_at = now_ms();
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
        }
        d->dirty = true;
    }
}

static bool update(struct desk *d)
{
    struct snapshot *s = d->worker ? worker_take(d->worker) : NULL;
    bool stay = true;
    take_answers(d);
    if (s) {
        model_take(d->model, s);
        d->dirty = true;
    }
    if (d->model->requests || d->model->outbox_count || d->model->disk_count || s)
        stay = perform(d);
    save_latest(d);
    show_still(d);
    if (d->model->overlay == OVERLAY_NONE)
        show_thumbnails(d);
    return stay;
}

/* Sends what the terminal can take of the pictures. */
static void pump(struct desk *d)
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
    draw_end(place_in_pixels());
    d->dirty = false;
    d->drawn = now_ms();
    pump(d);
}

/* false: it is time to leave. */
static bool take_events(struct desk *d)
{
    unsigned events = term_events();
    int rows, columns;
    if (events & (TERM_RESIZED | TERM_RESUMED)) {
        term_size(&rows, &columns);
        model_resize(d->model, rows, columns);
        redraw_all();
        d->dirty = true;
    }
    if (events & TERM_STOP)
        suspend();
    if (events & TERM_QUIT)
        d->signal = term_quit_signal();
    if (events & TERM_HANGUP)
        d->hangup = true;
    return !d->signal && !d->hangup;
}

/* Every key that was typed. */
static bool take_keys(struct desk *d)
{
    struct term_mouse mouse;
    int code;
    while ((code = term_key(&mouse)) != 0) {
        d->typed = true;
        if (!desk_key(d, code, &mouse))
            return false;
    }
    return true;
}

/* Milliseconds until something is due that no descriptor tells of, -1: nothing. */
static int patience(const struct desk *d, double drawing)
{
    double now = clock_now(), waits[] = {d->dirty ? fmax(drawing, 0) / 1e3 : -1,
                                       tty_wait(term_tty(), now),
                                       pixels_wait(place_pixels(), now)};
    double least = -1;
    for (int i = 0; i < 3; i++)
        if (waits[i] >= 0 && (least < 0 || waits[i] < least))
            least = waits[i];
    return least < 0 ? -1 : (int)(1e3 * fmin(least, 3600)) + 1;
}

static bool turn(struct desk *d)
{
    bool writing = pixels_wants_write(place_pixels());
    struct pollfd fds[] = {{.fd = tty_fd(term_tty()), .events = POLLIN},
                           {.fd = wake_pipe[0], .events = POLLIN},
                           {.fd = writing ? tty_out(term_tty()) : -1, .events = POLLOUT}};
    double pause = fmax(FRAME_MS, 1e3 * pixels_frame_interval(place_pixels()));
    double wait = d->drawn + pause - now_ms();
    if (d->dirty && (d->typed || wait <= 0.0)) {
        d->typed = false;
        desk_draw(d);
    }
    int ready = poll(fds, 3, patience(d, wait));
    if (ready > 0 && fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        d->hangup = true;
    drain();
    if (tty_read(term_tty(), clock_now()) != STATUS_OK)
        d->hangup = true;
    if (place_outdated()) {
        redraw_all();
        d->dirty = true;
    }
    bool stay = take_events(d);
    stay = stay && take_keys(d);
    stay = update(d) && stay;
    if (stay)
        pump(d);
    return stay;
}

int desk_loop(struct desk *d)
{
    d->dirty = d->typed = true;
    if (update(d) && perform(d))
        while (turn(d))
            ;
    unsigned requests = d->model->requests;
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
    if (requests & REQUEST_QUIT_ALONE) {
        printf("the run goes on; Ctrl-C ends it and saves its picture\n");
        fflush(stdout);
        return desk_finish(&d->worker, false);
    }
    return requests & REQUEST_QUIT_SAVING ? desk_finish(&d->worker, true) : 0;
}

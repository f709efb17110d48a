/*
 * pixels_send.c: see pixels_private.h: which picture goes out next, how good it may be, and in
 * which pieces.
 */
#include "tui/pixels/pixels_private.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/clock.h"

/* AT_ONCE: bytes of a piece that are worth being hidden until they are complete; FRAME: that curses
 * writes for a frame in which numbers and curves have changed. */
enum { LAST_MS = 1000, AT_ONCE = 8192, FRAME = 1500 };

static const double least_interval = 0.1; /* between two pictures */
static const double processor_share = 0.01;
static const double picture_time = 2.0; /* that a picture may take to arrive */
static const double refined_time = 8.0; /* the same when it does not change any more */
static const double refine_after = 1.0;
static const double unchanged = 0.4; /* a mean difference, in levels, too small to be seen */

/* ---- one picture -------------------------------------------------------------------------- */

/* The best that arrives within so many seconds, as far as is known. */
static int choose_quality(const struct pixels *p, double pixels, double seconds)
{
    const struct codec *codec = p->codec;
    if (!codec)
        return 0;
    const struct quality *q = codec->qualities;
    double thick = pixels * p->size_factor;
    if (p->pacing.rate <= 0)
        return thick * q[0].bytes_per_pixel > p->pacing.window && p->graphics.answers
                   ? codec->cautious
                   : 0;
    int i = 0;
    while (i + 1 < codec->quality_count &&
           pacing_time(&p->pacing, (size_t)(thick * q[i].bytes_per_pixel)) > seconds)
        i++;
    return i;
}

/* Too alike for the difference to be seen. */
static bool looks_the_same(const struct picture *a, const struct picture *b)
{
    if (a->width != b->width || a->height != b->height || !a->rgb || !b->rgb)
        return false;
    size_t n = 3 * (size_t)a->width * (size_t)a->height, seen = 0, sum = 0;
    for (size_t i = 0; i < n; i += 7, seen++)
        sum += (size_t)abs(a->rgb[i] - b->rgb[i]);
    return (double)sum < unchanged * (double)seen;
}

/* Wipes what of the old picture the new one will not cover. */
static void wipe_difference(struct pixels *p, struct slot *s, const struct frame *frame, int width,
                            int height)
{
    if (!s->on_screen || (rect_equal(&s->cells, &frame->cells) && s->pixel_width == width &&
                          s->pixel_height == height))
        return;
    struct rect whole = frame->cells; /* what it covers fully */
    whole.height = height / frame->cell_height;
    whole.width = width / frame->cell_width;
    pixels_wipe(&p->out, &s->cells, &whole);
}

static enum status begin_pixels(struct pixels *p, int i, int quality, struct diag *diag)
{
    struct slot *s = &p->slot[i];
    const struct quality *q = &p->codec->qualities[quality];
    struct scale_fit fit;
    int cell_width = p->graphics.cell_width, cell_height = p->graphics.cell_height;
    struct frame *frame = &p->frame;
    *frame = (struct frame){.id = i + 1, .cell_width = cell_width, .cell_height = cell_height};
    pixels_frame_place(&fit, p->codec, &s->box, cell_width, cell_height, s->wants.width,
                       s->wants.height, 1);
    s->pixels = (double)fit.width * fit.height;
    frame->cells = pixels_frame_place(&fit, p->codec, &s->box, cell_width, cell_height,
                                      s->wants.width, s->wants.height, q->shrink);
    if (fit.width < 1 || !s->wants.rgb) {
        s->fresh = s->lost = false;
        return STATUS_OK;
    }
    enum status status = pixels_frame_begin(frame, p->codec, q, p->graphics.registers, &s->colours,
                                            &fit, s->wants.rgb, s->wants.width, diag);
    if (status != STATUS_OK) {
        pixels_frame_clear(frame);
        s->fresh = s->lost = false;
        return status;
    }
    wipe_difference(p, s, frame, fit.width, fit.height);
    s->on_screen = true;
    s->cells = frame->cells;
    s->pixel_width = fit.width;
    s->pixel_height = fit.height;
    p->current = i;
    return STATUS_OK;
}

static enum status begin(struct pixels *p, int i, int quality, double now, struct diag *diag)
{
    struct slot *s = &p->slot[i];
    double start = clock_thread();
    p->began = now;
    p->sent = 0;
    if (p->codec)
        TRY(begin_pixels(p, i, quality, diag));
    else if (pixels_cells_begin(p, i))
        p->current = i;
    p->processor = clock_thread() - start;
    if (p->current != i)
        return STATUS_OK;
    p->refining = !s->fresh && !s->lost;
    s->fresh = s->lost = false;
    s->quality = quality;
    pixels_set_picture(&s->shows, s->wants.rgb, s->wants.width, s->wants.height);
    return STATUS_OK;
}

static void finish(struct pixels *p, double now)
{
    struct slot *s = &p->slot[p->current];
    if (p->codec && s->pixels > 0) {
        double guess = s->pixels * p->codec->qualities[s->quality].bytes_per_pixel;
        p->size_factor = 0.5 * p->size_factor + 0.5 * (double)p->sent / guess;
    }
    p->ended = now;
    if (!p->refining)
        p->took = now - p->began;
    p->figures.bytes = p->sent;
    p->figures.colours = p->frame.palette ? p->frame.palette->count : 0;
    p->figures.shrink = p->codec ? p->codec->qualities[s->quality].shrink : 1;
    p->figures.pictures++;
    pixels_frame_clear(&p->frame);
    p->current = PIXELS_NONE;
}

/* ---- which one is next -------------------------------------------------------------------- */

double pixels_interval(const struct pixels *p)
{
    double took = fmin(p->took, picture_time); /* what took longer will be smaller next time */
    return fmax(least_interval, fmax(p->processor / processor_share, 1.25 * took));
}

double pixels_frame_interval(const struct pixels *p)
{
    return 5 * pacing_time(&p->pacing, FRAME);
}

/* When slot i may go out: now or earlier, later, or INFINITY: there is nothing to be sent. */
static double due(const struct pixels *p, const struct slot *s, int *quality)
{
    double pixels = s->pixels;
    if (pixels == 0)
        pixels =
            (double)s->box.width * s->box.height * p->graphics.cell_width * p->graphics.cell_height;
    if (!s->wanted || p->graphics.kind == GRAPHICS_NONE)
        return INFINITY;
    *quality = choose_quality(p, pixels, picture_time);
    if (p->codec && (s->lost || !s->on_screen))
        return p->not_before;
    if (s->fresh)
        return fmax(p->not_before, p->began > 0 ? p->began + pixels_interval(p) : 0);
    if (!p->codec)
        return INFINITY;
    if (*quality < s->quality) /* the link is better than it was known to be */
        return p->ended + least_interval;
    *quality = choose_quality(p, pixels, refined_time);
    return *quality < s->quality ? p->ended + fmax(refine_after, 2 * pixels_interval(p))
                                 : INFINITY;
}

/* The slot that is due first, and when. */
static int next(struct pixels *p, double *when, int *quality)
{
    int best = PIXELS_NONE;
    *when = INFINITY;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        struct slot *s = &p->slot[i];
        int q = 0;
        if (s->fresh && !s->lost && (s->on_screen || s->grid) &&
            looks_the_same(&s->wants, &s->shows))
            s->fresh = false;
        double at = due(p, s, &q);
        if (at < *when) {
            *when = at;
            best = i;
            *quality = q;
        }
    }
    return best;
}

/* ---- sending ------------------------------------------------------------------------------ */

/* Writes what is pending; whether all of it is out. wait: milliseconds to wait for a terminal that
 * takes nothing, -1: for ever, as curses would. */
static bool write_pending(struct pixels *p, int wait)
{
    if (!p->tty)
        return true;
    struct pollfd fd = {.fd = tty_out(p->tty), .events = POLLOUT};
    while (p->out_at < p->out.size) {
        ssize_t n = write(fd.fd, p->out.data + p->out_at, p->out.size - p->out_at);
        if (n > 0) {
            p->out_at += (size_t)n;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN) { /* the terminal is gone */
            p->out_at = p->out.size;
            break;
        }
        if (wait == 0 || poll(&fd, 1, wait) == 0)
            return false;
    }
    p->out.size = p->out_at = 0;
    return true;
}

static void add_wipes(struct pixels *p)
{
    for (int i = 0; i < p->wipes; i++) {
        struct rect r = p->wipe[i]; /* the screen may have shrunk, and must not scroll */
        if (r.height > p->graphics.rows - r.y)
            r.height = p->graphics.rows - r.y;
        if (r.width > p->graphics.columns - r.x)
            r.width = p->graphics.columns - r.x;
        pixels_wipe(&p->out, &r, NULL);
    }
    p->wipes = 0;
}

void pixels_finish_piece(struct pixels *p)
{
    add_wipes(p);
    write_pending(p, -1);
    p->piece_ended = true;
}

static void count_answers(struct pixels *p, double now)
{
    unsigned ready = tty_answers(p->tty)->ready;
    for (; p->answers != ready; p->answers++)
        pacing_answered(&p->pacing, now);
    pacing_expire(&p->pacing, now);
    tty_await(p->tty, p->pacing.count > 0 && !p->pacing.mute);
}

void pixels_write_last(struct pixels *p)
{
    add_wipes(p);
    write_pending(p, LAST_MS);
    if (!p->tty)
        return;
    /* What is answered after the end would be typed into the shell. */
    double now = clock_now(), end = now + LAST_MS / 1e3;
    struct pollfd fd = {.fd = tty_fd(p->tty), .events = POLLIN};
    for (; p->pacing.count > 0 && !p->pacing.mute && now < end; now = clock_now()) {
        poll(&fd, 1, (int)(1e3 * (end - now)) + 1);
        if (tty_read(p->tty, clock_now()) != STATUS_OK)
            break;
        count_answers(p, clock_now());
    }
}

/* Asks whether what was written has arrived. */
static void ask(struct pixels *p, size_t bytes, double now)
{
    if (!p->pacing.mute)
        bytes_format(&p->out, "\033[5n");
    pacing_sent(&p->pacing, bytes, now);
    p->sent += bytes;
}

/* The next piece of the picture under way, whole in p->out. A picture that goes out in one piece
 * is drawn at once where the terminal can do that. */
static enum status send_piece(struct pixels *p, size_t space, double now, struct diag *diag)
{
    double start = clock_thread();
    if (!p->codec) {
        pixels_cells_piece(p, space);
    } else {
        size_t opening = p->out.size;
        bool at_once = p->graphics.synchronised && p->pacing.window >= AT_ONCE;
        bytes_format(&p->out, at_once ? "\033[?2026h" : "");
        enum status status = p->codec->piece(&p->frame, space, &p->out, diag);
        bytes_format(&p->out, at_once ? "\033[?2026l" : "");
        if (status != STATUS_OK) {
            p->out.size = opening;
            pixels_abandon(p);
            return status;
        }
        ask(p, p->out.size, now); /* what was wiped before it counts as well */
    }
    p->processor += clock_thread() - start;
    return STATUS_OK;
}

enum status pixels_pump(struct pixels *p, double now, struct diag *diag)
{
    int quality = 0;
    double when;
    if (!p->tty)
        return STATUS_OK;
    count_answers(p, now);
    if (p->piece_ended && p->drawn_bytes > 0) {
        ask(p, p->drawn_bytes, now);
        p->drawn_bytes = 0;
    }
    p->piece_ended = false;
    while (write_pending(p, 0)) {
        if (p->current != PIXELS_NONE && p->frame.done && p->pacing.count == 0 &&
            p->drawn_bytes == 0)
            finish(p, now);
        if (p->current != PIXELS_NONE && p->frame.done)
            break;
        if (p->current == PIXELS_NONE) {
            int i = next(p, &when, &quality);
            if (i == PIXELS_NONE || when > now)
                break;
            TRY(begin(p, i, quality, now, diag));
            if (p->current == PIXELS_NONE)
                continue;
        }
        size_t space = pacing_allowed(&p->pacing);
        if (space == 0 || p->drawn_bytes > 0)
            break;
        TRY(send_piece(p, space, now, diag));
    }
    tty_await(p->tty, p->pacing.count > 0 && !p->pacing.mute);
    return STATUS_OK;
}

bool pixels_redraw(struct pixels *p)
{
    bool redraw = p->redraw;
    p->redraw = false;
    return redraw;
}

bool pixels_wants_write(const struct pixels *p)
{
    return p->out_at < p->out.size;
}

double pixels_wait(const struct pixels *p, double now)
{
    if (!p->tty)
        return -1;
    double wait = pacing_wait(&p->pacing, now);
    if (p->current != PIXELS_NONE || pixels_wants_write(p))
        return wait;
    for (int i = 0; i < PIXELS_SLOTS; i++) {
        int quality;
        double left = fmax(due(p, &p->slot[i], &quality) - now, 0);
        if (isfinite(left) && (wait < 0 || left < wait))
            wait = left;
    }
    return wait;
}

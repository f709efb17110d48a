/*
 * thumbnails.c: see thumbnails.h. The thread works through what the last round wanted; pictures
 * come back in a list.
 *
 * Memory: MOST_BYTES, or what a round asks for, and while one is decoded what memory_allowed()
 * permits: a quarter of what is left of the memory budget and
 * never more than 256 MB. A picture that takes more is refused, not read.
 */
#include "tui/desk/thumbnails.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/base/thread.h"
#include "engine/host/budget.h"
#include "engine/image/image_rows.h"

enum { MOST_BYTES = 16 << 20, ENTRIES = 512, QUEUE = 64, NICENESS = 5 };

/* A file is asked about so often; never by the caller, who must not wait for a disk. */
static const double check_seconds = 1.0;

struct request {
    char path[JOB_PATH];
    struct snapshot_window window;
    bool check;              /* only if the file has changed since */
    struct timespec changed; /* the file, when it was read, and which one it was: */
    ino_t inode;             /* clocks of file systems are coarse */
    off_t size;
};

struct entry {
    struct request request;
    struct snapshot_picture picture; /* rgb NULL: it failed */
    char problem[DIAG_TEXT];
    unsigned used;  /* the last round that asked for it */
    double checked; /* when the file was last known to be as it was */
    struct entry *next;
};

struct thumbnails {
    void (*wake)(void *context); /* set before start */
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    bool stop;                    /* lock */
    struct request queue[QUEUE];  /* lock */
    int queued;                   /* lock */
    const struct request *busy;   /* lock; what is read just now, NULL: nothing */
    struct entry *fresh;          /* lock; to be taken */
    struct entry *entry[ENTRIES]; /* caller only, as all that follows */
    int count;
    size_t bytes;
    struct request wanted[QUEUE]; /* in this round */
    int wanted_count;
    unsigned round;
};

/* Bytes that decoding may take. A run may be under way, which needs the memory more. */
static size_t memory_allowed(void)
{
    enum { MOST = 256 << 20, PART = 4 };
    struct budget budget;
    budget_find(&budget, 0, "");
    size_t used = mem_resident(), left = budget.bytes > used ? (budget.bytes - used) / PART : 0;
    return left < MOST ? left : MOST;
}

/* The size that the picture is taken to have. */
static void find_size(int *width, int *height, const struct snapshot_window *window,
                      const struct image_head *head)
{
    static const double alike = 0.02;
    double own = (double)head->width / head->height;
    bool as = window->as_width > 0 && window->as_height > 0 &&
              fabs((double)window->as_width / window->as_height / own - 1.0) < alike;
    *width = as ? window->as_width : head->width;
    *height = as ? window->as_height : head->height;
}

static int scaled(int n, int to, int from)
{
    return (int)((int64_t)n * to / from);
}

/* What the window shows, of a picture that is taken to be width × height. */
static struct image_request find_request(const struct snapshot_window *window,
                                         const struct image_head *head, int width, int height)
{
    struct snapshot_part p = snapshot_find_part(window, width, height);
    struct image_request r = {.left = scaled(p.left, head->width, width),
                              .top = scaled(p.top, head->height, height),
                              .width = scaled(p.width, head->width, width),
                              .height = scaled(p.height, head->height, height),
                              .to_width = p.to_width,
                              .to_height = p.to_height};
    r.width = r.width > 0 ? r.width : 1;
    r.height = r.height > 0 ? r.height : 1;
    return r;
}

static enum status read_small(struct image *out, int *width, int *height,
                              const struct request *request, struct diag *diag)
{
    struct image_head head;
    struct image_rows *rows;
    TRY(image_inspect(&head, request->path, diag));
    find_size(width, height, &request->window, &head);
    struct image_request size = find_request(&request->window, &head, *width, *height);
    if (image_rows_need(&head, &size) > memory_allowed())
        return diag_set(diag, STATUS_RANGE, "%d×%d, too large to preview", head.width, head.height);
    TRY(image_rows_open(&rows, request->path, &head, &size, diag));
    return image_rows_gather(out, &rows, diag);
}

/* false: the file is as it was, and there is nothing new. */
static bool load_entry(struct entry *e, const struct request *request)
{
    struct image small = {0};
    struct diag diag = {0};
    struct stat now;
    if (stat(request->path, &now) != 0)
        now = (struct stat){0};
    if (request->check && now.st_mtim.tv_sec == request->changed.tv_sec &&
        now.st_mtim.tv_nsec == request->changed.tv_nsec && now.st_ino == request->inode &&
        now.st_size == request->size)
        return false;
    e->request = *request;
    e->request.changed = now.st_mtim;
    e->request.inode = now.st_ino;
    e->request.size = now.st_size;
    int width = 0, height = 0;
    enum status status = read_small(&small, &width, &height, request, &diag);
    if (status == STATUS_OK)
        status = snapshot_picture_set(&e->picture, &small, request->window.zoom, &diag);
    e->picture.whole_width = width;
    e->picture.whole_height = height;
    e->picture.window = request->window;
    if (status != STATUS_OK)
        snprintf(e->problem, sizeof e->problem, "%s", diag.text);
    image_clear(&small);
    return true;
}

/* The next request that waits; with the lock. */
static void take_request(struct thumbnails *t, struct request *out)
{
    *out = t->queue[0];
    memmove(&t->queue[0], &t->queue[1], (size_t)--t->queued * sizeof t->queue[0]);
    t->busy = out->check ? NULL : out;
}

static void *load_requests(void *context)
{
    struct thumbnails *t = context;
    struct request request;
#ifdef __linux__
    setpriority(PRIO_PROCESS, 0, NICENESS); /* there, of this thread */
#endif
    pthread_mutex_lock(&t->mutex);
    while (!t->stop) {
        if (t->queued == 0) {
            pthread_cond_wait(&t->more, &t->mutex);
            continue;
        }
        take_request(t, &request);
        pthread_mutex_unlock(&t->mutex);
        struct entry *e = mem_new(sizeof *e);
        bool loaded = load_entry(e, &request);
        pthread_mutex_lock(&t->mutex);
        t->busy = NULL;
        if (!loaded) {
            mem_free(e);
            continue;
        }
        e->next = t->fresh;
        t->fresh = e;
        pthread_mutex_unlock(&t->mutex);
        t->wake(t->context);
        pthread_mutex_lock(&t->mutex);
    }
    pthread_mutex_unlock(&t->mutex);
    return NULL;
}

enum status thumbnails_open(struct thumbnails **out, void (*wake)(void *context), void *context,
                            struct diag *diag)
{
    struct thumbnails *t = mem_new(sizeof *t);
    t->wake = wake;
    t->context = context;
    pthread_mutex_init(&t->mutex, NULL);
    pthread_cond_init(&t->more, NULL);
    int error = thread_start(&t->thread, load_requests, t);
    if (error) {
        mem_free(t);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be started: %s", strerror(error));
    }
    *out = t;
    return STATUS_OK;
}

static void free_entry(struct entry *e)
{
    snapshot_picture_clear(&e->picture);
    mem_free(e);
}

void thumbnails_close(struct thumbnails **thumbnails)
{
    struct thumbnails *t = *thumbnails;
    if (!t)
        return;
    pthread_mutex_lock(&t->mutex);
    t->stop = true;
    pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->mutex);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->more);
    pthread_mutex_destroy(&t->mutex);
    for (struct entry *e = t->fresh, *next; e; e = next) {
        next = e->next;
        free_entry(e);
    }
    for (int i = 0; i < t->count; i++)
        free_entry(t->entry[i]);
    mem_free(t);
    *thumbnails = NULL;
}

static bool same_request(const struct request *a, const struct request *b)
{
    const struct snapshot_window *v = &a->window, *w = &b->window;
    bool same = v->width == w->width && v->height == w->height && v->zoom == w->zoom &&
                v->as_width == w->as_width && v->as_height == w->as_height;
    if (same && v->zoom > 0)
        same = v->x == w->x && v->y == w->y;
    return same && strcmp(a->path, b->path) == 0;
}

static size_t bytes_of(const struct entry *e)
{
    const struct snapshot_picture *p = &e->picture;
    return sizeof *e + (p->rgb ? 3 * (size_t)p->width * (size_t)p->height : 0);
}

static struct entry *find_entry(struct thumbnails *t, const struct request *request, int *at)
{
    for (*at = 0; *at < t->count; ++*at)
        if (same_request(&t->entry[*at]->request, request))
            return t->entry[*at];
    return NULL;
}

static void drop_entry(struct thumbnails *t, int at)
{
    t->bytes -= bytes_of(t->entry[at]);
    free_entry(t->entry[at]);
    t->entry[at] = t->entry[--t->count];
}

/* Those that were not asked for longest make room; what is on the screen stays. */
static void make_room(struct thumbnails *t)
{
    while (t->count > 0 && (t->bytes > MOST_BYTES || t->count > ENTRIES - QUEUE)) {
        int oldest = 0;
        for (int i = 1; i < t->count; i++)
            if (t->entry[i]->used < t->entry[oldest]->used)
                oldest = i;
        if (t->entry[oldest]->used + 1 >= t->round)
            break;
        drop_entry(t, oldest);
    }
}

/* A picture that has come replaces an older one of the same file. */
void thumbnails_begin(struct thumbnails *t)
{
    t->round++;
    t->wanted_count = 0;
    pthread_mutex_lock(&t->mutex);
    struct entry *fresh = t->fresh;
    t->fresh = NULL;
    pthread_mutex_unlock(&t->mutex);
    for (struct entry *e = fresh, *next; e; e = next) {
        int at;
        next = e->next;
        if (find_entry(t, &e->request, &at))
            drop_entry(t, at);
        make_room(t);
        if (t->count == ENTRIES) {
            free_entry(e);
            continue;
        }
        e->used = t->round;
        e->checked = clock_now();
        t->bytes += bytes_of(e);
        t->entry[t->count++] = e;
    }
}

static void want(struct thumbnails *t, const struct request *request)
{
    if (t->wanted_count < QUEUE)
        t->wanted[t->wanted_count++] = *request;
}

const struct snapshot_picture *thumbnails_get(struct thumbnails *t, const char *path,
                                              const struct snapshot_window *window,
                                              const char **problem)
{
    struct request request = {.window = *window};
    int at;
    *problem = NULL;
    if (window->width < 1 || window->height < 1)
        return NULL;
    snprintf(request.path, sizeof request.path, "%s", path);
    struct entry *e = find_entry(t, &request, &at);
    if (!e) {
        want(t, &request);
        return NULL;
    }
    e->used = t->round;
    *problem = e->picture.rgb ? NULL : e->problem;
    return e->picture.rgb ? &e->picture : NULL;
}

/* Is it under way, or here already? With the lock. */
static bool has_begun(const struct thumbnails *t, const struct request *request)
{
    bool begun = t->busy && same_request(t->busy, request);
    for (const struct entry *e = t->fresh; e && !begun; e = e->next)
        begun = same_request(&e->request, request);
    return begun;
}

/* Whether files have changed is looked at when nothing else is to be done. */
static void want_checks(struct thumbnails *t)
{
    double now = clock_now();
    for (int i = 0; i < t->count && t->wanted_count < QUEUE; i++) {
        struct entry *e = t->entry[i];
        if (e->used != t->round || now <= e->checked + check_seconds)
            continue;
        e->checked = now;
        want(t, &e->request);
        t->wanted[t->wanted_count - 1].check = true;
    }
}

void thumbnails_end(struct thumbnails *t)
{
    if (t->wanted_count == 0)
        want_checks(t);
    pthread_mutex_lock(&t->mutex);
    t->queued = 0;
    for (int i = 0; i < t->wanted_count; i++)
        if (t->wanted[i].check || !has_begun(t, &t->wanted[i]))
            t->queue[t->queued++] = t->wanted[i];
    if (t->queued > 0)
        pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->mutex);
}

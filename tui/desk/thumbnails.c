/*
 * thumbnails.c: see thumbnails.h. One request at a time goes to the thread, one picture comes back.
 *
 * Memory: KEPT pictures of at most the size in pixels that was asked for, 3 bytes each, and while
 * one is decoded what memory_allowed() permits: a quarter of what is left of the memory budget and
 * never more than 256 MB. A picture that takes more is refused, not read.
 */
#include "tui/desk/thumbnails.h"

#include <omp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"
#include "engine/base/thread.h"
#include "engine/host/budget.h"
#include "engine/image/image.h"

enum { KEPT = 12, NICENESS = 5 };

/* A file is asked about so often; never by the caller, who must not wait for a disk. */
static const double check_seconds = 1.0;

struct request {
    char path[JOB_PATH];
    int width, height;
    bool check;              /* only if the file has changed since */
    struct timespec changed; /* the file, when it was read, and which one it was: */
    ino_t inode;             /* clocks of file systems are coarse */
    off_t size;
};

struct entry {
    struct request request;
    struct snapshot_picture picture; /* rgb NULL: it failed */
    char problem[DIAG_TEXT];
    unsigned used;  /* when it was asked for last, by thumbnails.clock */
    double checked; /* when the file was last known to be as it was */
};

struct thumbnails {
    void (*wake)(void *context); /* set before start */
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    bool wanted, stop;        /* lock */
    struct request request;   /* lock */
    struct entry fresh;       /* lock; used > 0: to be taken */
    struct entry entry[KEPT]; /* caller only */
    struct request asked;     /* caller only: the last request handed on */
    unsigned clock;           /* caller only */
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

static enum status read_small(struct image *out, const struct request *request, struct diag *diag)
{
    struct image_head head;
    struct image_request size = {0};
    struct image_part part;
    TRY(image_inspect(&head, request->path, diag));
    snapshot_fit(&size.to_width, &size.to_height, head.width, head.height, request->width,
                 request->height);
    if (image_need(&head, &size) > memory_allowed())
        return diag_set(diag, STATUS_RANGE, "%d×%d, too large to preview", head.width, head.height);
    TRY(image_read_part(&part, request->path, &head, &size, diag));
    enum status status = image_part_resize(out, &part, size.to_width, size.to_height, diag);
    image_clear(&part.image);
    return status;
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
    enum status status = read_small(&small, request, &diag);
    if (status == STATUS_OK)
        status = snapshot_picture_set(&e->picture, &small, &diag);
    if (status != STATUS_OK)
        snprintf(e->problem, sizeof e->problem, "%s", diag.text);
    image_clear(&small);
    return true;
}

static void *load_requests(void *context)
{
    struct thumbnails *t = context;
    omp_set_num_threads(1); /* of this thread: --threads counts the run's */
#ifdef __linux__
    setpriority(PRIO_PROCESS, 0, NICENESS); /* there, of this thread */
#endif
    pthread_mutex_lock(&t->mutex);
    while (!t->stop) {
        if (!t->wanted) {
            pthread_cond_wait(&t->more, &t->mutex);
            continue;
        }
        struct request request = t->request;
        t->wanted = false;
        pthread_mutex_unlock(&t->mutex);
        struct entry *e = mem_new(sizeof *e);
        bool loaded = load_entry(e, &request);
        pthread_mutex_lock(&t->mutex);
        if (loaded) {
            snapshot_picture_clear(&t->fresh.picture);
            t->fresh = *e;
            t->fresh.used = 1;
        }
        mem_free(e);
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
    snapshot_picture_clear(&t->fresh.picture);
    for (int i = 0; i < KEPT; i++)
        snapshot_picture_clear(&t->entry[i].picture);
    mem_free(t);
    *thumbnails = NULL;
}

static bool same_request(const struct request *a, const struct request *b)
{
    return a->width == b->width && a->height == b->height && strcmp(a->path, b->path) == 0;
}

/* A picture that has come replaces an older one of the same file, or the one that was not asked for
 * longest. */
static void take_fresh(struct thumbnails *t)
{
    struct entry *oldest = &t->entry[0];
    pthread_mutex_lock(&t->mutex);
    if (t->fresh.used) {
        for (int i = 1; i < KEPT; i++)
            if (t->entry[i].used < oldest->used)
                oldest = &t->entry[i];
        for (int i = 0; i < KEPT; i++)
            if (t->entry[i].used && same_request(&t->entry[i].request, &t->fresh.request))
                oldest = &t->entry[i];
        snapshot_picture_clear(&oldest->picture);
        *oldest = t->fresh;
        oldest->used = ++t->clock;
        oldest->checked = clock_now();
        memset(&t->fresh, 0, sizeof t->fresh);
    }
    pthread_mutex_unlock(&t->mutex);
}

/* Hands a request on, in place of one that waits. */
static void hand_on(struct thumbnails *t, const struct request *request)
{
    pthread_mutex_lock(&t->mutex);
    t->request = *request;
    t->wanted = true;
    pthread_cond_signal(&t->more);
    pthread_mutex_unlock(&t->mutex);
}

/* Has the thread look whether the file has changed, if nothing else waits for it. */
static void check_file(struct thumbnails *t, struct entry *e)
{
    struct request request = e->request;
    request.check = true;
    pthread_mutex_lock(&t->mutex);
    bool waits = t->wanted;
    pthread_mutex_unlock(&t->mutex);
    if (waits)
        return;
    e->checked = clock_now();
    hand_on(t, &request);
}

const struct snapshot_picture *thumbnails_get(struct thumbnails *t, const char *path, int width,
                                              int height, const char **problem)
{
    struct request request = {.width = width, .height = height};
    *problem = NULL;
    take_fresh(t);
    if (width < 1 || height < 1)
        return NULL;
    snprintf(request.path, sizeof request.path, "%s", path);
    for (int i = 0; i < KEPT; i++) {
        struct entry *e = &t->entry[i];
        if (!e->used || !same_request(&e->request, &request))
            continue;
        e->used = ++t->clock;
        if (clock_now() > e->checked + check_seconds)
            check_file(t, e);
        if (!e->picture.rgb)
            *problem = e->problem;
        return e->picture.rgb ? &e->picture : NULL;
    }
    if (same_request(&t->asked, &request))
        return NULL;
    t->asked = request;
    hand_on(t, &request);
    return NULL;
}

/* thumbnails.c: see thumbnails.h. One request at a time goes to the thread, one picture comes back.
 */
#include "tui/desk/thumbnails.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "engine/host/budget.h"

enum { KEPT = 12 };

struct request {
    char path[JOB_PATH];
    int width, height;
    struct timespec changed; /* the file, when it was asked for */
};

struct entry {
    struct request request;
    struct snapshot_picture picture; /* rgb NULL: it failed */
    char problem[DIAG_TEXT];
    unsigned used; /* by age */
};

struct thumbnails {
    void (*wake)(void *context); /* set before start */
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    bool wanted, stop;  /* lock */
    struct request request;   /* lock */
    struct entry fresh; /* lock; used > 0: to be taken */
    struct entry entry[KEPT]; /* caller only */
    struct request asked;        /* caller only: the last request handed on */
    unsigned clock;           /* caller only */
};

/* A run may be under way, and a picture to look at is not worth its memory. */
static size_t allowed(void)
{
    enum { MOST = 256 << 20, PART = 4 };
    struct budget room;
    budget_find(&room, 0, "");
    size_t have = mem_resident(), left = room.bytes > have ? (room.bytes - have) / PART : 0;
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
    if (image_need(&head, &size) > allowed())
        return diag_set(diag, STATUS_RANGE, "%d×%d, too large to preview", head.width, head.height);
    TRY(image_read_part(&part, request->path, &head, &size, diag));
    enum status status = image_part_resize(out, &part, size.to_width, size.to_height, diag);
    image_clear(&part.image);
    return status;
}

static void load(struct entry *e, const struct request *request)
{
    struct image small = {0};
    struct diag diag = {0};
    e->request = *request;
    enum status status = read_small(&small, request, &diag);
    if (status == STATUS_OK)
        status = snapshot_picture_set(&e->picture, &small, &diag);
    if (status != STATUS_OK)
        snprintf(e->problem, sizeof e->problem, "%s", diag.text);
    image_clear(&small);
}

static void *work(void *context)
{
    struct thumbnails *g = context;
    pthread_mutex_lock(&g->mutex);
    while (!g->stop) {
        if (!g->wanted) {
            pthread_cond_wait(&g->more, &g->mutex);
            continue;
        }
        struct request request = g->request;
        g->wanted = false;
        pthread_mutex_unlock(&g->mutex);
        struct entry *e = mem_new(sizeof *e);
        load(e, &request);
        pthread_mutex_lock(&g->mutex);
        snapshot_picture_clear(&g->fresh.picture);
        g->fresh = *e;
        g->fresh.used = 1;
        mem_free(e);
        pthread_mutex_unlock(&g->mutex);
        g->wake(g->context);
        pthread_mutex_lock(&g->mutex);
    }
    pthread_mutex_unlock(&g->mutex);
    return NULL;
}

enum status thumbnails_open(struct thumbnails **out, void (*wake)(void *context), void *context,
                         struct diag *diag)
{
    struct thumbnails *g = mem_new(sizeof *g);
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t all, before;
    g->wake = wake;
    g->context = context;
    pthread_mutex_init(&g->mutex, NULL);
    pthread_cond_init(&g->more, NULL);
    sigfillset(&all);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigdelset(&all, crashes[i]);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&g->thread, NULL, work, g);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        mem_free(g);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be started: %s", strerror(error));
    }
    *out = g;
    return STATUS_OK;
}

void thumbnails_close(struct thumbnails **gallery)
{
    struct thumbnails *g = *gallery;
    if (!g)
        return;
    pthread_mutex_lock(&g->mutex);
    g->stop = true;
    pthread_cond_signal(&g->more);
    pthread_mutex_unlock(&g->mutex);
    pthread_join(g->thread, NULL);
    pthread_cond_destroy(&g->more);
    pthread_mutex_destroy(&g->mutex);
    snapshot_picture_clear(&g->fresh.picture);
    for (int i = 0; i < KEPT; i++)
        snapshot_picture_clear(&g->entry[i].picture);
    mem_free(g);
    *gallery = NULL;
}

static bool same_wish(const struct request *a, const struct request *b)
{
    return a->width == b->width && a->height == b->height &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           strcmp(a->path, b->path) == 0;
}

/* A picture that has come takes the place of the one that was not looked at for longest. */
static void take(struct thumbnails *g)
{
    struct entry *oldest = &g->entry[0];
    pthread_mutex_lock(&g->mutex);
    if (g->fresh.used) {
        for (int i = 1; i < KEPT; i++)
            if (g->entry[i].used < oldest->used)
                oldest = &g->entry[i];
        snapshot_picture_clear(&oldest->picture);
        *oldest = g->fresh;
        oldest->used = ++g->clock;
        memset(&g->fresh, 0, sizeof g->fresh);
    }
    pthread_mutex_unlock(&g->mutex);
}

const struct snapshot_picture *thumbnails_get(struct thumbnails *g, const char *path, int width,
                                           int height, const char **problem)
{
    struct request request = {.width = width, .height = height};
    struct stat info;
    *problem = NULL;
    take(g);
    if (width < 1 || height < 1)
        return NULL;
    snprintf(request.path, sizeof request.path, "%s", path);
    if (stat(path, &info) == 0)
        request.changed = info.st_mtim;
    for (int i = 0; i < KEPT; i++) {
        struct entry *e = &g->entry[i];
        if (!e->used || !same_wish(&e->request, &request))
            continue;
        e->used = ++g->clock;
        if (!e->picture.rgb)
            *problem = e->problem;
        return e->picture.rgb ? &e->picture : NULL;
    }
    if (same_wish(&g->asked, &request))
        return NULL;
    g->asked = request;
    pthread_mutex_lock(&g->mutex);
    g->request = request;
    g->wanted = true;
    pthread_cond_signal(&g->more);
    pthread_mutex_unlock(&g->mutex);
    return NULL;
}

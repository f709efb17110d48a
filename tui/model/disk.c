/* disk.c: see disk.h: the thread, requests to it and answers from it. */
#include "tui/model/disk.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/thread.h"

/* One that waits or was carried out. */
struct item {
    struct item *next;
    bool done;
    struct disk_request request;
    struct disk_answer answer;
};

struct disk {
    void (*wake)(void *context); /* set before start */
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct item *items; /* lock; in order: answers to be taken, then requests */
    bool stop;          /* lock */
    int hold_ms;        /* lock */
};

static struct item *first_waiting(struct disk *d)
{
    struct item *item = d->items;
    while (item && item->done)
        item = item->next;
    return item;
}

static bool writes(const struct disk_request *r)
{
    return r->kind == DISK_WRITE || r->kind == DISK_PNG ||
           (r->kind == DISK_HISTORY && r->change != DISK_CHANGE_NONE);
}

/* Only this thread carries requests out, and only it marks them as done; the other side may take
 * what is done meanwhile. */
static void *work(void *context)
{
    struct disk *d = context;
    pthread_mutex_lock(&d->mutex);
    for (;;) {
        struct item *item = first_waiting(d);
        if (!item && d->stop)
            break;
        if (!item) {
            pthread_cond_wait(&d->more, &d->mutex);
            continue;
        }
        bool skip = d->stop && !writes(&item->request);
        int hold_ms = d->hold_ms;
        pthread_mutex_unlock(&d->mutex);
        if (hold_ms > 0)
            poll(NULL, 0, hold_ms);
        if (skip)
            disk_request_clear(&item->request);
        else
            disk_do(&item->answer, &item->request);
        pthread_mutex_lock(&d->mutex);
        item->done = true;
        pthread_mutex_unlock(&d->mutex);
        d->wake(d->context);
        pthread_mutex_lock(&d->mutex);
    }
    pthread_mutex_unlock(&d->mutex);
    return NULL;
}

enum status disk_open(struct disk **out, void (*wake)(void *context), void *context,
                      struct diag *diag)
{
    struct disk *d = mem_new(sizeof *d);
    d->wake = wake;
    d->context = context;
    pthread_mutex_init(&d->mutex, NULL);
    pthread_cond_init(&d->more, NULL);
    int error = thread_start(&d->thread, work, d);
    if (error) {
        pthread_cond_destroy(&d->more);
        pthread_mutex_destroy(&d->mutex);
        mem_free(d);
        return diag_set(diag, STATUS_LIBRARY, "no thread can be started: %s", strerror(error));
    }
    *out = d;
    return STATUS_OK;
}

void disk_close(struct disk **disk)
{
    struct disk *d = *disk;
    struct disk_answer answer;
    if (!d)
        return;
    pthread_mutex_lock(&d->mutex);
    d->stop = true;
    d->hold_ms = 0;
    pthread_cond_signal(&d->more);
    pthread_mutex_unlock(&d->mutex);
    pthread_join(d->thread, NULL);
    while (disk_take(d, &answer))
        disk_answer_clear(&answer);
    pthread_cond_destroy(&d->more);
    pthread_mutex_destroy(&d->mutex);
    mem_free(d);
    *disk = NULL;
}

void disk_ask(struct disk *d, struct disk_request *request)
{
    struct item *item = mem_new(sizeof *item), **end = &d->items;
    item->request = *request;
    request->text = NULL;
    pthread_mutex_lock(&d->mutex);
    while (*end)
        end = &(*end)->next;
    *end = item;
    pthread_cond_signal(&d->more);
    pthread_mutex_unlock(&d->mutex);
}

bool disk_take(struct disk *d, struct disk_answer *out)
{
    pthread_mutex_lock(&d->mutex);
    struct item *item = d->items;
    bool done = item && item->done;
    if (done)
        d->items = item->next;
    pthread_mutex_unlock(&d->mutex);
    if (!done)
        return false;
    *out = item->answer;
    mem_free(item);
    return true;
}

bool disk_busy(struct disk *d, enum disk_kind kind)
{
    bool busy = false;
    pthread_mutex_lock(&d->mutex);
    for (const struct item *item = d->items; item; item = item->next)
        busy |= !item->done && item->request.kind == kind;
    pthread_mutex_unlock(&d->mutex);
    return busy;
}

void disk_slow_down(struct disk *d, double seconds)
{
    pthread_mutex_lock(&d->mutex);
    d->hold_ms = (int)(1e3 * seconds);
    pthread_mutex_unlock(&d->mutex);
}

/*
 * worker_channel.c: see worker_private.h. What crosses between the threads: a ring of commands
 * down, one slot with the newest snapshot up. The mutex is this file's, and nothing is called under
 * it.
 */
#include "engine/worker/worker_private.h"

/* ---- the ring ----------------------------------------------------------------------------- */

/* A newer job or view replaces an older one that still waits. */
static bool supersedes(const struct command *later, const struct command *earlier)
{
    return later->kind == earlier->kind && (later->kind == CMD_JOB || later->kind == CMD_VIEW);
}

bool worker_send(struct worker *w, const struct command *command)
{
    pthread_mutex_lock(&w->mutex);
    struct command *last =
        w->count > 0 ? &w->ring[(w->first + w->count - 1) % WORKER_RING] : NULL;
    bool sent = true;
    if (last && supersedes(command, last))
        *last = *command;
    else if (w->count < WORKER_RING)
        w->ring[(w->first + w->count++) % WORKER_RING] = *command;
    else
        sent = false;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);
    return sent;
}

bool worker_next_command(struct worker *w, struct command *out, bool idle)
{
    pthread_mutex_lock(&w->mutex);
    while (idle && w->count == 0 && !atomic_load(&w->stop) && !atomic_load(&w->finish))
        pthread_cond_wait(&w->cond, &w->mutex);
    bool any = w->count > 0 && !atomic_load(&w->stop);
    if (any) {
        *out = w->ring[w->first];
        w->first = (w->first + 1) % WORKER_RING;
        w->count--;
    }
    pthread_mutex_unlock(&w->mutex);
    return any;
}

bool worker_has_command(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    bool any = w->count > 0 || atomic_load(&w->stop) || atomic_load(&w->finish);
    pthread_mutex_unlock(&w->mutex);
    return any;
}

/* ---- the slot ----------------------------------------------------------------------------- */

void worker_give(struct worker *w, struct snapshot *fresh)
{
    pthread_mutex_lock(&w->mutex);
    struct snapshot *old = w->newest;
    if (old && !fresh->preview.rgb) {
        fresh->preview = old->preview;
        old->preview = (struct snapshot_picture){0};
    }
    if (old && !fresh->look) {
        fresh->look = old->look;
        old->look = NULL;
    }
    w->newest = fresh;
    pthread_mutex_unlock(&w->mutex);
    snapshot_free(&old);
    if (w->options.wake)
        w->options.wake(w->options.context);
}

struct snapshot *worker_take(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    struct snapshot *newest = w->newest;
    w->newest = NULL;
    pthread_mutex_unlock(&w->mutex);
    return newest;
}

bool worker_preview_waits(struct worker *w)
{
    pthread_mutex_lock(&w->mutex);
    bool waits = w->newest && w->newest->preview.rgb;
    pthread_mutex_unlock(&w->mutex);
    return waits;
}

/* ---- sentences ---------------------------------------------------------------------------- */

void worker_tell(struct worker *w, const struct diag *diag, unsigned command)
{
    w->now.told[++w->now.told_serial % SNAPSHOT_TOLD] = (struct snapshot_told){*diag, command};
}

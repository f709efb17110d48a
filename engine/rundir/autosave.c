/*
 * autosave.c: see autosave.h. One slot: the newest checkpoint that waits; and text that grows until
 * the thread takes it.
 */
#include "engine/rundir/autosave.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/text_buffer.h"
#include "engine/base/thread.h"

/* At the end a disk that does not answer is waited for so long. */
enum { LAST_WAIT = 4 };

/* What waits to be written. */
struct parcel {
    bool any;
    bool has_checkpoint;
    struct checkpoint checkpoint;
    struct image small;
    struct text_buffer losses, log;
};

struct autosave {
    struct rundir *dir;
    double interval;
    double put_at;  /* the run's thread only */
    bool forgotten; /* the same */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    struct parcel next;  /* lock */
    bool busy, stop;     /* lock */
    bool ended;          /* lock: the thread is done */
    struct diag trouble; /* lock: why the last checkpoint could not be written; else STATUS_OK */
    bool news;           /* lock: of it */
    struct checkpoint lost; /* lock: the one that could not be written, the newest */
    bool has_lost;
};

/* ---- the thread --------------------------------------------------------------------------- */

static void write_small(const struct autosave *a, const struct image *small)
{
    char path[JOB_PATH];
    unsigned char *png;
    size_t size;
    if (!small->rgb || image_png_quick(&png, &size, small, NULL, NULL) != STATUS_OK)
        return;
    rundir_file(path, a->dir, "latest.png");
    file_write(path, png, size, FILE_OVERWRITE, NULL);
    mem_free(png);
}

/* The first failure of them is told; a checkpoint counts most. */
static enum status write_parcel(struct autosave *a, struct parcel *p, struct diag *diag)
{
    struct diag other;
    enum status status = STATUS_OK, text = STATUS_OK;
    /* The checkpoint last: what is said beyond it is cut off by who goes on from it, and a run that
     * is over leaves nothing half-written. */
    write_small(a, &p->small);
    text = rundir_append(a->dir, "losses.csv", text_buffer_get(&p->losses), &other);
    if (text == STATUS_OK)
        text = rundir_append(a->dir, "log", text_buffer_get(&p->log), &other);
    if (p->has_checkpoint) {
        status = rundir_write(a->dir, &p->checkpoint, diag);
        if (status != STATUS_OK) /* never again through what failed, but once more from anew */
            status = rundir_write(a->dir, &p->checkpoint, diag);
    }
    if (status == STATUS_OK && text != STATUS_OK)
        *diag = other;
    return status != STATUS_OK ? status : text;
}

static void parcel_clear(struct parcel *p)
{
    checkpoint_clear(&p->checkpoint);
    image_clear(&p->small);
    text_buffer_clear(&p->losses);
    text_buffer_clear(&p->log);
    p->any = p->has_checkpoint = false;
}

/* What came of it; lock held. */
static void conclude(struct autosave *a, struct parcel *p, enum status status,
                     const struct diag *diag)
{
    /* That a line of the log was written says nothing of checkpoints. */
    if (!p->has_checkpoint && status == STATUS_OK && a->trouble.status != STATUS_OK)
        return;
    a->news |= (status == STATUS_OK) != (a->trouble.status == STATUS_OK);
    if (status == STATUS_OK)
        a->trouble = (struct diag){STATUS_OK, ""};
    else
        a->trouble = *diag;
    if (!p->has_checkpoint)
        return;
    checkpoint_clear(&a->lost);
    a->has_lost = status != STATUS_OK;
    if (a->has_lost) {
        a->lost = p->checkpoint;
        memset(&p->checkpoint, 0, sizeof p->checkpoint);
    }
}

static void *work(void *context)
{
    struct autosave *a = context;
    struct parcel *p = mem_new(sizeof *p);
    pthread_mutex_lock(&a->mutex);
    for (;;) {
        struct diag diag = {STATUS_OK, ""};
        if (!a->next.any && a->stop)
            break;
        if (!a->next.any) {
            pthread_cond_wait(&a->cond, &a->mutex);
            continue;
        }
        *p = a->next;
        memset(&a->next, 0, sizeof a->next);
        a->busy = true;
        pthread_mutex_unlock(&a->mutex);
        enum status status = write_parcel(a, p, &diag);
        pthread_mutex_lock(&a->mutex);
        conclude(a, p, status, &diag);
        a->busy = false;
        parcel_clear(p);
    }
    a->ended = true;
    pthread_cond_broadcast(&a->cond);
    pthread_mutex_unlock(&a->mutex);
    mem_free(p);
    return NULL;
}

/* ---- the run's side ----------------------------------------------------------------------- */

/* The head of the table, once. */
static void begin_losses(struct autosave *a)
{
    char path[JOB_PATH];
    rundir_file(path, a->dir, "losses.csv");
    if (access(path, F_OK) == 0)
        return;
    text_buffer_add(&a->next.losses, "iteration,seconds");
    for (int i = 0; i < LOSSES_SERIES; i++)
        text_buffer_add(&a->next.losses, ",%s", losses_name(i));
    text_buffer_add(&a->next.losses, "\n");
}

enum status autosave_open(struct autosave **out, struct rundir *dir, double seconds,
                          struct diag *diag)
{
    struct autosave *a = mem_new(sizeof *a);
    pthread_condattr_t monotonic;
    a->dir = dir;
    a->interval = seconds;
    a->put_at = clock_now();
    pthread_mutex_init(&a->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&a->cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
    begin_losses(a);
    int error = thread_start(&a->thread, work, a);
    if (!error) {
        *out = a;
        return STATUS_OK;
    }
    pthread_cond_destroy(&a->cond);
    pthread_mutex_destroy(&a->mutex);
    text_buffer_clear(&a->next.losses);
    mem_free(a);
    return diag_set(diag, STATUS_LIBRARY, "no thread can be made for saving the run: %s",
                    strerror(error));
}

const struct rundir *autosave_dir(const struct autosave *a)
{
    return a->dir;
}

bool autosave_due(const struct autosave *a)
{
    struct autosave *mutable = (struct autosave *)a;
    if (clock_now() - a->put_at < a->interval)
        return false;
    pthread_mutex_lock(&mutable->mutex);
    bool due = !a->busy && !a->next.has_checkpoint;
    pthread_mutex_unlock(&mutable->mutex);
    return due;
}

/* Hands over to the thread. */
static void put(struct autosave *a, struct checkpoint *checkpoint, struct image *small)
{
    pthread_mutex_lock(&a->mutex);
    struct checkpoint waiting = a->next.checkpoint;
    struct image older = a->next.small;
    a->next.checkpoint = *checkpoint;
    a->next.small = *small;
    a->next.any = a->next.has_checkpoint = true;
    pthread_cond_signal(&a->cond);
    pthread_mutex_unlock(&a->mutex);
    memset(checkpoint, 0, sizeof *checkpoint);
    *small = (struct image){0};
    checkpoint_clear(&waiting);
    image_clear(&older);
    a->put_at = clock_now();
}

/* No run has so much to say between two checkpoints; what a disk never takes must end somewhere. */
enum { MOST_TEXT = 64 << 20 };

/* So much is written without waiting for the next checkpoint. */
enum { MUCH_TEXT = 1 << 18 };

static void say(struct autosave *a, struct text_buffer *to, const char *line)
{
    pthread_mutex_lock(&a->mutex);
    if (to->used < MOST_TEXT)
        text_buffer_add(to, "%s\n", line);
    if (to->used > MUCH_TEXT && a->trouble.status == STATUS_OK) {
        a->next.any = true;
        pthread_cond_signal(&a->cond);
    }
    pthread_mutex_unlock(&a->mutex);
}

void autosave_losses(struct autosave *a, int iteration, double seconds,
                     const struct losses *losses)
{
    char line[LOSSES_SERIES * 26 + 64];
    int used = snprintf(line, sizeof line, "%d,%.3f", iteration, seconds);
    for (int i = 0; i < LOSSES_SERIES; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, ",%.9g",
                         losses_value(losses, i));
    say(a, &a->next.losses, line);
}

void autosave_log(struct autosave *a, const char *format, ...)
{
    char raw[2 * DIAG_TEXT], clean[2 * DIAG_TEXT], line[2 * DIAG_TEXT + 32];
    time_t now = time(NULL);
    struct tm when;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    diag_clean(clean, sizeof clean, raw);
    size_t n = strftime(line, 32, "%Y-%m-%d %H:%M:%S ", localtime_r(&now, &when));
    snprintf(line + n, sizeof line - n, "%s", clean);
    say(a, &a->next.log, line);
}

bool autosave_news(struct autosave *a, struct diag *diag)
{
    pthread_mutex_lock(&a->mutex);
    bool news = a->news;
    a->news = false;
    if (news)
        *diag = a->trouble;
    pthread_mutex_unlock(&a->mutex);
    if (news && diag->status == STATUS_OK)
        snprintf(diag->text, sizeof diag->text, "checkpoints can be written again");
    return news;
}

/* ---- the end ------------------------------------------------------------------------------ */

/* Into a directory elsewhere. */
static enum status rescue(struct autosave *a, struct diag *diag)
{
    const char *folder = getenv("TMPDIR");
    char path[JOB_PATH];
    struct rundir *dir;
    struct diag why = a->trouble, other;
    snprintf(path, sizeof path, "%.*s/strata-rescued-%ld-%s", JOB_PATH / 2,
             folder && folder[0] == '/' ? folder : "/tmp", (long)getuid(),
             file_name(rundir_path(a->dir)));
    enum status status = rundir_create(&dir, path, &a->lost.job, &other);
    if (status == STATUS_OK) {
        status = rundir_write(dir, &a->lost, &other);
        rundir_close(&dir);
    }
    if (status != STATUS_OK) {
        if (diag)
            *diag = why;
        return STATUS_IO;
    }
    return diag_set(diag, STATUS_OK, "%s; the run's state is in %s, strata resume %s goes on",
                    why.text, path, path);
}

void autosave_forget(struct autosave *a)
{
    char path[JOB_PATH];
    rundir_file(path, a->dir, "checkpoint");
    a->forgotten = access(path, F_OK) != 0;
}

/* Is nothing left to be gone on with? */
static bool is_over(const struct autosave *a)
{
    int number, count;
    rundir_kept(&number, &count, 1, a->dir);
    return a->lost.end == CHECKPOINT_DONE && a->lost.saved && count == 0;
}

enum status autosave_close(struct autosave **autosave, struct diag *diag)
{
    struct autosave *a = *autosave;
    struct timespec limit;
    enum status status = STATUS_OK;
    if (diag)
        *diag = (struct diag){STATUS_OK, ""};
    if (!a)
        return STATUS_OK;
    *autosave = NULL;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += LAST_WAIT;
    pthread_mutex_lock(&a->mutex);
    a->next.any |= a->next.losses.used > 0 || a->next.log.used > 0;
    a->stop = true;
    pthread_cond_broadcast(&a->cond);
    int error = 0;
    while (!a->ended && error == 0)
        error = pthread_cond_timedwait(&a->cond, &a->mutex, &limit);
    bool ended = a->ended;
    pthread_mutex_unlock(&a->mutex);
    if (!ended) /* it and its memory are left to the end of the process */
        return diag_set(diag, STATUS_IO, "the disk of %s does not answer; what was saved before "
                        "is all that is there", rundir_path(a->dir));
    pthread_join(a->thread, NULL);
    if (a->forgotten || (a->has_lost && is_over(a)))
        rundir_discard(&a->dir); /* else it would say for ever that the run is unfinished */
    else if (a->has_lost)
        status = rescue(a, diag);
    else if (a->trouble.status != STATUS_OK && diag)
        *diag = a->trouble;
    if (!a->has_lost && a->trouble.status != STATUS_OK)
        status = a->trouble.status;
    checkpoint_clear(&a->lost);
    rundir_close(&a->dir);
    pthread_cond_destroy(&a->cond);
    pthread_mutex_destroy(&a->mutex);
    mem_free(a);
    return status;
}

/* ---- a run as it is ----------------------------------------------------------------------- */

/* Of latest.png; what a look takes. */
enum { SMALL_SIDE = 512 };

/* What the run lends is written at once, unless the thread is still at the one before. */
static void write_lent(struct autosave *a, const struct run *run, const struct checkpoint *c)
{
    struct diag diag = {STATUS_OK, ""};
    struct parcel *p = mem_new(sizeof *p);
    pthread_mutex_lock(&a->mutex);
    bool busy = a->busy || a->next.any;
    if (!busy) {
        p->losses = a->next.losses;
        p->log = a->next.log;
        a->next.losses = a->next.log = (struct text_buffer){0};
    }
    pthread_mutex_unlock(&a->mutex);
    if (!busy) {
        p->checkpoint = *c;
        p->has_checkpoint = true;
        checkpoint_take(&p->checkpoint, run, false, NULL);
        enum status status = write_parcel(a, p, &diag);
        p->checkpoint.state = (struct run_state){0}; /* the run's own */
        p->has_checkpoint = status == STATUS_OK; /* else it is not there to be rescued */
        pthread_mutex_lock(&a->mutex);
        conclude(a, p, status, &diag);
        pthread_mutex_unlock(&a->mutex);
    }
    parcel_clear(p);
    mem_free(p);
}

void autosave_run(struct autosave *a, const struct run *run, size_t kept, struct checkpoint *c)
{
    struct image small = {0};
    bool room = run_memory_beside(run, kept, NULL) == STATUS_OK;
    if (room && checkpoint_take(c, run, true, NULL) == STATUS_OK) {
        if (run_small(run, &small, SMALL_SIDE, NULL) != STATUS_OK)
            small = (struct image){0};
        put(a, c, &small);
        return;
    }
    write_lent(a, run, c);
    memset(c, 0, sizeof *c);
    a->put_at = clock_now();
}

/* ---- losses ------------------------------------------------------------------------------- */

void autosave_cut_losses(const struct rundir *dir, int iteration,
                         void (*take)(void *context, int iteration, const struct losses *losses),
                         void *context)
{
    enum { MOST = 1 << 30 };
    char path[JOB_PATH];
    unsigned char *text;
    size_t size;
    rundir_file(path, dir, "losses.csv");
    if (file_read(&text, &size, path, MOST, NULL) != STATUS_OK)
        return;
    char *line = (char *)text, *end = NULL;
    for (; (end = strchr(line, '\n')); line = end + 1) {
        double value[LOSSES_SERIES + 2];
        char *at = line;
        int count = 0;
        for (; count < LOSSES_SERIES + 2; count++) {
            char *rest;
            value[count] = strtod(at, &rest);
            if (rest == at || (*rest != ',' && *rest != '\n'))
                break;
            at = rest + 1;
        }
        bool whole = count == LOSSES_SERIES + 2;
        if (!whole && line != (char *)text)
            break; /* cut short */
        if (whole && !(value[0] >= 0 && value[0] < iteration))
            break;
        struct losses losses = {.total = value[2 + LOSSES_TOTAL]};
#define X(field, sentence) losses.field = value[2 + LOSSES_##field];
        LOSS_LIST(X)
#undef X
        memcpy(losses.style_layer, value + 2 + LOSSES_PARTS, sizeof losses.style_layer);
        if (whole && take)
            take(context, (int)value[0], &losses);
    }
    if ((size_t)(line - (char *)text) < size)
        file_write(path, text, (size_t)(line - (char *)text), FILE_OVERWRITE, NULL);
    mem_free(text);
}

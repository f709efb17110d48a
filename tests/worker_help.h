/*
 * worker_help.h: what the tests of the worker share: a worker on a fake run, and a pipe that it
 * wakes us through, as it does the screen.
 */
#ifndef STRATA_WORKER_HELP_H
#define STRATA_WORKER_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "engine/run/worker.h"
#include "tests/fake_run.h"
#include "tests/folder_help.h"

static struct diag diag;
static int pipe_ends[2];
static struct worker *worker;
static struct snapshot *seen; /* the last one taken, with the last preview and look */
static unsigned serial;

static inline const char *in_folder(const char *name)
{
    static char path[JOB_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void wake(void *context)
{
    ssize_t n = write(*(int *)context, "w", 1);
    (void)n; /* full: told already */
}

/* Takes what there is; seen keeps preview and look until there are new ones. */
static inline bool take(void)
{
    struct snapshot *fresh = worker_take(worker);
    if (!fresh)
        return false;
    if (seen && !fresh->preview.rgb) {
        fresh->preview = seen->preview;
        seen->preview.rgb = NULL;
    }
    if (seen && !fresh->look) {
        fresh->look = seen->look;
        seen->look = NULL;
    }
    snapshot_free(&seen);
    seen = fresh;
    return true;
}

/* Of its picture, and the sentence that was told last. */
static struct worker_saved where;

static inline const struct snapshot_told *told(void)
{
    return &seen->told[seen->told_serial % SNAPSHOT_TOLD];
}

static inline enum status finish(void)
{
    return worker_finish(&worker, &where, &diag);
}

/* Sleeps until the worker wakes us, as the screen does. */
static inline void next(void)
{
    struct pollfd p = {pipe_ends[0], POLLIN, 0};
    char bytes[64];
    if (poll(&p, 1, 10000) != 1)
        fail_msg("no wake in 10 seconds; state %d, iteration %d", seen ? (int)seen->state : -1,
                 seen ? seen->iteration : -1);
    while (read(pipe_ends[0], bytes, sizeof bytes) > 0)
        ;
    take();
}

static inline void until(enum snapshot_state state)
{
    while (!seen || seen->state != state)
        next();
}

static inline void until_iteration(int iteration)
{
    while (!seen || seen->iteration < iteration)
        next();
}

static inline struct worker_options options(void)
{
    struct worker_options o = {.view = {4, 4, 0, 0.0}, .wake = wake, .context = &pipe_ends[1]};
    job_defaults(&o.job);
    o.job.iterations = 10;
    snprintf(o.job.output, JOB_PATH, "%s", in_folder("out.png"));
    return o;
}

static inline void start(const struct worker_options *o)
{
    assert_int_equal(worker_open(&worker, o, &diag), STATUS_OK);
}

static inline struct worker_options start_paused(void)
{
    struct worker_options o = options();
    o.paused = true;
    start(&o);
    return o;
}

static inline struct command command(enum command_kind kind)
{
    return (struct command){.kind = kind, .serial = ++serial};
}

/* Sends and waits until it was carried out or refused. */
static inline void send(const struct command *c)
{
    while (!worker_send(worker, c))
        next();
    while (!seen || seen->handled != c->serial)
        next();
}

static inline void send_kind(enum command_kind kind, int number)
{
    struct command c = command(kind);
    c.number = number;
    send(&c);
}

static inline void send_job(const struct job *job)
{
    struct command c = command(CMD_JOB);
    c.job = *job;
    send(&c);
}

static inline void until_waiting(void)
{
    while (!atomic_load(&fake.waiting))
        fake_sleep();
}

static inline int before_each(void **state)
{
    (void)state;
    fake_reset();
    if (pipe(pipe_ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK);
    return 0;
}

static inline int after_each(void **state)
{
    (void)state;
    worker_close(&worker);
    snapshot_free(&seen);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

#endif

/* worker.c: see worker.h. */
#include "tests/lib/worker.h"

int pipe_ends[2];

struct worker *worker;

struct snapshot *seen;

unsigned serial;

void wake(void *context)
{
    ssize_t n = write(*(int *)context, "w", 1);
    (void)n; /* full: told already */
}

bool take(void)
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

struct worker_saved where;

const struct snapshot_told *told(void)
{
    return &seen->told[seen->told_serial % SNAPSHOT_TOLD];
}

enum status finish(void)
{
    return worker_finish(&worker, &where, &diag);
}

void next(void)
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

void until(enum snapshot_state state)
{
    while (!seen || seen->state != state)
        next();
}

void until_iteration(int iteration)
{
    while (!seen || seen->iteration < iteration)
        next();
}

struct worker_options options(void)
{
    struct worker_options o = {.view = {.window = {.width = 4, .height = 4}},
                               .wake = wake,
                               .context = &pipe_ends[1]};
    job_defaults(&o.job);
    o.job.iterations = 10;
    snprintf(o.job.output, JOB_PATH, "%s", in_folder("out.png"));
    return o;
}

void start(const struct worker_options *o)
{
    assert_int_equal(worker_open(&worker, o, &diag), STATUS_OK);
}

struct worker_options start_paused(void)
{
    struct worker_options o = options();
    o.paused = true;
    start(&o);
    return o;
}

struct command command(enum command_kind kind)
{
    return (struct command){.kind = kind, .serial = ++serial};
}

void send(const struct command *c)
{
    while (!worker_send(worker, c))
        next();
    while (!seen || seen->handled != c->serial)
        next();
}

void send_kind(enum command_kind kind, int number)
{
    struct command c = command(kind);
    c.number = number;
    send(&c);
}

void send_job(const struct job *job)
{
    struct command c = command(CMD_JOB);
    c.job = *job;
    send(&c);
}

void until_waiting(void)
{
    while (!atomic_load(&fake.waiting))
        fake_sleep();
}

int before_each(void **state)
{
    (void)state;
    fake_reset();
    if (pipe(pipe_ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK);
    return 0;
}

int after_each(void **state)
{
    (void)state;
    worker_close(&worker);
    snapshot_free(&seen);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return 0;
}

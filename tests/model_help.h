/*
 * model_help.h: what the tests of the model share: a model of a small job, keys typed into it,
 * snapshots as a worker would give them.
 */
#ifndef STRATA_MODEL_HELP_H
#define STRATA_MODEL_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/desk/model.h"

static struct model *m;

static inline int make_model(void **state)
{
    struct job job;
    (void)state;
    job_defaults(&job);
    strcpy(job.content, "assets/coast.jpg");
    strcpy(job.output, "no-such-folder/out.png");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        strcpy(job.channel[i].style.path, i < 3 ? "assets/night.jpg" : "assets/glass.jpg");
        job.channel[i].state = CHANNEL_ON;
    }
    m = model_new(&job, "");
    return 0;
}

static inline int free_model(void **state)
{
    (void)state;
    model_free(&m);
    return 0;
}

/* What the model asks of the disk, at once. */
static inline void answer_disk(void)
{
    while (m->disk_count > 0) {
        struct disk_request request = m->disk[0];
        struct disk_answer answer;
        memmove(&m->disk[0], &m->disk[1], (size_t)--m->disk_count * sizeof m->disk[0]);
        disk_do(&answer, &request);
        model_take_answer(m, &answer);
    }
}

/* An action, and what the disk says to it. */
static inline void apply(const struct act *act)
{
    model_apply(m, act);
    answer_disk();
}

/* Keys by name, parted by blanks. */
static inline void press(const char *names)
{
    while (*(names += strspn(names, " "))) {
        int code = keys_code(names);
        struct act act = {.action = keys_action(model_context(m), code), .typed = (unsigned)code};
        assert_int_not_equal(code, 0);
        apply(&act);
        names += strcspn(names, " ");
    }
}

static inline void type(const char *text)
{
    for (; *text; text++) {
        struct act act = {.action = keys_action(model_context(m), *text),
                          .typed = (unsigned char)*text};
        apply(&act);
    }
}

/* A run as if it had been started. */
static inline struct snapshot *seen(enum snapshot_state run_state, int iteration)
{
    struct snapshot *s = snapshot_new();
    s->state = run_state;
    s->iteration = iteration;
    s->iterations = m->job.iterations;
    s->handled = m->serial;
    model_job(m, &s->job);
    m->started = true;
    return s;
}

static inline void run_seen(enum snapshot_state run_state, int iteration)
{
    model_take(m, seen(run_state, iteration));
}

/* The run says one more sentence, in answer to a command or (0) not. */
static inline void say(struct snapshot *s, unsigned command, enum status status, const char *text)
{
    struct snapshot_told *told = &s->told[++s->told_serial % SNAPSHOT_TOLD];
    diag_set(&told->diag, status, "%s", text);
    told->command = command;
}

/* The last command that waits for the worker, NULL if none. */
static inline const struct command *sent(void)
{
    return m->outbox_count ? &m->outbox[m->outbox_count - 1] : NULL;
}

static inline void nothing_sent(void)
{
    m->outbox_count = 0;
}

#endif

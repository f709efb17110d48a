/* model.c: see model.h. */
#include "tests/lib/model.h"

struct model *m;

int make_model(void **state)
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

int free_model(void **state)
{
    (void)state;
    model_free(&m);
    return 0;
}

void answer_disk(void)
{
    while (m->disk_count > 0) {
        struct disk_request request = m->disk[0];
        struct disk_answer answer;
        memmove(&m->disk[0], &m->disk[1], (size_t)--m->disk_count * sizeof m->disk[0]);
        disk_do(&answer, &request);
        model_take_answer(m, &answer);
    }
}

void apply(const struct act *act)
{
    model_apply(m, act);
    answer_disk();
}

void press(const char *names)
{
    while (*(names += strspn(names, " "))) {
        int code = keys_code(names);
        struct act act = {.action = keys_action(model_context(m), code), .typed = (unsigned)code};
        assert_int_not_equal(code, 0);
        apply(&act);
        names += strcspn(names, " ");
    }
}

void type(const char *text)
{
    for (; *text; text++) {
        struct act act = {.action = keys_action(model_context(m), *text),
                          .typed = (unsigned char)*text};
        apply(&act);
    }
}

struct snapshot *snapshot_of(enum snapshot_state run_state, int iteration)
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

void run_seen(enum snapshot_state run_state, int iteration)
{
    model_take(m, snapshot_of(run_state, iteration));
}

void say(struct snapshot *s, unsigned command, enum status status, const char *text)
{
    struct snapshot_told *told = &s->told[++s->told_serial % SNAPSHOT_TOLD];
    diag_set(&told->diag, status, "%s", text);
    told->command = command;
}

const struct command *sent(void)
{
    return m->outbox_count ? &m->outbox[m->outbox_count - 1] : NULL;
}

void nothing_sent(void)
{
    m->outbox_count = 0;
}

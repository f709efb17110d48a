/* desk_outside.c: see desk_private.h: what the terminal shows of the run outside of the screen. */
#include <stdio.h>

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/desk/desk_private.h"
#include "tui/term/outside.h"
#include "tui/term/text.h"

/* What it is called while the run is in a state, and its state for the terminal. */
static const struct {
    const char *word;
    enum outside_state outside;
} states[] = {
    [SNAPSHOT_OPENING] = {"begins", OUTSIDE_BEGINS}, [SNAPSHOT_RUNNING] = {"", OUTSIDE_RUNS},
    [SNAPSHOT_PAUSED] = {"paused", OUTSIDE_RESTS},   [SNAPSHOT_DONE] = {"done", OUTSIDE_IDLE},
    [SNAPSHOT_STOPPED] = {"stopped", OUTSIDE_IDLE},  [SNAPSHOT_FAILED] = {"failed", OUTSIDE_FAILED},
};

static int percent_of(const struct snapshot *s)
{
    return s->iterations > 0 ? (int)(100.0 * s->iteration / s->iterations) : 0;
}

/* "strata 42 % · coast.jpg" */
static void print_title(char *out, size_t size, const struct snapshot *s)
{
    const char *dot = text_utf8() ? "·" : "-", *name = file_name(s->job.content);
    const char *word = states[s->state].word;
    if (s->state == SNAPSHOT_RUNNING || s->state == SNAPSHOT_PAUSED)
        snprintf(out, size, "strata %d %%%s%s %s %s", percent_of(s), *word ? " " : "", word, dot,
                 name);
    else
        snprintf(out, size, "strata %s %s %s", word, dot, name);
}

/* Who looks elsewhere is told once that the run is over. */
static void notify(struct desk *d, const struct snapshot *s)
{
    char text[JOB_PATH + 100];
    bool over = s->state == SNAPSHOT_DONE || s->state == SNAPSHOT_FAILED;
    const struct config *config = &d->model->config;
    if (!over || d->focused)
        d->notified = over;
    if (!over || d->notified || config_is(config, CONFIG_NOTIFY, "off"))
        return;
    d->notified = true;
    snprintf(text, sizeof text, "strata: %s is %s", file_name(s->job.content),
             states[s->state].word);
    outside_notify(config_is(config, CONFIG_NOTIFY, "bell") ? "" : text);
}

void desk_tell_outside(struct desk *d)
{
    char title[JOB_PATH + 100] = "";
    const struct snapshot *s = d->worker ? d->model->run : NULL;
    if (s) {
        if (config_is(&d->model->config, CONFIG_TITLE, "on"))
            print_title(title, sizeof title, s);
        notify(d, s);
    }
    outside_show(title, s ? states[s->state].outside : OUTSIDE_IDLE, s ? percent_of(s) : 0);
    outside_flush(clock_now());
}

void desk_copy(struct desk *d)
{
    struct model *m = d->model;
    if (!d->fake && (!m->copied || !outside_copy(m->copied)))
        model_say(m, MESSAGE_ERROR, "this terminal has no clipboard that strata could write to");
    mem_free(m->copied);
    m->copied = NULL;
}

/* model_history.c: edits of the job, taken back and done again. */
#include <string.h>

#include "tui/model/model_private.h"

/* History */

void model_history_reset(struct model *m)
{
    m->history.count = 1;
    m->history.at = m->history.accepted = m->history.kind = 0;
    m->history.entry[0] = m->job;
}

void model_commit(struct model *m, int kind)
{
    struct history *h = &m->history;
    if (job_equal(&h->entry[h->at], &m->job)) {
        h->kind = kind;
        return;
    }
    bool same = kind != 0 && kind == h->last_kind && h->at > 0;
    if (!same && h->at == MODEL_HISTORY) {
        memmove(h->entry, h->entry + 1, (size_t)h->at * sizeof *h->entry);
        h->at--;
        h->accepted -= h->accepted > 0;
    }
    h->at += !same;
    h->entry[h->at] = m->job;
    h->count = h->at + 1;
    h->kind = kind;
    model_send_job(m);
}

static void step_history(struct model *m, int step)
{
    struct history *h = &m->history;
    int to = h->at + step;
    if (to < 0 || to >= h->count) {
        model_say(m, MESSAGE_HINT, step < 0 ? "nothing left to take back" : "nothing to do again");
        return;
    }
    h->at = to;
    m->job = h->entry[to];
    model_send_job(m);
    model_say(m, MESSAGE_HINT, step < 0 ? "taken back; r does it again" : "done again");
}

void model_refused(struct model *m)
{
    struct history *h = &m->history;
    if (h->at <= h->accepted)
        return;
    h->at = h->accepted;
    h->count = h->at + 1;
    m->job = h->entry[h->at];
    m->history.serial = 0;
}

void model_adopt(struct model *m, const struct job *job)
{
    m->job = *job;
    m->solo = MODEL_NO_LAYER;
    bool started = m->started;
    m->started = false; /* it is in force already */
    model_commit(m, 0);
    m->started = started;
    m->history.accepted = m->history.at;
}

void model_history_action(struct model *m, enum history_action action)
{
    switch (action) {
    case DO_UNDO: step_history(m, -1); break;
    case DO_REDO: step_history(m, 1); break;
    }
}

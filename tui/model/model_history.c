/* model_history.c: edits of the job, taken back and done again. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"

enum { ROOM = 90 }; /* bytes for what undo says */

void model_history_reset(struct model *m)
{
    m->history.count = 1;
    m->history.at = m->history.accepted = m->history.kind = 0;
    m->history.entry[0] = m->job;
}

/* What a hand has set is not set anew by the edits that the job still has to make. */
static void yield(struct model *m)
{
    const struct job *before = &m->history.entry[m->history.at];
    int next = job_edits_next(m->job.edits, m->followed);
    if (next < 0 || strcmp(before->edits, m->job.edits) != 0)
        return; /* it is another job */
    int count = job_edits_yield(&m->job, before, m->followed);
    if (count > 0)
        model_say(m, MESSAGE_HINT, "your value stays: %d recorded edit%s of it %s left out", count,
                  count > 1 ? "s" : "", count > 1 ? "are" : "is");
}

void model_commit(struct model *m, int kind)
{
    struct history *h = &m->history;
    if (!m->adopting)
        yield(m);
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

/* What makes after of before, in whole parts: the line has room for a few. */
static void say_difference(char words[ROOM], const struct job *before, const struct job *after)
{
    char all[400];
    job_differences(all, sizeof all, before, after);
    size_t used = strlen(all), most = ROOM - sizeof " and more";
    if (used == 0)
        strcpy(all, "the edits");
    if (used > most) {
        all[most] = 0;
        char *end = strrchr(all, ',');
        if (!end)
            end = strrchr(all, ' ');
        if (end)
            *end = 0;
    }
    snprintf(words, ROOM, "%s%s", all, used > most ? " and more" : "");
}

static void step_history(struct model *m, int step)
{
    struct history *h = &m->history;
    int to = h->at + step;
    if (to < 0 || to >= h->count) {
        model_say(m, MESSAGE_HINT, step < 0 ? "nothing left to take back" : "nothing to do again");
        return;
    }
    char words[ROOM];
    const struct job *next = &h->entry[to];
    say_difference(words, step < 0 ? next : &m->job, step < 0 ? &m->job : next);
    h->at = to;
    m->job = h->entry[to];
    model_send_job(m);
    model_say(m, MESSAGE_HINT, step < 0 ? "%s taken back; r does it again" : "%s done again",
              words);
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

void model_history_action(struct model *m, enum history_action action)
{
    switch (action) {
    case DO_UNDO: step_history(m, -1); break;
    case DO_REDO: step_history(m, 1); break;
    }
}

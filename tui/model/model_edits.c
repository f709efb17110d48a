/*
 * model_edits.c: see model_private.h. What the job changes while it is painted: dropped, or made
 * the job's own; the desk follows a run that makes such edits; what a new start begins with.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/model/model_private.h"

static void drop(struct job *job)
{
    job->edits[0] = 0;
    job->edits_lost = 0;
}

/* Makes the edits up to that iteration, in every job of the history those that it has, so that undo
 * takes back what the user did and nothing else. */
static void make(struct model *m, int upto)
{
    struct history *h = &m->history;
    for (int i = 0; i < h->count; i++)
        job_edits_apply(&h->entry[i], h->entry[i].edits, m->followed, upto);
    job_edits_apply(&m->job, m->job.edits, m->followed, upto);
}

void model_follow(struct model *m, const struct snapshot *s)
{
    char words[100];
    if (!m->started || m->resuming || m->returning || s->handled < m->anew ||
        s->iteration <= m->followed)
        return;
    int next = job_edits_next(m->job.edits, m->followed);
    if (next >= 0 && next <= s->iteration) {
        struct job *before = mem_new(sizeof *before);
        *before = m->job;
        make(m, s->iteration);
        job_differences(words, sizeof words, before, &m->job);
        mem_free(before);
        if (words[0] && m->message.kind <= MESSAGE_HINT)
            model_say(m, MESSAGE_HINT, "iteration %d, as it was painted: %s", next, words);
    }
    m->followed = s->iteration;
}

void model_taken_up(struct model *m, const struct job *job, const char *edits, int iteration)
{
    m->job = *job;
    snprintf(m->job.edits, sizeof m->job.edits, "%s", edits);
    job_edits_drop(&m->job, iteration);
    m->followed = iteration;
}

void model_adopt(struct model *m, const struct job *job, const char *edits, int iteration)
{
    model_taken_up(m, job, edits, iteration);
    m->solo = MODEL_NO_LAYER;
    m->adopting = true;
    model_commit(m, 0);
    m->adopting = false;
    m->history.accepted = m->history.at;
}

bool model_began(const struct model *m, struct job *job)
{
    bool any = m->start_job.edits[0] != 0;
    if (!m->started)
        return true;
    struct job *now = mem_new(sizeof *now), *desk = mem_new(sizeof *desk);
    *now = m->start_job;
    *desk = *job;
    job_edits_apply(now, now->edits, -1, m->followed);
    job_edits_drop(now, m->followed); /* only what is to come must be the same */
    job_edits_drop(desk, m->followed);
    memcpy(now->output, job->output, sizeof now->output);
    bool untouched = any && job_equal(now, desk);
    if (untouched) {
        *job = m->start_job;
        memcpy(job->output, now->output, sizeof now->output);
    } else {
        drop(job);
    }
    mem_free(desk);
    mem_free(now);
    return untouched || !any;
}

void model_begin_again(struct model *m, const struct job *job)
{
    struct history *h = &m->history;
    m->start_job = *job;
    m->followed = -1;
    if (job->edits[0]) {
        model_adopt(m, job, job->edits, -1);
        return;
    }
    for (int i = 0; i < h->count; i++)
        drop(&h->entry[i]);
    drop(&m->job);
}

void model_edits_word(struct model *m, const char *word)
{
    struct history *h = &m->history;
    bool last = strcmp(word, "last") == 0;
    if (word[0] && !last && strcmp(word, "off") != 0) {
        model_say(m, MESSAGE_ERROR, "edits: %s is neither off nor last", word);
        return;
    }
    if (!m->job.edits[0] && !m->job.edits_lost) {
        model_say(m, MESSAGE_HINT, "the job has no edits: it is painted as it is from the first "
                                   "iteration on");
        return;
    }
    if (!word[0]) {
        model_say_edits(m);
        return;
    }
    if (last)
        job_edits_apply(&m->job, m->job.edits, m->followed, JOB_MAX_ITERATIONS);
    drop(&m->job);
    h->last_kind = 0;
    model_commit(m, 0);
    model_say(m, MESSAGE_HINT, last ? "the edits are made; u takes that back"
                                    : "the edits are dropped; u takes that back");
}

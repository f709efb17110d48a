/* model_answer.c: questions: their words, and what an answer does; leaving. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"

/* "The run is at 3 of 10 and not saved", "2 snapshots are only here", or both. */
static void print_losses(const struct model *m, char *out, size_t size)
{
    int kept = model_unsaved_kept(m), used = 0;
    bool run = model_running(m);
    if (run)
        used = snprintf(out, size, "The run is at %d of %d and not saved",
                        m->run ? m->run->iteration : 0, m->run ? m->run->iterations : 0);
    if (kept)
        snprintf(out + used, size - (size_t)used, "%s%d snapshot%s only here", run ? ", " : "",
                 kept, kept == 1 ? " is" : "s are");
}

static void print_guarded(const struct model *m, char *out, size_t size)
{
    int more;
    char others[40] = "";
    const char *first = model_guarded(m, &more);
    if (more > 0)
        snprintf(others, sizeof others, " and %d more", more);
    snprintf(out, size, "The job in %s reads %s%s, outside its folder. Use them?",
             file_name(m->guard), first ? first : "", others);
}

void model_question(const struct model *m, char text[DIAG_TEXT], char answers[200])
{
    char raw[JOB_PATH + 200], lost[120] = "";
    const char *path = m->question_path;
    const char *can = "";
    raw[0] = 0;
    print_losses(m, lost, sizeof lost);
    switch (m->question) {
    case QUESTION_QUIT:
        snprintf(raw, sizeof raw, "%s. Leave?", lost);
        can = "y save and leave   n leave unsaved   k let it go on alone   esc stay";
        break;
    case QUESTION_QUIT_KEPT:
        snprintf(raw, sizeof raw, "%s. Leave?", lost);
        can = "y save all and leave   n leave unsaved   esc stay";
        break;
    case QUESTION_QUIT_EDITS:
        snprintf(raw, sizeof raw, "The job was changed and is saved nowhere. Leave?");
        can = "y save it as a file and leave   n leave unsaved   esc stay";
        break;
    case QUESTION_TRUST:
        print_guarded(m, raw, sizeof raw);
        can = "y use them   esc back";
        break;
    case QUESTION_START:
        snprintf(raw, sizeof raw, "%s is there already. Replace it when the run ends?", path);
        can = "y replace it   n keep both, under a new name   esc back";
        break;
    case QUESTION_SAVE:
    case QUESTION_SAVE_JOB:
        snprintf(raw, sizeof raw, "%s is there already. Replace it?", path);
        can = "y replace it   n keep both, under a new name   esc back";
        break;
    case QUESTION_OPEN:
        snprintf(raw, sizeof raw, "%s. Give up for %s?", lost, path);
        can = "y give up   esc back";
        break;
    case QUESTION_REMOVE:
        snprintf(raw, sizeof raw, "Remove the run %s? Its pictures stay where they are.", path);
        can = "y remove it   esc back";
        break;
    case QUESTION_NONE: break;
    }
    diag_clean(text, DIAG_TEXT, raw);
    snprintf(answers, 200, "%s", can);
}

/* Leaving */

static bool edited(const struct model *m)
{
    bool nothing = !m->started || (m->run && m->run->state == SNAPSHOT_FAILED &&
                                   m->run->iteration == 0); /* no picture holds the job */
    return nothing && !job_equal(&m->job, &m->saved_job);
}

void model_want_quit(struct model *m)
{
    if (model_running(m))
        model_ask(m, QUESTION_QUIT, "", "", 0);
    else if (model_unsaved_kept(m) > 0)
        model_ask(m, QUESTION_QUIT_KEPT, "", "", 0);
    else if (edited(m) && m->history.count > 1)
        model_ask(m, QUESTION_QUIT_EDITS, "", "", 0);
    else
        m->requests |= REQUEST_QUIT;
}

static void answer_question(struct model *m, int number)
{
    char path[JOB_PATH];
    enum question question = m->question;
    bool one = question == QUESTION_OPEN || question == QUESTION_TRUST ||
               question == QUESTION_REMOVE;
    if ((number == 3 && question != QUESTION_QUIT) || (number == 2 && one))
        return;
    m->question = QUESTION_NONE;
    snprintf(path, sizeof path, "%s", number == 2 ? m->question_beside : m->question_path);
    switch (question) {
    case QUESTION_QUIT:
        m->requests |= number == 1   ? REQUEST_QUIT_SAVING
                       : number == 2 ? REQUEST_QUIT
                                     : REQUEST_DETACH;
        break;
    case QUESTION_QUIT_KEPT: m->requests |= number == 1 ? REQUEST_QUIT_SAVING : REQUEST_QUIT; break;
    case QUESTION_QUIT_EDITS:
        if (number == 1)
            model_quit_saving_job(m);
        else
            m->requests |= REQUEST_QUIT;
        break;
    case QUESTION_TRUST:
        m->guard[0] = 0;
        model_want_start(m);
        break;
    case QUESTION_START:
        if (number == 1)
            snprintf(m->written, sizeof m->written, "%s", path);
        else
            snprintf(m->job.output, sizeof m->job.output, "%s", path);
        model_commit(m, 0);
        model_start(m);
        break;
    case QUESTION_SAVE:
        snprintf(m->written, sizeof m->written, "%s", path);
        model_save(m, path, m->question_number);
        break;
    case QUESTION_SAVE_JOB: model_save_job(m, path, FILE_OVERWRITE); break;
    case QUESTION_OPEN: model_load(m, path, true); break;
    case QUESTION_REMOVE: model_remove_run(m, path); break;
    case QUESTION_NONE: break;
    }
}

void model_answer_action(struct model *m, enum answer_action action)
{
    switch (action) {
    case DO_ANSWER_1: answer_question(m, 1); break;
    case DO_ANSWER_2: answer_question(m, 2); break;
    case DO_ANSWER_3: answer_question(m, 3); break;
    case DO_ANSWER_NONE: m->question = QUESTION_NONE; break;
    }
}

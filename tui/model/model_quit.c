/* model_quit.c: leaving, and what is asked or saved before. */
#include "tui/model/model_private.h"

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

void model_save_and_quit(struct model *m)
{
    if (model_running(m) || model_unsaved_kept(m) > 0)
        m->requests |= REQUEST_QUIT_SAVING;
    else if (edited(m) && m->history.count > 1)
        model_quit_saving_job(m);
    else
        m->requests |= REQUEST_QUIT;
}

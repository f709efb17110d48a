/* model_send.c: commands to the worker, in the order in which they are to be obeyed. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"

enum file_overwrite model_mode(const struct model *m, const char *path)
{
    const struct snapshot *s = m->run;
    bool own = s && s->handled >= m->anew && s->file[0] && strcmp(path, s->file) == 0;
    bool allowed = m->written[0] && strcmp(path, m->written) == 0;
    return own || allowed ? FILE_OVERWRITE : FILE_KEEP;
}

/* The worker */

struct command *model_send(struct model *m, enum command_kind kind)
{
    if (m->outbox_count >= MODEL_OUTBOX + (kind == CMD_JOB)) {
        model_say(m, MESSAGE_ERROR, "the run is busy; try again in a moment");
        return NULL;
    }
    struct command *c = &m->outbox[m->outbox_count++];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    c->serial = ++m->serial;
    model_job(m, &c->job);
    c->seen = m->followed;
    return c;
}

unsigned model_send_number(struct model *m, enum command_kind kind, int number)
{
    struct command *c = model_send(m, kind);
    if (c)
        c->number = number;
    return c ? c->serial : 0;
}

void model_send_save(struct model *m, const char *path, int number)
{
    struct command *c = model_send(m, CMD_SAVE);
    if (!c)
        return;
    c->number = number;
    c->mode = model_mode(m, path);
    snprintf(c->path, sizeof c->path, "%s", path);
    snprintf(m->saving_path, sizeof m->saving_path, "%s", path);
    m->saving = *path ? c->serial : 0;
}

void model_send_job(struct model *m)
{
    if (!m->started || m->adopting)
        return;
    if (m->outbox_count > 0 && m->outbox[m->outbox_count - 1].kind == CMD_JOB)
        m->outbox_count--;
    m->history.serial = model_send(m, CMD_JOB)->serial; /* there is always a place for it */
}

void model_another_run(struct model *m, unsigned serial)
{
    if (serial == 0)
        return;
    m->anew = serial;
    m->written[0] = 0; /* it replaces nothing that the one before wrote */
}

void model_forget_answers(struct model *m)
{
    m->told_seen = m->returning = m->saving = m->anew = m->history.serial = 0;
    m->outbox_count = m->looking = 0;
}

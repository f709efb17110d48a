/* model_copy.c: the job as a line for the shell: shown, and handed to the terminal's clipboard. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/command_line.h"
#include "tui/model/model_private.h"

/* It is m->line that is copied, now and again. */
static void copy(struct model *m)
{
    mem_free(m->copied);
    m->copied = mem_text(m->line);
    m->requests |= REQUEST_COPY;
    model_say(m, MESSAGE_DONE, "copied, where your terminal allows it");
}

static void show(struct model *m, struct text_buffer *line)
{
    mem_free(m->line);
    m->line = mem_text(text_buffer_get(line));
    text_buffer_clear(line);
    m->overlay = OVERLAY_COMMAND;
    m->first_line = 0;
    copy(m);
}

static void show_file(struct model *m, const char *path)
{
    struct text_buffer line = {0};
    text_buffer_add(&line, "strata run ");
    command_line_quote(&line, path);
    show(m, &line);
}

/* A job that options cannot say goes to a file beside its output, under a name that is free. */
static void write_file(struct model *m, const struct job *job)
{
    char path[JOB_PATH], folder[JOB_PATH];
    struct diag diag;
    model_job_file_name(m, path);
    if (file_folder(folder, sizeof folder, path, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    struct disk_request *r = model_disk(m, DISK_WRITE, PURPOSE_COMMAND, path);
    r->beside = true;
    r->text = job_print(job, folder);
    r->size = strlen(r->text);
    m->line_job = *job;
}

void model_command_written(struct model *m, const struct disk_answer *a)
{
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    snprintf(m->line_file, sizeof m->line_file, "%s", a->request.path);
    show_file(m, a->request.path);
}

void model_show_command(struct model *m)
{
    struct diag diag;
    struct text_buffer line = {0};
    static struct job job;
    model_job(m, &job);
    model_began(m, &job);
    bool written = m->line_file[0] && job_equal(&job, &m->line_job);
    if (!written)
        m->line_file[0] = 0;
    if (job_validate(&job, &diag) != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
    else if (command_line_print(&line, &job))
        show(m, &line);
    else if (file_has_ending(m->path, ".ini") && job_equal(&job, &m->saved_job))
        show_file(m, m->path);
    else if (written)
        show_file(m, m->line_file);
    else
        write_file(m, &job);
}

/* While there are more lines below. */
static void scroll_down(struct model *m)
{
    int lines = 0, rows = m->layout.full.height - 2;
    for (const char *text = m->line; *text; lines++) {
        text = command_line_break(text, m->layout.columns - 2);
        text += *text == ' ';
    }
    m->first_line += m->first_line + rows < lines;
}

void model_command_action(struct model *m, enum command_action action)
{
    switch (action) {
    case DO_COMMAND_COPY: copy(m); break;
    case DO_COMMAND_UP: m->first_line -= m->first_line > 0; break;
    case DO_COMMAND_DOWN: scroll_down(m); break;
    case DO_COMMAND_CLOSE: m->overlay = OVERLAY_NONE; break;
    }
}

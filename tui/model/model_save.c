/* model_save.c: the picture and the job on their way to files. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"

void model_save(struct model *m, const char *path, int number)
{
    struct disk_request *r = model_disk(m, DISK_OUTPUT, PURPOSE_SAVE, path);
    r->mode = model_mode(m, path);
    r->number = number;
}

void model_save_checked(struct model *m, const struct disk_answer *a)
{
    if (a->diag.status == STATUS_OK)
        model_send_save(m, a->request.path, a->request.number);
    else if (a->exists)
        model_ask(m, QUESTION_SAVE, a->request.path, a->beside, a->request.number);
    else
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
}

/* purpose: SAVE_JOB, or QUIT to leave when it is saved. */
static void write_job(struct model *m, const char *path, enum file_overwrite mode,
                      enum purpose purpose)
{
    struct diag diag;
    char folder[JOB_PATH];
    if (!file_has_ending(path, ".ini")) {
        model_say(m, MESSAGE_ERROR, "a job file's name ends in .ini");
        return;
    }
    if (file_folder(folder, sizeof folder, path, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    struct disk_request *r = model_disk(m, DISK_WRITE, purpose, path);
    r->mode = mode;
    r->beside = purpose == PURPOSE_QUIT && strcmp(path, m->path) != 0;
    m->writing_job = m->job;
    model_began(m, &m->writing_job);
    r->text = job_print(&m->writing_job, folder);
    r->size = strlen(r->text);
}

void model_save_job(struct model *m, const char *path, enum file_overwrite mode)
{
    write_job(m, path, mode, PURPOSE_SAVE_JOB);
}

void model_job_saved(struct model *m, const struct disk_answer *a)
{
    bool quit = a->request.purpose == PURPOSE_QUIT;
    if (a->exists && !quit) {
        model_ask(m, QUESTION_SAVE_JOB, a->request.path, a->beside, 0);
        return;
    }
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    m->saved_job = m->writing_job;
    snprintf(m->path, sizeof m->path, "%s", a->request.path);
    model_say(m, MESSAGE_DONE, "%s saved: the job", a->request.path);
    if (quit)
        m->requests |= REQUEST_QUIT;
}

void model_job_file_name(const struct model *m, char out[JOB_PATH])
{
    bool own = file_has_ending(m->path, ".ini");
    const char *base = own ? m->path : m->job.output[0] ? m->job.output : "job";
    int stem = file_stem(base);
    snprintf(out, JOB_PATH, "%.*s.ini", stem > JOB_PATH - 8 ? JOB_PATH - 8 : stem, base);
}

void model_quit_saving_job(struct model *m)
{
    char path[JOB_PATH];
    model_job_file_name(m, path);
    write_job(m, path, strcmp(path, m->path) == 0 ? FILE_OVERWRITE : FILE_KEEP, PURPOSE_QUIT);
}

void model_save_action(struct model *m, enum save_action action)
{
    char path[JOB_PATH];
    switch (action) {
    case DO_SAVE:
        if (model_needs_run(m))
            model_send_save(m, "", 0);
        break;
    case DO_SAVE_AS:
        if (model_needs_run(m))
            model_prompt_open(m, PROMPT_SAVE, "save the picture as", m->job.output);
        break;
    case DO_SAVE_JOB:
        model_job_file_name(m, path);
        model_prompt_open(m, PROMPT_SAVE_JOB, "save the job as", path);
        break;
    case DO_RUNS: model_open_runs(m); break;
    case DO_TREE: model_open_tree(m); break;
    case DO_OPEN: model_browse(m, BROWSER_JOBS, CHOICE_OPEN, m->path); break;
    }
}

/* model_files.c: what becomes of a choice in the browser. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"

void model_load(struct model *m, const char *path, bool confirmed)
{
    model_disk(m, DISK_READ_JOB, PURPOSE_OPEN, path)->number = confirmed;
}

void model_loaded(struct model *m, const struct disk_answer *a)
{
    const char *path = a->request.path;
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    m->job = m->saved_job = *a->job;
    snprintf(m->path, sizeof m->path, "%s", path);
    m->own_output = false;
    m->solo = m->swap = MODEL_NO_LAYER;
    model_leave_run(m);
    m->demo = false;
    model_shows(m, path);
    m->overlay = OVERLAY_NONE;
    model_history_reset(m);
    model_say(m, MESSAGE_DONE, "%s opened; {run} runs it", path);
    model_guard(m, path);
}

/* Nothing is chosen before the file is known to be a picture; meanwhile keys are obeyed. */
static void choose_picture(struct model *m, const char *path)
{
    struct disk_request *r = model_disk(m, DISK_PICTURE, PURPOSE_PICTURE, path);
    r->number = m->choice == CHOICE_LAYER ? m->layer : MODEL_NO_LAYER;
}

static void set_content(struct model *m, const char *path)
{
    if (m->own_output || !m->job.output[0]) {
        snprintf(m->job.content, sizeof m->job.content, "%s", path);
        model_name_output(m);
    }
    model_set_path(m, m->choice_key, path);
    m->preview = m->result.rgb ? m->preview : PREVIEW_CONTENT;
    model_browse_styles(m);
}

void model_picture_chosen(struct model *m, const struct disk_answer *a)
{
    const char *path = a->request.path;
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    m->overlay = OVERLAY_NONE;
    if (a->request.number != MODEL_NO_LAYER) {
        model_set_layer_picture(m, a->request.number, path);
        return;
    }
    if (m->choice == CHOICE_LAYERS) {
        struct model_pictures all = {.style = &a->request.path, .styles = 1,
                                     .first = MODEL_NO_LAYER};
        model_set_pictures(m, &all);
    } else if (strcmp(m->choice_key->name, "content") == 0) {
        set_content(m, path);
    } else {
        model_set_path(m, m->choice_key, path);
    }
}

static void keep_places(struct model *m)
{
    if (!m->places[0])
        return;
    struct disk_request *r = model_disk(m, DISK_WRITE, PURPOSE_PLACES, m->places);
    r->text = browser_print_places(&m->browser);
    r->size = strlen(r->text);
    r->mode = FILE_OVERWRITE;
    r->folders = true;
}

void model_open_job(struct model *m, const char *path)
{
    if (model_running(m) || model_unsaved_kept(m) > 0)
        model_ask(m, QUESTION_OPEN, path, "", 0);
    else
        model_load(m, path, m->overlay != OVERLAY_FILES);
}

void model_remember_folder(struct model *m, const char *path)
{
    struct browser *b = &m->browser;
    if (file_folder(b->chosen[b->kind], JOB_PATH, path, NULL) != STATUS_OK)
        return;
    browser_add_place(b, b->chosen[b->kind]);
    keep_places(m);
}

void model_choose_file(struct model *m, const char *path)
{
    model_remember_folder(m, path);
    if (m->browser.kind == BROWSER_PICTURES) {
        choose_picture(m, path);
    } else if (m->browser.kind == BROWSER_NETWORKS) {
        m->overlay = OVERLAY_NONE; /* and set once its header has been read, as if it was typed */
        struct disk_request *r = model_disk(m, DISK_NETWORK, PURPOSE_INPUT, path);
        snprintf(r->name, sizeof r->name, "network %.1000s", path);
    } else {
        model_open_job(m, path);
        if (m->question == QUESTION_OPEN)
            m->overlay = OVERLAY_NONE;
    }
}

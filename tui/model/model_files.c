/* model_files.c: what becomes of a choice in the browser, and the browser's actions. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"
#include "tui/term/text.h"

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
    if (m->started)
        m->requests |= REQUEST_CLOSE_RUN;
    m->started = false;
    model_forget_answers(m);
    m->written[0] = 0;
    snapshot_free(&m->run);
    snapshot_picture_clear(&m->result);
    snapshot_look_free(&m->look);
    model_shows(m, path);
    m->overlay = OVERLAY_NONE;
    model_history_reset(m);
    model_say(m, MESSAGE_DONE, "%s opened; space runs it", path);
    model_guard(m, path);
}

/* Nothing is chosen before the file is known to be a picture; meanwhile keys are obeyed. */
static void choose_picture(struct model *m, const char *path)
{
    struct disk_request *r = model_disk(m, DISK_PICTURE, PURPOSE_PICTURE, path);
    r->number = m->choice == CHOICE_LAYER ? m->layer : MODEL_NO_LAYER;
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
    bool content = strcmp(m->choice_key->name, "content") == 0;
    if (content && (m->own_output || !m->job.output[0])) {
        snprintf(m->job.content, sizeof m->job.content, "%s", path);
        model_name_output(m);
    }
    model_set_path(m, m->choice_key, path);
    m->preview = m->result.rgb ? m->preview : PREVIEW_CONTENT;
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

static void choose(struct model *m)
{
    char path[JOB_PATH];
    bool folder;
    if (!browser_path(&m->browser, path, &folder))
        return;
    if (folder) {
        model_list(m, path, NULL);
        return;
    }
    browser_add_place(&m->browser, m->browser.folder);
    m->browser.chosen = true;
    keep_places(m);
    if (m->browser.kind == BROWSER_PICTURES) {
        choose_picture(m, path);
    } else if (m->browser.kind == BROWSER_NETWORKS) {
        m->overlay = OVERLAY_NONE;
        model_set_path(m, job_find_key("network"), path);
    } else if (model_running(m) || model_unsaved_kept(m) > 0) {
        m->overlay = OVERLAY_NONE;
        model_ask(m, QUESTION_OPEN, path, "", 0);
    } else {
        model_load(m, path, false);
    }
}

static void shorten_filter(struct model *m)
{
    struct browser *b = &m->browser;
    char filter[BROWSER_FILTER];
    size_t n = strlen(b->filter);
    if (n == 0) {
        model_parent(m);
        return;
    }
    snprintf(filter, sizeof filter, "%s", b->filter);
    do
        filter[--n] = 0;
    while (n > 0 && ((unsigned char)b->filter[n] & 0xc0) == 0x80);
    browser_filter(b, filter);
}

void model_type_filter(struct model *m, unsigned code)
{
    char filter[BROWSER_FILTER];
    snprintf(filter, sizeof filter, "%s", m->browser.filter);
    if (text_insert(filter, sizeof filter, strlen(filter), code))
        browser_filter(&m->browser, filter);
}

static void enter_folder(struct model *m)
{
    char path[JOB_PATH];
    bool folder;
    if (browser_path(&m->browser, path, &folder) && folder)
        model_list(m, path, NULL);
}

void model_files_line(struct model *m, int line)
{
    if (line == m->browser.cursor)
        choose(m);
    else
        browser_move(&m->browser, line - m->browser.cursor);
}

static void close_browser(struct model *m)
{
    if (m->browser.filter[0])
        browser_filter(&m->browser, "");
    else
        m->overlay = OVERLAY_NONE;
}

void model_files_action(struct model *m, enum files_action action)
{
    struct browser *b = &m->browser;
    int page = m->layout.full.height - 4;
    switch (action) {
    case DO_FILES_CHOOSE: choose(m); break;
    case DO_FILES_UP: browser_move(b, -1); break;
    case DO_FILES_DOWN: browser_move(b, 1); break;
    case DO_FILES_PAGE_UP: browser_move(b, -page); break;
    case DO_FILES_PAGE_DOWN: browser_move(b, page); break;
    case DO_FILES_FIRST: browser_move(b, -b->match_count); break;
    case DO_FILES_LAST: browser_move(b, b->match_count); break;
    case DO_FILES_PARENT: model_parent(m); break;
    case DO_FILES_ENTER: enter_folder(m); break;
    case DO_FILES_BOOKMARK: model_next_place(m); break;
    case DO_FILES_HIDDEN: browser_toggle_hidden(b); break;
    case DO_FILES_ERASE: shorten_filter(m); break;
    case DO_FILES_CLOSE: close_browser(m); break;
    }
}

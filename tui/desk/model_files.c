/* model_files.c: the browser's actions, and what becomes of its choice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "tui/desk/model_private.h"
#include "tui/term/text.h"

/* Places to jump to: the folders of the job's pictures and of the job, the working directory, those
 * of earlier sessions, home. The last that is added comes first. */
static void collect_places(struct model *m)
{
    const char *paths[] = {m->path, m->job.channel[0].style.path, m->job.content};
    const char *home = getenv("HOME");
    char folder[JOB_PATH];
    if (home && home[0])
        browser_add_place(&m->browser, home);
    if (m->places[0])
        browser_read_places(&m->browser, m->places);
    browser_add_place(&m->browser, "");
    for (int i = 0; i < 3; i++)
        if (paths[i][0] && file_folder(folder, sizeof folder, paths[i], NULL) == STATUS_OK)
            browser_add_place(&m->browser, folder);
}

void model_browse(struct model *m, enum browser_kind kind, enum choice choice, const char *path)
{
    char folder[JOB_PATH] = "";
    struct browser *b = &m->browser;
    if (b->place_count == 0)
        collect_places(m);
    bool chosen = b->chosen && b->kind == kind;
    b->kind = kind;
    if (!chosen && path[0])
        file_folder(folder, sizeof folder, path, NULL);
    browser_open(b, chosen ? b->folder : folder, path[0] ? file_name(path) : NULL);
    m->choice = choice;
    m->choice_key = model_setting(m->setting);
    m->first_file = 0;
    m->overlay = OVERLAY_FILES;
}

void model_load(struct model *m, const char *path)
{
    struct diag diag;
    static struct job job;
    if (job_read(&job, path, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    m->job = m->saved_job = job;
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
}

static void choose_picture(struct model *m, const char *path)
{
    int width, height;
    struct diag diag;
    if (image_probe(&width, &height, path, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", diag.text);
        return;
    }
    m->overlay = OVERLAY_NONE;
    if (m->choice == CHOICE_LAYER) {
        model_set_layer_picture(m, m->layer, path);
        return;
    }
    char line[JOB_PATH + 32];
    snprintf(line, sizeof line, "%s %s", m->choice_key->name, path);
    if (strcmp(m->choice_key->name, "content") == 0 && (m->own_output || !m->job.output[0])) {
        snprintf(m->job.content, sizeof m->job.content, "%s", path);
        model_name_output(m);
    }
    model_set(m, line);
    m->preview = m->result.rgb ? m->preview : PREVIEW_CONTENT;
}

static void choose(struct model *m)
{
    char path[JOB_PATH], line[JOB_PATH + 32];
    bool folder;
    if (!browser_path(&m->browser, path, &folder))
        return;
    if (folder) {
        browser_open(&m->browser, path, NULL);
        return;
    }
    browser_add_place(&m->browser, m->browser.folder);
    m->browser.chosen = true;
    if (m->places[0])
        browser_write_places(&m->browser, m->places);
    if (m->browser.kind == BROWSER_PICTURES) {
        choose_picture(m, path);
    } else if (m->browser.kind == BROWSER_NETWORKS) {
        m->overlay = OVERLAY_NONE;
        snprintf(line, sizeof line, "network %s", path);
        model_set(m, line);
    } else if (model_running(m) || model_unsaved_kept(m) > 0) {
        m->overlay = OVERLAY_NONE;
        model_ask(m, QUESTION_OPEN, path, 0);
    } else {
        model_load(m, path);
    }
}

static void erase(struct model *m)
{
    struct browser *b = &m->browser;
    char filter[BROWSER_FILTER];
    size_t n = strlen(b->filter);
    if (n == 0) {
        browser_parent(b);
        return;
    }
    snprintf(filter, sizeof filter, "%s", b->filter);
    do
        filter[--n] = 0;
    while (n > 0 && ((unsigned char)b->filter[n] & 0xc0) == 0x80);
    browser_filter(b, filter);
}

static void type(struct model *m, unsigned code)
{
    char filter[BROWSER_FILTER];
    snprintf(filter, sizeof filter, "%s", m->browser.filter);
    if (text_insert(filter, sizeof filter, strlen(filter), code))
        browser_filter(&m->browser, filter);
}

static void enter(struct model *m)
{
    char path[JOB_PATH];
    bool folder;
    if (browser_path(&m->browser, path, &folder) && folder)
        browser_open(&m->browser, path, NULL);
}

static void go_to_line(struct model *m, int line)
{
    if (line == m->browser.cursor)
        choose(m);
    else
        browser_move(&m->browser, line - m->browser.cursor);
}

bool model_files_action(struct model *m, const struct act *act)
{
    struct browser *b = &m->browser;
    int page = m->layout.full.height - 4;
    if (act->action == ACTION_OPEN) {
        model_browse(m, BROWSER_JOBS, CHOICE_OPEN, m->path);
        return true;
    }
    if (m->overlay != OVERLAY_FILES || m->prompt.kind != PROMPT_NONE)
        return false;
    switch (act->action) {
    case ACTION_FILES_CHOOSE: choose(m); break;
    case ACTION_FILES_UP: browser_move(b, -1); break;
    case ACTION_FILES_DOWN: browser_move(b, 1); break;
    case ACTION_FILES_PAGE_UP: browser_move(b, -page); break;
    case ACTION_FILES_PAGE_DOWN: browser_move(b, page); break;
    case ACTION_FILES_FIRST: browser_move(b, -b->match_count); break;
    case ACTION_FILES_LAST: browser_move(b, b->match_count); break;
    case ACTION_FILES_PARENT: browser_parent(b); break;
    case ACTION_FILES_ENTER: enter(m); break;
    case ACTION_FILES_BOOKMARK: browser_next_place(b); break;
    case ACTION_FILES_HIDDEN: browser_toggle_hidden(b); break;
    case ACTION_FILES_ERASE: erase(m); break;
    case ACTION_FILES_LINE: go_to_line(m, act->index); break;
    case ACTION_FILES_CLOSE:
        if (b->filter[0])
            browser_filter(b, "");
        else
            m->overlay = OVERLAY_NONE;
        break;
    case ACTION_TYPE: type(m, act->typed); break;
    default: return false;
    }
    return true;
}

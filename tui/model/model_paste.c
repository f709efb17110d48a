/*
 * model_paste.c: text that was pasted or, which terminals send as such, a file that was dropped:
 * into what is being typed; on the desk, the files that it names are asked about.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"
#include "tui/term/text.h"

static void type(struct model *m, unsigned code)
{
    if (m->prompt.kind != PROMPT_NONE)
        model_type_prompt(m, code);
    else
        model_type_filter(m, code);
}

/* Its first line. */
static void type_line(struct model *m, const char *text)
{
    while (*text && *text != '\n') {
        unsigned code = text_next(&text);
        if (code != '\t')
            type(m, code);
    }
}

/* Into the prompt, or the browser: a path as it is, however it was written down. There, several are
 * marked. */
static void paste_as_typed(struct model *m, const char *text)
{
    static char paths[BROWSER_MARKS][JOB_PATH];
    int count = paths_parse(text, paths, BROWSER_MARKS);
    bool browser = m->prompt.kind == PROMPT_NONE, path = count > 0 && paths_begins(paths[0]);
    if (count == 1 && path && browser) {
        browser_filter(&m->browser, paths[0]);
    } else if (count == 1 && path) {
        type_line(m, paths[0]);
    } else if (path && browser && m->browser.kind == BROWSER_PICTURES) {
        for (int i = 0; i < count && i < BROWSER_MARKS; i++)
            model_mark_path(m, paths[i]);
    } else {
        type_line(m, text);
    }
}

/* ---- on the desk -------------------------------------------------------------------------- */

static void paste_on_desk(struct model *m, const char *text)
{
    static char paths[BROWSER_MARKS][JOB_PATH];
    char path[JOB_PATH];
    int count = paths_parse(text, paths, BROWSER_MARKS);
    if (count == 0)
        return;
    if (count > BROWSER_MARKS) {
        model_say(m, MESSAGE_HINT, "%d files were pasted; six can be taken, the content and five "
                                   "layers", count);
        return;
    }
    struct disk_request *r = model_disk(m, DISK_PATHS, PURPOSE_PASTED, "");
    for (int i = 0; i < count; i++) {
        paths_expand(path, paths[i], "");
        memcpy(paths[i], path, sizeof path);
    }
    r->text = paths_join((const char (*)[JOB_PATH])paths, count);
    r->number = count;
}

void model_paste(struct model *m, const char *text)
{
    if (m->question != QUESTION_NONE)
        return;
    if (m->prompt.kind != PROMPT_NONE || m->overlay == OVERLAY_FILES)
        paste_as_typed(m, text);
    else if (m->overlay == OVERLAY_NONE)
        paste_on_desk(m, text);
}

static void ask_about_pictures(struct model *m, const struct disk_answer *a)
{
    struct browser *b = &m->browser;
    b->mark_count = 0;
    for (const char *path = a->names; *path && b->mark_count < BROWSER_MARKS;
         path += strlen(path) + 1)
        snprintf(b->mark[b->mark_count++], sizeof *b->mark, "%s", path);
    enum question question = b->mark_count == BROWSER_MARKS       ? QUESTION_PASTED_SIX
                             : b->mark_count == STYLE_LAYER_COUNT ? QUESTION_PASTED_FIVE
                             : b->mark_count > 1                  ? QUESTION_PASTED_FEW
                             : a->found[0].job                    ? QUESTION_PASTED_PAINTED
                                                                  : QUESTION_PASTED;
    model_ask(m, question, b->mark[0], "", 0);
}

void model_pasted_found(struct model *m, const struct disk_answer *a)
{
    int count = a->request.number, pictures = 0;
    if (m->overlay != OVERLAY_NONE || m->prompt.kind != PROMPT_NONE || m->question)
        return;
    for (int i = 0; i < count; i++)
        pictures += a->found[i].what == DISK_IS_PICTURE;
    if (pictures == count)
        ask_about_pictures(m, a);
    else if (a->diag.status != STATUS_OK && paths_begins(a->names))
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    else if (a->diag.status != STATUS_OK)
        model_say(m, MESSAGE_ERROR, "what was pasted is no file: %.60s", a->names);
    else if (count > 1)
        model_say(m, MESSAGE_ERROR, "only pictures can be taken together; one of these is none");
    else if (a->found[0].what == DISK_IS_FOLDER)
        model_browse_folder(m, a->names);
    else
        model_ask(m, QUESTION_PASTED_JOB, a->names, "", 0);
}

void model_question_pasted(const struct model *m, char *text, size_t size)
{
    const char *name = file_name(m->question_path);
    if (m->question == QUESTION_PASTED_JOB)
        snprintf(text, size, "Open the job %s?", name);
    else if (m->question == QUESTION_PASTED_SIX)
        snprintf(text, size, "%s as the content, the others one for each layer?", name);
    else if (m->browser.mark_count > 1)
        snprintf(text, size, "%d pictures: for the layers, or the first, %s, as the content?",
                 m->browser.mark_count, name);
    else
        snprintf(text, size, "%s: the content, or a layer's picture?", name);
}

static void put_pasted(struct model *m, const char *content, int from, int first)
{
    const struct browser *b = &m->browser;
    struct model_pictures pictures = {.content = content, .style = b->mark + from,
                                      .styles = b->mark_count - from, .first = first};
    model_set_pictures(m, &pictures);
}

void model_answer_pasted(struct model *m, enum answer_action action)
{
    char path[JOB_PATH];
    int room = STYLE_LAYER_COUNT - m->browser.mark_count;
    enum question question = m->question;
    memcpy(path, m->question_path, sizeof path);
    m->question = QUESTION_NONE;
    switch (action) {
    case DO_ANSWER_CONTENT: put_pasted(m, m->browser.mark[0], 1, MODEL_NO_LAYER); break;
    case DO_ANSWER_ALL: put_pasted(m, NULL, 0, MODEL_NO_LAYER); break;
    case DO_ANSWER_LAYER_1: case DO_ANSWER_LAYER_2: case DO_ANSWER_LAYER_3:
    case DO_ANSWER_LAYER_4: case DO_ANSWER_LAYER_5:
        put_pasted(m, NULL, 0, (int)action - (int)DO_ANSWER_LAYER_1);
        break;
    case DO_ANSWER_1:
        if (question == QUESTION_PASTED_JOB)
            model_open_job(m, path);
        else if (question == QUESTION_PASTED_SIX)
            put_pasted(m, m->browser.mark[0], 1, 0);
        else
            put_pasted(m, NULL, 0, m->layer < room ? m->layer : room);
        break;
    case DO_ANSWER_JOB: model_open_job(m, path); break;
    case DO_ANSWER_2: case DO_ANSWER_3: case DO_ANSWER_NONE: break;
    }
}

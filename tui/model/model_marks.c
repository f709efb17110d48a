/* model_marks.c: pictures that are marked in the browser, and those for several layers at once. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"

static const char *name_of_layer(int layer)
{
    return layer_name(layer_style[layer]);
}

static bool is_for_content(const struct model *m)
{
    return m->choice == CHOICE_SETTING && strcmp(m->choice_key->name, "content") == 0;
}

/* ---- marking ------------------------------------------------------------------------------ */

static int most_marks(const struct model *m)
{
    return is_for_content(m) ? BROWSER_MARKS : STYLE_LAYER_COUNT;
}

void model_mark_path(struct model *m, const char *path)
{
    int most = most_marks(m);
    if (!browser_mark(&m->browser, path, most))
        model_say(m, MESSAGE_HINT, most == BROWSER_MARKS
                                       ? "six are marked: the content and one for each layer"
                                       : "five are marked: one for each layer");
}

void model_mark(struct model *m)
{
    char path[JOB_PATH];
    bool folder;
    if (!browser_path(&m->browser, path, &folder) || paths_begins(m->browser.filter))
        return;
    if (m->browser.kind != BROWSER_PICTURES)
        model_say(m, MESSAGE_HINT, "one is opened at a time; {files_choose} opens it");
    else if (folder)
        model_say(m, MESSAGE_HINT,
                  "pictures are marked, not folders; {files_choose} opens the folder");
    else
        model_mark_path(m, path);
    browser_move(&m->browser, 1);
}

void model_mark_all(struct model *m)
{
    struct browser *b = &m->browser;
    char path[JOB_PATH];
    bool folder;
    if (b->kind != BROWSER_PICTURES)
        return;
    for (int i = 0; i < b->match_count && b->mark_count < most_marks(m); i++)
        if (browser_marked(b, i) == 0 && browser_line_path(b, i, path, &folder) && !folder)
            model_mark_path(m, path);
}

/* ---- several at once ---------------------------------------------------------------------- */

/* "night.jpg for all layers", "3 pictures for relu2_1 to relu4_1". */
static void print_styles(char *out, size_t size, const char *name, int count, int first)
{
    char what[JOB_PATH];
    if (count == 1)
        snprintf(what, sizeof what, "%s", name);
    else
        snprintf(what, sizeof what, "%d pictures", count);
    if (count == STYLE_LAYER_COUNT)
        snprintf(out, size, "%s, one for each layer", what);
    else if (count == 1 && first == MODEL_NO_LAYER)
        snprintf(out, size, "%s for all layers", what);
    else if (count == 1)
        snprintf(out, size, "%s for %s", what, name_of_layer(first));
    else
        snprintf(out, size, "%s for %s to %s", what, name_of_layer(first < 0 ? 0 : first),
                 name_of_layer((first < 0 ? 0 : first) + count - 1));
}

/* From this layer on there is room for so many. */
static int first_layer(int layer, int count)
{
    int most = STYLE_LAYER_COUNT - count;
    return layer < most ? layer : most;
}

static void print_pictures(char *out, size_t size, const struct model_pictures *p)
{
    char styles[JOB_PATH + 64] = "";
    if (p->styles > 0)
        print_styles(styles, sizeof styles, file_name(p->style[0]), p->styles, p->first);
    if (p->content)
        snprintf(out, size, "%s is the content%s%s", file_name(p->content), styles[0] ? ", " : "",
                 styles);
    else
        snprintf(out, size, "%s", styles);
}

void model_set_pictures(struct model *m, const struct model_pictures *p)
{
    char said[2 * JOB_PATH + 100];
    bool all = p->styles == 1 && p->first == MODEL_NO_LAYER;
    if (p->content) {
        snprintf(m->job.content, sizeof m->job.content, "%s", p->content);
        if (m->own_output || !m->job.output[0])
            model_name_output(m);
        m->preview = m->result.rgb ? m->preview : PREVIEW_CONTENT;
    }
    for (int i = 0; i < (all ? STYLE_LAYER_COUNT : p->styles); i++)
        model_put_layer_picture(m, (p->first < 0 ? 0 : p->first) + i, p->style[all ? 0 : i]);
    model_commit(m, 0);
    print_pictures(said, sizeof said, p);
    model_say(m, MESSAGE_DONE,
              p->content && m->started ? "%.*s; {restart} begins anew with it, {undo} takes it back"
                                       : "%.*s; {undo} takes it back",
              140, said);
}

/* What is marked, where it goes. */
static void take_marked(const struct model *m, struct model_pictures *p)
{
    const struct browser *b = &m->browser;
    bool content = is_for_content(m);
    *p = (struct model_pictures){.content = content ? b->mark[0] : NULL,
                                 .style = b->mark + content,
                                 .styles = b->mark_count - content,
                                 .first = MODEL_NO_LAYER};
    if (m->choice == CHOICE_LAYER)
        p->first = first_layer(m->layer, p->styles);
}

void model_choose_marked(struct model *m)
{
    const struct browser *b = &m->browser;
    struct disk_request *r = model_disk(m, DISK_PATHS, PURPOSE_MARKED, "");
    r->text = paths_join(b->mark, b->mark_count);
}

void model_marked_checked(struct model *m, const struct disk_answer *a)
{
    struct model_pictures pictures;
    for (int i = 0; i < m->browser.mark_count; i++)
        if (a->found[i].what != DISK_IS_PICTURE) {
            model_say(m, MESSAGE_ERROR, "%s", a->diag.status != STATUS_OK
                                                  ? a->diag.text
                                                  : "a folder is no picture");
            return;
        }
    take_marked(m, &pictures);
    m->overlay = OVERLAY_NONE;
    model_set_pictures(m, &pictures);
    m->browser.mark_count = 0;
    if (pictures.styles == 0)
        model_browse_styles(m);
}

/* ---- what Enter does ---------------------------------------------------------------------- */

void model_files_sentence(const struct model *m, char *out, size_t size)
{
    const struct browser *b = &m->browser;
    struct model_pictures pictures = {.first = MODEL_NO_LAYER};
    char path[1][JOB_PATH], said[2 * JOB_PATH], enter[16];
    bool folder;
    out[0] = 0;
    keys_fill_in(enter, sizeof enter, "{files_choose}");
    if (paths_begins(b->filter)) {
        keys_fill_in(out, size,
                     "{files_choose}: what this path leads to; {files_bookmark} completes it");
        return;
    }
    if (!browser_path(b, path[0], &folder) && b->mark_count == 0)
        return;
    if (b->match_count > 0 && folder) {
        snprintf(out, size, "%s: into %s", enter, file_name(path[0]));
        return;
    }
    if (b->kind != BROWSER_PICTURES) {
        snprintf(out, size, "%s: %s %s", enter, b->kind == BROWSER_JOBS ? "opens" : "takes",
                 file_name(path[0]));
        return;
    }
    if (b->mark_count > 0) {
        take_marked(m, &pictures);
    } else if (is_for_content(m)) {
        pictures.content = path[0];
    } else {
        pictures.style = path;
        pictures.styles = 1;
        pictures.first = m->choice == CHOICE_LAYER ? m->layer : MODEL_NO_LAYER;
    }
    print_pictures(said, sizeof said, &pictures);
    snprintf(out, size, "%s: %s", enter, said);
}

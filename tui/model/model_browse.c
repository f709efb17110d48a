/* model_browse.c: the browser on the screen: opening it, moving in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"

void model_list(struct model *m, const char *folder, const char *name)
{
    struct disk_request *r = model_disk(m, DISK_LIST, PURPOSE_LIST, folder);
    r->list = m->browser.kind;
    snprintf(r->name, sizeof r->name, "%s", name ? name : "");
    m->browser.reading = true;
}

static void add_folder_of(struct model *m, const char *path)
{
    char folder[JOB_PATH];
    if (path[0] && file_folder(folder, sizeof folder, path, NULL) == STATUS_OK)
        browser_add_place(&m->browser, folder);
}

/* Those of the user's settings, the first of them first. */
static void add_folders_set(struct model *m)
{
    char folder[JOB_PATH];
    int last = 0;
    while (config_folder(&m->config, last, folder))
        last++;
    while (--last >= 0 && config_folder(&m->config, last, folder))
        browser_add_place(&m->browser, folder);
}

/* Places to jump to: the folders of the job's pictures and of the job, the working directory, those
 * of earlier sessions, home; the demo's pictures, which nobody has chosen, come last. The last that
 * is added comes first. */
static void collect_places(struct model *m)
{
    const char *paths[] = {m->path, m->job.channel[0].style.path, m->job.content};
    const char *home = getenv("HOME");
    if (m->demo)
        add_folder_of(m, m->saved_job.content);
    if (home && home[0])
        browser_add_place(&m->browser, home);
    browser_parse_places(&m->browser, m->old_places);
    browser_add_place(&m->browser, "");
    add_folders_set(m);
    for (int i = 0; i < 3 && !m->demo; i++)
        add_folder_of(m, paths[i]);
}

/* Has the demo brought it, not the user? */
static bool is_demos(const struct model *m, const char *path)
{
    const struct job_key *key;
    char named[JOB_PATH];
    for (int i = 0; m->demo && job_input(named, &m->saved_job, i, &key); i++)
        if (strcmp(named, path) == 0)
            return true;
    return false;
}

static void open_browser(struct model *m, enum browser_kind kind, enum choice choice)
{
    if (m->browser.place_count == 0)
        collect_places(m);
    m->browser.kind = kind;
    m->browser.mark_count = 0;
    m->choice = choice;
    m->choice_key = model_setting(m->setting);
    m->first_file = 0;
    m->overlay = OVERLAY_FILES;
}

/* Where path lies or, later, where the last choice was made; on_it: with the cursor on path. */
static void browse(struct model *m, enum browser_kind kind, enum choice choice, const char *path,
                   bool on_it)
{
    char folder[JOB_PATH] = "";
    const char *chosen = m->browser.chosen[kind];
    if (!model_may_open(m, path))
        path = m->guard;
    if (is_demos(m, path))
        path = "";
    open_browser(m, kind, choice);
    if (path[0])
        file_folder(folder, sizeof folder, path, NULL);
    else
        config_folder(&m->config, 0, folder);
    model_list(m, chosen[0] ? chosen : folder, path[0] && on_it ? file_name(path) : NULL);
}

void model_browse(struct model *m, enum browser_kind kind, enum choice choice, const char *path)
{
    browse(m, kind, choice, path, true);
}

void model_browse_folder(struct model *m, const char *folder)
{
    bool content = !m->job.content[0] || m->demo;
    open_browser(m, BROWSER_PICTURES, content ? CHOICE_SETTING : CHOICE_LAYER);
    m->choice_key = job_find_key("content");
    model_list(m, folder, NULL);
}

void model_browse_styles(struct model *m)
{
    bool any = m->job.blend_count > 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        any |= m->job.channel[i].style.path[0] != 0;
    if (any || !m->job.content[0] || m->started)
        return;
    browse(m, BROWSER_PICTURES, CHOICE_LAYERS, m->job.content, false);
    model_say(m, MESSAGE_HINT,
              "now the paintings: one for all layers, or {files_mark} marks up to five");
}

void model_parent(struct model *m)
{
    char folder[JOB_PATH], name[JOB_PATH];
    if (browser_parent(&m->browser, folder, name))
        model_list(m, folder, name);
}

void model_next_place(struct model *m)
{
    const char *place = browser_next_place(&m->browser);
    if (place)
        model_list(m, place, NULL);
}

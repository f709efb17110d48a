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

/* Places to jump to: the folders of the job's pictures and of the job, the working directory, those
 * of earlier sessions, home. The last that is added comes first. */
static void collect_places(struct model *m)
{
    const char *paths[] = {m->path, m->job.channel[0].style.path, m->job.content};
    const char *home = getenv("HOME");
    char folder[JOB_PATH];
    if (home && home[0])
        browser_add_place(&m->browser, home);
    browser_parse_places(&m->browser, m->old_places);
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
    if (!model_may_open(m, path))
        path = m->guard;
    bool chosen = b->chosen && b->kind == kind;
    b->kind = kind;
    if (!chosen && path[0])
        file_folder(folder, sizeof folder, path, NULL);
    model_list(m, chosen ? b->folder : folder, path[0] ? file_name(path) : NULL);
    m->choice = choice;
    m->choice_key = model_setting(m->setting);
    m->first_file = 0;
    m->overlay = OVERLAY_FILES;
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

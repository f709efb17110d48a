/* model_paths.c: a path that stands in the browser in place of the filter: opened, completed. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"
#include "tui/model/paths.h"

/* One more request about it, which is void when something else is typed. */
static struct disk_request *ask(struct model *m, enum disk_kind kind, enum purpose purpose)
{
    char path[JOB_PATH];
    paths_expand(path, m->browser.filter, m->browser.folder);
    struct disk_request *r = model_disk(m, kind, purpose, path);
    snprintf(r->name, sizeof r->name, "%s", m->browser.filter);
    return r;
}

static bool is_typed_still(const struct model *m, const struct disk_answer *a)
{
    return m->overlay == OVERLAY_FILES && strcmp(m->browser.filter, a->request.name) == 0;
}

void model_open_typed(struct model *m)
{
    struct disk_request *r = ask(m, DISK_PATHS, PURPOSE_TYPED);
    r->text = paths_join(&r->path, 1);
}

void model_typed_found(struct model *m, const struct disk_answer *a)
{
    if (!is_typed_still(m, a))
        return;
    switch (a->found[0].what) {
    case DISK_IS_FOLDER: model_list(m, a->names, NULL); break;
    case DISK_IS_NOTHING: model_say(m, MESSAGE_ERROR, "%s", a->diag.text); break;
    case DISK_IS_PICTURE: case DISK_IS_JOB: case DISK_IS_OTHER: /* what it should be depends */
        model_choose_file(m, a->names);
        break;
    }
}

void model_complete_typed(struct model *m)
{
    char *filter = m->browser.filter;
    if (strcmp(filter, "~") == 0 || strcmp(filter, "..") == 0)
        strcat(filter, "/");
    else
        ask(m, DISK_NAMES, PURPOSE_COMPLETE_FILE);
}

void model_typed_completed(struct model *m, const struct disk_answer *a)
{
    char *filter = m->browser.filter, list[DIAG_TEXT] = "";
    if (!is_typed_still(m, a))
        return;
    int count = paths_complete(filter, a->names);
    if (count == 0)
        model_say(m, MESSAGE_HINT, "nothing begins like this");
    if (count < 2)
        return;
    for (const char *name = a->names; *name; name += strlen(name) + 1) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", used ? "  " : "", name);
    }
    model_say(m, MESSAGE_HINT, "%s", list);
}

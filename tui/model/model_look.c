/* model_look.c: which pictures are to be seen, and what of them. */
#include <math.h>
#include <stdio.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"

const char *model_still(const struct model *m)
{
    static char path[JOB_PATH];
    bool folder = true;
    const char *style = m->job.channel[m->layer].style.path;
    if (m->overlay == OVERLAY_FILES) {
        if (m->browser.grid)
            return NULL;
        if (paths_begins(m->browser.filter))
            paths_expand(path, m->browser.filter, m->browser.folder);
        else if (!browser_path(&m->browser, path, &folder) || folder)
            return NULL;
        return model_shows_picture(m, path) ? path : NULL;
    }
    if (m->overlay == OVERLAY_RUNS) {
        bool any = m->run_count > 0 && m->runs[m->run_at].state != RUNDIR_DAMAGED;
        any = any && file_join(path, sizeof path, m->runs[m->run_at].path, "latest.png", NULL) ==
                         STATUS_OK;
        return any ? path : NULL;
    }
    const struct history_node *node = tree_node(&m->tree);
    if (m->overlay == OVERLAY_TREE)
        return node && history_file(path, node->id, node->picture, NULL) == STATUS_OK ? path : NULL;
    if (m->overlay == OVERLAY_CROP)
        return style[0] && model_may_open(m, style) ? style : NULL;
    if (m->preview == PREVIEW_RESULT && !m->result.rgb && m->painted[0])
        return m->painted;
    if (m->preview == PREVIEW_CONTENT || (m->preview == PREVIEW_RESULT && !m->result.rgb))
        return m->job.content[0] && model_may_open(m, m->job.content) ? m->job.content : NULL;
    return NULL;
}

const char *model_still_small(const struct model *m)
{
    static char path[JOB_PATH];
    const struct history_node *node = tree_node(&m->tree);
    bool any = m->overlay == OVERLAY_TREE && node &&
               history_file(path, node->id, "thumbnail.png", NULL) == STATUS_OK;
    return any ? path : NULL;
}

const struct snapshot_picture *model_picture(const struct model *m)
{
    if (m->preview == PREVIEW_SNAPSHOT)
        return m->look && m->look->picture.rgb ? &m->look->picture : NULL;
    if (m->preview == PREVIEW_RESULT && m->result.rgb)
        return &m->result;
    return m->still;
}

void model_seen(const struct model *m, const struct snapshot_picture *p, double out[4])
{
    const double at[2] = {m->zoom.x, m->zoom.y};
    const int whole[2] = {p->whole_width, p->whole_height}, made[2] = {p->width, p->height};
    for (int i = 0; i < 2; i++) {
        double part = m->zoom.scale > 0 && whole[i] > 0
                          ? fmin(1.0, (double)made[i] / m->zoom.scale / whole[i])
                          : 1.0;
        out[i] = fmin(fmax(at[i] - part / 2.0, 0.0), 1.0 - part);
        out[2 + i] = part;
    }
}

const struct snapshot_picture *model_compared(const struct model *m, int side)
{
    const struct compare_side *s = &m->compare.side[side];
    switch (s->of) {
    case COMPARED_RESULT: return m->result.rgb ? &m->result : s->still;
    case COMPARED_SNAPSHOT:
        return s->look && s->look->number == s->number ? &s->look->picture : NULL;
    case COMPARED_CONTENT: case COMPARED_FILE: break;
    }
    return s->still;
}

const char *model_compared_path(const struct model *m, int side)
{
    switch (m->compare.side[side].of) {
    case COMPARED_CONTENT:
        return m->job.content[0] && model_may_open(m, m->job.content) ? m->job.content : NULL;
    case COMPARED_FILE: return m->compare.path;
    case COMPARED_RESULT: return !m->result.rgb && m->painted[0] ? m->painted : NULL;
    case COMPARED_SNAPSHOT: break;
    }
    return NULL;
}

/* The job of a picture that is compared, or NULL: not known. */
static const struct job *compared_job(const struct model *m, int side)
{
    const struct compare_side *s = &m->compare.side[side];
    switch (s->of) {
    case COMPARED_RESULT: return m->result.rgb && m->run ? &m->run->job : NULL;
    case COMPARED_SNAPSHOT: return s->look && s->look->number == s->number ? &s->look->job : NULL;
    case COMPARED_CONTENT: case COMPARED_FILE: break;
    }
    return NULL;
}

void model_compared_jobs(const struct model *m, char out[DIAG_TEXT])
{
    const struct job *a = compared_job(m, 0), *b = compared_job(m, 1);
    out[0] = 0;
    if (a && b)
        job_differences(out, DIAG_TEXT, a, b);
}

void model_compared_name(const struct model *m, int side, char out[DIAG_TEXT])
{
    const struct compare_side *s = &m->compare.side[side];
    int iteration = 0;
    for (int i = 0; i < model_kept_count(m); i++)
        if (m->run->kept[i].number == s->number)
            iteration = m->run->kept[i].iteration;
    switch (s->of) {
    case COMPARED_RESULT:
        snprintf(out, DIAG_TEXT, m->result.rgb ? "result, iteration %d" : "result",
                 m->result.iteration);
        break;
    case COMPARED_CONTENT: snprintf(out, DIAG_TEXT, "content"); break;
    case COMPARED_FILE:
        snprintf(out, DIAG_TEXT, "%s",
                 m->compare.label[0] ? m->compare.label : file_name(m->compare.path));
        break;
    case COMPARED_SNAPSHOT:
        snprintf(out, DIAG_TEXT, "snapshot %d, iteration %d", s->number, iteration);
        break;
    }
}

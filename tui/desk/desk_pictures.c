/*
 * desk_pictures.c: see desk_private.h: the pictures from files that are to be seen, asked of the
 * thumbnails' thread, and those that are painted of variations; lent to the model.
 */
#include <stdio.h>

#include "engine/base/mem.h"
#include "tui/desk/desk_private.h"
#include "tui/view/place.h"

/* Where the picture lies that is looked at. */
static struct rect area_of(const struct model *m)
{
    switch (m->overlay) {
    case OVERLAY_NONE: return m->layout.pane[PANE_PREVIEW];
    case OVERLAY_FILES: return layout_files(&m->layout, m->browser.grid).picture;
    case OVERLAY_COMPARE:
        return layout_compared(&m->layout, m->compare.mode == COMPARE_BESIDE, 0);
    default: return m->layout.inside;
    }
}

struct snapshot_window desk_window(const struct model *m)
{
    bool closely = m->overlay == OVERLAY_FULL || m->overlay == OVERLAY_COMPARE;
    struct rect r = area_of(m);
    struct snapshot_window window = {.x = 0.5, .y = 0.5};
    place_size(&r, &window.width, &window.height);
    if (closely) {
        window.zoom = m->zoom.scale;
        window.x = m->zoom.x;
        window.y = m->zoom.y;
    }
    return window;
}

/* The same for a file that is seen in turn with the run's picture. */
static struct snapshot_window still_window(const struct model *m)
{
    const struct snapshot *s = m->run;
    struct snapshot_window window = desk_window(m);
    bool turns = m->overlay == OVERLAY_NONE || m->overlay == OVERLAY_FULL ||
                 m->overlay == OVERLAY_COMPARE;
    if (turns && s) {
        window.as_width = s->width;
        window.as_height = s->height;
    }
    return window;
}

/* The two that are compared, as far as they lie in files. */
static void show_compared(struct desk *d)
{
    struct model *m = d->model;
    struct snapshot_window window = still_window(m);
    for (int i = 0; i < 2 && m->overlay == OVERLAY_COMPARE; i++) {
        const char *path = model_compared_path(m, i), *problem;
        const struct snapshot_picture *still =
            path ? thumbnails_get(d->thumbnails, path, &window, &problem) : NULL;
        d->dirty |= still != m->compare.side[i].still;
        m->compare.side[i].still = still;
    }
}

/* The picture file that is to be seen. */
static void show_still(struct desk *d)
{
    struct model *m = d->model;
    const char *path = model_still(m), *small = model_still_small(m), *problem = NULL, *trouble;
    struct snapshot_window window = still_window(m);
    struct snapshot_window quick_window = {.width = HISTORY_SIDE, .height = HISTORY_SIDE};
    const struct snapshot_picture *still = NULL, *quick = NULL;
    if (small)
        quick = thumbnails_get(d->thumbnails, small, &quick_window, &trouble);
    if (path)
        still = thumbnails_get(d->thumbnails, path, &window, &problem);
    if (!still && !problem)
        still = quick;
    if (still != m->still || (problem != NULL) != (m->still_problem[0] != 0))
        d->dirty = true;
    m->still = still;
    snprintf(m->still_problem, sizeof m->still_problem, "%s", problem ? problem : "");
}

static const struct snapshot_picture *get_small(struct desk *d, const char *path,
                                                const struct rect *r, const char **problem)
{
    struct snapshot_window window = {0};
    place_size(r, &window.width, &window.height);
    return thumbnails_get(d->thumbnails, path, &window, problem);
}

/* The small pictures on the desk. */
static void show_thumbnails(struct desk *d)
{
    struct model *m = d->model;
    for (int i = 0; i < LAYOUT_THUMBS; i++) {
        const struct channel *c = &m->job.channel[i % STYLE_LAYER_COUNT];
        const char *path = i == LAYOUT_CONTENT           ? m->job.content
                           : c->state == CHANNEL_ON ? c->style.path
                                                         : "";
        struct rect r = layout_thumb(&m->layout, i);
        const struct snapshot_picture *thumb = NULL;
        const char *problem;
        if (m->overlay == OVERLAY_NONE && *path && r.height > 0 && model_may_open(m, path))
            thumb = get_small(d, path, &r, &problem);
        d->dirty |= thumb != m->thumb[i];
        m->thumb[i] = thumb;
    }
}

/* Those of the browser's grid. */
static void show_tiles(struct desk *d)
{
    struct model *m = d->model;
    struct layout_files grid = layout_files(&m->layout, m->browser.grid);
    bool shown = m->overlay == OVERLAY_FILES && m->browser.grid;
    for (int i = 0; i < LAYOUT_TILES; i++) {
        const struct snapshot_picture *tile = NULL;
        const char *problem = NULL;
        char path[JOB_PATH];
        bool folder = true;
        struct rect r = layout_tile(&grid, i);
        if (shown && i < grid.rows * grid.columns &&
            browser_line_path(&m->browser, m->first_file + i, path, &folder) && !folder &&
            model_shows_picture(m, path))
            tile = get_small(d, path, &r, &problem);
        d->dirty |= tile != m->tile[i] || (problem != NULL) != m->tile_failed[i];
        m->tile[i] = tile;
        m->tile_failed[i] = problem != NULL;
    }
}

/* What a flip would show, so that it is there: pictures that are not there leave a hole. */
static void read_ahead(struct desk *d)
{
    const struct model *m = d->model;
    const struct snapshot_window window = still_window(m);
    const char *problem;
    bool flips = m->overlay == OVERLAY_NONE || m->overlay == OVERLAY_FULL;
    if (flips && m->result.rgb && m->job.content[0] && model_may_open(m, m->job.content))
        thumbnails_get(d->thumbnails, m->job.content, &window, &problem);
}

void desk_show_pictures(struct desk *d)
{
    if (!d->thumbnails)
        return;
    thumbnails_begin(d->thumbnails);
    show_still(d);
    show_compared(d);
    show_thumbnails(d);
    show_tiles(d);
    read_ahead(d);
    thumbnails_end(d->thumbnails);
}

/* ---- variations --------------------------------------------------------------------------- */

/* What the process will take at most without them. */
static size_t bytes_beside(const struct desk *d)
{
    return d->worker && d->model->run ? d->model->run->planned : 0;
}

static void want_sketches(struct desk *d, unsigned serial)
{
    const struct model *m = d->model;
    int count = serial ? m->variations.count : 0;
    struct job *jobs = mem_new((size_t)(count + 1) * sizeof *jobs);
    for (int i = 0; i < count; i++)
        model_variation(m, i, &jobs[i]);
    sketches_want(d->sketches, jobs, count, bytes_beside(d));
    mem_free(jobs);
    d->sketched = serial;
}

void desk_show_variations(struct desk *d)
{
    struct model *m = d->model;
    struct variations *v = &m->variations;
    unsigned serial = m->overlay == OVERLAY_VARIATIONS && !d->unseen ? v->serial : 0;
    if (serial != d->sketched)
        want_sketches(d, serial);
    for (int i = 0; i < v->count && serial; i++) {
        struct sketch now = sketches_get(d->sketches, i), *before = &v->sketch[i];
        d->dirty |= now.done != before->done || now.picture != before->picture ||
                    !before->problem;
        *before = now;
    }
}

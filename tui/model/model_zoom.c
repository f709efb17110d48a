/* model_zoom.c: pictures looked at closely: how closely, and where. */
#include <math.h>

#include "tui/model/model_private.h"

enum { CLOSEST = 8 };

/* A picture that is seen, of which the zoom tells; NULL: none. */
static const struct snapshot_picture *seen_picture(const struct model *m)
{
    const struct snapshot_picture *p;
    if (m->overlay != OVERLAY_COMPARE)
        return model_picture(m);
    p = model_compared(m, 0);
    return p ? p : model_compared(m, 1);
}

/* The middle stays where the part that is seen does not leave the picture. */
static void put_middle(struct model *m, double x, double y)
{
    const struct snapshot_picture *p = seen_picture(m);
    double seen[4] = {0, 0, 1, 1};
    if (p)
        model_seen(m, p, seen);
    m->zoom.x = fmin(fmax(x, seen[2] / 2.0), 1.0 - seen[2] / 2.0);
    m->zoom.y = fmin(fmax(y, seen[3] / 2.0), 1.0 - seen[3] / 2.0);
}

static void set_scale(struct model *m, int scale)
{
    if (m->zoom.scale == 0)
        m->zoom.x = m->zoom.y = 0.5;
    m->zoom.scale = scale;
}

/* All, 1, 2, 4, 8. */
static int step_scale(int scale, int step)
{
    if (step > 0)
        return scale == 0 ? 1 : scale < CLOSEST ? 2 * scale : CLOSEST;
    return scale / 2;
}

void model_zoom_at(struct model *m, int step, double x, double y)
{
    int from = m->zoom.scale, to = step ? step_scale(from, step) : from ? 0 : 1;
    double stays = from > 0 && to > 0 ? (double)from / to : 0.0; /* of the way to the middle */
    if (to == from)
        return;
    m->zoom.x = x + (m->zoom.x - x) * stays;
    m->zoom.y = y + (m->zoom.y - y) * stays;
    m->zoom.scale = to;
}

void model_grab(struct model *m)
{
    m->zoom.grabbed_x = m->zoom.x;
    m->zoom.grabbed_y = m->zoom.y;
}

void model_pan(struct model *m, double x, double y)
{
    put_middle(m, m->zoom.grabbed_x + x, m->zoom.grabbed_y + y);
}

/* By so many fourths of what is seen. */
static void move(struct model *m, int across, int down)
{
    const struct snapshot_picture *p = seen_picture(m);
    double seen[4];
    if (!p)
        return;
    model_seen(m, p, seen);
    put_middle(m, seen[0] + seen[2] / 2.0 + across * seen[2] / 4.0,
               seen[1] + seen[3] / 2.0 + down * seen[3] / 4.0);
}

void model_zoom_action(struct model *m, enum zoom_action action)
{
    switch (action) {
    case DO_ZOOM_IN: set_scale(m, step_scale(m->zoom.scale, 1)); break;
    case DO_ZOOM_OUT: set_scale(m, step_scale(m->zoom.scale, -1)); break;
    case DO_ZOOM_ALL: set_scale(m, 0); break;
    case DO_ZOOM_1: set_scale(m, 1); break;
    case DO_ZOOM_2: set_scale(m, 2); break;
    case DO_ZOOM_4: set_scale(m, 4); break;
    case DO_ZOOM_8: set_scale(m, 8); break;
    }
}

void model_move_zoomed(struct model *m, int across, int down)
{
    if (m->zoom.scale > 0)
        move(m, across, down);
}

void model_flip(struct model *m, int step)
{
    do
        m->preview = (enum preview_kind)((m->preview + PREVIEW_KINDS + step) % PREVIEW_KINDS);
    while (m->preview == PREVIEW_SNAPSHOT && model_kept_count(m) == 0);
}

void model_full_action(struct model *m, enum full_action action)
{
    bool zoomed = m->zoom.scale > 0;
    switch (action) {
    case DO_FULL_CLOSE: model_close_overlay(m); break;
    case DO_FULL_RIGHT:
    case DO_FULL_LEFT: {
        int step = action == DO_FULL_RIGHT ? 1 : -1;
        if (zoomed)
            move(m, step, 0);
        else
            model_flip(m, step);
        break;
    }
    case DO_FULL_UP: model_move_zoomed(m, 0, -1); break;
    case DO_FULL_DOWN: model_move_zoomed(m, 0, 1); break;
    case DO_FULL_NEXT: model_flip(m, 1); break;
    case DO_FULL_BACK: model_flip(m, -1); break;
    }
}

/* view.c: see view.h. The screen as a whole. */
#include "tui/view/view.h"

#include <stdio.h>

#include "tui/view/draw.h"

static const struct view_ops *const panes[PANE_COUNT] = {
#define X(pane, context, view) [PANE_##pane] = &view_##view,
    PANE_LIST(X)
#undef X
};

static const struct view_ops *const overlays[] = {
#define X(overlay, context, view) [OVERLAY_##overlay] = &view_##view,
    OVERLAY_LIST(X)
#undef X
};

static bool within(const struct rect *frame, const struct rect *pane)
{
    return pane->height > 0 && rect_holds(frame, pane->y, pane->x);
}

/* A frame, and an edge above each pane in it but the first. */
static void draw_column(const struct model *m, const struct rect *frame)
{
    char title[200];
    if (frame->height == 0)
        return;
    draw_frame(frame, "", false);
    for (int i = 0; i < PANE_COUNT; i++) {
        const struct rect *pane = &m->layout.pane[i];
        if (!within(frame, pane))
            continue;
        bool focused = m->focus == (enum pane)i && m->overlay == OVERLAY_NONE;
        title[0] = 0;
        if (panes[i]->title)
            panes[i]->title(m, title, sizeof title);
        if (pane->y == frame->y + 1)
            draw_title(frame, frame->y, title, focused);
        else
            draw_edge(frame, pane->y - 1, title, focused);
        panes[i]->draw(m, pane);
    }
}

static void draw_overlay(const struct model *m, const struct view_ops *view)
{
    char title[JOB_PATH];
    struct rect area = m->layout.inside;
    view->title(m, title, sizeof title);
    draw_frame(&m->layout.full, title, true);
    view->draw(m, &area);
}

static void draw_too_small(const struct model *m)
{
    char text[128];
    int y = m->layout.rows / 2;
    snprintf(text, sizeof text, "strata needs %d x %d cells, this is %d x %d", LAYOUT_MIN_COLUMNS,
             LAYOUT_MIN_ROWS, m->layout.columns, m->layout.rows);
    draw_text(y > 0 ? y - 1 : 0, 0, m->layout.columns, INK_WARN, text);
}

void view_screen(const struct model *m)
{
    const struct layout *l = &m->layout;
    if (l->too_small) {
        draw_too_small(m);
        if (m->question != QUESTION_NONE && l->rows > 1) {
            struct rect last = {l->rows - 1, 0, 1, l->columns};
            view_message(m, &last);
        }
        return;
    }
    view_header(m, &l->header);
    if (m->overlay != OVERLAY_NONE)
        draw_overlay(m, overlays[m->overlay]);
    else
        for (int i = 0; i < 2; i++)
            draw_column(m, &l->frame[i]);
    view_message(m, &l->message);
    view_hints(m, &l->hints);
}

static bool view_takes(const struct view_ops *view, const struct model *m, const struct rect *area,
                       const struct pointer *at, struct act *out)
{
    bool moved = at->kind == POINTER_DRAG || at->kind == POINTER_RELEASE;
    return view->mouse && (view->drags || !moved) && view->mouse(m, area, at, out);
}

/* The edge that lies where the button went down goes along. */
static bool move_edge(const struct model *m, const struct pointer *at, struct act *out)
{
    static enum layout_edge held = LAYOUT_EDGES;
    const struct layout *l = &m->layout;
    if (at->kind == POINTER_PRESS)
        held = layout_edge_at(l, at->y, at->x);
    if (held == LAYOUT_EDGES || at->kind == POINTER_WHEEL)
        return false;
    bool again = at->kind == POINTER_PRESS && at->clicks == 2;
    *out = (struct act){.action = ACTION_EDGE, .index = (int)held,
                        .x = again ? 0 : layout_edge_to(l, held, at->y, at->x)};
    return again || at->kind == POINTER_DRAG;
}

bool view_mouse(const struct model *m, const struct pointer *at, struct act *out)
{
    const struct layout *l = &m->layout;
    if (at->kind == POINTER_PRESS && rect_holds(&l->hints, at->y, at->x)) {
        out->action = view_hint_at(m, &l->hints, at->x);
        return out->action != ACTION_NONE;
    }
    if (l->too_small || m->question != QUESTION_NONE || m->prompt.kind != PROMPT_NONE)
        return false;
    if (m->overlay != OVERLAY_NONE) {
        struct rect area = l->inside;
        const struct view_ops *view = overlays[m->overlay];
        return rect_holds(&area, at->from_y, at->from_x) && view_takes(view, m, &area, at, out);
    }
    if (move_edge(m, at, out))
        return true;
    enum pane pane = layout_hit(l, at->from_y, at->from_x);
    if (pane == PANE_COUNT)
        return false;
    if (view_takes(panes[pane], m, &l->pane[pane], at, out))
        return true;
    if (at->kind != POINTER_PRESS)
        return false;
    *out = (struct act){.action = ACTION_FOCUS, .index = (int)pane};
    return true;
}

/*
 * view.h: what a view is: it draws a part of the model into a rectangle, and says which action a
 * click there means. A view changes nothing and knows no other view.
 */
#ifndef STRATA_VIEW_H
#define STRATA_VIEW_H

#include "tui/desk/model.h"

struct view_ops {
    /* Written into the frame's edge; NULL: no title. */
    void (*title)(const struct model *model, char *out, size_t size);
    void (*draw)(const struct model *model, const struct rect *area);
    /* A press (wheel 0) or a turn of the wheel (-1 up, 1 down) at a cell of area. false: nothing
     * happens. NULL: never. */
    bool (*mouse)(const struct model *model, const struct rect *area, int y, int x, int wheel,
                  struct act *out);
};

/* Of every pane and overlay. */
#define X(name, context, view) extern const struct view_ops view_##view;
PANE_LIST(X)
OVERLAY_LIST(X)
#undef X

/* The whole screen: header, panes or what covers them, message, hints. */
void view_screen(const struct model *model);

/* The action that a mouse event at a cell means. */
bool view_mouse(const struct model *model, int y, int x, int wheel, struct act *out);

/* view_line.c: the lines above and below. */
void view_header(const struct model *model, const struct rect *area);
void view_message(const struct model *model, const struct rect *area);
void view_hints(const struct model *model, const struct rect *area);

/* view_run.c: "▶ 137/300" with its ink, for the header and the run pane. */
int view_state(const struct model *model, char *out, size_t size);

#endif

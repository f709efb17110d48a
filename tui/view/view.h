/*
 * view.h: what a view is: it draws a part of the model into a rectangle, and says which action a
 * click there means. A view changes nothing and knows no other view.
 */
#ifndef STRATA_VIEW_H
#define STRATA_VIEW_H

#include "tui/model/model.h"
#include "tui/term/pointer.h"

struct view_ops {
    /* Written into the frame's edge; NULL: no title. */
    void (*title)(const struct model *model, char *out, size_t size);
    void (*draw)(const struct model *model, const struct rect *area);
    /* What the mouse does, begun at a cell of area: a press or a turn of the wheel and, where drags
     * says so, what is dragged from there, wherever it is now, and let go. false: nothing happens.
     * NULL: never. */
    bool (*mouse)(const struct model *model, const struct rect *area, const struct pointer *at,
                  struct act *out);
    bool drags;
};

/* Of every pane and overlay. */
#define X(name, context, view) extern const struct view_ops view_##view;
PANE_LIST(X)
OVERLAY_LIST(X)
#undef X

/* The whole screen: header, panes or what covers them, message, hints. */
void view_screen(const struct model *model);

/* The action that the mouse means; false: none. */
bool view_mouse(const struct model *model, const struct pointer *at, struct act *out);

/* view_line.c: the lines above and below. */
void view_header(const struct model *model, const struct rect *area);
void view_message(const struct model *model, const struct rect *area);
void view_hints(const struct model *model, const struct rect *area);

/* What the hint at column x of the line of hints is for: they are buttons. ACTION_NONE: none. */
enum action view_hint_at(const struct model *model, const struct rect *area, int x);

/* view_preview.c: which picture it is, for place_other: another one of the desk's, or another part
 * or size of the same, is not the next one of a run and does not wait for its turn. */
uint64_t view_subject(int which, const struct snapshot_picture *picture);

/* How closely a picture is looked at, for a title, "" if it is all seen; what the
 * mouse does to it: the wheel zooms, a hand draws. */
void view_zoom(const struct model *model, const struct snapshot_picture *picture, char *out,
               size_t size);
bool view_zoom_mouse(const struct model *model, const struct rect *area,
                     const struct snapshot_picture *picture, const struct pointer *at,
                     struct act *out);

/* view_run.c: "▶ 137/300" with its ink, for the header and the run pane. */
int view_state(const struct model *model, char *out, size_t size);

#endif

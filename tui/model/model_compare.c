/* model_compare.c: two pictures, in the very same place and size: which, and how they are shown. */
#include <math.h>
#include "tui/model/model_private.h"

static const double blink_seconds = 0.6;

double model_tick_seconds(const struct model *m)
{
    bool blinks = m->overlay == OVERLAY_COMPARE && m->compare.mode == COMPARE_BLINK;
    return blinks ? blink_seconds : -1.0;
}

/* Is there such a picture? */
static bool exists(const struct model *m, enum compared of)
{
    switch (of) {
    case COMPARED_RESULT: return m->result.rgb || m->painted[0];
    case COMPARED_CONTENT: return m->job.content[0] != 0;
    case COMPARED_FILE: return m->compare.path[0] != 0;
    case COMPARED_SNAPSHOT: return model_kept_count(m) > 0;
    }
    return false;
}

static void choose(struct model *m, int side, enum compared of, int number)
{
    m->compare.side[side].of = of;
    m->compare.side[side].number = number;
}

/* Result, content, file, then the snapshots in their order; the other side's is left out. */
static void choose_next(struct model *m, int side)
{
    struct compare_side *s = &m->compare.side[side], *other = &m->compare.side[!side];
    int count = model_kept_count(m), all = COMPARED_SNAPSHOT + count, at = (int)s->of;
    for (int i = 0; s->of == COMPARED_SNAPSHOT && i < count; i++)
        if (m->run->kept[i].number == s->number)
            at = COMPARED_SNAPSHOT + i;
    for (int k = 0; k < all; k++) {
        at = (at + 1) % all;
        enum compared of = at < COMPARED_SNAPSHOT ? (enum compared)at : COMPARED_SNAPSHOT;
        int number = of == COMPARED_SNAPSHOT ? m->run->kept[at - COMPARED_SNAPSHOT].number : 0;
        if (exists(m, of) && !(of == other->of && number == other->number)) {
            choose(m, side, of, number);
            return;
        }
    }
}

/* The newest snapshot or the content, and the result. */
void model_open_compare(struct model *m)
{
    struct compare *c = &m->compare;
    int count = model_kept_count(m);
    if (!exists(m, COMPARED_RESULT) && count == 0 && !exists(m, COMPARED_FILE)) {
        model_say(m, MESSAGE_HINT, "there is one picture only; space paints another to compare");
        return;
    }
    if (c->path[0])
        choose(m, 0, COMPARED_FILE, 0);
    else if (count > 0)
        choose(m, 0, COMPARED_SNAPSHOT, m->run->kept[m->kept].number);
    else
        choose(m, 0, COMPARED_CONTENT, 0);
    choose(m, 1, exists(m, COMPARED_RESULT) ? COMPARED_RESULT : COMPARED_CONTENT, 0);
    m->zoom = (struct zoom){.x = 0.5, .y = 0.5};
    c->wipe = 0.5;
    c->second = false;
    c->asked = 0;
    m->overlay = OVERLAY_COMPARE;
}

bool model_take_compared(struct model *m, struct snapshot_look **look)
{
    struct compare *c = &m->compare;
    bool taken = false;
    c->asked = 0;
    for (int i = 0; i < 2 && !taken && m->overlay == OVERLAY_COMPARE; i++) {
        struct compare_side *s = &c->side[i];
        bool wanted = s->of == COMPARED_SNAPSHOT && s->number == (*look)->number;
        if (!wanted)
            continue;
        snapshot_look_free(&s->look);
        s->look = *look;
        *look = NULL;
        taken = true;
    }
    return taken;
}

/* One at a time: the worker keeps one that nobody has taken yet. */
static void ask_compared(struct model *m)
{
    struct compare *c = &m->compare;
    if (m->overlay != OVERLAY_COMPARE || c->asked || !m->started)
        return;
    for (int i = 0; i < 2; i++) {
        const struct compare_side *s = &c->side[i];
        if (s->of != COMPARED_SNAPSHOT || (s->look && s->look->number == s->number))
            continue;
        if (model_send_number(m, CMD_LOOK, s->number))
            c->asked = s->number;
        return;
    }
}

/* The preview shows a snapshot: the one under the cursor is asked for. */
static void show_kept(struct model *m)
{
    if (m->preview != PREVIEW_SNAPSHOT)
        return;
    if (model_kept_count(m) == 0) {
        m->preview = PREVIEW_RESULT;
        return;
    }
    int number = m->run->kept[m->kept].number;
    if (m->looking != number && model_send_number(m, CMD_LOOK, number))
        m->looking = number;
}

void model_ask_looks(struct model *m)
{
    show_kept(m);
    ask_compared(m);
}

void model_forget_looks(struct model *m)
{
    m->looking = 0;
    m->compare.asked = 0;
    for (int i = 0; i < 2; i++) {
        snapshot_look_free(&m->compare.side[i].look);
        m->compare.side[i].still = NULL;
    }
}

static void close(struct model *m)
{
    model_forget_looks(m);
    model_close_overlay(m);
}

void model_wipe_to(struct model *m, double x)
{
    m->compare.wipe = fmin(fmax(x, 0.0), 1.0);
}

/* The border where there is one to move; else where all is not seen the place. */
static void move(struct model *m, int across, int down)
{
    if (m->compare.mode == COMPARE_WIPE && across && m->zoom.scale == 0)
        model_wipe_to(m, m->compare.wipe + across * 0.05);
    else
        model_move_zoomed(m, across, down);
}

static void swap(struct compare *c)
{
    struct compare_side first = c->side[0];
    c->side[0] = c->side[1];
    c->side[1] = first;
}

void model_compare_action(struct model *m, enum compare_action action)
{
    struct compare *c = &m->compare;
    switch (action) {
    case DO_COMPARE_MODE: c->mode = (enum compare_mode)((c->mode + 1) % COMPARE_MODES); break;
    case DO_COMPARE_A: choose_next(m, 0); break;
    case DO_COMPARE_B: choose_next(m, 1); break;
    case DO_COMPARE_SWAP: swap(c); break;
    case DO_COMPARE_BLINK:
        c->mode = COMPARE_BLINK;
        c->second = !c->second;
        break;
    case DO_COMPARE_WIPE_LEFT: model_wipe_to(m, c->wipe - 0.05); break;
    case DO_COMPARE_WIPE_RIGHT: model_wipe_to(m, c->wipe + 0.05); break;
    case DO_COMPARE_RIGHT: move(m, 1, 0); break;
    case DO_COMPARE_LEFT: move(m, -1, 0); break;
    case DO_COMPARE_UP: move(m, 0, -1); break;
    case DO_COMPARE_DOWN: move(m, 0, 1); break;
    case DO_COMPARE_IN: model_zoom_action(m, DO_ZOOM_IN); break;
    case DO_COMPARE_OUT: model_zoom_action(m, DO_ZOOM_OUT); break;
    case DO_COMPARE_ALL: model_zoom_action(m, DO_ZOOM_ALL); break;
    case DO_COMPARE_1: model_zoom_action(m, DO_ZOOM_1); break;
    case DO_COMPARE_4: model_zoom_action(m, DO_ZOOM_4); break;
    case DO_COMPARE_CLOSE: close(m); break;
    }
}

/* view_line.c: the line of state above the desk, the message and the hints below it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/view/draw.h"
#include "tui/term/text.h"
#include "tui/view/view.h"

void view_header(const struct model *m, const struct rect *r)
{
    char state[128];
    int ink = view_state(m, state, sizeof state);
    int right = text_columns(state), x = r->x + 1, end = r->x + r->width - right - 3;
    x += draw_text(r->y, x, end - x, INK_ACCENT, "strata") + 2;
    const char *arrow = text_shows("→") ? " → " : " > ";
    int space = (end - x - 3) / 2;
    if (m->path[0] && space > 24) {
        x += draw_name(r->y, x, end - x, INK_STRONG, file_name(m->path)) + 2;
        space = (end - x - 3) / 2;
    }
    if (space > 4) {
        const char *content = m->job.content[0] ? file_name(m->job.content) : "no content";
        x += draw_name(r->y, x, space, INK_PLAIN, content);
        x += draw_text(r->y, x, 3, INK_DIM, arrow);
        draw_name(r->y, x, end - x, INK_PLAIN,
                  m->job.output[0] ? file_name(m->job.output) : "no output yet");
    }
    draw_right(r->y, r->x, r->width - 1, (enum ink)ink, state);
}

static void draw_prompt(const struct model *m, const struct rect *r)
{
    const struct prompt *p = &m->prompt;
    char label[80], before[JOB_PATH];
    snprintf(label, sizeof label, p->kind == PROMPT_SET ? "%s" : "%s: ", p->label);
    int x = r->x + 1 + draw_text(r->y, r->x + 1, r->width, INK_ACCENT, label);
    int space = r->x + r->width - 1 - x;
    snprintf(before, sizeof before, "%.*s", (int)p->at, p->text);
    const char *text = p->text;
    int hidden = text_columns(before) - space + 1, column = text_columns(before);
    while (hidden > 0) { /* the cursor stays in sight */
        unsigned code = text_next(&text);
        hidden -= text_width(code);
        column -= text_width(code);
    }
    draw_text(r->y, x, space, INK_PLAIN, text);
    draw_caret(r->y, x + column);
}

static void focus_sentence(const struct model *m, char *out, size_t size)
{
    const struct channel *c = &m->job.channel[m->layer];
    const struct job_key *key = model_setting(m->setting);
    const char *layer = layer_name(layer_style[m->layer]), *role = model_layer_role(m->layer);
    double share = model_share(m, m->layer), pull = model_pull(m, m->layer);
    char names[200];
    out[0] = 0;
    if (m->overlay != OVERLAY_NONE)
        return;
    if (model_needs_restart(m, names, sizeof names))
        snprintf(out, size, "not in force yet: %s; R begins anew", names);
    else if (m->focus == PANE_JOB)
        snprintf(out, size, "%s: %s", key->name, key->help);
    else if (m->focus == PANE_LAYERS && share >= 0.0 && c->state != CHANNEL_OFF)
        snprintf(out, size,
                 pull > 0.0 ? "%s: %s. Style loss %.0f%%, pull %.0f%%."
                            : "%s: %s. Style loss %.0f%%.",
                 layer, role, 100.0 * share, 100.0 * pull);
    else if (m->focus == PANE_LAYERS)
        snprintf(out, size, "%s: %s", layer, role);
}

void view_message(const struct model *m, const struct rect *r)
{
    static const enum ink styles[] = {INK_DIM, INK_PLAIN, INK_GOOD, INK_BAD};
    char text[DIAG_TEXT], answers[200];
    if (m->question != QUESTION_NONE) {
        model_question(m, text, answers);
        draw_name(r->y, r->x + 1, r->width - 2, INK_WARN, text);
        return;
    }
    if (m->prompt.kind != PROMPT_NONE) {
        draw_prompt(m, r);
        return;
    }
    if (m->message.kind != MESSAGE_NONE) {
        draw_name(r->y, r->x + 1, r->width - 2, styles[m->message.kind], m->message.text);
        return;
    }
    focus_sentence(m, text, sizeof text);
    draw_text(r->y, r->x + 1, r->width - 2, INK_DIM, text);
}

/* One key with its word; returns the columns used, 0 if it does not fit. */
static int draw_hint(const struct key_entry *e, const struct key_entry *next, int y, int x,
                     int width)
{
    char key[16], other[16] = "";
    bool arrows = text_shows("⏎←→");
    keys_show(key, e, arrows);
    if (next && next->context == e->context && strncmp(e->keys, "Left", 4) == 0 &&
        strncmp(next->keys, "Right", 5) == 0)
        keys_show(other, next, arrows);
    if (other[0] && !arrows) { /* arrows that are words */
        memmove(other + 1, other, sizeof other - 1);
        other[0] = '/';
        other[sizeof other - 1] = 0;
    }
    int used = text_columns(key) + text_columns(other) + 1 + text_columns(e->hint);
    if (used > width)
        return 0;
    int at = x + draw_text(y, x, width, INK_STRONG, key);
    at += draw_text(y, at, width, INK_STRONG, other);
    draw_text(y, at + 1, width, INK_DIM, e->hint);
    return used + 2;
}

static int draw_hints(enum context context, bool with_help, int y, int x, int end)
{
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++) {
        const struct key_entry *e = &table[i];
        bool last = e->action == ACTION_HELP || e->action == ACTION_QUIT;
        if (e->context == context && e->hint[0] && last == with_help)
            x += draw_hint(e, i + 1 < count ? e + 1 : NULL, y, x, end - x);
    }
    return x;
}

void view_hints(const struct model *m, const struct rect *r)
{
    enum { TAIL = 16 }; /* "? keys  q quit" */
    char text[DIAG_TEXT], answers[200];
    enum context context = model_context(m);
    int end = r->x + r->width - 1, x = r->x + 1;
    if (m->question != QUESTION_NONE) {
        model_question(m, text, answers);
        draw_text(r->y, x, end - x, INK_STRONG, answers);
        return;
    }
    if (m->prompt.kind != PROMPT_NONE && m->message.kind == MESSAGE_ERROR) {
        draw_name(r->y, x, end - x, INK_BAD, m->message.text);
        return;
    }
    if (m->prompt.kind != PROMPT_NONE && m->prompt.candidates[0]) {
        draw_text(r->y, x, end - x, INK_PLAIN, m->prompt.candidates);
        return;
    }
    bool through = context == CONTEXT_DESK || keys_falls_through(context);
    int space = through ? end - TAIL : end;
    if (context != CONTEXT_DESK)
        x = draw_hints(context, false, r->y, x, space);
    if (through) {
        draw_hints(CONTEXT_DESK, false, r->y, x, space);
        draw_hints(CONTEXT_DESK, true, r->y, end - TAIL + 2, end + 2);
    }
}

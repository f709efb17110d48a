/* view_line.c: the line of state above the desk, the message and the hints below it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/paths.h"
#include "tui/view/draw.h"
#include "tui/term/number.h"
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
    int selected = text_columns(p->text + strlen(p->text) - p->selected);
    if (p->selected > 0) /* the cursor is behind it */
        draw_cursor_line(r->y, x + (column > selected ? column - selected : 0),
                         column > selected ? selected : column);
    draw_caret(r->y, x + column);
}

static void focus_sentence(const struct model *m, char *out, size_t size)
{
    const struct channel *c = &m->job.channel[m->layer];
    const struct job_key *key = model_setting(m->setting);
    const char *layer = layer_name(layer_style[m->layer]), *role = model_layer_role(m->layer);
    double share = model_share(m, m->layer), pull = model_pull(m, m->layer);
    char names[200], restart[40];
    out[0] = 0;
    if (m->overlay == OVERLAY_FILES)
        model_files_sentence(m, out, size);
    if (m->overlay != OVERLAY_NONE)
        return;
    keys_fill_in(restart, sizeof restart, "{restart} begins anew");
    if (model_needs_restart(m, names, sizeof names))
        snprintf(out, size, "not in force yet: %s; %s", names, restart);
    else if (m->focus == PANE_JOB)
        snprintf(out, size, "%s: %s", key->name, key->help);
    else if (m->focus == PANE_LAYERS && share >= 0.0 && c->state != CHANNEL_OFF)
        snprintf(out, size,
                 pull > 0.0 ? "%s: %s. Style loss %s, pull %s." : "%s: %s. Style loss %s.", layer,
                 role, number_share(share).text, number_share(pull).text);
    else if (m->focus == PANE_LAYERS)
        snprintf(out, size, "%s: %s", layer, role);
}

/* The lines that the message takes: a long one goes on in the line of hints. */
static int message_rows(const struct model *m, int columns)
{
    char text[2 * DIAG_TEXT];
    bool shown = m->question == QUESTION_NONE && m->prompt.kind == PROMPT_NONE &&
                 m->message.kind != MESSAGE_NONE;
    if (!shown)
        return 1;
    text_shorten(text, sizeof text, m->message.text, 2 * columns);
    return text_columns(text) > columns ? 2 : 1;
}

void view_message(const struct model *m, const struct rect *r)
{
    static const enum ink styles[] = {INK_DIM, INK_PLAIN, INK_GOOD, INK_BAD};
    char text[DIAG_TEXT], answers[200];
    if (m->question != QUESTION_NONE) {
        model_question(m, text, answers);
        if (m->question == QUESTION_TRUST) /* its folder counts */
            draw_name(r->y, r->x + 1, r->width - 2, INK_WARN, text);
        else
            draw_sentence(r->y, r->x + 1, r->width - 2, INK_WARN, text);
        return;
    }
    if (m->prompt.kind != PROMPT_NONE) {
        draw_prompt(m, r);
        return;
    }
    if (m->message.kind != MESSAGE_NONE) {
        struct rect lines = {r->y, r->x + 1, message_rows(m, r->width - 2), r->width - 2};
        draw_wrapped(&lines, styles[m->message.kind], m->message.text);
        return;
    }
    focus_sentence(m, text, sizeof text);
    if (m->overlay == OVERLAY_FILES)
        draw_name(r->y, r->x + 1, r->width - 2, INK_DIM, text);
    else
        draw_text(r->y, r->x + 1, r->width - 2, INK_DIM, text);
}

/* ---- hints -------------------------------------------------------------------------------- */

/* One key with its word, or one answer; a button. */
struct hint {
    enum action action;
    int x, key_columns, columns;
    char key[40], word[80];
};

enum { HINTS = 40, HINT_GAP = 2 };

/* The hints of a line from x to end; those that do not fit are left out. */
struct hints {
    struct hint hint[HINTS];
    int count, x, end;
    bool filters, marks; /* the browser: a blank is typed, pictures can be marked */
};

static void add_hint(struct hints *h, enum action action, const char *key, const char *word)
{
    struct hint *hint = &h->hint[h->count];
    int keys = text_columns(key), columns = keys + (*word ? 1 + text_columns(word) : 0);
    if (h->count == HINTS || columns > h->end - h->x)
        return;
    *hint = (struct hint){.action = action, .x = h->x, .key_columns = keys, .columns = columns};
    snprintf(hint->key, sizeof hint->key, "%s", key);
    snprintf(hint->word, sizeof hint->word, "%s", word);
    h->x += columns + HINT_GAP;
    h->count++;
}

static void add_entry(struct hints *h, const struct key_entry *e, const struct key_entry *next)
{
    char key[40], other[16] = "";
    bool arrows = text_shows("⏎←→");
    keys_show(key, e, arrows);
    if (next && next->context == e->context && strncmp(e->keys, "Left", 4) == 0 &&
        strncmp(next->keys, "Right", 5) == 0)
        keys_show(other, next, arrows);
    size_t used = strlen(key); /* arrows that are words are parted */
    snprintf(key + used, sizeof key - used, "%s%s", other[0] && !arrows ? "/" : "", other);
    add_hint(h, e->action, key, e->hint);
}

static void add_context(struct hints *h, enum context context, bool with_help)
{
    size_t count;
    const struct key_entry *table = keys_table(&count);
    for (size_t i = 0; i < count; i++) {
        const struct key_entry *e = &table[i];
        bool last = e->action == ACTION_HELP || e->action == ACTION_QUIT;
        if (e->context != context || !e->keys[0] || last != with_help)
            continue;
        if (e->action == ACTION_FILES_MARK && h->filters && h->marks)
            add_hint(h, e->action, strstr(e->keys, "Ctrl-Space") ? "^space" : e->keys, "mark");
        else if (e->hint[0] && (e->action != ACTION_FILES_SPACE || (h->marks && !h->filters)))
            add_entry(h, e, i + 1 < count ? e + 1 : NULL);
    }
}

/* "y replace it   n keep both": each answer is its key and what it means. */
static void add_answers(struct hints *h, char *answers)
{
    for (char *one = answers, *next; *one; one = next) {
        char *gap = strstr(one, "   ");
        next = gap ? gap + strspn(gap, " ") : one + strlen(one);
        if (gap)
            *gap = 0;
        size_t n = strcspn(one, " ");
        char key[16];
        snprintf(key, sizeof key, "%.*s", (int)n, one);
        int code = strcmp(key, "esc") == 0 ? KEYCODE_ESC : keys_code(key);
        add_hint(h, keys_action(CONTEXT_QUESTION, code), key, one[n] ? one + n + 1 : "");
    }
}

static void collect_hints(const struct model *m, const struct rect *r, struct hints *h)
{
    enum { TAIL = 16 }; /* "? keys  q quit" */
    char text[DIAG_TEXT], answers[200];
    enum context context = model_context(m);
    *h = (struct hints){.x = r->x + 1,
                        .end = r->x + r->width - 1,
                        .filters = m->browser.filter[0] != 0,
                        .marks = m->browser.kind == BROWSER_PICTURES &&
                                 !paths_begins(m->browser.filter)};
    if (m->question != QUESTION_NONE) {
        model_question(m, text, answers);
        add_answers(h, answers);
        return;
    }
    bool through = context == CONTEXT_DESK || keys_falls_through(context);
    int end = h->end;
    h->end -= through ? TAIL : 0;
    if (context != CONTEXT_DESK)
        add_context(h, context, false);
    if (!through)
        return;
    add_context(h, CONTEXT_DESK, false);
    h->x = end - TAIL + 2;
    h->end = end + 2;
    add_context(h, CONTEXT_DESK, true);
}

/* Is the line needed for something else? */
static bool is_taken(const struct model *m)
{
    bool typing = m->question == QUESTION_NONE && m->prompt.kind != PROMPT_NONE;
    return typing && (m->message.kind == MESSAGE_ERROR || m->prompt.candidates[0]);
}

enum action view_hint_at(const struct model *m, const struct rect *r, int x)
{
    struct hints h;
    if (is_taken(m) || message_rows(m, r->width - 2) > 1)
        return ACTION_NONE;
    collect_hints(m, r, &h);
    for (int i = 0; i < h.count; i++)
        if (x >= h.hint[i].x && x < h.hint[i].x + h.hint[i].columns)
            return h.hint[i].action;
    return ACTION_NONE;
}

void view_hints(const struct model *m, const struct rect *r)
{
    struct hints h;
    int end = r->x + r->width - 1, x = r->x + 1;
    if (is_taken(m) && m->message.kind == MESSAGE_ERROR) {
        draw_sentence(r->y, x, end - x, INK_BAD, m->message.text);
        return;
    }
    if (is_taken(m)) {
        draw_text(r->y, x, end - x, INK_PLAIN, m->prompt.candidates);
        return;
    }
    if (message_rows(m, r->width - 2) > 1) /* it goes on here */
        return;
    bool asks = m->question != QUESTION_NONE;
    collect_hints(m, r, &h);
    for (int i = 0; i < h.count; i++) {
        const struct hint *hint = &h.hint[i];
        draw_text(r->y, hint->x, hint->key_columns, INK_STRONG, hint->key);
        draw_text(r->y, hint->x + hint->key_columns + 1, hint->columns - hint->key_columns - 1,
                  asks ? INK_STRONG : INK_DIM, hint->word);
    }
}

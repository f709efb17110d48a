/* replies.c: see replies.h. */
#include "tui/term/replies.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 0x1b, BELL = 0x07, CANCEL = 0x18, SUBSTITUTE = 0x1a };

/* What has been seen of a sequence: nothing, ESC, ESC [ …, ESC P … and its like, ESC inside that,
 * ESC [ M of the mouse. */
enum state { GROUND, ESCAPED, CONTROL, STRING, STRING_END, REPORT };

/* Seconds of silence after which bytes held are no reply any more, without and with an answer under
 * way. A lone Escape must still feel immediate. */
static const double patience[][2] = {
    [ESCAPED] = {0.05, 0.25},
    [CONTROL] = {0.25, 1.0},
    [STRING] = {0.05, 2.0},
    [STRING_END] = {1, 2},
    [REPORT] = {1, 1},
};

/* The same of a paste that has no end: what came of it is dropped, and keys are keys again. */
static const double paste_patience = 5.0;

/* Bytes of a string longer than anything typed; of a report of the mouse in its oldest form. */
enum { SURELY_STRING = 3, REPORT_BYTES = 6 };

/* Numbers between semicolons; a missing one is 0. */
static int numbers(int *out, int most, const char *text)
{
    int n = 0;
    while (n < most) {
        long value = strtol(text, NULL, 10);
        out[n++] = value < 0 || value > INT32_MAX ? 0 : (int)value;
        text = strchr(text, ';');
        if (!text)
            break;
        text++;
    }
    return n;
}

/* The conformance level comes first and is no attribute, even where it is a 4. */
static void take_attributes(struct answers *a, const char *parameters)
{
    int values[32], n = numbers(values, 32, parameters);
    a->attributes = true;
    a->sixel = false;
    for (int i = 1; i < n; i++)
        a->sixel |= values[i] == 4;
    snprintf(a->da1, sizeof a->da1, "%.63s", parameters);
}

/* Is ESC [ body final, as a whole, an answer? body has parameters and intermediates. */
static bool take_control(struct answers *a, const char *body, char final)
{
    int v[4] = {0};
    bool private = *body == '?';
    int n = numbers(v, 4, body + private);
    switch (final) {
    case 'c': /* rxvt's shifted arrow is one without a prefix */
        if (private)
            take_attributes(a, body + 1);
        return private || *body == '>' || *body == '=';
    case 't':
        if (n == 3 && v[0] == 6 && v[1] > 0 && v[2] > 0) {
            a->cell_height = v[1];
            a->cell_width = v[2];
        }
        return *body >= '0' && *body <= '9';
    case 'S':
        if (private && v[0] == 1 && v[1] == 0 && v[2] > 0)
            a->registers = v[2];
        return private;
    case 'y':
        if (private && v[0] == 2026)
            a->synchronised = v[1] >= 1 && v[1] <= 3;
        return strchr(body, '$') != NULL;
    case 'n': a->ready += *body == '0'; return *body != 0;
    case 'R':
    case 'u': return private;
    default: return false;
    }
}

/* "rgb:RRRR/GGGG/BBBB" with one to four digits each, as X11 has it; weights of ITU-R BT.601. */
static void take_background(struct answers *a, const char *colour)
{
    static const double weights[] = {0.299, 0.587, 0.114};
    double light = 0;
    if (strncmp(colour, "rgb:", 4) != 0)
        return;
    colour += 4;
    for (int i = 0; i < 3; i++) {
        char *end;
        unsigned long value = strtoul(colour, &end, 16);
        long digits = end - colour;
        if (digits < 1 || digits > 4 || (i < 2 && *end != '/'))
            return;
        light += weights[i] * (double)value / (double)((1ul << (4 * digits)) - 1);
        colour = end + (i < 2);
    }
    a->background = true;
    a->light = light;
}

static void take_string(struct answers *a, const unsigned char *text, size_t n)
{
    char body[REPLIES_HELD + 1];
    memcpy(body, text, n);
    body[n] = 0;
    if (strncmp(body, "P>|", 3) == 0)
        snprintf(a->name, sizeof a->name, "%.*s", (int)(n - 3), body + 3);
    else if (strncmp(body, "]11;", 4) == 0)
        take_background(a, body + 4);
    else if (strncmp(body, "_G", 2) == 0)
        a->kitty |= strstr(body, ";OK") != NULL;
}

/* Hands out as keys what of the held bytes has not been handed out yet. */
static size_t give(struct replies *r, unsigned char *keys)
{
    size_t n = r->pasting ? 0 : r->held - r->given; /* no sequence is text */
    memcpy(keys, r->hold + r->given, n);
    r->given = r->held;
    return n;
}

/* What is held was not typed: it ends as a sequence or is dropped. */
static bool is_surely(const struct replies *r)
{
    return (r->state == STRING && r->held >= SURELY_STRING) || r->state == STRING_END ||
           r->state == REPORT || (r->state == CONTROL && r->held > 2 && r->hold[2] == '<');
}

static void ground(struct replies *r)
{
    r->state = GROUND;
    r->held = r->given = 0;
    r->due = 0;
}

static size_t report(unsigned char *keys, int button)
{
    return (size_t)sprintf((char *)keys, "\033[<%dM", button);
}

/* Tabs and ends of lines are kept; anything else that a terminal would obey is not text. */
static void paste_byte(struct replies *r, unsigned char byte)
{
    if (byte == '\r')
        byte = '\n';
    if ((byte >= ' ' || byte == '\n' || byte == '\t') && byte != 127 &&
        r->pasted < REPLIES_PASTE - 1)
        r->paste[r->pasted++] = (char)byte;
}

/* Focus, and the marks around what is pasted; false: the sequence is something else. */
static bool take_mark(struct replies *r, const char *body, unsigned char final,
                      unsigned char *keys, size_t *n)
{
    if (!r->reports)
        return false;
    if (!*body && (final == 'I' || final == 'O')) {
        *n = report(keys, final == 'I' ? REPLIES_FOCUS_IN : REPLIES_FOCUS_OUT);
    } else if (final == '~' && strcmp(body, "200") == 0) {
        r->pasting = true;
        r->pasted = 0;
    } else if (final == '~' && strcmp(body, "201") == 0 && r->pasting) {
        r->pasting = false;
        r->paste[r->pasted] = 0;
        *n = report(keys, REPLIES_PASTED);
    } else {
        return false;
    }
    return true;
}

static void hold(struct replies *r, unsigned char byte)
{
    if (r->held < REPLIES_HELD)
        r->hold[r->held++] = byte;
}

static void begin(struct replies *r)
{
    ground(r);
    r->state = ESCAPED;
    hold(r, ESCAPE);
}

static size_t feed_control(struct replies *r, unsigned char *keys, unsigned char byte)
{
    if (byte == ESCAPE) {
        size_t n = is_surely(r) ? 0 : give(r, keys);
        begin(r);
        return n;
    }
    bool inside = byte >= 0x20 && byte <= 0x3f && r->held < REPLIES_HELD;
    char body[REPLIES_HELD];
    size_t n = 0, length = r->held - 2;
    memcpy(body, r->hold + 2, length);
    body[length] = 0;
    hold(r, byte);
    if (inside)
        return 0;
    if (byte == 'M' && length == 0 && r->reports) {
        r->state = REPORT;
        return 0;
    }
    if (r->given == 0 && take_mark(r, body, byte, keys, &n)) {
    } else if (body[0] == '<') { /* its beginning may have been given up already */
        if ((byte == 'M' || byte == 'm') && r->given == 0)
            n = give(r, keys);
    } else if (byte < 0x40 || byte > 0x7e || !take_control(&r->answers, body, (char)byte))
        n = give(r, keys);
    ground(r);
    return n;
}

static void feed_string(struct replies *r, unsigned char byte)
{
    bool ends = byte == BELL || (r->state == STRING_END && byte == '\\');
    if (ends && r->held < REPLIES_HELD)
        take_string(&r->answers, r->hold + 1, r->held - 1);
    if (ends || byte == CANCEL || byte == SUBSTITUTE) {
        ground(r);
    } else if (byte == ESCAPE) {
        r->state = STRING_END;
    } else {
        r->state = STRING;
        hold(r, byte);
    }
}

static size_t feed_escaped(struct replies *r, unsigned char *keys, unsigned char byte)
{
    size_t n = 0;
    if (byte == ESCAPE) {
        n = give(r, keys);
        begin(r);
        return n;
    }
    hold(r, byte);
    if (byte == '[') {
        r->state = CONTROL;
    } else if (byte != 0 && strchr("P_]^X", byte) && r->given == 0) {
        r->state = STRING;
    } else {
        n = give(r, keys);
        ground(r);
    }
    return n;
}

static size_t feed_report(struct replies *r, unsigned char *keys, unsigned char byte)
{
    size_t n = 0;
    if (byte == ESCAPE) {
        begin(r);
        return 0;
    }
    hold(r, byte);
    if (r->held < REPORT_BYTES)
        return 0;
    if (r->given == 0)
        n = (size_t)sprintf((char *)keys, "\033[<%d;%d;%dM", (r->hold[3] - 32) & 255,
                            (r->hold[4] - 32) & 255, (r->hold[5] - 32) & 255);
    ground(r);
    return n;
}

static size_t feed_byte(struct replies *r, unsigned char *keys, unsigned char byte)
{
    switch (r->state) {
    case ESCAPED: return feed_escaped(r, keys, byte);
    case CONTROL: return feed_control(r, keys, byte);
    case STRING_END:
        if (byte != '\\' && byte != BELL) { /* it has no end: another sequence begins */
            begin(r);
            return feed_escaped(r, keys, byte);
        }
        feed_string(r, byte);
        return 0;
    case STRING: feed_string(r, byte); return 0;
    case REPORT: return feed_report(r, keys, byte);
    default:
        if (byte == ESCAPE) {
            begin(r);
            return 0;
        }
        if (r->pasting) {
            paste_byte(r, byte);
            return 0;
        }
        *keys = byte;
        return 1;
    }
}

size_t replies_feed(struct replies *r, unsigned char *keys, const void *bytes, size_t n, double now)
{
    size_t out = 0;
    if (r->due > 0 && now >= r->due)
        out = replies_expire(r, keys, now);
    bool went_on = r->state == STRING && is_surely(r);
    for (size_t i = 0; i < n; i++)
        out += feed_byte(r, keys + out, ((const unsigned char *)bytes)[i]);
    went_on = went_on && r->state == STRING; /* keys would keep it alive for ever */
    if (r->pasting && r->state == GROUND && n > 0)
        r->due = now + paste_patience;
    else if (r->state != GROUND && n > 0 && !went_on)
        r->due = now + patience[r->state][r->awaiting || is_surely(r)];
    return out;
}

/* An Escape that has been handed out may still turn out to have begun a reply: what follows is then
 * dropped, so the state is kept for as long again as a slow link may take. */
size_t replies_expire(struct replies *r, unsigned char *keys, double now)
{
    size_t n = 0;
    bool half = r->state == ESCAPED || r->state == CONTROL;
    if (r->state == GROUND)
        r->pasting = false;
    if (!is_surely(r))
        n = give(r, keys);
    if (half && n > 0)
        r->due = now + 1.0;
    else
        ground(r);
    return n;
}

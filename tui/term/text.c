/* text.c: see text.h. */
#include "tui/term/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "engine/base/diag.h"
#include "engine/base/utf8.h"
#include "tui/term/environment.h"

bool text_utf8(void)
{
    return environment_utf8();
}

enum marks { MARKS_ASCII, MARKS_LINES, MARKS_ALL };

static char wanted_marks[8];
static int known = -1; /* marks, below 0: to be found */

void text_use_marks(const char *word)
{
    snprintf(wanted_marks, sizeof wanted_marks, "%s", strcmp(word, "auto") == 0 ? "" : word);
    known = -1;
}

static bool is_xterm; /* by its own name */

void text_know_terminal(const char *name)
{
    is_xterm = strncmp(name, "XTerm", 5) == 0;
    known = -1;
}

static enum marks known_marks(void)
{
    const char *asked = environment_get("STRATA_MARKS"), *term = environment_get("TERM");
    if (!asked || !*asked)
        asked = wanted_marks;
    if (!text_utf8() || strcmp(asked, "ascii") == 0)
        return MARKS_ASCII;
    if (*asked)
        return strcmp(asked, "all") == 0 ? MARKS_ALL : MARKS_LINES;
    bool narrow = is_xterm || environment_get("XTERM_VERSION") ||
                  (term && strncmp(term, "linux", 5) == 0);
    return narrow ? MARKS_LINES : MARKS_ALL;
}

bool text_shows(const char *marks)
{
    static const char lines[] = "─│┌┐└┘├┤┬┴┼◆▒⎺⎻⎼⎽";
    static unsigned generation;
    if (known < 0 || generation != environment_generation())
        known = known_marks();
    generation = environment_generation();
    if (known != MARKS_LINES)
        return known == MARKS_ALL;
    for (const char *next = marks; *next; marks = next) {
        char mark[8];
        unsigned code = text_next(&next);
        snprintf(mark, sizeof mark, "%.*s", (int)(next - marks), marks);
        if (code >= 0x100 && !strstr(lines, mark))
            return false;
    }
    return true;
}

void text_plain_arrows(char *text)
{
    static const char arrow[] = "→";
    for (char *at = text; !text_shows(arrow) && (at = strstr(at, arrow)); at += 2) {
        memcpy(at, "->", 2);
        memmove(at + 2, at + sizeof arrow - 1, strlen(at + sizeof arrow - 1) + 1);
    }
}

unsigned text_next(const char **s)
{
    int length;
    if (!**s)
        return 0;
    unsigned code = utf8_read(*s, &length);
    *s += length;
    if (code < 0x7f)
        return code < 0x20 ? '?' : code;
    if ((code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
        (code >= 0x2066 && code <= 0x2069))
        return '?'; /* they would turn the line around */
    if (text_utf8() && wcwidth((wchar_t)code) >= 0)
        return code;
    return code == 0x2192 ? '>' : '?'; /* "weight 1 → 2" */
}

int text_width(unsigned code)
{
    int width = code < 0x7f ? 1 : wcwidth((wchar_t)code);
    return width < 0 ? 1 : width;
}

int text_columns(const char *text)
{
    int columns = 0;
    unsigned code;
    while ((code = text_next(&text)))
        columns += text_width(code);
    return columns;
}

/* Where text has used up the given columns; *used says how many it really took. */
static const char *at_column(const char *text, int columns, int *used)
{
    *used = 0;
    for (;;) {
        const char *next = text;
        unsigned code = text_next(&next);
        if (!code || *used + text_width(code) > columns)
            return text;
        *used += text_width(code);
        text = next;
    }
}

/* Where the last `columns` columns of text, or fewer, begin; total: all that it has. */
static const char *last_columns(const char *text, int total, int columns)
{
    int used;
    const char *rest = at_column(text, total - columns, &used);
    if (total - used > columns) /* a wide character straddles the cut */
        text_next(&rest);
    return rest;
}

void text_fit_end(char *out, size_t size, const char *text, int columns)
{
    char clean[4096];
    diag_clean(clean, sizeof clean, text);
    int total = text_columns(clean);
    if (total <= columns)
        snprintf(out, size, "%s", clean);
    else
        snprintf(out, size, "%s%s", columns < 1 ? "" : text_shows("…") ? "…" : "~",
                 last_columns(clean, total, columns > 1 ? columns - 1 : 0));
}

void text_fit(char *out, size_t size, const char *text, int columns)
{
    char clean[4096];
    int head, total;
    diag_clean(clean, sizeof clean, text);
    total = text_columns(clean);
    if (total <= columns) {
        snprintf(out, size, "%s", clean);
        return;
    }
    const char *gap = text_shows("…") ? "…" : "~";
    int tail = columns > 1 ? (columns - 1) / 2 : 0;
    const char *end = at_column(clean, columns - 1 - tail, &head);
    snprintf(out, size, "%.*s%s%s", (int)(end - clean), clean, columns > 0 ? gap : "",
             last_columns(clean, total, tail));
}

/* The length of a path at text, a word with a slash behind its first character, or 0; *name: where
 * its last part begins. */
static size_t path_at(const char *text, size_t *name)
{
    size_t n = strcspn(text, " "), last = 0;
    for (size_t i = 0; i < n; i++)
        if (text[i] == '/' && i + 1 < n)
            last = i + 1;
    *name = last;
    return last > 1 ? n : 0;
}

void text_shorten(char *out, size_t size, const char *text, int columns)
{
    char clean[4096];
    const char *dots = text_shows("…") ? "…" : "~";
    int over;
    diag_clean(clean, sizeof clean, text);
    over = text_columns(clean) - columns;
    size_t used = 0;
    out[0] = 0;
    for (const char *at = clean; *at && used < size;) {
        size_t name, n = path_at(at, &name);
        char path[4096];
        snprintf(path, sizeof path, "%.*s", (int)name, at);
        if (n > 0 && over > 0 && text_columns(path) > 2) {
            used += (size_t)snprintf(out + used, size - used, "%s/%.*s", dots, (int)(n - name),
                                     at + name);
            over -= text_columns(path) - 2;
        } else {
            n = n ? n : strcspn(at, " ");
            used += (size_t)snprintf(out + used, size - used, "%.*s", (int)n, at);
        }
        at += n;
        size_t blanks = strspn(at, " ");
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, "%.*s", (int)blanks, at);
        at += blanks;
    }
}

size_t text_line(const char *text, int columns, size_t *skip)
{
    int used;
    const char *end = at_column(text, columns < 1 ? 1 : columns, &used), *cut = end;
    if (end == text && *text) /* a wide character */
        text_next(&end), cut = end;
    *skip = 0;
    if (*end && *end != ' ') {
        while (cut > text && *cut != ' ')
            cut--;
        if (cut > text)
            end = cut;
    }
    while (end > text && end[-1] == ' ')
        end--;
    *skip = strspn(end, " ");
    return (size_t)(end - text);
}

int text_insert(char *text, size_t size, size_t at, unsigned code)
{
    char bytes[4];
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    size_t length = strlen(text);
    if (length + (size_t)n >= size || at > length)
        return 0;
    if (n == 1)
        bytes[0] = (char)code;
    else
        for (int i = n - 1; i >= 0; i--, code >>= 6)
            bytes[i] = (char)(i ? 0x80 | (code & 0x3f) : (0xf0u << (4 - n)) | code);
    memmove(text + at + n, text + at, length + 1 - at);
    memcpy(text + at, bytes, (size_t)n);
    return n;
}

void text_size(char out[16], double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 999.5 && unit < 4) {
        bytes /= 1000.0;
        unit++;
    }
    snprintf(out, 16, unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

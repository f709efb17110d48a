/* topics.c: see topics.h. */
#include "tui/cli/topics.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "engine/base/mem.h"
#include "engine/base/utf8.h"

enum { COLUMNS = 78 };

extern const char topics_layers[], topics_workbench[], topics_job[], topics_networks[],
    topics_memory[], topics_large[], topics_sweep[], topics_runs[], topics_terminals[],
    topics_speed[], topics_trouble[];

static const struct topic all[] = {
    {"layers", "what the five layers are for, and blank, grey, content, off", topics_layers},
    {"workbench", "its keys and panes", topics_workbench},
    {"job", "job files", topics_job},
    {"networks", "the built-in network, VGG-19, others", topics_networks},
    {"memory", "what a run takes, and what to do if it is too much", topics_memory},
    {"large", "posters, and one picture on several machines", topics_large},
    {"sweep", "many variations from one file", topics_sweep},
    {"runs", "checkpoints, lost connections, history", topics_runs},
    {"terminals", "sixel, kitty, cells; SSH and tmux", topics_terminals},
    {"speed", "how fast it is, and what makes it faster", topics_speed},
    {"trouble", "grey, noisy, slow: what to do", topics_trouble},
};

enum { TOPIC_COUNT = sizeof all / sizeof *all };

const struct topic *topics(int *count)
{
    *count = TOPIC_COUNT;
    return all;
}

const struct topic *topics_find(const char *name)
{
    for (size_t i = 0; i < TOPIC_COUNT; i++)
        if (strcmp(name, all[i].name) == 0)
            return &all[i];
    return NULL;
}

/* ---- what a line is ----------------------------------------------------------------------- */

enum kind { EMPTY, TITLE, SECTION, ITEM, AS_IS, ROW, TEXT }; /* ROW: of a table */

static enum kind kind_of(const char *line)
{
    return *line == 0 || *line == '\n'        ? EMPTY
           : strncmp(line, "# ", 2) == 0      ? TITLE
           : strncmp(line, "## ", 3) == 0     ? SECTION
           : strncmp(line, "- ", 2) == 0      ? ITEM
           : strncmp(line, "    ", 4) == 0 ? AS_IS
           : *line == '|'                  ? ROW
                                           : TEXT;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : line + strlen(line);
}

/* Where what a line says begins. */
static const char *body(const char *line)
{
    switch (kind_of(line)) {
    case TITLE:
    case ITEM: return line + 2;
    case SECTION: return line + 3;
    case AS_IS: return line + 4;
    case EMPTY:
    case ROW:
    case TEXT: break;
    }
    return line + strspn(line, " ");
}

/* ---- for the terminal --------------------------------------------------------------------- */

/* text up to its end without **, `, and the links' targets. */
static void strip(char *out, size_t size, const char *text, const char *end)
{
    size_t n = 0;
    for (const char *c = text; c < end && n + 1 < size; c++) {
        if (*c == '`' || (*c == '[' && strchr(c, ']') && strchr(c, ']')[1] == '('))
            continue;
        if (c[0] == '*' && c[1] == '*') {
            c++;
            continue;
        }
        if (c[0] == ']' && c[1] == '(') {
            c += strcspn(c, ")");
            continue;
        }
        out[n++] = *c;
    }
    out[n] = 0;
}

/* Words from column to COLUMNS, lines that follow begin at indent; the column where it ends. */
static int wrap(FILE *out, const char *text, int column, int indent)
{
    while (*text) {
        size_t space = strspn(text, " "), n = strcspn(text += space, " ");
        int width = 0;
        if (n == 0)
            break;
        for (size_t i = 0; i < n; i++)
            width += ((unsigned char)text[i] & 0xc0) != 0x80;
        bool first = column == indent;
        if (!first && column + 1 + width > COLUMNS) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)n, text);
        column += width + !first;
        text += n;
    }
    return column;
}

void topics_print(FILE *out, const struct topic *topic)
{
    char line[1000];
    int column = -1, indent = 0; /* −1: no paragraph is under way */
    for (const char *at = topic->text; *at; at = next_line(at)) {
        enum kind kind = kind_of(at);
        const char *end = at + strcspn(at, "\n");
        strip(line, sizeof line, body(at), end);
        if (column >= 0 && kind != TEXT) {
            fputc('\n', out);
            column = -1;
        }
        switch (kind) {
        case EMPTY: fputc('\n', out); break;
        case TITLE:
        case SECTION: fprintf(out, "%s\n", line); break;
        case AS_IS: fprintf(out, "    %.*s\n", (int)(end - body(at)), body(at)); break;
        case ROW:
            if (at[1] != '-') /* the line below its head */
                fprintf(out, "%s\n", line);
            break;
        case ITEM:
            fputs("- ", out);
            indent = 2;
            column = wrap(out, line, indent, indent);
            break;
        case TEXT:
            if (column < 0)
                column = indent = 0;
            column = wrap(out, line, column, indent);
            break;
        }
    }
    if (column >= 0)
        fputc('\n', out);
}

/* ---- searching ---------------------------------------------------------------------------- */

static bool has_word(const char *text, const char *end, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; at + n <= end; at++)
        if (strncasecmp(at, word, n) == 0 && (at == text || !isalnum((unsigned char)at[-1])))
            return true;
    return false;
}

/* The end of the paragraph or item that begins at a line; of what is neither, of the line. */
static const char *block_end(const char *line)
{
    bool more = kind_of(line) == TEXT || kind_of(line) == ITEM;
    line = next_line(line);
    while (more && kind_of(line) == TEXT)
        line = next_line(line);
    return line;
}

int topics_search(FILE *out, const char *word)
{
    int found = 0;
    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        bool named = false;
        for (const char *at = all[i].text, *end; *at; at = end) {
            end = block_end(at);
            enum kind kind = kind_of(at);
            if ((kind != TEXT && kind != ITEM && kind != ROW) || !has_word(at, end, word))
                continue;
            if (!named)
                fprintf(out, "%sstrata help %s:\n", found ? "\n" : "", all[i].name);
            named = true;
            found++;
            char *block = mem_new((size_t)(end - at) + 1);
            memcpy(block, at, (size_t)(end - at));
            topics_print(out, &(struct topic){.text = block});
            mem_free(block);
        }
    }
    return found;
}

/* ---- for man ------------------------------------------------------------------------------ */

static void roff_text(FILE *out, const char *text, const char *end, bool marks)
{
    bool bold = false;
    if (text < end && (*text == '.' || *text == '\''))
        fputs("\\&", out);
    for (const char *c = text; c < end; c++) {
        if (marks && (*c == '`' || (c[0] == '*' && c[1] == '*'))) {
            bold = !bold;
            fputs(bold ? "\\fB" : "\\fR", out);
            c += *c == '*';
        } else if (marks && *c == '[' && strchr(c, ']') && strchr(c, ']')[1] == '(') {
            continue;
        } else if (marks && c[0] == ']' && c[1] == '(') {
            c += strcspn(c, ")");
        } else {
            fputs(*c == '\\' ? "\\e" : *c == '-' ? "\\-" : *c == '~' ? "\\(ti" : *c == '^' ? "\\(ha"
                  : (char[]){*c, 0}, out);
        }
    }
    fputs(bold ? "\\fR\n" : "\n", out);
}

void topics_roff_line(FILE *out, const char *text)
{
    roff_text(out, text, text + strlen(text), true);
}

static void roff_heading(FILE *out, const char *macro, const char *text, const char *end)
{
    fprintf(out, ".%s \"", macro);
    for (const char *c = text; c < end; c++) {
        bool small = strcmp(macro, "SH") == 0 && *c >= 'a' && *c <= 'z';
        fputc(*c == '"' ? '\'' : small ? *c - 'a' + 'A' : *c, out);
    }
    fputs("\"\n", out);
}

void topics_roff(FILE *out, const struct topic *topic, bool headed)
{
    enum kind before = EMPTY;
    bool begun = false; /* a paragraph */
    for (const char *at = topic->text; *at; at = next_line(at)) {
        enum kind kind = kind_of(at);
        const char *text = body(at), *end = at + strcspn(at, "\n");
        if (kind == ROW && at[1] == '-')
            continue;
        bool lines = kind == AS_IS || kind == ROW, were = before == AS_IS || before == ROW;
        if (were && !lines)
            fputs(".fi\n.RE\n", out);
        if (lines && !were)
            fputs(".PP\n.RS 4\n.nf\n", out);
        else if (kind == ITEM)
            fputs(".IP \\(bu 2\n", out);
        else if (kind == TEXT && !begun)
            fputs(".PP\n", out);
        if (kind == TITLE ? headed : kind == SECTION)
            roff_heading(out, kind == TITLE || !headed ? "SH" : "SS", text, end);
        else if (kind != EMPTY && kind != TITLE)
            roff_text(out, text, end, kind != AS_IS);
        begun = kind == TEXT || kind == ITEM;
        before = kind;
    }
    if (before == AS_IS || before == ROW)
        fputs(".fi\n.RE\n", out);
}

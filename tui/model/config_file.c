/*
 * config_file.c: see config.h: the text of config.ini. Its lines are read here and not by inih,
 * which names only the first that is wrong and cuts long ones: here each is told, and what is not
 * understood is kept, as a newer strata may have written it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/nearest.h"
#include "engine/base/text_buffer.h"
#include "tui/model/config.h"

struct reader {
    struct config *config;
    const char *name;
    config_tell *tell;
    void *context;
    int line;
    int section;       /* -1: none that is known */
    char heading[100]; /* "[keys]" */
    int line_of[CONFIG_MOST]; /* that set an entry */
    struct text_buffer kept;
};

static void tell(struct reader *r, int line, const char *what, const char *sentence)
{
    struct diag diag;
    diag_set(&diag, STATUS_USAGE, "%s:%d: %s%s%s", r->name, line, what, *what ? ": " : "",
             sentence);
    if (r->tell)
        r->tell(r->context, diag.text);
}

static void keep_line(struct reader *r, const char *line)
{
    text_buffer_add(&r->kept, "%s\t%s\n", r->heading, line);
}

static char *trim(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text + strspn(text, " \t\r\v\f");
}

/* The name in the section that was meant, or "". */
static void find_nearest(struct nearest *nearest, int section, const char *name)
{
    struct config_entry e;
    nearest_begin(nearest, name);
    for (int i = 0, count = config_count(); i < count; i++) {
        config_entry(&e, i);
        if ((int)e.section == section)
            nearest_offer(nearest, e.name, (int)strlen(e.name));
    }
}

static void tell_unknown(struct reader *r, const char *name)
{
    char text[200];
    struct nearest nearest;
    find_nearest(&nearest, r->section, name);
    snprintf(text, sizeof text, "there is no such %s%s%s%s",
             r->section == CONFIG_KEYS ? "action" : "setting",
             nearest.name[0] ? "; did you mean " : "", nearest.name, nearest.name[0] ? "?" : "");
    tell(r, r->line, name, text);
}

/* Keys wait until all are known: two actions may have changed theirs with each other. */
static enum status set(struct reader *r, int index, const char *value, struct diag *diag)
{
    struct config_entry e;
    char keys[KEYS_TEXT];
    config_entry(&e, index);
    if (!*value)
        return diag_set(diag, STATUS_USAGE, "the value is missing");
    if (!e.key)
        return config_set(r->config, index, value, diag);
    TRY(keys_tidy(keys, e.key, value, diag));
    mem_free(r->config->value[index]);
    r->config->value[index] =
        strcmp(keys, e.key->standard) == 0 ? NULL : mem_text(keys[0] ? keys : "none");
    return STATUS_OK;
}

static void read_section(struct reader *r, char *line)
{
    char *end = strchr(line, ']');
    char text[200];
    r->section = -1;
    snprintf(r->heading, sizeof r->heading, "%.90s", line);
    for (char *c = r->heading; *c; c++)
        *c = *c == '\t' ? ' ' : *c;
    if (end)
        *end = 0;
    for (int i = 0; end && i < CONFIG_SECTIONS; i++)
        if (strcmp(trim(line + 1), config_section_name((enum config_section)i)) == 0)
            r->section = i;
    if (r->section >= 0) {
        snprintf(r->heading, sizeof r->heading, "[%s]",
                 config_section_name((enum config_section)r->section));
        return;
    }
    snprintf(text, sizeof text, "section %s is unknown; there are [desk], [defaults] and [keys]",
             r->heading);
    tell(r, r->line, "", text);
}

static void read_line(struct reader *r, char *line)
{
    struct diag diag;
    char *whole = mem_text(line), *value = strpbrk(line, "=:");
    int index = -1;
    if (r->section < 0) {
        if (!r->heading[0])
            tell(r, r->line, "", "this stands in no section: [desk], [defaults] or [keys]");
    } else if (!value || value == line) {
        tell(r, r->line, "", "the line is neither [section] nor name = value");
    } else {
        *value++ = 0;
        index = config_find((enum config_section)r->section, trim(line));
        if (index < 0)
            tell_unknown(r, trim(line));
        else if (set(r, index, trim(value), &diag) != STATUS_OK) {
            tell(r, r->line, trim(line), diag.text);
            index = -1;
        } else
            r->line_of[index] = r->line;
    }
    if (index < 0)
        keep_line(r, whole);
    mem_free(whole);
}

/* The keys are given to the actions. Where that makes one key mean two things, the action that was
 * to get it keeps its own. */
static void give_keys(struct reader *r)
{
    const struct key_entry *a, *b;
    int first = config_count(), code;
    size_t count;
    const struct key_entry *table = keys_table(&count);
    first -= (int)count;
    for (size_t i = 0; i < count; i++) {
        const char *value = r->config->value[first + (int)i];
        keys_give(&table[i], value && strcmp(value, "none") == 0 ? "" : value);
    }
    while (keys_clash(&a, &b, &code)) {
        char key[16], one[32], other[32], text[200];
        int index = first + (int)(b - table);
        keys_name(key, code);
        keys_action_name(one, a);
        keys_action_name(other, b);
        snprintf(text, sizeof text, "%s is the key of %s, so this keeps %s", key, one,
                 b->standard);
        tell(r, r->line_of[index], other, text);
        text_buffer_add(&r->kept, "[keys]\t%s = %s\n", other, r->config->value[index]);
        mem_free(r->config->value[index]);
        r->config->value[index] = NULL;
        keys_give(b, NULL);
    }
}

void config_parse(struct config *out, const char *text, const char *name, config_tell *take,
                  void *context)
{
    struct reader *r = mem_new(sizeof *r);
    char *lines = mem_text(text);
    config_clear(out);
    *r = (struct reader){.config = out, .name = name, .tell = take, .context = context,
                         .section = -1};
    for (char *at = lines, *next; *at; at = next) {
        size_t n = strcspn(at, "\n");
        next = at + n + (at[n] != 0);
        at[n] = 0;
        r->line++;
        char *line = trim(at);
        if (*line == '[')
            read_section(r, line);
        else if (*line && *line != '#' && *line != ';')
            read_line(r, line);
    }
    give_keys(r);
    out->kept = r->kept.used ? mem_text(text_buffer_get(&r->kept)) : NULL;
    text_buffer_clear(&r->kept);
    mem_free(lines);
    mem_free(r);
}

/* ---- writing ------------------------------------------------------------------------------ */

static bool is_name(const char *line, const char *name)
{
    size_t n = strlen(name);
    return strncmp(line, name, n) == 0 && strchr("=: \t", line[n]);
}

/* Does a line that was kept stand in a section that is ours? If name, only of that name. */
static bool stands_in(const char *kept, const char *section, const char *name)
{
    char heading[40];
    size_t n = (size_t)snprintf(heading, sizeof heading, "[%s]\t", section);
    return strncmp(kept, heading, n) == 0 && (!name || is_name(kept + n, name));
}

static const char *next_kept(const char *kept)
{
    kept += strcspn(kept, "\n");
    return kept + (*kept == '\n');
}

static void print_kept(struct text_buffer *out, const char *kept)
{
    const char *line = kept + strcspn(kept, "\t") + 1;
    text_buffer_add(out, "%.*s\n", (int)strcspn(line, "\n"), line);
}

static void print_entry(struct text_buffer *out, const struct config *c, int index)
{
    struct config_entry e;
    const char *section, *kept = c->kept ? c->kept : "";
    config_entry(&e, index);
    section = config_section_name(e.section);
    if (e.key && (e.key->action == 1 || e.key->context != e.key[-1].context))
        text_buffer_add(out, "\n# %s\n", keys_context_title(e.key->context));
    text_buffer_add(out, "# %s%s%s\n", e.choices, *e.choices ? ": " : "", e.help);
    if (c->value[index]) {
        text_buffer_add(out, "%s = %s\n", e.name, c->value[index]);
        return;
    }
    text_buffer_add(out, "#%s = %s\n", e.name, e.standard);
    for (; *kept; kept = next_kept(kept)) /* wrong, but not changed by the user since */
        if (stands_in(kept, section, e.name))
            print_kept(out, kept);
}

/* What was kept of a section and belongs to no entry. */
static void print_unknown(struct text_buffer *out, const struct config *c,
                          enum config_section section)
{
    char name[64];
    const char *heading = config_section_name(section);
    for (const char *kept = c->kept ? c->kept : ""; *kept; kept = next_kept(kept)) {
        const char *line = kept + strcspn(kept, "\t") + 1;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, "=: \t\n"), line);
        if (stands_in(kept, heading, NULL) && config_find(section, name) < 0)
            print_kept(out, kept);
    }
}

static bool is_ours(const char *kept)
{
    for (int i = 0; i < CONFIG_SECTIONS; i++)
        if (stands_in(kept, config_section_name((enum config_section)i), NULL))
            return true;
    return false;
}

/* What stood in no section. */
static void print_strays(struct text_buffer *out, const struct config *c)
{
    for (const char *kept = c->kept ? c->kept : ""; *kept; kept = next_kept(kept))
        if (*kept == '\t')
            print_kept(out, kept);
}

/* Sections of others. */
static void print_others(struct text_buffer *out, const struct config *c)
{
    const char *last = "";
    for (const char *kept = c->kept ? c->kept : ""; *kept; kept = next_kept(kept)) {
        size_t n = strcspn(kept, "\t");
        if (n == 0 || is_ours(kept))
            continue;
        if (strncmp(kept, last, n + 1) != 0)
            text_buffer_add(out, "\n%.*s\n", (int)n, kept);
        print_kept(out, kept);
        last = kept;
    }
}

static const char about_file[] =
    "# strata's settings. The workbench writes this file when told to: , then w.\n"
    "# Behind a # stands what holds anyway; remarks of your own are not kept.\n";

char *config_print(const struct config *c)
{
    static const char *const about[] = {
        "The workbench.",
        "What a new job begins with, unless its command line says otherwise. A job file says all.",
        ("Keys of the actions, parted by blanks, as Space x Ctrl-R F1 Shift-Left; none where an\n"
         "# action of the desk needs none. What is text where it is typed is no key there.")};
    struct text_buffer out = {0};
    struct config_entry e;
    int section = -1, count = config_count();
    text_buffer_add(&out, "%s", about_file);
    print_strays(&out, c);
    for (int i = 0; i < count; i++) {
        config_entry(&e, i);
        if ((int)e.section != section) {
            section = (int)e.section;
            text_buffer_add(&out, "\n[%s]\n# %s\n\n", config_section_name(e.section),
                            about[section]);
        }
        print_entry(&out, c, i);
        struct config_entry next = {.section = CONFIG_SECTIONS};
        if (i + 1 < count)
            config_entry(&next, i + 1);
        if (next.section != e.section)
            print_unknown(&out, c, e.section);
    }
    print_others(&out, c);
    return out.text; /* mem_new's */
}

/* model_prompt.c: the line that is typed: editing, completion, what was typed before. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"
#include "tui/term/text.h"

static void remember(struct prompt *p)
{
    if (!p->text[0] || strlen(p->text) >= sizeof p->past[0] ||
        (p->past_count > 0 && strcmp(p->past[0], p->text) == 0))
        return;
    memmove(p->past[1], p->past[0], (PROMPT_HISTORY - 1) * sizeof *p->past);
    strcpy(p->past[0], p->text);
    p->past_count += p->past_count < PROMPT_HISTORY;
}

static void recall(struct prompt *p, int step)
{
    int to = p->past_at + step;
    if (p->kind != PROMPT_SET || to < -1 || to >= p->past_count)
        return;
    p->past_at = to;
    p->selected = 0;
    snprintf(p->text, sizeof p->text, "%s", to < 0 ? "" : p->past[to]);
    p->at = strlen(p->text);
}

/* ---- completion --------------------------------------------------------------------------- */

struct candidates {
    const char *prefix;
    char common[JOB_PATH], *list;
    size_t list_size;
    int count;
};

static void offer(struct candidates *c, const char *word, size_t length)
{
    size_t n = strlen(c->prefix);
    if (length < n || strncmp(word, c->prefix, n) != 0)
        return;
    if (c->count++ == 0) {
        snprintf(c->common, sizeof c->common, "%.*s", (int)length, word);
    } else {
        size_t same = 0;
        while (same < length && c->common[same] == word[same])
            same++;
        while (same > 0 && ((unsigned char)c->common[same] & 0xc0) == 0x80)
            same--; /* no half of a character */
        c->common[same] = 0;
    }
    size_t used = strlen(c->list);
    snprintf(c->list + used, c->list_size - used, "%s%.*s", used ? "  " : "", (int)length, word);
}

static void offer_choices(struct candidates *c, const char *choices)
{
    while (*choices) {
        size_t n = strcspn(choices, "|");
        offer(c, choices, n);
        choices += n + (choices[n] != 0);
    }
}

static void offer_presets(const struct model *m, struct candidates *c)
{
    for (int i = 0; i < model_preset_count(m); i++)
        offer(c, model_preset_name(m, i), strlen(model_preset_name(m, i)));
}

static void offer_names(const struct model *m, struct candidates *c, bool set_only)
{
    size_t keys;
    int count;
    const struct job_key *table = job_keys(&keys);
    for (size_t i = 0; i < keys; i++)
        offer(c, table[i].name, strlen(table[i].name));
    const struct model_layer_setting *settings = model_layer_settings(&count);
    for (int i = 0; i < count; i++)
        offer(c, settings[i].name, strlen(settings[i].name));
    if (set_only)
        return;
    const struct model_command *commands = model_commands(&count);
    for (int i = 0; i < count; i++) /* two words come one by one */
        if (!strchr(commands[i].word, ' '))
            offer(c, commands[i].word, strlen(commands[i].word));
    offer_presets(m, c);
}

static void offer_values(const struct model *m, struct candidates *c, const char *name)
{
    const struct job_key *key = job_find_key(name);
    const struct model_layer_setting *of_layer = model_find_layer_setting(name);
    if (of_layer)
        offer_choices(c, of_layer->choices);
    else if (strcmp(name, "edits") == 0)
        offer_choices(c, "last|off");
    else if (strcmp(name, "preset") == 0) {
        offer_choices(c, "save|delete");
        offer_presets(m, c);
    } else if (!key)
        return;
    else if (key->kind == JOB_CHOICE)
        offer_choices(c, key->choices);
    else if (key->kind == JOB_FLAG)
        offer_choices(c, "true|false");
    else if (key->kind == JOB_PYRAMID)
        offer_choices(c, "off|auto|2|3|4");
    else if (key->kind == JOB_SIZE)
        offer_choices(c, "auto|400M|1G|2G|4G");
    else if (strcmp(key->name, "initial") == 0)
        offer_choices(c, "content|noise");
    else if (strcmp(key->name, "network") == 0)
        offer_choices(c, "strata16|random:16|random:vgg19");
}

static bool takes_path(const char *name)
{
    const struct job_key *key = job_find_key(name);
    return strcmp(name, "e") == 0 || strcmp(name, "w") == 0 ||
           (key && (key->kind == JOB_FILE || strcmp(key->name, "styles") == 0));
}

/* Puts what the candidates have in common behind the first `start` bytes of the text. */
static void put_common(struct prompt *p, struct candidates *c, size_t start, const char *behind)
{
    char before[JOB_PATH];
    snprintf(before, sizeof before, "%.*s", (int)start, p->text);
    if (c->count == 0) {
        snprintf(p->candidates, sizeof p->candidates, "nothing begins like this");
        return;
    }
    int used = snprintf(p->text, sizeof p->text, "%s", before);
    snprintf(p->text + used, sizeof p->text - (size_t)used, "%s%s", c->common,
             c->count == 1 ? behind : "");
    p->at = strlen(p->text);
    if (c->count == 1)
        c->list[0] = 0;
}

/* Completes the word that ends at the text's end. Paths are asked of the disk. */
static void complete(struct model *m)
{
    struct prompt *p = &m->prompt;
    char name[64];
    bool set = p->kind == PROMPT_SET, word = set && strncmp(p->text, "set ", 4) == 0;
    size_t begin = word ? 3 + strspn(p->text + 3, " ") : 0;
    size_t n = strcspn(p->text + begin, " ="), end = begin + n;
    bool value = !set || p->text[end] != 0;
    struct candidates c = {"", "", p->candidates, sizeof p->candidates, 0};
    if (p->kind == PROMPT_WEIGHT || p->kind == PROMPT_NAME || p->kind == PROMPT_FILTER)
        return;
    size_t start = set && value ? end + strspn(p->text + end, " =") : begin;
    snprintf(name, sizeof name, "%.*s", (int)(n < 63 ? n : 63), p->text + begin);
    c.prefix = p->text + start;
    c.list[0] = 0;
    if (p->kind == PROMPT_CONFIG) {
        struct config_entry entry;
        config_entry(&entry, m->config_at);
        offer_choices(&c, entry.choices);
        put_common(p, &c, 0, "");
        return;
    }
    if (!set || (value && takes_path(name))) {
        char path[JOB_PATH];
        if (strcmp(p->text + start, "~") == 0)
            strcat(p->text, "/");
        paths_expand(path, p->text + start, "");
        struct disk_request *r = model_disk(m, DISK_NAMES, PURPOSE_COMPLETE, path);
        r->number = (int)(file_name(p->text + start) - p->text);
        snprintf(r->name, sizeof r->name, "%s", p->text);
        return;
    }
    if (value)
        offer_values(m, &c, name);
    else
        offer_names(m, &c, word);
    put_common(p, &c, start, value ? "" : " ");
}

void model_completed(struct model *m, const struct disk_answer *a)
{
    struct prompt *p = &m->prompt;
    struct candidates c = {"", "", p->candidates, sizeof p->candidates, 0};
    size_t start = (size_t)a->request.number;
    if (p->kind == PROMPT_NONE || strcmp(p->text, a->request.name) != 0)
        return; /* something else was typed meanwhile */
    c.prefix = a->request.name + start;
    c.list[0] = 0;
    for (const char *name = a->names; *name; name += strlen(name) + 1)
        offer(&c, name, strlen(name));
    put_common(p, &c, start, "");
}

/* ---- editing ------------------------------------------------------------------------------ */

/* Editing */

static size_t step_left(const struct prompt *p)
{
    size_t at = p->at;
    while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t step_right(const struct prompt *p)
{
    const char *next = p->text + p->at;
    text_next(&next);
    return (size_t)(next - p->text);
}

static void erase_bytes(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
    p->at = from;
}

static void set_weight(struct model *m)
{
    char line[JOB_PATH + 16];
    snprintf(line, sizeof line, "weight %.900s", m->prompt.text);
    if (!model_set(m, line))
        m->prompt.kind = PROMPT_WEIGHT;
}

/* A line that is refused stays to be mended. */
static void finish_prompt(struct model *m)
{
    struct prompt *p = &m->prompt;
    enum prompt_kind kind = p->kind;
    char path[JOB_PATH];
    paths_expand(path, p->text, "");
    p->kind = PROMPT_NONE;
    switch (kind) {
    case PROMPT_SET:
        remember(p);
        if (!model_carry_out(m, p->text))
            p->kind = kind;
        break;
    case PROMPT_WEIGHT: set_weight(m); break;
    case PROMPT_SAVE: model_save(m, path, 0); break;
    case PROMPT_SAVE_KEPT: model_save(m, path, m->question_number); break;
    case PROMPT_SAVE_JOB: model_save_job(m, path, FILE_KEEP); break;
    case PROMPT_NAME: model_name_node(m, p->text); break;
    case PROMPT_FILTER: tree_filter(&m->tree, p->text); break;
    case PROMPT_CONFIG:
        if (!model_set_config(m, p->text))
            p->kind = kind;
        break;
    case PROMPT_NONE: break;
    }
}

void model_type_prompt(struct model *m, unsigned code)
{
    struct prompt *p = &m->prompt;
    p->candidates[0] = 0;
    if (p->selected > 0)
        erase_bytes(p, strlen(p->text) - p->selected, strlen(p->text));
    p->selected = 0;
    p->at += (size_t)text_insert(p->text, sizeof p->text, p->at, code);
}

void model_prompt_action(struct model *m, enum prompt_action action)
{
    struct prompt *p = &m->prompt;
    p->candidates[0] = 0;
    p->selected = 0;
    switch (action) {
    case DO_PROMPT_DONE: finish_prompt(m); break;
    case DO_PROMPT_COMPLETE: complete(m); break;
    case DO_PROMPT_LEFT: p->at = step_left(p); break;
    case DO_PROMPT_RIGHT: p->at = step_right(p); break;
    case DO_PROMPT_FIRST: p->at = 0; break;
    case DO_PROMPT_LAST: p->at = strlen(p->text); break;
    case DO_PROMPT_ERASE:
        if (p->at > 0)
            erase_bytes(p, step_left(p), p->at);
        else if (!p->text[0])
            p->kind = PROMPT_NONE;
        break;
    case DO_PROMPT_DELETE: erase_bytes(p, p->at, step_right(p)); break;
    case DO_PROMPT_CLEAR:
        p->text[0] = 0;
        p->at = 0;
        break;
    case DO_PROMPT_UP: recall(p, 1); break;
    case DO_PROMPT_DOWN: recall(p, -1); break;
    case DO_PROMPT_CLOSE: p->kind = PROMPT_NONE; break;
    }
}

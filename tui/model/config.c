/* config.c: see config.h: the table, and single values; config_file.c has the text. */
#include "tui/model/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "tui/model/paths.h"

static const struct {
    const char *name, *choices, *standard, *help;
} desk[] = {
#define X(NAME, name, choices, standard, help)                                                   \
    [CONFIG_##NAME] = {#name, choices, standard, help},
    CONFIG_DESK_LIST(X)
#undef X
};

/* ---- what there is ------------------------------------------------------------------------ */

/* What makes sense for more jobs than one. */
static bool is_default(const struct job_key *key)
{
    return !key->in_lists && key->kind != JOB_LIST && key->kind != JOB_FILE;
}

enum { DEFAULTS = 64, STANDARD = 64 };

/* Found once. */
static struct {
    const struct job_key *key;
    char standard[STANDARD];
} defaults[DEFAULTS];

static int default_count(void)
{
    static int count;
    size_t all;
    const struct job_key *keys = job_keys(&all);
    if (count > 0)
        return count;
    struct job *plain = mem_new(sizeof *plain);
    char value[JOB_PATH];
    job_defaults(plain);
    for (size_t i = 0; i < all && count < DEFAULTS; i++)
        if (is_default(&keys[i])) {
            job_print_value(value, sizeof value, plain, &keys[i]);
            snprintf(defaults[count].standard, STANDARD, "%.60s", value);
            defaults[count++].key = &keys[i];
        }
    mem_free(plain);
    return count;
}

static const struct job_key *default_at(int index)
{
    return index < default_count() ? defaults[index].key : NULL;
}

int config_count(void)
{
    size_t keys;
    keys_table(&keys);
    return CONFIG_DESK_COUNT + default_count() + (int)keys;
}

static void fill_default(struct config_entry *out, int i)
{
    const struct job_key *key = defaults[i].key;
    out->standard = defaults[i].standard;
    snprintf(out->name, sizeof out->name, "%s", key->name);
    out->section = CONFIG_DEFAULTS;
    out->choices = key->kind == JOB_FLAG ? "true|false" : key->choices;
    out->help = key->help;
    out->job = key;
}

void config_entry(struct config_entry *out, int index)
{
    size_t count;
    int key = index - CONFIG_DESK_COUNT - default_count();
    memset(out, 0, sizeof *out);
    out->choices = "";
    if (index < CONFIG_DESK_COUNT) {
        snprintf(out->name, sizeof out->name, "%s", desk[index].name);
        out->standard = desk[index].standard;
        out->choices = desk[index].choices;
        out->help = desk[index].help;
    } else if (key < 0) {
        fill_default(out, index - CONFIG_DESK_COUNT);
    } else {
        out->section = CONFIG_KEYS;
        out->key = &keys_table(&count)[key];
        out->help = out->key->help;
        keys_action_name(out->name, out->key);
        out->standard = out->key->standard;
    }
}

const char *config_section_name(enum config_section section)
{
    static const char *const names[] = {"desk", "defaults", "keys"};
    return names[section];
}

int config_find(enum config_section section, const char *name)
{
    struct config_entry entry;
    for (int i = 0, count = config_count(); i < count; i++) {
        config_entry(&entry, i);
        if (entry.section == section && strcmp(entry.name, name) == 0)
            return i;
    }
    return -1;
}

int config_line_of(int index)
{
    struct config_entry entry;
    config_entry(&entry, index);
    return index + 1 + 2 * (int)entry.section;
}

int config_lines(void)
{
    return config_line_of(config_count() - 1) + 1;
}

int config_line(int line)
{
    int first[CONFIG_SECTIONS] = {0, CONFIG_DESK_COUNT, CONFIG_DESK_COUNT + default_count()};
    for (int section = CONFIG_SECTIONS - 1; section >= 0; section--) {
        int index = line - 1 - 2 * section;
        if (index == first[section] - 1)
            return -1 - section;
        if (index >= first[section])
            return index < (section + 1 < CONFIG_SECTIONS ? first[section + 1] : config_count())
                       ? index
                       : CONFIG_NO_ENTRY;
    }
    return CONFIG_NO_ENTRY;
}

/* ---- values ------------------------------------------------------------------------------- */

const char *config_set_value(const struct config *config, int index)
{
    return config->value[index] ? config->value[index] : "";
}

const char *config_value(const struct config *config, int index)
{
    return config->value[index] ? config->value[index] : desk[index].standard;
}

bool config_is(const struct config *config, int index, const char *value)
{
    return strcmp(config_value(config, index), value) == 0;
}

bool config_same(const struct config *a, const struct config *b, int index)
{
    const char *one = a->value[index], *other = b->value[index];
    return one == other || (one && other && strcmp(one, other) == 0);
}

int config_preview(const struct config *config)
{
    return atoi(config_value(config, CONFIG_PREVIEW));
}

bool config_folder(const struct config *config, int i, char out[JOB_PATH])
{
    const char *at = config_value(config, CONFIG_FOLDERS);
    char folder[JOB_PATH];
    for (; i > 0 && *at; i--) {
        at += strcspn(at, ",");
        at += *at == ',';
    }
    at += strspn(at, " ");
    size_t n = strcspn(at, ",");
    while (n > 0 && at[n - 1] == ' ')
        n--;
    snprintf(folder, sizeof folder, "%.*s", (int)n, at);
    paths_expand(out, folder, "");
    return n > 0;
}

static bool is_choice(const char *choices, const char *text)
{
    for (const char *c = choices; *c; c += strcspn(c, "|"), c += *c == '|')
        if (strcspn(c, "|") == strlen(text) && strncmp(c, text, strlen(text)) == 0)
            return true;
    return false;
}

static enum status check_job_value(const struct job_key *key, const char *text, struct diag *diag)
{
    struct job *job = mem_new(sizeof *job);
    struct job_lists *lists = mem_new(sizeof *lists);
    job_defaults(job);
    enum status status = job_set(job, lists, key, text, "", diag);
    mem_free(job);
    mem_free(lists);
    return status;
}

static enum status check_folders(const char *text, struct diag *diag)
{
    struct config one = {0};
    char folder[JOB_PATH];
    one.value[CONFIG_FOLDERS] = (char *)text;
    for (int i = 0; config_folder(&one, i, folder); i++)
        if (folder[0] != '/')
            return diag_set(diag, STATUS_USAGE, "%s does not begin with / or ~/", folder);
    return STATUS_OK;
}

static enum status check_preview(const char *text, struct diag *diag)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (strcmp(text, "auto") != 0 && (end == text || *end || number < 1 || number > 1000))
        return diag_set(diag, STATUS_USAGE, "%s is neither auto nor a number from 1 to 1000", text);
    return STATUS_OK;
}

static enum status check_history(const char *text, struct diag *diag)
{
    uint64_t bytes;
    if (strcmp(text, "off") != 0 && !budget_parse_size(&bytes, text))
        return diag_set(diag, STATUS_USAGE, "%s is neither off nor a size like 400M or 2G", text);
    return STATUS_OK;
}

static enum status check(const struct config_entry *e, int index, const char *text,
                         struct diag *diag)
{
    if (e->job)
        return check_job_value(e->job, text, diag);
    if (index == CONFIG_HISTORY && strcmp(text, "off") == 0)
        return STATUS_OK;
    if (index == CONFIG_HISTORY)
        return check_history(text, diag);
    if (index == CONFIG_PREVIEW)
        return check_preview(text, diag);
    if (index == CONFIG_FOLDERS)
        return check_folders(text, diag);
    if (is_choice(e->choices, text))
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "%s is none of %s", text, e->choices);
}

static void keep(char **value, const char *text)
{
    mem_free(*value);
    *value = text ? mem_text(text) : NULL;
}

static enum status set_keys(struct config *config, int index, const struct key_entry *key,
                            const char *text, struct diag *diag)
{
    TRY(keys_change(key, text ? text : key->standard, diag));
    keep(&config->value[index], key->keys == key->standard ? NULL
                                : key->keys[0]             ? key->keys
                                                           : "none");
    return STATUS_OK;
}

enum status config_set(struct config *config, int index, const char *text, struct diag *diag)
{
    struct config_entry e;
    config_entry(&e, index);
    if (e.key)
        return set_keys(config, index, e.key, text, diag);
    if (text && (!*text || strcmp(text, e.standard) == 0))
        text = NULL;
    if (text)
        TRY(check(&e, index, text, diag));
    keep(&config->value[index], text);
    return STATUS_OK;
}

/* ---- a job's -------------------------------------------------------------------------------- */

/* Sets the keys that are set; the schedule first, as it stands for others. */
static void set_defaults(const struct config *config, struct job *job)
{
    struct job_lists *lists = mem_new(sizeof *lists);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; default_at(i); i++) {
            const struct job_key *key = default_at(i);
            const char *value = config->value[CONFIG_DESK_COUNT + i];
            if (value && (strcmp(key->name, "schedule") == 0) == (pass == 0))
                job_set(job, lists, key, value, "", NULL);
        }
    mem_free(lists);
}

void config_job(const struct config *config, struct job *job, const struct job *said)
{
    struct job *plain = mem_new(sizeof *plain);
    struct job_lists *lists = mem_new(sizeof *lists);
    char value[JOB_PATH], standard[JOB_PATH];
    job_defaults(plain);
    set_defaults(config, job);
    for (int i = 0; said && default_at(i); i++) {
        const struct job_key *key = default_at(i);
        job_print_value(value, sizeof value, said, key);
        job_print_value(standard, sizeof standard, plain, key);
        if (strcmp(value, standard) != 0 && strcmp(key->name, "schedule") != 0)
            job_set(job, lists, key, value, "", NULL);
    }
    mem_free(plain);
    mem_free(lists);
}

void config_copy(struct config *out, const struct config *from)
{
    config_clear(out);
    for (int i = 0; i < CONFIG_MOST; i++)
        out->value[i] = from->value[i] ? mem_text(from->value[i]) : NULL;
    out->kept = from->kept ? mem_text(from->kept) : NULL;
}

void config_clear(struct config *config)
{
    for (int i = 0; i < CONFIG_MOST; i++)
        mem_free(config->value[i]);
    mem_free(config->kept);
    memset(config, 0, sizeof *config);
}

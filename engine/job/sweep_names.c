/*
 * sweep_names.c: see sweep_private.h. What a sweep has, once it is read, and names. Runs are called
 * by what differs, not by number, so that what is painted keeps its name when values are added to
 * the file.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "engine/job/sweep_private.h"

enum sweep_mode sweep_mode(const struct sweep *sweep)
{
    return sweep->mode;
}

int sweep_count(const struct sweep *sweep)
{
    return sweep->count;
}

int sweep_settings(const struct sweep *sweep)
{
    return sweep->setting_count;
}

const char *sweep_setting(const struct sweep *sweep, int setting)
{
    return sweep->setting[setting].name;
}

int sweep_values(const struct sweep *sweep, int setting)
{
    return sweep->setting[setting].count;
}

const char *sweep_value(const struct sweep *sweep, int run, int setting)
{
    int choice = sweep->choice[(size_t)run * (size_t)sweep->setting_count + (size_t)setting];
    return sweep->setting[setting].item[choice].text;
}

void sweep_print_value(char out[SWEEP_NAME], const struct sweep *sweep, int run, int setting)
{
    const char *value = sweep_value(sweep, run, setting);
    if (sweep_is_path(&sweep->setting[setting]))
        value = file_name(value);
    snprintf(out, SWEEP_NAME, "%s", value);
}

const char *sweep_name(const struct sweep *sweep, int run)
{
    return sweep->name[run];
}

const char *sweep_folder(const struct sweep *sweep)
{
    return sweep->outputs;
}

/* ---- names -------------------------------------------------------------------------------- */

enum { LONGEST = 100 }; /* bytes of a name, without the digits of a hash */

/* All that differs, as it is written. */
static void add_differences(struct text_buffer *out, const struct sweep *sweep, int run)
{
    for (int s = 0; s < sweep->setting_count; s++)
        text_buffer_add(out, "%s = %s\n", sweep_setting(sweep, s), sweep_value(sweep, run, s));
}

static void add_hash(char name[SWEEP_NAME], const struct sweep *sweep, int run)
{
    struct text_buffer all = {0};
    add_differences(&all, sweep, run);
    unsigned long long hash = hash_add(HASH_START, all.text, all.used);
    size_t used = strlen(name);
    snprintf(name + used, SWEEP_NAME - used, "-%08llx", (hash ^ hash >> 32) & 0xffffffff);
    text_buffer_clear(&all);
}

static void name_run(char name[SWEEP_NAME], const struct sweep *sweep, int run)
{
    struct text_buffer text = {0};
    for (int s = 0; s < sweep->setting_count; s++) {
        char value[SWEEP_NAME];
        sweep_print_value(value, sweep, run, s);
        int length = sweep_is_path(&sweep->setting[s]) ? file_stem(value) : (int)strlen(value);
        text_buffer_add(&text, "%s%s=%.*s", s ? "," : "", sweep_setting(sweep, s), length, value);
    }
    for (char *c = text.text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-=+@,", *c))
            *c = '_';
    snprintf(name, SWEEP_NAME, "%.*s", LONGEST, text.text);
    if (text.used > LONGEST)
        add_hash(name, sweep, run);
    text_buffer_clear(&text);
}

/* Where a name stands, and whose it is. */
struct entry {
    const char *name;
    int run;
};

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->run - y->run;
}

static void sort_names(struct entry *entry, struct sweep *sweep)
{
    for (int i = 0; i < sweep->count; i++)
        entry[i] = (struct entry){sweep->name[i], i};
    qsort(entry, (size_t)sweep->count, sizeof *entry, compare);
}

static bool alike(const struct entry *entry, int i, int j, int count)
{
    return i >= 0 && j < count && strcmp(entry[i].name, entry[j].name) == 0;
}

enum status sweep_make_names(struct sweep *sweep, struct diag *diag)
{
    int count = sweep->count;
    struct entry *entry = mem_new((size_t)count * sizeof *entry);
    bool *shared = mem_new((size_t)count * sizeof *shared);
    enum status status = STATUS_OK;
    sweep->name = mem_new((size_t)count * sizeof *sweep->name);
    for (int i = 0; i < count; i++)
        name_run(sweep->name[i], sweep, i);
    sort_names(entry, sweep);
    for (int i = 0; i < count; i++)
        shared[entry[i].run] = alike(entry, i - 1, i, count) || alike(entry, i, i + 1, count);
    for (int i = 0; i < count; i++)
        if (shared[i])
            add_hash(sweep->name[i], sweep, i);
    sort_names(entry, sweep);
    for (int i = 0; status == STATUS_OK && i + 1 < count; i++)
        if (alike(entry, i, i + 1, count))
            status = diag_set(diag, STATUS_USAGE, "%s: runs %d and %d would be the same, %s",
                              sweep->path, entry[i].run + 1, entry[i + 1].run + 1, entry[i].name);
    mem_free(shared);
    mem_free(entry);
    return status;
}

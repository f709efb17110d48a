/*
 * model_command.c: what a line typed behind a colon does: a command, a preset, a setting. Files
 * that it names are looked at by the disk before anything is changed.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"

/* ---- files that a line names -------------------------------------------------------------- */

/* The n-th of the value's files or words; false: there are no more. */
static bool nth_input(const struct job_key *key, const char *value, int n, char out[JOB_PATH])
{
    size_t length = strlen(value);
    if (key->kind == JOB_LIST)
        for (;; n--, value += length) {
            value += strspn(value, ", ");
            length = strcspn(value, ", ");
            if (n == 0)
                break;
        }
    snprintf(out, JOB_PATH, "%.*s", (int)length, value);
    return length > 0 && (n == 0 || key->kind == JOB_LIST);
}

static void print_look(char out[DIAG_TEXT], const char *path)
{
    char text[JOB_PATH + 20];
    snprintf(text, sizeof text, "looking at %s", path);
    diag_clean(out, DIAG_TEXT, text);
}

/* Asks the disk about the n-th and those behind it; once all can be used, the line is obeyed. */
static bool check_inputs(struct model *m, const char *line, int n)
{
    char name[64], value[JOB_PATH], path[JOB_PATH], look[DIAG_TEXT];
    model_split_line(line, name, value);
    const struct job_key *key = job_find_key(name);
    bool network = strcmp(name, "network") == 0;
    for (; nth_input(key, value, n, path); n++) {
        if (!network && key->kind != JOB_FILE && job_is_word(key, path))
            continue;
        char whole[JOB_PATH];
        paths_expand(whole, path, "");
        struct disk_request *r = model_disk(m, network ? DISK_NETWORK : DISK_PICTURE,
                                            PURPOSE_INPUT, whole);
        r->number = n;
        snprintf(r->name, sizeof r->name, "%s", line);
        print_look(look, whole);
        model_say(m, MESSAGE_HINT, "%s", look);
        return true;
    }
    m->message.kind = MESSAGE_NONE;
    return model_set(m, line);
}

void model_input_checked(struct model *m, const struct disk_answer *a)
{
    char look[DIAG_TEXT];
    if (a->diag.status == STATUS_OK) {
        check_inputs(m, a->request.name, a->request.number + 1);
        return;
    }
    print_look(look, a->request.path);
    bool waits = m->message.kind == MESSAGE_HINT && strcmp(m->message.text, look) == 0;
    model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    if (!waits || m->prompt.kind != PROMPT_NONE)
        return;
    model_prompt_open(m, PROMPT_SET, ":", a->request.name); /* to be mended */
    m->prompt.selected = 0;
}

/* Is it a setting whose value is files that are read? The output is written. */
static bool names_inputs(const char *name, const char *value)
{
    static const char *const names[] = {"content", "initial", "network", "styles"};
    for (size_t i = 0; *value && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool set(struct model *m, const char *line)
{
    char name[64], value[JOB_PATH];
    model_split_line(line, name, value);
    return names_inputs(name, value) ? check_inputs(m, line, 0) : model_set(m, line);
}

/* ---- commands ----------------------------------------------------------------------------- */

/* line begins with word, as a whole word or more: what is behind it. */
static const char *behind(const char *line, const char *word)
{
    size_t n = strlen(word);
    if (n == 0 || strncmp(line, word, n) != 0 || (line[n] && line[n] != ' '))
        return NULL;
    return line + n + strspn(line + n, " ");
}

static bool save(struct model *m, const char *typed)
{
    char path[JOB_PATH];
    paths_expand(path, typed, "");
    if (!*path)
        model_save_action(m, DO_SAVE);
    else if (file_has_ending(path, ".ini"))
        model_save_job(m, path, FILE_KEEP);
    else if (model_needs_run(m))
        model_save(m, path, 0);
    return true;
}

static bool open_job(struct model *m, const char *path)
{
    char whole[JOB_PATH];
    paths_expand(whole, path, "");
    if (*path)
        model_open_job(m, whole);
    else
        model_save_action(m, DO_OPEN);
    return true;
}

static bool set_preset(struct model *m, const char *name)
{
    struct nearest nearest;
    int index = model_find_preset(m, name);
    if (!*name)
        model_open_palette(m, "", PALETTE_PRESET);
    if (!*name || index >= 0)
        return !*name || model_apply_preset(m, index);
    nearest_begin(&nearest, name);
    for (int i = 0; i < model_preset_count(m); i++) {
        const char *known = model_preset_name(m, i);
        nearest_offer(&nearest, known, (int)strlen(known));
    }
    if (nearest.name[0])
        model_say(m, MESSAGE_ERROR, "there is no preset %s; did you mean %s?", name, nearest.name);
    else
        model_say(m, MESSAGE_ERROR, "there is no preset %s; {presets} lists them", name);
    return false;
}

/* "NAME", "NAME with pictures" */
static bool save_preset(struct model *m, const char *rest)
{
    char name[JOB_PATH];
    size_t n = strcspn(rest, " ");
    snprintf(name, sizeof name, "%.*s", (int)n, rest);
    rest += n + strspn(rest + n, " ");
    if (name[0] && (!*rest || strcmp(rest, "with pictures") == 0))
        return model_save_preset(m, name, *rest != 0);
    model_say(m, MESSAGE_ERROR, "preset save takes a name, and \"with pictures\" if they belong to "
                                "it");
    return false;
}

static bool run_command(struct model *m, enum command_word command, const char *rest)
{
    switch (command) {
    case COMMAND_PRESET_SAVE: return save_preset(m, rest);
    case COMMAND_PRESET_DELETE: return model_delete_preset(m, rest);
    case COMMAND_PRESET: return set_preset(m, rest);
    case COMMAND_SET: return set(m, rest);
    case COMMAND_EDITS: model_edits_word(m, rest); return m->message.kind != MESSAGE_ERROR;
    case COMMAND_WRITE_QUIT: model_save_and_quit(m); break;
    case COMMAND_WRITE: return save(m, rest);
    case COMMAND_QUIT_NOW: m->requests |= REQUEST_QUIT; break;
    case COMMAND_QUIT: model_want_quit(m); break;
    case COMMAND_OPEN: return open_job(m, rest);
    case COMMAND_HELP: model_open_palette(m, *rest ? rest : NULL, PALETTE_KINDS); break;
    }
    return true;
}

bool model_carry_out(struct model *m, const char *typed)
{
    int count;
    char line[JOB_PATH];
    const struct model_command *table = model_commands(&count);
    snprintf(line, sizeof line, "%s", typed + strspn(typed, " :"));
    for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
        line[n - 1] = 0;
    for (int i = 0; i < count; i++) {
        const char *rest = behind(line, table[i].word);
        rest = rest ? rest : behind(line, table[i].other);
        if (!rest)
            continue;
        if (!*rest && *table[i].arguments && *table[i].arguments != '[') {
            model_say(m, MESSAGE_ERROR, "%s needs %s", table[i].word, table[i].arguments);
            return false;
        }
        return run_command(m, table[i].command, rest);
    }
    int preset = job_find_key(line) ? -1 : model_find_preset(m, line);
    return preset >= 0 ? model_apply_preset(m, preset) : set(m, line);
}

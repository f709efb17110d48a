/* model_settings.c: the job's settings: steps up and down, defaults, setting one by its name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"
#include "tui/model/paths.h"

/* Fewer iterations than are done end the run under way, and are meant for the next one. */
static bool say_end(struct model *m)
{
    const struct snapshot *s = m->run;
    if (!m->started || !s || m->job.iterations >= s->iteration)
        return false;
    model_say(m, MESSAGE_HINT, "%d iterations are done already%s; R begins anew with %d",
              s->iteration, s->state == SNAPSHOT_RUNNING ? ", so the run ends here" : "",
              m->job.iterations);
    return true;
}

/* Also what takes a new start is set at once; the desk says that it waits. */
static void commit_key(struct model *m, const struct job_key *key)
{
    model_commit(m, (int)ACTION_COUNT * STYLE_LAYER_COUNT + (int)key->offset);
    if (m->started && key->at_start)
        model_say(m, MESSAGE_HINT,
                  "%s takes a new start: {restart} begins anew, {undo} takes it back", key->name);
    if (key->offset == offsetof(struct job, iterations))
        say_end(m);
}

static bool set_key(struct model *m, const struct job_key *key, const char *text,
                    const char *folder)
{
    struct diag diag;
    static struct job_lists lists;
    memset(&lists, 0, sizeof lists);
    if (job_set(&m->job, &lists, key, text, folder, &diag) == STATUS_OK) {
        commit_key(m, key);
        return true;
    }
    model_say(m, MESSAGE_ERROR, "%s: %s", key->name, diag.text);
    return false;
}

/* "a|b|c", present "b", step 1 -> "c"; round and round. */
static void next_choice(char *out, size_t size, const char *choices, const char *present, int step)
{
    const char *list[16];
    int lengths[16], count = 0, at = 0;
    for (const char *c = choices; count < 16; c += lengths[count - 1] + 1) {
        list[count] = c;
        lengths[count] = (int)strcspn(c, "|");
        if ((int)strlen(present) == lengths[count] &&
            strncmp(c, present, strlen(present)) == 0)
            at = count;
        if (!c[lengths[count++]])
            break;
    }
    at = (at + count + step) % count;
    snprintf(out, size, "%.*s", lengths[at], list[at]);
}

/* A quarter more or less, at two digits; between 0 and 1 in steps of 0.05. */
static double next_real(const struct job_key *key, double value, int step)
{
    if (key->high <= 1.0) {
        value = round((value + 0.05 * step) * 20.0) / 20.0;
    } else if (value <= 0.0) {
        value = step > 0 ? 1.0 : 0.0;
    } else {
        value *= step > 0 ? 1.25 : 0.8;
        double unit = pow(10.0, floor(log10(value)) - 1.0);
        value = round(value / unit) * unit;
    }
    return fmin(fmax(value, key->low), key->high);
}

static double next_integer(const struct job_key *key, double value, int step)
{
    double size = strcmp(key->name, "iterations") == 0 ? 50.0
                  : strcmp(key->name, "width") == 0    ? 32.0
                                                       : 1.0;
    if (strcmp(key->name, "width") == 0 && value == 0.0 && step > 0)
        value = 480.0;
    value = size * floor(value / size + step + (step < 0 && fmod(value, size) > 0.0));
    return fmin(fmax(value, key->low), key->high);
}

static void step_setting(struct model *m, const struct job_key *key, int step)
{
    char text[JOB_PATH], present[JOB_PATH];
    job_print_value(present, sizeof present, &m->job, key);
    switch (key->kind) {
    case JOB_CHOICE: next_choice(text, sizeof text, key->choices, present, step); break;
    case JOB_FLAG: next_choice(text, sizeof text, "false|true", present, step); break;
    case JOB_PYRAMID: next_choice(text, sizeof text, "off|auto|2|3|4|5", present, step); break;
    case JOB_INTEGER:
    case JOB_SEED:
        snprintf(text, sizeof text, "%.0f", next_integer(key, strtod(present, NULL), step));
        break;
    case JOB_SIZE:
        next_choice(text, sizeof text, "auto|400M|1G|2G|4G|8G|16G", present, step);
        break;
    case JOB_REAL: job_print_real(text, next_real(key, strtod(present, NULL), step)); break;
    case JOB_FILE:
    case JOB_NAME:
    case JOB_LIST:
        model_say(m, MESSAGE_HINT, "{job_edit} chooses the file");
        return;
    }
    if (strcmp(text, present) != 0)
        set_key(m, key, text, "");
}

static void set_default(struct model *m, const struct job_key *key)
{
    char text[JOB_PATH];
    static struct job plain;
    static struct job_lists lists;
    job_defaults(&plain);
    if (m->job.schedule == SCHEDULE_CLASSIC && strcmp(key->name, "schedule") != 0)
        job_set(&plain, &lists, job_find_key("schedule"), "classic", "", NULL);
    job_print_value(text, sizeof text, &plain, key);
    if (text[0]) {
        set_key(m, key, text, "");
    } else if (key->kind == JOB_REAL) {
        memcpy((char *)&m->job + key->offset, (char *)&plain + key->offset, sizeof(double));
        commit_key(m, key);
    } else {
        model_say(m, MESSAGE_HINT, "%s has no default", key->name);
    }
}

static void edit_setting(struct model *m, const struct job_key *key)
{
    char value[JOB_PATH];
    job_print_value(value, sizeof value, &m->job, key);
    bool content = strcmp(key->name, "content") == 0, network = strcmp(key->name, "network") == 0;
    if (content || network) {
        model_browse(m, content ? BROWSER_PICTURES : BROWSER_NETWORKS, CHOICE_SETTING,
                     content || !job_is_word(key, value) ? value : "");
        return;
    }
    model_type_setting(m, key->name);
}

void model_type_setting(struct model *m, const char *name)
{
    char value[JOB_PATH], text[JOB_PATH + 64];
    model_print_value(m, name, value, sizeof value);
    snprintf(text, sizeof text, "%s %s", name, value);
    model_prompt_open(m, PROMPT_SET, ":", text);
}

static void add_iterations(struct model *m, int step)
{
    m->job.iterations += step;
    if (m->job.iterations < 0)
        m->job.iterations = 0;
    model_commit(m, ACTION_MORE_ITERATIONS * STYLE_LAYER_COUNT);
    if (!say_end(m))
        model_say(m, MESSAGE_HINT, "%d iterations", m->job.iterations);
}

static bool set_state(struct model *m, const char *name, const char *choices)
{
    struct nearest nearest;
    if (job_find_state(&m->job.channel[m->layer].state, name))
        return true;
    nearest_begin(&nearest, name);
    nearest_offer_all(&nearest, choices);
    bool near = nearest.name[0] != 0;
    model_say(m, MESSAGE_ERROR, "state: %s is none of %s%s%s%s", name, choices,
              near ? "; did you mean " : "", nearest.name, near ? "?" : "");
    return false;
}

/* What belongs to the layer under the cursor and has no key of its own in the job. */
static bool set_layer(struct model *m, const struct model_layer_setting *setting,
                      const char *value)
{
    struct channel *c = &m->job.channel[m->layer];
    struct diag diag = {0};
    char *end;
    double number = strtod(value, &end);
    bool weight = setting->name[0] == 'w';
    bool good = *value && !*end && isfinite(number) && number >= 0.0 && number <= 1e12;
    if (*setting->choices) {
        good = set_state(m, value, setting->choices);
    } else if (strcmp(setting->name, "crop") == 0) {
        good = job_parse_crop(&c->style.crop, value, &diag) == STATUS_OK;
        if (!good)
            model_say(m, MESSAGE_ERROR, "%s", diag.text);
    } else if (!good || (!weight && (number < 1e-3 || number > 1e3))) {
        model_say(m, MESSAGE_ERROR, "%s is no %s", value, setting->name);
        good = false;
    } else {
        *(weight ? &c->weight : &c->style.scale) = number;
    }
    if (good)
        model_commit(m, 0);
    return good;
}

/* A list's items are parted by commas or blanks; they act as on the command line. */
static void set_list(struct model *m, const struct job_key *key, char *value)
{
    struct diag diag;
    struct job_lists *lists = mem_new(sizeof *lists);
    struct job job = m->job;
    char path[JOB_PATH];
    enum status status = STATUS_OK;
    if (key->kind != JOB_LIST)
        status = job_set(&job, lists, key, value, "", &diag);
    else
        for (char *item = strtok(value, ", "); item && status == STATUS_OK;
             item = strtok(NULL, ", ")) {
            paths_expand(path, item, "");
            status = job_set(&job, lists, key, path, "", &diag);
        }
    if (status == STATUS_OK)
        status = job_resolve(&job, lists, &diag);
    mem_free(lists);
    if (status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s: %s", key->name, diag.text);
        return;
    }
    m->job = job;
    model_commit(m, 0);
}

void model_split_line(const char *line, char name[64], char value[JOB_PATH])
{
    line += strspn(line, " ");
    size_t n = strcspn(line, " =");
    snprintf(name, 64, "%.*s", (int)(n < 64 ? n : 63), line);
    line += n;
    line += strspn(line, " =");
    snprintf(value, JOB_PATH, "%s", line);
    for (size_t i = strlen(value); i > 0 && value[i - 1] == ' '; i--)
        value[i - 1] = 0;
}

/* Neither a setting nor, where it stands alone, a command. */
static void refuse_name(struct model *m, const char *name, const char *value)
{
    struct nearest nearest;
    const char *what = *value ? "setting" : "setting or command";
    model_find_nearest(m, &nearest, name);
    if (nearest.name[0])
        model_say(m, MESSAGE_ERROR, "there is no %s %s; did you mean %s?", what, name,
                  nearest.name);
    else
        model_say(m, MESSAGE_ERROR, "there is no %s %s; {search} searches them", what, name);
}

bool model_set(struct model *m, const char *line)
{
    char name[64], value[JOB_PATH], present[JOB_PATH], path[JOB_PATH];
    model_split_line(line, name, value);
    const struct job_key *key = job_find_key(name);
    const struct model_layer_setting *of_layer = model_find_layer_setting(name);
    if (!name[0])
        return true;
    if (!key && !of_layer)
        refuse_name(m, name, value);
    else if (!value[0] && model_print_value(m, name, present, sizeof present) && present[0])
        model_say(m, MESSAGE_ERROR, "%s: the value is missing; it is %s now", name, present);
    else if (!value[0])
        model_say(m, MESSAGE_ERROR, "%s: the value is missing; it has none now", name);
    else if (of_layer)
        return set_layer(m, of_layer, value);
    else if (model_is_setting(key)) {
        paths_expand(path, value, "");
        return set_key(m, key, path, "");
    } else {
        set_list(m, key, value);
    }
    return m->message.kind != MESSAGE_ERROR;
}

bool model_set_path(struct model *m, const struct job_key *key, const char *path)
{
    return set_key(m, key, path, "");
}

static void move_cursor(struct model *m, int line)
{
    int last = model_setting_count() - 1;
    m->setting = line < 0 ? 0 : line > last ? last : line;
}

void model_setting_line(struct model *m, int line)
{
    m->focus = PANE_JOB;
    move_cursor(m, line);
}

void model_job_action(struct model *m, enum job_action action)
{
    const struct job_key *key = model_setting(m->setting);
    int page = m->layout.pane[PANE_JOB].height - 1;
    switch (action) {
    case DO_JOB_EDIT: edit_setting(m, key); break;
    case DO_JOB_LESS: step_setting(m, key, -1); break;
    case DO_JOB_MORE: step_setting(m, key, 1); break;
    case DO_JOB_DEFAULT: set_default(m, key); break;
    case DO_JOB_UP: move_cursor(m, m->setting - 1); break;
    case DO_JOB_DOWN: move_cursor(m, m->setting + 1); break;
    case DO_JOB_PAGE_UP: move_cursor(m, m->setting - page); break;
    case DO_JOB_PAGE_DOWN: move_cursor(m, m->setting + page); break;
    }
}

void model_extent_action(struct model *m, enum extent_action action)
{
    switch (action) {
    case DO_CONTENT:
        model_browse(m, BROWSER_PICTURES, CHOICE_SETTING, m->job.content);
        m->choice_key = job_find_key("content");
        break;
    case DO_MORE_ITERATIONS: add_iterations(m, 100); break;
    case DO_FEWER_ITERATIONS: add_iterations(m, -100); break;
    }
}

/* model_config.c: the user's settings on the screen: changed, made to hold at once, saved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/model/model_private.h"

/* ---- values ------------------------------------------------------------------------------- */

int model_config_unsaved(const struct model *m)
{
    int count = 0;
    for (int i = 0; i < config_count(); i++)
        count += !config_same(&m->config, &m->config_file, i);
    return count;
}

/* text NULL: the standard. */
static bool set(struct model *m, int index, const char *text)
{
    struct diag diag;
    struct config_entry e;
    config_entry(&e, index);
    if (config_set(&m->config, index, text, &diag) != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s: %s", e.name, diag.text);
        return false;
    }
    if (index == CONFIG_PREVIEW)
        m->every = config_preview(&m->config);
    m->requests |= REQUEST_CONFIG;
    return true;
}

void model_toggle_mouse(struct model *m)
{
    bool on = config_is(&m->config, CONFIG_MOUSE, "on");
    set(m, CONFIG_MOUSE, on ? "off" : "on");
    model_say(m, MESSAGE_DONE, "%s", on ? "the mouse selects text, as the terminal has it"
                                        : "the mouse is the workbench's");
}

bool model_set_config(struct model *m, const char *value)
{
    return set(m, m->config_at, value);
}

void model_take_key(struct model *m, unsigned code)
{
    char name[16];
    struct config_entry e;
    keys_name(name, (int)code);
    if (!name[0])
        return;
    m->new_key = false;
    if (!set(m, m->config_at, name))
        return;
    config_entry(&e, m->config_at);
    model_say(m, MESSAGE_DONE, "%s: %s", e.name, e.key->keys);
}

/* The choice after `text`, or before. */
static void step(struct model *m, const struct config_entry *e, int by)
{
    char words[200], *list[16], *rest = NULL;
    const char *now = config_set_value(&m->config, m->config_at);
    int count = 0, at = 0;
    snprintf(words, sizeof words, "%s", e->choices);
    for (char *w = strtok_r(words, "|", &rest); w && count < 16; w = strtok_r(NULL, "|", &rest)) {
        if (strcmp(w, now[0] ? now : e->standard) == 0)
            at = count;
        list[count++] = w;
    }
    if (count > 0)
        set(m, m->config_at, list[(at + count + by) % count]);
    else
        model_say(m, MESSAGE_HINT, "Enter %s", e->key ? "waits for the new key"
                                                      : "types the value");
}

static void type_value(struct model *m, const struct config_entry *e)
{
    const char *value = e->key ? e->key->keys : config_set_value(&m->config, m->config_at);
    model_prompt_open(m, PROMPT_CONFIG, e->name, value);
}

static void edit(struct model *m, const struct config_entry *e)
{
    if (e->key) {
        m->new_key = true;
        model_say(m, MESSAGE_HINT, "the key that is pressed now is %s's", e->name);
    } else if (e->choices[0]) {
        step(m, e, 1);
    } else {
        type_value(m, e);
    }
}

/* ---- the file ----------------------------------------------------------------------------- */

static void save(struct model *m)
{
    if (!m->config_path[0]) {
        model_say(m, MESSAGE_ERROR, "there is no folder for settings: neither XDG_CONFIG_HOME nor "
                                    "HOME is set");
        return;
    }
    struct disk_request *r = model_disk(m, DISK_WRITE, PURPOSE_CONFIG, m->config_path);
    r->mode = FILE_OVERWRITE;
    r->folders = true;
    r->text = config_print(&m->config);
    r->size = strlen(r->text);
    config_copy(&m->config_written, &m->config);
}

void model_config_saved(struct model *m, const struct disk_answer *a)
{
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    config_copy(&m->config_file, &m->config_written);
    model_say(m, MESSAGE_DONE, "%s saved: the settings", a->request.path);
}

/* ---- the cursor --------------------------------------------------------------------------- */

static void move(struct model *m, int index)
{
    int last = config_count() - 1;
    m->config_at = index < 0 ? 0 : index > last ? last : index;
}

static void next_section(struct model *m, enum config_section now)
{
    struct config_entry e;
    int count = config_count(), i = m->config_at;
    do {
        i = (i + 1) % count;
        config_entry(&e, i);
    } while (e.section == now);
    m->config_at = i;
    m->first_config = config_line_of(i) - 1; /* the title on top */
}

static void leave(struct model *m)
{
    int unsaved = model_config_unsaved(m);
    model_close_overlay(m);
    if (unsaved > 0)
        model_say(m, MESSAGE_HINT, "%d setting%s not saved: %s until strata ends", unsaved,
                  unsaved == 1 ? " is" : "s are", unsaved == 1 ? "it holds" : "they hold");
}

void model_config_action(struct model *m, enum config_action action)
{
    struct config_entry e;
    int page = m->layout.full.height - 6;
    config_entry(&e, m->config_at);
    switch (action) {
    case DO_CONFIG_EDIT: edit(m, &e); break;
    case DO_CONFIG_LESS: step(m, &e, -1); break;
    case DO_CONFIG_MORE: step(m, &e, 1); break;
    case DO_CONFIG_TYPE: type_value(m, &e); break;
    case DO_CONFIG_DEFAULT: set(m, m->config_at, NULL); break;
    case DO_CONFIG_SAVE: save(m); break;
    case DO_CONFIG_UP: move(m, m->config_at - 1); break;
    case DO_CONFIG_DOWN: move(m, m->config_at + 1); break;
    case DO_CONFIG_PAGE_UP: move(m, m->config_at - page); break;
    case DO_CONFIG_PAGE_DOWN: move(m, m->config_at + page); break;
    case DO_CONFIG_FIRST: move(m, 0); break;
    case DO_CONFIG_LAST: move(m, config_count() - 1); break;
    case DO_CONFIG_SECTION: next_section(m, e.section); break;
    case DO_CONFIG_CLOSE: leave(m); break;
    case DO_NEW_KEY_NONE: m->new_key = false; break;
    }
}

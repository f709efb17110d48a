/*
 * model_words.c: the words that the prompt knows, and what they stand at: commands, the job's
 * settings, those of the layer under the cursor; and the one that was probably meant.
 */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"

static const struct model_command commands[] = {
#define X(name, word, other, arguments, help) {COMMAND_##name, word, other, arguments, help},
    COMMAND_LIST(X)
#undef X
};

const struct model_command *model_commands(int *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

static const struct model_layer_setting layer_settings[] = {
    {"state", "what pulls at the layer: its picture, white, grey, the content, nothing",
     "on|blank|grey|content|off"},
    {"weight", "how strongly the layer pulls; 1 is as the others", ""},
    {"crop", "the part of the layer's picture: 1/8, or 1/8@0.3,0.6 around a place", ""},
    {"scale", "the width of the layer's picture over the content's", ""},
};

const struct model_layer_setting *model_layer_settings(int *count)
{
    *count = sizeof layer_settings / sizeof *layer_settings;
    return layer_settings;
}

const struct model_layer_setting *model_find_layer_setting(const char *name)
{
    int count;
    const struct model_layer_setting *table = model_layer_settings(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------- */

static void print_layer_value(const struct model *m, const char *name, char *out, size_t size)
{
    const struct channel *c = &m->job.channel[m->layer];
    char crop[96], number[32];
    job_print_crop(crop, &c->style.crop);
    job_print_real(number, name[0] == 'w' ? c->weight : c->style.scale);
    snprintf(out, size, "%s",
             strcmp(name, "crop") == 0    ? crop
             : strcmp(name, "state") == 0 ? job_state_name(c->state)
                                          : number);
}

bool model_print_value(const struct model *m, const char *name, char *out, size_t size)
{
    const struct job_key *key = job_find_key(name);
    out[0] = 0;
    if (key)
        job_print_value(out, size, &m->job, key);
    else if (model_find_layer_setting(name))
        print_layer_value(m, name, out, size);
    else
        return false;
    return true;
}

/* ---- what was meant ----------------------------------------------------------------------- */

static void offer(struct nearest *nearest, const char *name)
{
    nearest_offer(nearest, name, (int)strlen(name));
}

void model_find_nearest(const struct model *m, struct nearest *nearest, const char *word)
{
    size_t keys;
    int count;
    const struct job_key *table = job_keys(&keys);
    nearest_begin(nearest, word);
    for (size_t i = 0; i < keys; i++)
        offer(nearest, table[i].name);
    const struct model_layer_setting *settings = model_layer_settings(&count);
    for (int i = 0; i < count; i++)
        offer(nearest, settings[i].name);
    const struct model_command *words = model_commands(&count);
    for (int i = 0; i < count; i++) {
        offer(nearest, words[i].word);
        offer(nearest, words[i].other);
    }
    for (int i = 0; i < model_preset_count(m); i++)
        offer(nearest, model_preset_name(m, i));
}

/* job_lists.c: see job.h. What acts on the styles together: words in the place of pictures; lists
 * that become channels, or a blend. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/job/job.h"

const char *job_state_name(enum channel_state state)
{
    static const char *const names[] = {
#define X(NAME, name) #name,
        CHANNEL_LIST(X)
#undef X
    };
    return names[state];
}

bool job_find_state(enum channel_state *out, const char *name)
{
    for (int state = 0; state < CHANNEL_STATES; state++)
        if (strcmp(name, job_state_name((enum channel_state)state)) == 0) {
            *out = (enum channel_state)state;
            return true;
        }
    return false;
}

bool job_find_style_word(enum channel_state *out, const char *word)
{
    enum channel_state state = CHANNEL_OFF;
    bool found = strcmp(word, "none") == 0 ||
                 (job_find_state(&state, word) && state != CHANNEL_ON && state != CHANNEL_OFF);
    if (found)
        *out = state;
    return found;
}

/* ---- styles together ---------------------------------------------------------------------- */

/* A list must have one item each, or one for all. */
static enum status check_count(const char *name, int count, int styles, bool one_for_all,
                               const char *what, struct diag *diag)
{
    if (count == 0 || count == styles || (count == 1 && one_for_all))
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "%s: %d given for %d %s; give one each%s", name, count,
                    styles, what, one_for_all ? ", or one for all" : "");
}

static double sum(const double *values, int count)
{
    double total = 0.0;
    for (int i = 0; i < count; i++)
        total += values[i];
    return total;
}

/* The i-th style of the lists; what they do not say stays as it is. */
static void take_style(struct style *style, const struct job_lists *lists, int i)
{
    if (lists->style_count > 0) {
        const char *path = lists->style[lists->style_count == 1 ? 0 : i];
        enum channel_state state;
        bool word = job_find_style_word(&state, path);
        *style = (struct style){"", {1.0, 0.5, 0.5}, 1.0};
        strcpy(style->path, word ? "" : path);
    }
    if (lists->scale_count > 0)
        style->scale = lists->scale[lists->scale_count == 1 ? 0 : i];
    if (lists->crop_count > 0)
        style->crop = lists->crop[lists->crop_count == 1 ? 0 : i];
}

static enum status resolve_blend(struct job *job, const struct job_lists *lists, struct diag *diag)
{
    int count = lists->style_count ? lists->style_count : job->blend_count;
    if (count == 0)
        return diag_set(diag, STATUS_USAGE, "blend: there are no styles to blend; add styles");
    enum channel_state state;
    for (int i = 0; i < lists->style_count; i++)
        if (job_find_style_word(&state, lists->style[i]) && state != CHANNEL_BLANK)
            return diag_set(diag, STATUS_USAGE,
                            "styles: %s is for one of five layers; leave it out of a blend",
                            lists->style[i]);
    double total = sum(lists->weight, lists->weight_count);
    if (fabs(total - 1.0) < 1e-12)
        total = 1.0; /* what job_print has written comes back bit for bit */
    for (int i = 0; i < count; i++) {
        if (lists->style_count)
            job->blend_weight[i] = 1.0 / count;
        take_style(&job->blend[i], lists, i);
        if (lists->weight_count > 1)
            job->blend_weight[i] = lists->weight[i] / total;
    }
    job->blend_count = count;
    for (int i = 0; lists->style_count && i < STYLE_LAYER_COUNT; i++)
        job->channel[i].state = CHANNEL_ON;
    return STATUS_OK;
}

static void resolve_channels(struct job *job, const struct job_lists *lists)
{
    double total = sum(lists->weight, lists->weight_count);
    if (lists->style_count > 0)
        job->blend_count = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct channel *channel = &job->channel[i];
        take_style(&channel->style, lists, i);
        if (lists->style_count > 0) {
            const char *path = lists->style[lists->style_count == 1 ? 0 : i];
            channel->state = CHANNEL_ON;
            job_find_style_word(&channel->state, path);
        }
        if (lists->weight_count > 1)
            channel->weight = STYLE_LAYER_COUNT * lists->weight[i] / total;
    }
}

enum status job_resolve(struct job *job, const struct job_lists *lists, struct diag *diag)
{
    int given = lists->style_count;
    bool blend = lists->blend || (given > 0 ? given != 1 && given != STYLE_LAYER_COUNT
                                            : job->blend_count > 0);
    int count = blend ? (given ? given : job->blend_count) : STYLE_LAYER_COUNT;
    const char *what = blend || given == count ? "styles" : "layers";
    TRY(check_count("style_scales", lists->scale_count, count, true, what, diag));
    TRY(check_count("style_crops", lists->crop_count, count, true, what, diag));
    TRY(check_count("style_blend_weights", lists->weight_count, count, given == 1, what, diag));
    if (lists->weight_count > 0 && sum(lists->weight, lists->weight_count) <= 0.0)
        return diag_set(diag, STATUS_RANGE, "style_blend_weights: one of them must be above 0");
    if (blend)
        TRY(resolve_blend(job, lists, diag));
    else
        resolve_channels(job, lists);
    if (lists->layer_exp > 0.0) {
        double total = 0.0;
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            total += pow(lists->layer_exp, i);
        for (int i = 0; i < STYLE_LAYER_COUNT; i++)
            job->channel[i].weight *= STYLE_LAYER_COUNT * pow(lists->layer_exp, i) / total;
    }
    return STATUS_OK;
}

/* job.c: see job.h. The table of keys, single values, lists. job_file.c owns the files,
 * job_compare.c what makes two jobs equal. */
#include "engine/job/job_private.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/nearest.h"
#include "engine/host/budget.h"
#include "engine/net/network.h"

#define IN_JOB(name, kind, low, high, choices, help)                                             \
    {#name, kind, offsetof(struct job, name), false, false, low, high, choices, help}
#define AT_START(name, kind, low, high, choices, help)                                           \
    {#name, kind, offsetof(struct job, name), false, true, low, high, choices, help}
#define IN_LISTS(name, field, kind, low, high, help)                                             \
    {#name, kind, offsetof(struct job_lists, field), true, false, low, high, "", help}

/* "|adam|lbfgs" */
#define X(NAME, name) "|" #name
#define OPTIMIZER_WORDS OPTIMIZER_LIST(X)

static const struct job_key keys[] = {
    AT_START(content, JOB_FILE, 0, 0, "", "the picture to paint (PNG, JPEG or WebP)"),
    IN_LISTS(styles, style, JOB_LIST, 0, 0,
             "one for all layers, five for relu1_1 to relu5_1, other numbers blend; or "
             "blank, grey, content, none"),
    IN_JOB(output, JOB_FILE, 0, 0, "", "where the painted picture goes (.png, .jpg, .tif)"),
    AT_START(network, JOB_NAME, 0, 0, "",
             "strata16, vgg19 once fetched, or a .safetensors file"),
    AT_START(width, JOB_INTEGER, 0, 65536, "", "of the painted picture; 0: the content's own"),
    AT_START(schedule, JOB_CHOICE, 0, 0, "fast|classic",
             "fast: L-BFGS from the content, coarse to fine; classic: as the original"),
    IN_JOB(iterations, JOB_INTEGER, 0, JOB_MAX_ITERATIONS, "",
           "steps of the optimiser, 100 to 1000"),
    IN_JOB(content_weight, JOB_REAL, 0, 1e12, "", "pull of the content, about 5"),
    IN_JOB(content_weight_blend, JOB_REAL, 0, 1, "", "its share at relu4_2, the rest at relu5_2"),
    IN_JOB(style_weight, JOB_REAL, 0, 1e12, "", "pull of the styles, 500 to 50000"),
    IN_LISTS(style_layer_weight_exp, layer_exp, JOB_REAL, 1e-6, 1e6,
             "weight of each layer over the one before: above 1 for large shapes"),
    IN_LISTS(style_blend_weights, weight, JOB_LIST, 0, 1e12, "shares of styles; of five, weights"),
    IN_LISTS(blend, blend, JOB_FLAG, 0, 1, "every style acts on every layer, be they one or five"),
    IN_LISTS(style_scales, scale, JOB_LIST, 1e-3, 1e3, "width of each style over the content's"),
    IN_LISTS(style_crops, crop, JOB_LIST, 0, 0, "part of each style: 1/8, or 1/8@0.3,0.6"),
    IN_JOB(tv_weight, JOB_REAL, 0, 1e12, "", "pull towards smoothness, about 100"),
    IN_JOB(learning_rate, JOB_REAL, 1e-12, 1e6, "", "of Adam, 1 to 20"),
    IN_JOB(beta1, JOB_REAL, 0, 0.999999, "", "of Adam"),
    IN_JOB(beta2, JOB_REAL, 0, 0.999999999, "", "of Adam"),
    IN_JOB(eps, JOB_REAL, 1e-30, 1e6, "", "of Adam"),
    AT_START(initial, JOB_NAME, 0, 0, "", "where to start: content, noise or a picture"),
    AT_START(initial_noiseblend, JOB_REAL, 0, 1, "", "share of noise in the start"),
    AT_START(seed, JOB_SEED, 0, 0, "", "of the noise"),
    IN_JOB(preserve_colors, JOB_FLAG, 0, 1, "", "keep the content's colours"),
    AT_START(pooling, JOB_CHOICE, 0, 0, "max|avg", "of the network"),
    AT_START(optimizer, JOB_CHOICE, 0, 0, &(OPTIMIZER_WORDS)[1],
             "lbfgs is several times quicker; adam is the original's"),
    AT_START(pyramid, JOB_PYRAMID, 2, 8, "", "off, auto or the number of sizes, coarse to fine"),
    AT_START(precision, JOB_CHOICE, 0, 0, "auto|fp32|bf16",
             "of the network; bf16 is coarser, where the processor has it"),
    AT_START(convolution, JOB_CHOICE, 0, 0, "auto|direct", "direct is slower and more exact"),
    AT_START(threads, JOB_INTEGER, 0, 1024, "", "0: one for each core that may be used"),
    AT_START(memory, JOB_SIZE, 0, 0, "", "the most to use, 400M or 2G; auto: what there is"),
};

#undef X

enum { KEY_COUNT = sizeof keys / sizeof *keys };

_Static_assert(KEY_COUNT <= 64, "job_file.c has a bit for each");

const struct job_key *job_keys(size_t *count)
{
    *count = KEY_COUNT;
    return keys;
}

const struct job_key *job_find_key(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void apply_schedule(struct job *job)
{
    bool classic = job->schedule == SCHEDULE_CLASSIC;
    job->style_weight = classic ? 500.0 : 5000.0;
    job->iterations = classic ? 1000 : 140;
    job->learning_rate = 10.0;
    job->optimizer = classic ? OPTIMIZER_ADAM : OPTIMIZER_LBFGS;
    job->pyramid = classic ? PYRAMID_OFF : PYRAMID_AUTO;
    strcpy(job->initial, classic ? "noise" : "content");
    job->initial_noiseblend = -1.0;
}

void job_defaults(struct job *job)
{
    memset(job, 0, sizeof *job);
    strcpy(job->network, "strata16");
    job->content_weight = 5.0;
    job->content_weight_blend = 1.0;
    job->tv_weight = 100.0;
    job->beta1 = 0.9;
    job->beta2 = 0.999;
    job->eps = 1e-8;
    job->seed = 1;
    job->schedule = SCHEDULE_FAST;
    apply_schedule(job);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        job->channel[i] = (struct channel){{"", {1.0, 0.5, 0.5}, 1.0}, 1.0, CHANNEL_OFF};
}

/* ---- single values ------------------------------------------------------------------------ */

enum status job_refuse_number(const char *text, double low, double high, struct diag *diag)
{
    char least[32], most[32];
    job_print_real(least, low);
    job_print_real(most, high);
    return diag_set(diag, STATUS_RANGE, "%s lies outside %s to %s", text, least, most);
}

static enum status set_real(double *out, const struct job_key *key, const char *text,
                            struct diag *diag)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value))
        return diag_set(diag, STATUS_USAGE, "%s is not a number", text);
    if (value < key->low || value > key->high)
        return job_refuse_number(text, key->low, key->high, diag);
    *out = value;
    return STATUS_OK;
}

static enum status set_integer(int *out, const struct job_key *key, const char *text,
                               struct diag *diag)
{
    double value;
    TRY(set_real(&value, key, text, diag));
    if (value != floor(value))
        return diag_set(diag, STATUS_USAGE, "%s is not a whole number", text);
    *out = (int)value;
    return STATUS_OK;
}

static enum status set_seed(uint64_t *out, const char *text, struct diag *diag)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno)
        return diag_set(diag, STATUS_USAGE, "%s is not a whole number from 0 to 2^64 - 1", text);
    *out = value;
    return STATUS_OK;
}

static enum status set_size(uint64_t *out, const char *text, struct diag *diag)
{
    uint64_t size = 0;
    if (strcmp(text, "auto") != 0 && (!budget_parse_size(&size, text) || size == 0))
        return diag_set(diag, STATUS_USAGE, "%s is neither auto nor a size such as 400M or 2G",
                        text);
    *out = size;
    return STATUS_OK;
}

/* A word that is none of "a|b|c". */
static enum status refuse_word(const char *text, const char *choices, struct diag *diag)
{
    struct nearest nearest;
    nearest_begin(&nearest, text);
    nearest_offer_all(&nearest, choices);
    if (!nearest.name[0])
        return diag_set(diag, STATUS_USAGE, "%s is none of %s", text, choices);
    return diag_set(diag, STATUS_USAGE, "%s is none of %s; did you mean %s?", text, choices,
                    nearest.name);
}

static enum status set_flag(bool *out, const char *text, struct diag *diag)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return diag_set(diag, STATUS_USAGE, "%s is neither true nor false", text);
    *out = text[0] == 't';
    return STATUS_OK;
}

/* The place of text among "a|b|c", or -1. */
static int choice_index(const char *choices, const char *text)
{
    size_t length = strlen(text);
    for (int i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (n == length && memcmp(choices, text, n) == 0)
            return i;
        if (!choices[n])
            return -1;
        choices += n + 1;
    }
}

static enum status set_choice(void *out, const char *choices, const char *text, struct diag *diag)
{
    int index = choice_index(choices, text);
    if (index < 0)
        return refuse_word(text, choices, diag);
    memcpy(out, &index, sizeof index);
    return STATUS_OK;
}

bool job_is_word(const struct job_key *key, const char *text)
{
    if (strcmp(key->name, "initial") == 0)
        return strcmp(text, "content") == 0 || strcmp(text, "noise") == 0;
    if (strcmp(key->name, "network") == 0)
        return network_is_name(text) || strncmp(text, "random:", 7) == 0;
    enum channel_state state;
    return job_find_style_word(&state, text);
}

static enum status set_path(char *out, const struct job_key *key, const char *text,
                            const char *folder, struct diag *diag)
{
    if (!*text)
        return diag_set(diag, STATUS_USAGE, "a file name is missing");
    bool word = key->kind != JOB_FILE && job_is_word(key, text);
    return file_join(out, JOB_PATH, word ? "" : folder, text, diag);
}

/* One more item of a list. */
static enum status add_item(struct job_lists *lists, const struct job_key *key, const char *text,
                            const char *folder, struct diag *diag)
{
    int *count = key->offset == offsetof(struct job_lists, style)   ? &lists->style_count
                 : key->offset == offsetof(struct job_lists, scale) ? &lists->scale_count
                 : key->offset == offsetof(struct job_lists, crop)  ? &lists->crop_count
                                                                    : &lists->weight_count;
    if (*count == JOB_MAX_STYLES)
        return diag_set(diag, STATUS_RANGE, "there can be at most %d", JOB_MAX_STYLES);
    if (count == &lists->style_count)
        TRY(set_path(lists->style[*count], key, text, folder, diag));
    else if (count == &lists->crop_count)
        TRY(job_parse_crop(&lists->crop[*count], text, diag));
    else
        TRY(set_real((count == &lists->scale_count ? lists->scale : lists->weight) + *count, key,
                     text, diag));
    ++*count;
    return STATUS_OK;
}

enum status job_set(struct job *job, struct job_lists *lists, const struct job_key *key,
                    const char *value, const char *folder, struct diag *diag)
{
    void *at = (char *)(key->in_lists ? (void *)lists : (void *)job) + key->offset;
    switch (key->kind) {
    case JOB_FILE:
    case JOB_NAME: return set_path(at, key, value, folder, diag);
    case JOB_INTEGER: return set_integer(at, key, value, diag);
    case JOB_SEED: return set_seed(at, value, diag);
    case JOB_SIZE: return set_size(at, value, diag);
    case JOB_REAL: return set_real(at, key, value, diag);
    case JOB_FLAG: return set_flag(at, value, diag);
    case JOB_LIST: return add_item(lists, key, value, folder, diag);
    case JOB_PYRAMID:
        if (strcmp(value, "off") == 0)
            job->pyramid = PYRAMID_OFF;
        else if (strcmp(value, "auto") == 0)
            job->pyramid = PYRAMID_AUTO;
        else
            return set_integer(at, key, value, diag);
        return STATUS_OK;
    case JOB_CHOICE:
        TRY(set_choice(at, key->choices, value, diag));
        if (at == &job->schedule)
            apply_schedule(job);
        return STATUS_OK;
    }
    assert(!"a kind without a case");
    return STATUS_OK;
}

void job_print_real(char out[32], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        bool plain = !strchr(out, 'e') || fabs(value) < 1e-4 || fabs(value) >= 1e15;
        if (plain && strtod(out, NULL) == value)
            return;
    }
}

void job_print_value(char *out, size_t size, const struct job *job, const struct job_key *key)
{
    const void *at = (const char *)job + key->offset;
    char number[32] = "";
    _Static_assert(sizeof number >= BUDGET_TEXT, "a size is longer");
    const char *text = number, *choice = key->choices;
    if (size > 0)
        out[0] = 0;
    if (key->in_lists)
        return;
    switch (key->kind) {
    case JOB_FILE:
    case JOB_NAME: text = at; break;
    case JOB_INTEGER: snprintf(number, sizeof number, "%d", *(const int *)at); break;
    case JOB_SEED:
        snprintf(number, sizeof number, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case JOB_SIZE:
        budget_print_size(number, *(const uint64_t *)at);
        text = *(const uint64_t *)at ? number : "auto";
        break;
    case JOB_REAL:
        if (*(const double *)at >= key->low) /* initial_noiseblend may not be set */
            job_print_real(number, *(const double *)at);
        break;
    case JOB_FLAG: text = *(const bool *)at ? "true" : "false"; break;
    case JOB_LIST: break;
    case JOB_PYRAMID:
        snprintf(number, sizeof number, "%d", job->pyramid);
        text = job->pyramid == PYRAMID_AUTO ? "auto" : job->pyramid == PYRAMID_OFF ? "off" : number;
        break;
    case JOB_CHOICE:
        for (int i = *(const int *)at; i > 0; i--)
            choice = strchr(choice, '|') + 1;
        snprintf(out, size, "%.*s", (int)strcspn(choice, "|"), choice);
        return;
    }
    snprintf(out, size, "%s", text);
}

enum status job_parse_crop(struct crop *out, const char *text, struct diag *diag)
{
    double above, below = 1.0;
    struct crop crop = {1.0, 0.5, 0.5};
    char *at;
    above = strtod(text, &at);
    bool good = at != text;
    if (good && *at == '/') {
        const char *start = ++at;
        below = strtod(start, &at);
        good = at != start;
    }
    if (good && *at == '@') {
        int n = 0;
        good = sscanf(at, "@%lf,%lf%n", &crop.x, &crop.y, &n) == 2 && n > 0;
        at += n;
    }
    crop.size = above / below;
    if (!good || *at || !(below > 0.0 && crop.size > 0.0 && crop.size <= 1.0 && crop.x >= 0.0 &&
                          crop.x <= 1.0 && crop.y >= 0.0 && crop.y <= 1.0))
        return diag_set(diag, STATUS_USAGE,
                        "%s is not a crop such as 1, 1/8 or 1/8@0.3,0.6 (a part of each side, and "
                        "its centre from 0,0 to 1,1)",
                        text);
    *out = crop;
    return STATUS_OK;
}

void job_print_crop(char out[96], const struct crop *crop)
{
    char size[32], x[32], y[32];
    double below = 1.0 / crop->size;
    if (below == floor(below) && 1.0 / below == crop->size && below < 1e9)
        snprintf(size, sizeof size, below == 1.0 ? "1" : "1/%.0f", below);
    else
        job_print_real(size, crop->size);
    job_print_real(x, crop->x);
    job_print_real(y, crop->y);
    if (crop->x == 0.5 && crop->y == 0.5)
        snprintf(out, 96, "%s", size);
    else
        snprintf(out, 96, "%s@%s,%s", size, x, y);
}

enum status job_validate(const struct job *job, struct diag *diag)
{
    if (!job->content[0])
        return diag_set(diag, STATUS_USAGE, "there is no content; name a picture to paint");
    bool pulls = false;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        const struct channel *channel = &job->channel[i];
        pulls |= channel->state != CHANNEL_OFF;
        if (job->blend_count == 0 && channel->state == CHANNEL_ON && !channel->style.path[0])
            return diag_set(diag, STATUS_USAGE,
                            "channel %s is on and has no style; name one, or make it blank or off",
                            layer_name(layer_style[i]));
    }
    if (!pulls)
        return diag_set(diag, STATUS_USAGE,
                        "there is no style, every layer is off; name pictures as styles");
    return STATUS_OK;
}

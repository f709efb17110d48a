/* sweep_values.c: see sweep_private.h. One line of a sweep: what its key means, its values. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/nearest.h"
#include "engine/job/sweep_private.h"

/* ---- keys --------------------------------------------------------------------------------- */

static const char *const own_keys = "job|mode|count|random_seed|output|blanks";

static enum status refuse_key(const char *name, struct diag *diag)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct nearest nearest;
    nearest_begin(&nearest, name);
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, keys[i].name, (int)strlen(keys[i].name));
    nearest_offer_all(&nearest, own_keys);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        for (int k = 0; k < JOB_CHANNEL_KEYS; k++) {
            static const char *const words[] = {"style", "crop", "scale", "weight", "state"};
            char offer[64];
            snprintf(offer, sizeof offer, "%s.%s", layer_name(layer_style[i]), words[k]);
            nearest_offer(&nearest, offer, (int)strlen(offer));
        }
    if (nearest.name[0])
        return diag_set(diag, STATUS_USAGE, "there is no such key in [sweep]; did you mean %s?",
                        nearest.name);
    return diag_set(diag, STATUS_USAGE,
                    "there is no such key in [sweep]; it has job, mode, count, random_seed, "
                    "output, blanks, every key of [job], and relu1_1.style, .crop, .scale, "
                    ".weight, .state and the like");
}

enum status sweep_find_setting(struct sweep_setting *out, const char *name, struct diag *diag)
{
    const char *dot = strchr(name, '.');
    out->key = job_find_key(name);
    snprintf(out->name, sizeof out->name, "%s", name);
    if (strcmp(name, "blanks") == 0) {
        out->kind = SWEEP_BLANKS;
        return STATUS_OK;
    }
    if (out->key) {
        out->kind = SWEEP_JOB_KEY;
        return STATUS_OK;
    }
    out->kind = SWEEP_CHANNEL_KEY;
    for (int i = 0; dot && i < STYLE_LAYER_COUNT; i++) {
        const char *layer = layer_name(layer_style[i]);
        out->layer = i;
        if (strlen(layer) == (size_t)(dot - name) && strncmp(name, layer, strlen(layer)) == 0 &&
            job_find_channel_key(dot + 1) != JOB_CHANNEL_KEYS)
            return STATUS_OK;
    }
    return refuse_key(name, diag);
}

bool sweep_is_path(const struct sweep_setting *s)
{
    if (s->kind == SWEEP_CHANNEL_KEY)
        return strcmp(strchr(s->name, '.') + 1, "style") == 0;
    return s->kind == SWEEP_JOB_KEY && (s->key->kind == JOB_FILE || s->key->kind == JOB_NAME);
}

static bool is_whole(const struct sweep_setting *s)
{
    return s->kind == SWEEP_BLANKS || (s->kind == SWEEP_JOB_KEY && s->key->kind != JOB_REAL);
}

/* May its values be given as a range? */
static bool is_number(const struct sweep_setting *s)
{
    if (s->kind == SWEEP_CHANNEL_KEY)
        return strstr(s->name, ".weight") || strstr(s->name, ".scale");
    return s->kind == SWEEP_BLANKS || s->key->kind == JOB_REAL || s->key->kind == JOB_INTEGER ||
           s->key->kind == JOB_SEED || s->key->kind == JOB_PYRAMID;
}

/* ---- values ------------------------------------------------------------------------------- */

static enum status add(struct sweep_setting *s, const struct sweep_item *item, struct diag *diag)
{
    if (s->count == SWEEP_MOST)
        return diag_set(diag, STATUS_RANGE, "these are more than %d values", SWEEP_MOST);
    if ((s->count & (s->count - 1)) == 0) { /* room for twice as many */
        struct sweep_item *more = mem_new((size_t)(s->count ? 2 * s->count : 1) * sizeof *more);
        if (s->count > 0)
            memcpy(more, s->item, (size_t)s->count * sizeof *more);
        mem_free(s->item);
        s->item = more;
    }
    s->item[s->count++] = *item;
    return STATUS_OK;
}

/* Sums of steps come as people write them: 0.3, not 0.30000000000000004. */
static enum status add_number(struct sweep_setting *s, double value, struct diag *diag)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    job_print_real(text, strtod(text, NULL));
    struct sweep_item item = {.text = mem_text(text)};
    enum status status = add(s, &item, diag);
    if (status != STATUS_OK)
        mem_free(item.text);
    return status;
}

struct range {
    double low, high, step; /* step 0: none is given */
    char how;               /* '+', '*', or 0 */
};

/* "0.5..8*2": false if text is no range at all. */
static bool read_range(struct range *out, const char *text)
{
    const char *dots = strstr(text, "..");
    char low[32], *end;
    if (!dots || dots == text || (size_t)(dots - text) >= sizeof low)
        return false;
    snprintf(low, sizeof low, "%.*s", (int)(dots - text), text);
    out->low = strtod(low, &end);
    if (*end)
        return false;
    out->high = strtod(dots + 2, &end);
    out->how = *end;
    out->step = 0.0;
    if (end == dots + 2 || !(isfinite(out->low) && isfinite(out->high)))
        return false;
    if (!*end)
        return true;
    const char *step = end + 1;
    out->step = strtod(step, &end);
    return strchr("+*", out->how) && !*end && isfinite(out->step);
}

static enum status add_steps(struct sweep_setting *s, const char *text, const struct range *range,
                             struct diag *diag)
{
    bool factors = range->how == '*';
    double step = range->how ? range->step : 1.0;
    if (!range->how && (range->low != floor(range->low) || range->high != floor(range->high)))
        return diag_set(diag, STATUS_USAGE,
                        "%s goes by ones from one whole number to another; %s+0.25 goes by steps, "
                        "%s*2 by factors", text, text, text);
    if (factors ? step <= 1.0 || range->low <= 0.0 : step <= 0.0)
        return diag_set(diag, STATUS_USAGE,
                        factors ? "%s: a factor is above 1, and begins above 0"
                                : "%s: a step is above 0", text);
    double steps = factors ? log(range->high / range->low) / log(step)
                           : (range->high - range->low) / step;
    if (steps >= SWEEP_MOST)
        return diag_set(diag, STATUS_RANGE, "%s are more than %d values", text, SWEEP_MOST);
    for (int i = 0; i <= (int)(steps + 1e-9); i++)
        TRY(add_number(s, factors ? range->low * pow(step, i) : range->low + i * step, diag));
    return STATUS_OK;
}

static enum status add_range(struct sweep_setting *s, const char *text, const struct range *range,
                             enum sweep_mode mode, struct diag *diag)
{
    bool open = range->step == 0.0 && range->how != '+';
    if (range->low >= range->high)
        return diag_set(diag, STATUS_USAGE, "%s: a range goes from a number to a larger one", text);
    if (mode != SWEEP_RANDOM && open && range->how)
        return diag_set(diag, STATUS_USAGE, "%s needs a factor here, such as %s2; without one it "
                        "is for mode = random", text, text);
    if (mode != SWEEP_RANDOM || !open)
        return add_steps(s, text, range, diag);
    if (range->how && range->low <= 0.0)
        return diag_set(diag, STATUS_USAGE, "%s: by factors it begins above 0", text);
    struct sweep_item item = {NULL, true, range->how == '*', range->low, range->high};
    return add(s, &item, diag);
}

/* The next value: to the next blank, or in double quotes; NULL: there is no more. What would begin
 * a comment in a job file is kept from it. */
static char *next_value(const char **at, bool *open_quote)
{
    struct text_buffer value = {0};
    const char *c = *at + strspn(*at, " \t");
    bool quoted = *c == '"';
    *open_quote = false;
    if (!*c || *c == ';')
        return NULL;
    text_buffer_add(&value, "%s", "");
    for (c += quoted; *c && (quoted ? *c != '"' : *c != ' ' && *c != '\t'); c++)
        text_buffer_add(&value, *c == ';' ? "%%3B" : "%c", *c);
    *open_quote = quoted && !*c;
    *at = c + (quoted && *c);
    return value.text;
}

enum status sweep_read_values(struct sweep_setting *s, const char *text, enum sweep_mode mode,
                              struct diag *diag)
{
    bool open_quote;
    char *value;
    while ((value = next_value(&text, &open_quote))) {
        struct range range;
        struct sweep_item item = {.text = value};
        enum status status;
        if (open_quote)
            status = diag_set(diag, STATUS_USAGE, "a quote is not closed");
        else if (is_number(s) && read_range(&range, value))
            status = add_range(s, value, &range, mode, diag);
        else if ((status = add(s, &item, diag)) == STATUS_OK)
            continue;
        mem_free(value);
        TRY(status);
    }
    s->given = s->count;
    return s->count > 0 ? STATUS_OK : diag_set(diag, STATUS_USAGE, "the value is missing");
}

int sweep_draw(struct sweep_setting *s, struct random *random)
{
    int place = (int)(random_uniform(random) * s->given);
    const struct sweep_item *item = &s->item[place];
    if (!item->open)
        return place;
    double low = item->low, high = item->high, at = random_uniform(random), value;
    if (is_whole(s))
        value = item->factors ? floor(low * pow((high + 1.0) / low, at))
                              : floor(low + at * (high + 1.0 - low));
    else
        value = item->factors ? low * pow(high / low, at) : low + at * (high - low);
    char text[32];
    snprintf(text, sizeof text, is_whole(s) ? "%.0f" : "%.4g", value);
    if (!is_whole(s))
        job_print_real(text, strtod(text, NULL));
    struct sweep_item drawn = {.text = mem_text(text)};
    if (add(s, &drawn, NULL) == STATUS_OK)
        return s->count - 1;
    mem_free(drawn.text);
    return -1;
}

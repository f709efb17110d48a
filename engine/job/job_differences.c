/* job_differences.c: see job.h. What two jobs differ in, in words for people: the keys as they are
 * written, pictures by their names without folders. */
#include "engine/job/job_private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"

/* ---- a channel ---------------------------------------------------------------------------- */

/* Puts `between` in front of what comes next, unless it is the first. */
static struct text_buffer *next(struct text_buffer *b, const char *between)
{
    if (b->used > 0)
        text_buffer_add(b, "%s", between);
    return b;
}

static void add_numbers(struct text_buffer *b, const char *name, double before, double after)
{
    char from[32], to[32];
    if (before == after)
        return;
    job_print_real(from, before);
    job_print_real(to, after);
    text_buffer_add(next(b, " "), "%s %s → %s", name, from, to);
}

/* "blank", "night.jpg 1/4", "weight 1 → 0.5"; nothing where they are the same. */
static void add_channel(struct text_buffer *b, const struct channel *before,
                        const struct channel *after)
{
    char from[96], to[96];
    const char *name = file_name(after->style.path);
    bool other = strcmp(before->style.path, after->style.path) != 0;
    bool on = after->state == CHANNEL_ON;
    bool picture = on && (other || before->state != CHANNEL_ON);
    job_print_crop(from, &before->style.crop);
    job_print_crop(to, &after->style.crop);
    if (picture)
        text_buffer_add(b, strcmp(to, "1") == 0 ? "%s" : "%s %s", name, to);
    else if (before->state != after->state)
        text_buffer_add(b, "%s", job_state_name(after->state));
    else if (other) /* it is not in force, and will be if the channel comes on */
        text_buffer_add(b, "picture %s", name);
    if (!picture && strcmp(from, to) != 0)
        text_buffer_add(next(b, " "), "crop %s → %s", from, to);
    add_numbers(b, "scale", before->style.scale, after->style.scale);
    add_numbers(b, "weight", before->weight, after->weight);
}

/* Layers that change alike are named together, in front of what they all become. */
static void add_channels(struct text_buffer *out, const struct job *before,
                         const struct job *after)
{
    struct text_buffer words[STYLE_LAYER_COUNT] = {0};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        add_channel(&words[i], &before->channel[i], &after->channel[i]);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        struct text_buffer names = {0};
        int alike = 0;
        for (int k = i; words[i].used > 0 && k < STYLE_LAYER_COUNT; k++) {
            if (strcmp(text_buffer_get(&words[k]), text_buffer_get(&words[i])) != 0)
                continue;
            text_buffer_add(next(&names, " "), "%s", layer_name(layer_style[k]));
            alike++;
            if (k > i)
                text_buffer_clear(&words[k]);
        }
        if (alike > 0)
            text_buffer_add(next(out, ", "), "%s %s",
                            alike == STYLE_LAYER_COUNT ? "all layers" : text_buffer_get(&names),
                            text_buffer_get(&words[i]));
        text_buffer_clear(&names);
    }
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        text_buffer_clear(&words[i]);
}

/* ---- settings ----------------------------------------------------------------------------- */

static void add_blend(struct text_buffer *out, const struct job *before, const struct job *after)
{
    if (job_blend_equal(before, after))
        return;
    if (before->blend_count == after->blend_count)
        text_buffer_add(next(out, ", "), "another blend");
    else if (after->blend_count > 0)
        text_buffer_add(next(out, ", "), "blend of %d pictures", after->blend_count);
    else
        text_buffer_add(next(out, ", "), "no blend");
}

/* Paths and words by what they become, all else by both values. */
static void add_setting(struct text_buffer *out, const struct job *before,
                        const struct job *after, const struct job_key *key)
{
    char from[JOB_PATH], to[JOB_PATH];
    job_print_value(from, sizeof from, before, key);
    job_print_value(to, sizeof to, after, key);
    if (strcmp(from, to) == 0)
        return;
    const char *now = to[0] ? to : "none", *then = from[0] ? from : "none";
    if (key->kind == JOB_FILE || key->kind == JOB_NAME)
        text_buffer_add(next(out, ", "), "%s %s", key->name, file_name(now));
    else
        text_buffer_add(next(out, ", "), "%s %s → %s", key->name, then, now);
}

/* What says most of the picture comes first: content, layers, settings, and where it goes and what
 * it may cost last. */
static int turn(const struct job_key *key)
{
    static const char *const last[] = {"output", "threads", "memory"};
    if (strcmp(key->name, "content") == 0)
        return 0;
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (strcmp(key->name, last[i]) == 0)
            return 2;
    return 1;
}

void job_differences(char *out, size_t size, const struct job *before, const struct job *after)
{
    size_t count;
    struct text_buffer words = {0};
    const struct job_key *keys = job_keys(&count);
    for (int now = 0; now < 3; now++) {
        for (size_t i = 0; i < count; i++)
            if (!keys[i].in_lists && turn(&keys[i]) == now)
                add_setting(&words, before, after, &keys[i]);
        if (now > 0)
            continue;
        add_channels(&words, before, after);
        add_blend(&words, before, after);
    }
    snprintf(out, size, "%s", text_buffer_get(&words));
    text_buffer_clear(&words);
}

void job_title(char *out, size_t size, const struct job *job)
{
    const char *first = NULL;
    int others = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT + job->blend_count; i++) {
        const char *path = i < STYLE_LAYER_COUNT ? job->channel[i].style.path
                                                 : job->blend[i - STYLE_LAYER_COUNT].path;
        if (i < STYLE_LAYER_COUNT && (job->channel[i].state != CHANNEL_ON || job->blend_count > 0))
            continue;
        if (!path[0] || (first && strcmp(first, path) == 0))
            continue;
        others += first != NULL;
        first = first ? first : path;
    }
    snprintf(out, size, "%s with %s", job->content[0] ? file_name(job->content) : "no content",
             first ? file_name(first) : "no picture");
    if (others > 0)
        snprintf(out + strlen(out), size - strlen(out), " and more");
}

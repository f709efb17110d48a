/*
 * job_edits.c: see job.h. What changes at an iteration: sections [edit 137] of a job file, kept in
 * struct job as text, in the one form that is written here. It must not know when an edit is made.
 */
#include "engine/job/job_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/mem.h"

/* A run records less than a job holds: what is written here may be read in a deeper folder. */
enum { RECORDED = JOB_EDITS * 3 / 4 };

/* ---- the text ----------------------------------------------------------------------------- */

/* A section of the text. */
struct section {
    int iteration;
    const char *begin, *body, *end;
};

/* The section at text; false at its end. */
static bool find_section(struct section *out, const char *text)
{
    const char *line = strchr(text, '\n');
    if (!line)
        return false;
    out->iteration = atoi(text + strlen("[edit "));
    out->begin = text;
    out->body = line + 1;
    for (out->end = out->body; *out->end && *out->end != '[';)
        out->end += strcspn(out->end, "\n") + 1;
    return true;
}

/* Reads a section into edit->job. It was written here, so nothing in it is refused. */
static void read_section(struct job_edit *edit, const struct section *section)
{
    char *line = mem_new(JOB_EDITS);
    edit->iteration = section->iteration;
    for (const char *at = section->body; at < section->end;) {
        size_t n = strcspn(at, "\n"), name = strcspn(at, " ");
        snprintf(line, JOB_EDITS, "%.*s", (int)n, at);
        line[name] = 0;
        job_edit_set(edit, line, line + name + 3, "", NULL); /* " = " */
        at += n + 1;
    }
    job_edit_end(edit, NULL);
    mem_free(line);
}

static void apply(struct job *job, const struct section *section)
{
    struct job_edit *edit = mem_new(sizeof *edit);
    edit->job = job;
    read_section(edit, section);
    mem_free(edit);
}

void job_edits_apply(struct job *job, const char *edits, int after, int upto)
{
    struct section s;
    for (const char *at = edits; find_section(&s, at); at = s.end)
        if (s.iteration > after && s.iteration <= upto)
            apply(job, &s);
}

int job_edits_count(const char *edits, int iteration)
{
    struct section s;
    int count = 0;
    for (const char *at = edits; find_section(&s, at); at = s.end)
        count += s.iteration == iteration;
    return count;
}

bool job_edits_step(struct job *job, const char *edits, int iteration, int number)
{
    struct section s;
    for (const char *at = edits; find_section(&s, at); at = s.end)
        if (s.iteration == iteration && number-- == 0) {
            apply(job, &s);
            return true;
        }
    return false;
}

int job_edits_next(const char *edits, int after)
{
    struct section s;
    for (const char *at = edits; find_section(&s, at); at = s.end)
        if (s.iteration > after)
            return s.iteration;
    return -1;
}

int job_edits_lines(const char *edits, int *first, int *last)
{
    struct section s;
    int lines = 0;
    for (const char *at = edits; find_section(&s, at); at = s.end) {
        *first = lines ? *first : s.iteration;
        *last = s.iteration;
        for (const char *c = s.body; c < s.end; c++)
            lines += *c == '\n';
    }
    return lines;
}

/* The n bytes at value, which are a picture or a word. */
static void read_picture(char out[JOB_PATH], const char *value, size_t n)
{
    enum channel_state word;
    char *text = mem_new(n + 1);
    memcpy(text, value, n);
    out[0] = 0;
    if (!job_find_style_word(&word, text))
        job_read_style(out, text, "", NULL);
    mem_free(text);
}

bool job_edits_input(char out[JOB_PATH], const char *edits, int number)
{
    for (const char *line = edits; *line; line += strcspn(line, "\n") + 1) {
        const char *value = strstr(line, " = "), *end = line + strcspn(line, "\n");
        if (!value || value > end || value - line < 6 ||
            (strncmp(value - 6, ".style", 6) != 0 && strncmp(value - 6, "styles", 6) != 0))
            continue;
        for (const char *item = value + 3; item < end; item += strspn(item, ", ")) {
            size_t n = strcspn(item, ",\n");
            if (number-- == 0) {
                read_picture(out, item, n);
                return true;
            }
            item += n;
        }
    }
    return false;
}

/* ---- reading ------------------------------------------------------------------------------ */

static enum status twice(struct job_edit *edit, struct diag *diag)
{
    return diag_set(diag, STATUS_USAGE, "the key stands in [edit %d] twice", edit->iteration);
}

/* "relu2_1.weight" -> layer and key; false if it is none of a channel. */
static bool find_channel(int *layer, enum job_channel_key *key, const char *name)
{
    size_t n = strcspn(name, ".");
    *key = name[n] ? job_find_channel_key(name + n + 1) : JOB_CHANNEL_KEYS;
    for (*layer = 0; *layer < STYLE_LAYER_COUNT; ++*layer) {
        const char *own = layer_name(layer_style[*layer]);
        if (strlen(own) == n && strncmp(own, name, n) == 0)
            return *key < JOB_CHANNEL_KEYS;
    }
    return false;
}

static enum status set_channel(struct job_edit *edit, int layer, enum job_channel_key key,
                               const char *value, const char *folder, struct diag *diag)
{
    struct channel *channel = &edit->job->channel[layer];
    unsigned bit = 1u << (layer * JOB_CHANNEL_KEYS + (int)key);
    enum channel_state word;
    if (edit->channels & bit)
        return twice(edit, diag);
    edit->channels |= bit;
    if (key != JOB_CHANNEL_STYLE)
        return job_read_channel(channel, key, value, diag);
    if (strcmp(value, "none") == 0) {
        channel->style.path[0] = 0;
        return STATUS_OK;
    }
    if (job_find_style_word(&word, value))
        return diag_set(diag, STATUS_USAGE, "an edit has that as %s.state = %s",
                        layer_name(layer_style[layer]), value);
    return job_read_style(channel->style.path, value, folder, diag);
}

static bool is_of_blend(const struct job_key *key)
{
    return key->in_lists && strcmp(key->name, "style_layer_weight_exp") != 0;
}

enum status job_edit_set(struct job_edit *edit, const char *name, const char *value,
                         const char *folder, struct diag *diag)
{
    size_t count;
    int layer;
    enum job_channel_key channel_key;
    const struct job_key *table = job_keys(&count), *key = job_find_key(name);
    if (find_channel(&layer, &channel_key, name))
        return set_channel(edit, layer, channel_key, value, folder, diag);
    if (strcmp(name, "before") == 0 && strcmp(value, "lost") == 0) {
        edit->lost = true;
        return STATUS_OK;
    }
    if (!key)
        return diag_set(diag, STATUS_USAGE, "there is no such key in an edit");
    if (key->at_start)
        return diag_set(diag, STATUS_USAGE, "that takes a new start; no edit can change it");
    if (strcmp(name, "output") == 0 || (key->in_lists && !is_of_blend(key)))
        return diag_set(diag, STATUS_USAGE, "that belongs to [job], not to an edit");
    uint64_t bit = (uint64_t)1 << (key - table);
    if (edit->keys & bit)
        return twice(edit, diag);
    edit->keys |= bit;
    edit->blend |= is_of_blend(key);
    return job_read_value(edit->job, &edit->lists, key, value, folder, diag);
}

enum status job_edit_end(struct job_edit *edit, struct diag *diag)
{
    struct job *job = edit->job;
    const struct job_lists *lists = &edit->lists;
    struct channel channel[STYLE_LAYER_COUNT];
    if (!edit->blend)
        return STATUS_OK;
    if (!lists->blend && lists->style_count + lists->scale_count + lists->crop_count +
                             lists->weight_count == 0) {
        job->blend_count = 0;
        return STATUS_OK;
    }
    if (!lists->blend || lists->style_count == 0)
        return diag_set(diag, STATUS_USAGE, "[edit %d]: a blend has blend = true and its styles",
                        edit->iteration);
    memcpy(channel, job->channel, sizeof channel);
    enum status status = job_resolve(job, lists, diag);
    memcpy(job->channel, channel, sizeof channel); /* an edit names what changes in them */
    return status;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void put(struct text_buffer *out, const struct job_edit *edit, const char *folder)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    const struct job *job = edit->job;
    text_buffer_add(out, "[edit %d]\n", edit->iteration);
    for (size_t i = 0; i < count; i++)
        if (edit->keys >> i & 1 && !keys[i].in_lists)
            job_put_value(out, job, &keys[i], folder);
    for (int i = 0; i < STYLE_LAYER_COUNT * JOB_CHANNEL_KEYS; i++) {
        const struct channel *channel = &job->channel[i / JOB_CHANNEL_KEYS];
        const char *layer = layer_name(layer_style[i / JOB_CHANNEL_KEYS]);
        enum job_channel_key key = (enum job_channel_key)(i % JOB_CHANNEL_KEYS);
        if (!(edit->channels >> i & 1))
            continue;
        text_buffer_add(out, "%s.", layer);
        if (key == JOB_CHANNEL_STYLE && !channel->style.path[0])
            text_buffer_add(out, "style = none\n");
        else
            job_put_channel(out, channel, key, folder);
    }
    if (edit->blend && job->blend_count > 0)
        job_put_blend(out, job, folder);
    else if (edit->blend)
        text_buffer_add(out, "blend = false\n");
}

enum status job_edit_add(struct job *job, const struct job_edit *edit, struct diag *diag)
{
    struct text_buffer text = {0};
    size_t used = strlen(job->edits);
    if (edit->lost && used > 0)
        return diag_set(diag, STATUS_USAGE, "[edit %d]: before = lost stands in the first edit",
                        edit->iteration);
    if (edit->lost)
        job->edits_lost = edit->iteration;
    if (!edit->keys && !edit->channels && !edit->blend)
        return STATUS_OK;
    put(&text, edit, "");
    bool fits = text.used < JOB_EDITS - used;
    if (fits)
        memcpy(job->edits + used, text.text, text.used + 1);
    text_buffer_clear(&text);
    return fits ? STATUS_OK
                : diag_set(diag, STATUS_RANGE, "[edit %d]: all edits together take more than %d kB",
                           edit->iteration, JOB_EDITS / 1024);
}

void job_put_edits(struct text_buffer *out, const struct job *job, const char *folder)
{
    struct section s;
    struct job *scratch = mem_new(sizeof *scratch);
    if (job->edits_lost > 0)
        text_buffer_add(out, "\n; what was changed before is not known: painted again, the picture "
                             "will be another\n[edit %d]\nbefore = lost\n", job->edits_lost);
    for (const char *at = job->edits; find_section(&s, at); at = s.end) {
        struct job_edit *edit = mem_new(sizeof *edit);
        edit->job = scratch;
        read_section(edit, &s);
        text_buffer_add(out, "\n");
        put(out, edit, folder);
        mem_free(edit);
    }
    mem_free(scratch);
}

/* ---- recording ---------------------------------------------------------------------------- */

static bool same_crop(const struct crop *a, const struct crop *b)
{
    return a->size == b->size && a->x == b->x && a->y == b->y;
}

static unsigned channel_difference(const struct channel *a, const struct channel *b)
{
    const struct style *x = &a->style, *y = &b->style;
    return (unsigned)(strcmp(x->path, y->path) != 0) << JOB_CHANNEL_STYLE |
           (unsigned)!same_crop(&x->crop, &y->crop) << JOB_CHANNEL_CROP |
           (unsigned)(x->scale != y->scale) << JOB_CHANNEL_SCALE |
           (unsigned)(a->weight != b->weight) << JOB_CHANNEL_WEIGHT |
           (unsigned)(a->state != b->state) << JOB_CHANNEL_STATE;
}

/* What differs in `to`, as an edit. */
static void find_difference(struct job_edit *out, const struct job *from, struct job *to)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    out->job = to;
    for (size_t i = 0; i < count; i++) {
        char a[JOB_PATH], b[JOB_PATH];
        job_print_value(a, sizeof a, from, &keys[i]);
        job_print_value(b, sizeof b, to, &keys[i]);
        if (!keys[i].at_start && strcmp(keys[i].name, "output") != 0 && strcmp(a, b) != 0)
            out->keys |= (uint64_t)1 << i;
    }
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        out->channels |= channel_difference(&from->channel[i], &to->channel[i])
                         << i * JOB_CHANNEL_KEYS;
    out->blend = !job_blend_equal(from, to);
}

/* Where the sections that begin after iteration do. */
static const char *find_after(const char *edits, int iteration)
{
    struct section s;
    const char *at = edits;
    while (find_section(&s, at) && s.iteration <= iteration)
        at = s.end;
    return at;
}

void job_edits_drop(struct job *job, int upto)
{
    const char *later = find_after(job->edits, upto);
    memmove(job->edits, later, strlen(later) + 1);
    job->edits_lost = 0;
}

static int count_values(uint64_t keys, unsigned channels, bool blend)
{
    int count = blend;
    for (; keys; keys &= keys - 1)
        count++;
    for (; channels; channels &= channels - 1)
        count++;
    return count;
}

int job_edits_yield(struct job *job, const struct job *before, int after)
{
    int count = 0;
    struct section s;
    struct text_buffer text = {0};
    struct job *scratch = mem_new(sizeof *scratch);
    struct job_edit *own = mem_new(sizeof *own);
    const char *at = find_after(job->edits, after);
    size_t kept = (size_t)(at - job->edits);
    find_difference(own, before, job);
    for (; find_section(&s, at); at = s.end) {
        struct job_edit *later = mem_new(sizeof *later);
        later->job = scratch;
        read_section(later, &s);
        count += count_values(later->keys & own->keys, later->channels & own->channels,
                              later->blend && own->blend);
        later->keys &= ~own->keys;
        later->channels &= ~own->channels;
        later->blend = later->blend && !own->blend;
        if (later->keys || later->channels || later->blend)
            put(&text, later, "");
        mem_free(later);
    }
    if (count > 0)
        snprintf(job->edits + kept, sizeof job->edits - kept, "%s", text.text ? text.text : "");
    text_buffer_clear(&text);
    mem_free(own);
    mem_free(scratch);
    return count;
}

/* Where the last section of before `end` begins, if it is of that iteration; else `end`. */
static const char *find_last(const char *edits, const char *end, int iteration)
{
    struct section s = {0};
    const char *at = edits;
    while (at < end && find_section(&s, at))
        at = s.end;
    return s.begin && s.iteration == iteration ? s.begin : end;
}

bool job_edits_record(struct job *start, int iteration, const struct job *now, bool apart)
{
    struct job *before = mem_new(sizeof *before), *after = mem_new(sizeof *after);
    struct job_edit *edit = mem_new(sizeof *edit);
    struct diag diag;
    const char *end = find_after(start->edits, iteration);
    const char *cut = apart ? end : find_last(start->edits, end, iteration);
    *before = *start;
    before->edits[cut - start->edits] = 0;
    *after = *now;
    job_edits_apply(before, before->edits, -1, iteration);
    edit->iteration = iteration;
    find_difference(edit, before, after);
    const char *later = find_after(now->edits, iteration);
    bool fits = job_edit_add(before, edit, &diag) == STATUS_OK &&
                strlen(before->edits) + strlen(later) < RECORDED;
    if (fits) {
        memcpy(start->edits, before->edits, strlen(before->edits) + 1);
    } else {
        *start = *now;
        start->edits[0] = 0;
        start->edits_lost = iteration;
    }
    strcat(start->edits, later);
    mem_free(edit);
    mem_free(after);
    mem_free(before);
    return fits;
}

/* compare_rows.c: see compare_rows.h. */
#include "tui/cli/compare_rows.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/text_buffer.h"
#include "engine/image/image.h"
#include "tui/term/number.h"

enum status compare_rows_read(struct compared *out, const char *path, struct diag *diag)
{
    char *text, folder[JOB_PATH];
    struct diag why;
    *out = (struct compared){.path = path};
    TRY(image_probe(&out->width, &out->height, path, diag));
    if (image_read_job(&text, path, &why) != STATUS_OK) {
        if (file_has_ending(path, ".png") && !strstr(why.text, "holds no job"))
            return diag_set(diag, why.status, "%s", why.text);
        return STATUS_OK;
    }
    enum status status = file_folder(folder, sizeof folder, path, diag);
    if (status == STATUS_OK)
        status = job_parse(&out->job, text, path, folder, diag);
    out->has_job = status == STATUS_OK;
    out->has_losses = losses_parse(&out->losses, &out->iteration, text);
    mem_free(text);
    return status;
}

/* ---- cells -------------------------------------------------------------------------------- */

static void print_key(char out[COMPARE_CELL], const struct job *job, const struct job_key *key)
{
    char value[JOB_PATH];
    job_print_value(value, sizeof value, job, key);
    bool path = key->kind == JOB_FILE || (key->kind == JOB_NAME && !job_is_word(key, value));
    if (strcmp(key->name, "width") == 0 && strcmp(value, "0") == 0)
        strcpy(value, "the content's");
    if (key->kind == JOB_FLAG && !*value)
        strcpy(value, "false");
    diag_clean(out, COMPARE_CELL, path ? file_name(value) : value);
}

/* "night.jpg 1/8@0.3,0.6 scale 1.4" */
static void print_style(char out[COMPARE_CELL], const struct style *style)
{
    char crop[96], scale[32], text[2 * JOB_PATH];
    job_print_crop(crop, &style->crop);
    job_print_real(scale, style->scale);
    bool whole = style->crop.size == 1.0, same = style->scale == 1.0;
    snprintf(text, sizeof text, "%s%s%s%s%s", file_name(style->path), whole ? "" : " ",
             whole ? "" : crop, same ? "" : " scale ", same ? "" : scale);
    diag_clean(out, COMPARE_CELL, text);
}

static void print_blend(char out[COMPARE_CELL], const struct job *job)
{
    struct text_buffer text = {0};
    char style[COMPARE_CELL];
    for (int i = 0; i < job->blend_count; i++) {
        print_style(style, &job->blend[i]);
        text_buffer_add(&text, "%s%s %.0f%%", i ? " + " : "", style, 100.0 * job->blend_weight[i]);
    }
    snprintf(out, COMPARE_CELL, "%s", text_buffer_get(&text));
    text_buffer_clear(&text);
}

static void print_channel(char out[COMPARE_CELL], const struct job *job, int layer)
{
    const struct channel *c = &job->channel[layer];
    if (c->state != CHANNEL_ON)
        snprintf(out, COMPARE_CELL, "%s", job_state_name(c->state));
    else if (job->blend_count > 0)
        print_blend(out, job);
    else
        print_style(out, &c->style);
}

static void print_edits(char out[COMPARE_CELL], const struct job *job)
{
    int first, last, lines = job_edits_lines(job->edits, &first, &last);
    if (lines > 0 && first == last)
        snprintf(out, COMPARE_CELL, "%d, at iteration %d", lines, first);
    else if (lines > 0)
        snprintf(out, COMPARE_CELL, "%d, at iterations %d to %d", lines, first, last);
    else
        snprintf(out, COMPARE_CELL, "none");
}

/* ---- rows --------------------------------------------------------------------------------- */

struct table {
    const struct compared *picture;
    int pictures;
    struct compare_row *row;
    int count;
};

enum { MOST_ROWS = 128 };

static struct compare_row *add_row(struct table *t, const char *name, bool setting)
{
    struct compare_row *row = &t->row[t->count++];
    snprintf(row->name, sizeof row->name, "%s", name);
    row->cell = mem_new((size_t)t->pictures * sizeof *row->cell);
    row->setting = setting;
    return row;
}

static void drop_row(struct table *t)
{
    mem_free(t->row[--t->count].cell);
    t->row[t->count] = (struct compare_row){0};
}

/* Drops the last row if it says the same of all pictures that it says something of. */
static void keep_if_different(struct table *t)
{
    const struct compare_row *row = &t->row[t->count - 1];
    const char *first = NULL;
    bool differ = false;
    for (int i = 0; i < t->pictures; i++) {
        if (!row->cell[i][0])
            continue;
        differ = differ || (first && strcmp(first, row->cell[i]) != 0);
        first = row->cell[i];
    }
    if (!differ)
        drop_row(t);
}

/* Layers that differ alike share a row. */
static void join_with_former(struct table *t, int begin)
{
    struct compare_row *last = &t->row[t->count - 1], *row;
    for (row = &t->row[begin]; row < last; row++) {
        size_t used = strlen(row->name);
        if (memcmp(row->cell, last->cell, (size_t)t->pictures * sizeof *row->cell) != 0)
            continue;
        snprintf(row->name + used, sizeof row->name - used, " %s", last->name);
        drop_row(t);
        return;
    }
}

static void add_channels(struct table *t, bool weights)
{
    char name[32];
    int begin = t->count;
    for (int layer = 0; layer < STYLE_LAYER_COUNT; layer++) {
        int before = t->count;
        snprintf(name, sizeof name, "%s%s", layer_name(layer_style[layer]),
                 weights ? ".weight" : "");
        struct compare_row *row = add_row(t, name, true);
        for (int i = 0; i < t->pictures; i++)
            if (t->picture[i].has_job && weights)
                job_print_real(row->cell[i], t->picture[i].job.channel[layer].weight);
            else if (t->picture[i].has_job)
                print_channel(row->cell[i], &t->picture[i].job, layer);
        keep_if_different(t);
        if (t->count > before)
            join_with_former(t, begin);
    }
    const char *all = "relu1_1 relu2_1 relu3_1 relu4_1 relu5_1";
    if (t->count > begin && strcmp(t->row[begin].name, all) == 0)
        strcpy(t->row[begin].name, "styles");
}

static void add_settings(struct table *t)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t k = 0; k < count; k++) {
        if (keys[k].in_lists || strcmp(keys[k].name, "output") == 0)
            continue;
        struct compare_row *row = add_row(t, keys[k].name, true);
        for (int i = 0; i < t->pictures; i++)
            if (t->picture[i].has_job)
                print_key(row->cell[i], &t->picture[i].job, &keys[k]);
        keep_if_different(t);
    }
    add_channels(t, false);
    add_channels(t, true);
    struct compare_row *row = add_row(t, "edits", true);
    for (int i = 0; i < t->pictures; i++)
        if (t->picture[i].has_job)
            print_edits(row->cell[i], &t->picture[i].job);
    keep_if_different(t);
}

static void add_sizes(struct table *t)
{
    struct compare_row *row = add_row(t, "pixels", false);
    for (int i = 0; i < t->pictures; i++)
        snprintf(row->cell[i], COMPARE_CELL, "%d×%d", t->picture[i].width, t->picture[i].height);
    keep_if_different(t);
    row = add_row(t, "ended at iteration", false);
    for (int i = 0; i < t->pictures; i++)
        if (t->picture[i].has_losses)
            snprintf(row->cell[i], COMPARE_CELL, "%d", t->picture[i].iteration);
    keep_if_different(t);
}

/* Of terms that are in none of them there is no row. */
static void add_losses(struct table *t)
{
    char name[64];
    for (int series = 0; series < LOSSES_SERIES; series++) {
        bool any = false;
        snprintf(name, sizeof name, "loss %s", losses_name(series));
        struct compare_row *row = add_row(t, name, false);
        for (int i = 0; i < t->pictures; i++) {
            const struct compared *p = &t->picture[i];
            double value = p->has_losses ? losses_value(&p->losses, series) : 0.0;
            any = any || value != 0.0;
            if (p->has_losses)
                snprintf(row->cell[i], COMPARE_CELL, "%s", number_short(value).text);
        }
        if (!any)
            drop_row(t);
    }
}

void compare_rows(struct compare_row **out, int *count, const struct compared *pictures,
                  int picture_count)
{
    struct table t = {.picture = pictures,
                      .pictures = picture_count,
                      .row = mem_new(MOST_ROWS * sizeof *t.row)};
    add_settings(&t);
    add_sizes(&t);
    add_losses(&t);
    *out = t.row;
    *count = t.count;
}

void compare_rows_clear(struct compare_row **rows, int *count)
{
    for (int i = 0; i < *count; i++)
        mem_free((*rows)[i].cell);
    mem_free(*rows);
    *rows = NULL;
    *count = 0;
}

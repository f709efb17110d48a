/*
 * checkpoint.c: see checkpoint.h. Numbers are written as text in the metadata, and read back from
 * one table, so that a field is one line here. The optimiser's values are the bits of this
 * program's structs: who changes those raises VERSION.
 */
#include "engine/rundir/checkpoint.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/net/weights.h"
#include "engine/nn/nn.h"
#include "engine/run/run_job.h"

#define VERSION "1"

enum { MOST_TENSORS = 5, SUM = 4, PREFIX = 8 };

/* A state of so many values is not copied but lent from the file's pages. */
static const size_t lent_from = (size_t)1 << 27;

/* ---- fields ------------------------------------------------------------------------------- */

enum field_kind { FIELD_INT, FIELD_LONG, FIELD_LONG_LONG, FIELD_SIZE, FIELD_REAL, FIELD_TEXT };

/* Whole numbers lie between low and high. */
static const struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    double low, high;
} fields[] = {
#define X(name, kind, field, low, high)                                                            \
    {"strata." name, FIELD_##kind, offsetof(struct checkpoint, field), low, high},
    X("iteration", INT, state.iteration, 0, INT_MAX)
    X("stage", INT, state.at, 0, 100)
    X("stages", INT, state.stage_count, 0, 100)
    X("retreats", INT, state.retreats, 0, RUN_RETREATS)
    X("width", INT, state.width, 0, 1 << 20)
    X("height", INT, state.height, 0, 1 << 20)
    X("threads", INT, state.threads, 0, 1 << 16)
    X("recompute", INT, state.recompute, 0, 100)
    X("steps", LONG, state.t, 0, INT_MAX)
    X("whole", SIZE, state.whole, 0, 1e15)
    X("used", SIZE, state.used, 0, 1e15)
    X("seconds", REAL, seconds, 0, 1e12)
    X("number", INT, number, 0, INT_MAX)
    X("last_number", INT, last_number, 0, INT_MAX)
    X("serial", LONG, serial, 0, INT_MAX)
    X("file", TEXT, file.path, 0, JOB_PATH)
    X("file_size", LONG_LONG, file.size, 0, 1e15)
    X("file_time", LONG_LONG, file.time, 0, 9e18)
#undef X
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const char *const ends[] = {
#define X(NAME, name) #name,
    CHECKPOINT_END_LIST(X)
#undef X
};

static void print_field(char out[JOB_PATH], const struct checkpoint *c, const struct field *f)
{
    const void *at = (const char *)c + f->offset;
    switch (f->kind) {
    case FIELD_INT: snprintf(out, JOB_PATH, "%d", *(const int *)at); break;
    case FIELD_LONG: snprintf(out, JOB_PATH, "%ld", *(const long *)at); break;
    case FIELD_LONG_LONG: snprintf(out, JOB_PATH, "%lld", *(const long long *)at); break;
    case FIELD_SIZE: snprintf(out, JOB_PATH, "%zu", *(const size_t *)at); break;
    case FIELD_REAL: snprintf(out, JOB_PATH, "%.17g", *(const double *)at); break;
    case FIELD_TEXT: snprintf(out, JOB_PATH, "%s", (const char *)at); break;
    }
}

static bool read_field(struct checkpoint *c, const struct field *f, const char *text)
{
    void *at = (char *)c + f->offset;
    char *end;
    if (!text)
        return false;
    if (f->kind == FIELD_TEXT)
        return snprintf(at, JOB_PATH, "%s", text) < JOB_PATH;
    if (f->kind == FIELD_REAL) {
        double value = strtod(text, &end);
        *(double *)at = value;
        return end != text && !*end && value >= f->low && value <= f->high;
    }
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || (double)value < f->low || (double)value > f->high)
        return false;
    switch (f->kind) {
    case FIELD_INT: *(int *)at = (int)value; break;
    case FIELD_LONG: *(long *)at = (long)value; break;
    case FIELD_LONG_LONG: *(long long *)at = value; break;
    case FIELD_SIZE: *(size_t *)at = (size_t)value; break;
    case FIELD_REAL: case FIELD_TEXT: break;
    }
    return true;
}

static void print_losses(char *out, size_t size, const struct losses *losses)
{
    size_t used = 0;
    for (int i = 0; i < LOSSES_SERIES; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.17g", i ? " " : "",
                                 losses_value(losses, i));
}

static bool read_losses(struct losses *out, const char *text)
{
    double value[LOSSES_SERIES];
    char *end;
    for (int i = 0; text && i < LOSSES_SERIES; i++, text = end) {
        value[i] = strtod(text, &end);
        if (end == text)
            return false;
    }
    if (!text || *text)
        return false;
    out->total = value[LOSSES_TOTAL];
#define X(field, sentence) out->field = value[LOSSES_##field];
    LOSS_LIST(X)
#undef X
    memcpy(out->style_layer, value + LOSSES_PARTS, sizeof out->style_layer);
    return true;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Is the loss that the optimiser remembers that of the job? Names of files, which run_objective_key
 * goes by, may be written otherwise in another process. */
static bool is_current(const struct checkpoint *c)
{
    return c->state.objective == run_objective_key(&c->job);
}

static cJSON *metadata(const struct checkpoint *c, const char *folder)
{
    char value[JOB_PATH], losses[LOSSES_SERIES * 32];
    cJSON *meta = cJSON_CreateObject();
    char *job = job_print(c->record.content[0] ? &c->record : &c->job, folder);
    print_losses(losses, sizeof losses, &c->losses);
    cJSON_AddStringToObject(meta, "strata.checkpoint", VERSION);
    cJSON_AddStringToObject(meta, "strata.end", ends[c->end]);
    cJSON_AddStringToObject(meta, "strata.saved", c->saved ? "true" : "false");
    cJSON_AddStringToObject(meta, "strata.objective", is_current(c) ? "current" : "other");
    for (int i = 0; i < FIELD_COUNT; i++) {
        print_field(value, c, &fields[i]);
        cJSON_AddStringToObject(meta, fields[i].name, value);
    }
    cJSON_AddStringToObject(meta, "strata.losses", losses);
    cJSON_AddStringToObject(meta, "strata.job", job);
    cJSON_AddStringToObject(meta, "strata.plan", c->plan ? c->plan : "");
    cJSON_AddStringToObject(meta, "strata.checksum",
                            "tensor checksum: CRC-32 of all bytes of the file before it");
    mem_free(job);
    return meta;
}

struct writing {
    cJSON *header;
    struct file_part part[MOST_TENSORS + 3];
    int count;
    size_t bytes; /* of tensors so far */
};

static void add(struct writing *w, const char *name, const char *dtype, const void *data,
                const int *shape, int rank)
{
    size_t n = 1;
    double offsets[2];
    for (int i = 0; i < rank; i++)
        n *= (size_t)shape[i];
    cJSON *entry = cJSON_AddObjectToObject(w->header, name);
    cJSON_AddStringToObject(entry, "dtype", dtype);
    cJSON_AddItemToObject(entry, "shape", cJSON_CreateIntArray(shape, rank));
    offsets[0] = (double)w->bytes;
    offsets[1] = (double)(w->bytes += n * sizeof(float));
    cJSON_AddItemToObject(entry, "data_offsets", cJSON_CreateDoubleArray(offsets, 2));
    if (data)
        w->part[w->count++] = (struct file_part){data, n * sizeof(float)};
}

static void add_tensors(struct writing *w, const struct checkpoint *c)
{
    const struct run_state *s = &c->state;
    const struct image *f = &c->finished;
    int shape[] = {3, s->height, s->width}, used = (int)s->used;
    if (s->count > 0) {
        add(w, "picture", "F32", s->picture, shape, 3);
        if (run_state_has_previous(s))
            add(w, "previous", "F32", s->previous, shape, 3);
    }
    if (s->used > 0)
        add(w, "optimizer", "U32", s->optimizer, &used, 1);
    if (f->rgb) {
        add(w, "finished", "F32", f->rgb, (int[]){3, f->height, f->width}, 3);
        if (f->alpha)
            add(w, "alpha", "F32", f->alpha, (int[]){1, f->height, f->width}, 3);
    }
    add(w, "checksum", "U32", NULL, (int[]){1}, 1);
}

static uint32_t sum_of(const struct file_part *parts, int count)
{
    uLong sum = crc32_z(0, NULL, 0);
    for (int i = 0; i < count; i++)
        sum = crc32_z(sum, parts[i].data, parts[i].size);
    return (uint32_t)sum;
}

/* Little endian, as the format says. */
static void put_bytes(unsigned char *out, uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

enum status checkpoint_write(const char *path, const struct checkpoint *c, const char *folder,
                             struct diag *diag)
{
    unsigned char length[PREFIX], sum[SUM];
    struct writing w = {.header = cJSON_CreateObject(), .count = 2};
    if (c->state.used > INT_MAX)
        return diag_set(diag, STATUS_RANGE, "%s: the optimiser's state is too large", path);
    cJSON_AddItemToObject(w.header, "__metadata__", metadata(c, folder));
    add_tensors(&w, c);
    char *text = cJSON_PrintUnformatted(w.header);
    cJSON_Delete(w.header);
    if (!text)
        return diag_set(diag, STATUS_MEMORY, "not enough memory for the head of %s", path);
    size_t used = strlen(text), padded = (used + 7) / 8 * 8;
    char *head = mem_new(padded + 1);
    snprintf(head, padded + 1, "%-*s", (int)padded, text);
    cJSON_free(text);
    put_bytes(length, padded, PREFIX);
    w.part[0] = (struct file_part){length, PREFIX};
    w.part[1] = (struct file_part){head, padded};
    put_bytes(sum, sum_of(w.part, w.count), SUM);
    w.part[w.count++] = (struct file_part){sum, SUM};
    enum status status = file_write_parts(path, w.part, w.count, FILE_OVERWRITE, diag);
    mem_free(head);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------ */

static enum status damaged(struct diag *diag, const char *path, const char *why)
{
    return diag_set(diag, STATUS_INPUT, "%s is no checkpoint that can be used: %s", path, why);
}

static enum status check_sum(const struct file_map *map, const char *path, struct diag *diag)
{
    unsigned char sum[SUM];
    if (map->size < PREFIX + SUM)
        return damaged(diag, path, map->size ? "it is too short" : "it is empty");
    struct file_part all = {map->bytes, map->size - SUM};
    put_bytes(sum, sum_of(&all, 1), SUM);
    if (memcmp(sum, map->bytes + all.size, SUM) != 0)
        return damaged(diag, path, "its checksum does not fit; it was damaged or cut short");
    return STATUS_OK;
}

static enum status read_metadata(struct checkpoint *c, const struct weights *w, const char *path,
                                 const char *folder, struct diag *diag)
{
    const char *version = weights_meta(w, "strata.checkpoint");
    const char *end = weights_meta(w, "strata.end"), *saved = weights_meta(w, "strata.saved");
    const char *job = weights_meta(w, "strata.job"), *plan = weights_meta(w, "strata.plan");
    const char *objective = weights_meta(w, "strata.objective");
    int which = 0;
    if (!version)
        return damaged(diag, path, "it is of another kind");
    if (strcmp(version, VERSION) != 0)
        return damaged(diag, path, "it is of another version of strata");
    for (int i = 0; i < FIELD_COUNT; i++)
        if (!read_field(c, &fields[i], weights_meta(w, fields[i].name)))
            return damaged(diag, path, fields[i].name);
    while (end && which < CHECKPOINT_ENDS && strcmp(ends[which], end) != 0)
        which++;
    if (!end || which == CHECKPOINT_ENDS || !job || !plan || !objective ||
        !read_losses(&c->losses, weights_meta(w, "strata.losses")))
        return damaged(diag, path, "something is missing in its metadata");
    TRY(job_parse(&c->record, job, path, folder, diag));
    c->job = c->record;
    job_edits_apply(&c->job, c->record.edits, -1, c->state.iteration);
    c->job.edits[0] = 0;
    c->job.edits_lost = 0;
    c->end = (enum checkpoint_end)which;
    c->saved = saved && strcmp(saved, "true") == 0;
    c->state.objective = strcmp(objective, "current") == 0 ? run_objective_key(&c->job) : 0;
    c->plan = mem_text(plan);
    return STATUS_OK;
}

/* The tensor's bytes, if it has that many values. */
static const void *values(const struct weights *w, const char *name, size_t n)
{
    size_t size;
    const void *bytes = weights_data(w, name, &size);
    return bytes && size == mem_times(n, sizeof(float)) ? bytes : NULL;
}

static bool all_finite(const float *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(value[i]))
            return false;
    return true;
}

static enum status read_state(struct run_state *s, const struct weights *w, const char *path,
                              struct diag *diag)
{
    size_t n = mem_product(3, (size_t)s->width, (size_t)s->height);
    const void *picture = values(w, "picture", n), *previous = values(w, "previous", n);
    const void *optimizer = values(w, "optimizer", s->used);
    if (!weights_has(w, "picture")) {
        s->used = 0;
        return STATUS_OK;
    }
    bool has_previous = weights_has(w, "previous");
    if (n == 0 || n > IMAGE_MAX_PIXELS * 3ull || !picture || (has_previous && !previous) ||
        (s->used > 0 && !optimizer))
        return damaged(diag, path, "its pictures have another size than it says");
    s->count = (has_previous ? 2 * n : n) + s->used;
    if (!all_finite(picture, n) || (has_previous && !all_finite(previous, n)))
        return damaged(diag, path, "its picture is not finite");
    if (s->count >= lent_from) {
        s->picture = picture;
        s->previous = has_previous ? previous : picture;
        s->optimizer = optimizer;
        return STATUS_OK;
    }
    TRY(run_state_allocate(s, diag));
    memcpy(s->values, picture, n * sizeof(float));
    if (has_previous)
        memcpy(s->values + n, previous, n * sizeof(float));
    if (s->used > 0)
        memcpy(s->values + s->count - s->used, optimizer, s->used * sizeof(float));
    return STATUS_OK;
}

static enum status read_finished(struct image *out, const struct weights *w, const char *path,
                                 struct diag *diag)
{
    struct weights_tensor t;
    if (!weights_has(w, "finished"))
        return STATUS_OK;
    TRY(weights_find(w, "finished", &t, diag));
    if (t.rank != 3 || t.shape[0] != 3 || t.n == 0 || t.n > IMAGE_MAX_PIXELS * 3ull ||
        !values(w, "finished", t.n))
        return damaged(diag, path, "its finished picture is none");
    TRY(image_init(out, (int)t.shape[2], (int)t.shape[1], diag));
    memcpy(out->rgb, values(w, "finished", t.n), t.n * sizeof(float));
    const void *alpha = values(w, "alpha", t.n / 3);
    if (alpha) {
        TRY(mem_big(&out->alpha, t.n / 3 * sizeof(float), "the picture's alpha", diag));
        memcpy(out->alpha, alpha, t.n / 3 * sizeof(float));
    }
    if (!all_finite(out->rgb, t.n) || (alpha && !all_finite(out->alpha, t.n / 3)))
        return damaged(diag, path, "its finished picture is not finite");
    return STATUS_OK;
}

static enum status read_map(struct checkpoint *c, const struct file_map *map, bool whole,
                            const char *path, const char *folder, struct diag *diag)
{
    struct weights *w = NULL;
    if (whole)
        TRY(check_sum(map, path, diag));
    TRY(weights_open_memory(&w, map->bytes, map->size, path, diag));
    enum status status = read_metadata(c, w, path, folder, diag);
    if (status == STATUS_OK && whole)
        status = read_state(&c->state, w, path, diag);
    if (status == STATUS_OK && whole)
        status = read_finished(&c->finished, w, path, diag);
    weights_close(&w);
    return status;
}

static enum status read_file(struct checkpoint *out, const char *path, const char *folder,
                             bool whole, struct diag *diag)
{
    struct file_map map;
    struct checkpoint *c = mem_new(sizeof *c);
    enum status status = file_map(&map, path, diag);
    if (status == STATUS_OK) {
        status = read_map(c, &map, whole, path, folder, diag);
        if (status == STATUS_OK && whole && c->state.count >= lent_from)
            c->map = map;
        else
            file_unmap(&map);
    }
    if (status == STATUS_OK)
        *out = *c;
    else
        checkpoint_clear(c);
    mem_free(c);
    return status;
}

enum status checkpoint_read(struct checkpoint *out, const char *path, const char *folder,
                            struct diag *diag)
{
    return read_file(out, path, folder, true, diag);
}

enum status checkpoint_peek(struct checkpoint *out, const char *path, const char *folder,
                            struct diag *diag)
{
    return read_file(out, path, folder, false, diag);
}

/* ---- the rest ----------------------------------------------------------------------------- */

void checkpoint_clear(struct checkpoint *c)
{
    run_state_clear(&c->state);
    image_clear(&c->finished);
    mem_free(c->plan);
    if (c->map.bytes)
        file_unmap(&c->map);
    memset(c, 0, sizeof *c);
}

enum status checkpoint_take(struct checkpoint *out, const struct run *run, bool copy,
                            struct diag *diag)
{
    if (copy)
        TRY(run_save(run, &out->state, diag));
    else
        run_lend(run, &out->state);
    out->job = *run_job(run);
    run_record(run, &out->record);
    out->plan = nn_plan_print();
    return STATUS_OK;
}

bool checkpoint_adopt_plan(const struct checkpoint *c)
{
    return !c->plan[0] || nn_plan_adopt(c->plan);
}

struct checkpoint_file checkpoint_file_now(const char *path)
{
    struct checkpoint_file file = {{0}, 0, 0};
    struct stat info;
    if (!path[0] || stat(path, &info) != 0)
        return file;
    char here[JOB_PATH] = "";
    if (path[0] != '/' && !getcwd(here, sizeof here))
        return file;
    if (file_join(file.path, sizeof file.path, here, path, NULL) != STATUS_OK)
        return (struct checkpoint_file){{0}, 0, 0};
    file.size = (long long)info.st_size;
    file.time = (long long)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    return file;
}

bool checkpoint_file_same(const struct checkpoint_file *file)
{
    struct checkpoint_file now = checkpoint_file_now(file->path);
    return file->path[0] && now.size == file->size && now.time == file->time;
}

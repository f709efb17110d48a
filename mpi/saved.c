/*
 * saved.c: see saved.h. A part is [3][rows][width] of the picture and of the last good one, then
 * the optimiser's values in use (see optimizer_layout), all as this machine writes numbers.
 */
#include "mpi/saved.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"

enum { VERSION = 1, PIECES = 3, MOST_TEXT = 64 << 20 };

void saved_clear(struct saved *saved)
{
    mem_free(saved->part);
    mem_free(saved->plan);
    *saved = (struct saved){0};
}

static enum status parts_path(char out[JOB_PATH], const char *folder, struct diag *diag)
{
    return file_join(out, JOB_PATH, folder, "parts", diag);
}

static enum status part_path(char out[JOB_PATH], const char *folder, long serial, int i,
                             struct diag *diag)
{
    char name[64];
    snprintf(name, sizeof name, "part-%ld-%d", serial, i);
    return file_join(out, JOB_PATH, folder, name, diag);
}

static unsigned long sum_of(unsigned long sum, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (; size > 0; ) {
        uInt count = size < INT_MAX ? (uInt)size : INT_MAX;
        sum = crc32(sum, at, count);
        at += count;
        size -= count;
    }
    return sum;
}

/* ---- what there is ------------------------------------------------------------------------ */

/* X(name, field): whole numbers. */
#define NUMBER_LIST(X)                                                                             \
    X("serial", serial) X("iteration", iteration) X("stage", at) X("retreats", retreats)           \
    X("width", width) X("height", height) X("optimizer", optimizer) X("history", history)          \
    X("head", layout.head) X("floats", layout.floats) X("halves", layout.halves) X("steps", t)     \
    X("parts", count)

static char *print(const struct saved *s)
{
    cJSON *json = cJSON_CreateObject(), *list;
    cJSON_AddNumberToObject(json, "strata-mpi", VERSION);
#define X(name, field) cJSON_AddNumberToObject(json, name, (double)s->field);
    NUMBER_LIST(X)
#undef X
    cJSON_AddNumberToObject(json, "seconds", s->seconds);
    list = cJSON_AddArrayToObject(json, "part");
    for (int i = 0; i < s->count; i++) {
        const struct saved_part *p = &s->part[i];
        const double value[] = {p->rows.first, p->rows.end, (double)p->bytes, (double)p->sum};
        cJSON_AddItemToArray(list, cJSON_CreateDoubleArray(value, 4));
    }
    cJSON_AddStringToObject(json, "plan", s->plan ? s->plan : "");
    char *body = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    size_t size = strlen(body) + 32;
    char *text = mem_new(size);
    snprintf(text, size, "%s\n%08lx\n", body, sum_of(0, body, strlen(body)));
    free(body);
    return text;
}

static bool read_part(struct saved_part *out, const cJSON *item)
{
    double value[4];
    for (int i = 0; i < 4; i++) {
        const cJSON *number = cJSON_GetArrayItem(item, i);
        if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble < 1e15))
            return false;
        value[i] = number->valuedouble;
    }
    if (value[0] >= value[1] || value[1] > INT_MAX)
        return false;
    out->rows = (struct ranks_rows){(int)value[0], (int)value[1]};
    out->bytes = (size_t)value[2];
    out->sum = (unsigned long)value[3];
    return true;
}

static bool read_all(struct saved *s, const cJSON *json)
{
    const cJSON *number, *list = cJSON_GetObjectItem(json, "part"), *item;
    const char *plan = cJSON_GetStringValue(cJSON_GetObjectItem(json, "plan"));
    int i = 0;
#define X(name, field)                                                                             \
    number = cJSON_GetObjectItem(json, name);                                                      \
    if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble < INT_MAX))   \
        return false;                                                                              \
    s->field = number->valueint;
    NUMBER_LIST(X)
#undef X
    number = cJSON_GetObjectItem(json, "seconds");
    if (!cJSON_IsNumber(number) || !plan || cJSON_GetArraySize(list) != s->count || s->count < 1)
        return false;
    s->seconds = number->valuedouble;
    s->plan = mem_text(plan);
    s->part = mem_new((size_t)s->count * sizeof *s->part);
    cJSON_ArrayForEach(item, list) {
        if (!read_part(&s->part[i], item) ||
            s->part[i].rows.first != (i > 0 ? s->part[i - 1].rows.end : 0))
            return false;
        i++;
    }
    return s->part[s->count - 1].rows.end == s->height;
}

bool saved_there(const char *folder)
{
    char path[JOB_PATH];
    return parts_path(path, folder, NULL) == STATUS_OK && access(path, F_OK) == 0;
}

enum status saved_text(char **out, const char *folder, struct diag *diag)
{
    char path[JOB_PATH];
    unsigned char *bytes;
    size_t size;
    TRY(parts_path(path, folder, diag));
    TRY(file_read(&bytes, &size, path, MOST_TEXT, diag));
    *out = (char *)bytes;
    return STATUS_OK;
}

enum status saved_parse(struct saved *out, const char *text, const char *folder,
                        struct diag *diag)
{
    const char *end = strchr(text, '\n');
    struct saved saved = {0};
    bool sound = end && sum_of(0, text, (size_t)(end - text)) == strtoul(end + 1, NULL, 16);
    cJSON *json = sound ? cJSON_Parse(text) : NULL;
    const cJSON *version = cJSON_GetObjectItem(json, "strata-mpi");
    sound = json && cJSON_IsNumber(version) && version->valueint == VERSION &&
            read_all(&saved, json);
    cJSON_Delete(json);
    if (sound) {
        *out = saved;
        return STATUS_OK;
    }
    saved_clear(&saved);
    return diag_set(diag, STATUS_INPUT, "%s/parts is damaged, or of another version", folder);
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Files of other generations than this one. */
static void remove_others(const char *folder, long serial)
{
    DIR *all = opendir(folder);
    for (struct dirent *d; all && (d = readdir(all));) {
        long of;
        int i, end = 0;
        if (sscanf(d->d_name, "part-%ld-%d%n", &of, &i, &end) == 2 && !d->d_name[end] &&
            of != serial)
            unlinkat(dirfd(all), d->d_name, 0);
    }
    if (all)
        closedir(all);
}

static enum status write_part(struct saved_part *out, const char *folder, long serial,
                              const struct stage *s, struct diag *diag)
{
    char path[JOB_PATH];
    const struct run_work *work = &s->run->work;
    size_t n = run_values(&work->x);
    const struct file_part pieces[PIECES] = {
        {work->x.rgb, n * sizeof(float)},
        {work->previous, n * sizeof(float)},
        {optimizer_state(work->optimizer)->values,
         optimizer_used(work->optimizer) * sizeof(float)},
    };
    *out = (struct saved_part){.rows = s->part[s->world->rank]};
    for (int i = 0; i < PIECES; i++) {
        out->bytes += pieces[i].size;
        out->sum = sum_of(out->sum, pieces[i].data, pieces[i].size);
    }
    TRY(part_path(path, folder, serial, s->ranks.rank, diag));
    TRY(file_write_parts(path, pieces, PIECES, FILE_OVERWRITE, diag));
    return file_sync_folder(folder, diag);
}

static enum status write_list(const struct saved *saved, const char *folder, struct diag *diag)
{
    char path[JOB_PATH];
    TRY(parts_path(path, folder, diag));
    char *text = print(saved);
    enum status status = file_write(path, text, strlen(text), FILE_OVERWRITE, diag);
    mem_free(text);
    if (status == STATUS_OK)
        status = file_sync_folder(folder, diag);
    if (status == STATUS_OK)
        remove_others(folder, saved->serial);
    return status;
}

enum status saved_write(struct saved *saved, const char *folder, struct stage *s, double seconds,
                        struct diag *diag)
{
    struct run *run = s->run;
    struct optimizer *optimizer = run->work.optimizer;
    struct saved_part mine;
    struct saved next = {
        .serial = saved->serial + 1,
        .iteration = run->iteration,
        .at = run->at,
        .retreats = run->retreats,
        .width = s->width,
        .height = s->height,
        .optimizer = (int)run->job.optimizer,
        .history = run_optimizer(&run->job, 3 * (size_t)s->width * (size_t)s->height, NULL).history,
        .layout = optimizer_layout(optimizer),
        .t = optimizer_state(optimizer)->t,
        .seconds = seconds,
        .count = s->ranks.count,
        .part = mem_new((size_t)s->ranks.count * sizeof mine),
        .plan = nn_plan_print(),
    };
    enum status status = write_part(&mine, folder, next.serial, s, diag);
    status = ranks_agree(&s->ranks, status, diag);
    ranks_collect(&s->ranks, next.part, &mine, sizeof mine);
    if (status == STATUS_OK && s->ranks.rank == 0)
        status = write_list(&next, folder, diag);
    status = ranks_agree(&s->ranks, status, diag);
    if (status == STATUS_OK) {
        saved_clear(saved);
        *saved = next;
    } else {
        saved_clear(&next);
    }
    return status;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* A vector over the pixels, some bytes each: the rows that both have. */
static void copy_rows(void *to, struct ranks_rows mine, const void *from, struct ranks_rows part,
                      int width, size_t bytes)
{
    int first = mine.first > part.first ? mine.first : part.first;
    int end = mine.end < part.end ? mine.end : part.end;
    size_t row = (size_t)width * bytes;
    for (size_t c = 0; c < 3; c++)
        memcpy((char *)to + (c * (size_t)(mine.end - mine.first) + (size_t)(first - mine.first)) *
                                row,
               (const char *)from +
                   (c * (size_t)(part.end - part.first) + (size_t)(first - part.first)) * row,
               (size_t)(end - first) * row);
}

static void copy_part(struct stage *s, const struct saved *saved, const struct saved_part *part,
                      const unsigned char *bytes, bool whole)
{
    struct run_work *work = &s->run->work;
    const struct ranks_rows mine = s->part[s->world->rank], from = part->rows;
    const struct optimizer_layout *layout = &saved->layout;
    size_t n = run_values(&work->x);
    size_t count = 3 * (size_t)(from.end - from.first) * (size_t)s->width;
    float *values = optimizer_state(work->optimizer)->values;
    const unsigned char *at = bytes + 2 * count * sizeof(float);
    copy_rows(work->x.rgb, mine, bytes, from, s->width, sizeof(float));
    copy_rows(work->previous, mine, bytes + count * sizeof(float), from, s->width, sizeof(float));
    if (!whole)
        return;
    memcpy(values, at, layout->head * sizeof(float));
    at += layout->head * sizeof(float);
    values += layout->head;
    for (int i = 0; i < layout->floats; i++)
        copy_rows(values + (size_t)i * n, mine, at + (size_t)i * count * sizeof(float), from,
                  s->width, sizeof(float));
    at += (size_t)layout->floats * count * sizeof(float);
    unsigned short *halves = (unsigned short *)(void *)(values + (size_t)layout->floats * n);
    for (int i = 0; i < layout->halves; i++)
        copy_rows(halves + (size_t)i * n, mine, at + (size_t)i * count * sizeof *halves, from,
                  s->width, sizeof *halves);
}

static size_t bytes_of(const struct saved *saved, const struct saved_part *part)
{
    size_t n = 3 * (size_t)(part->rows.end - part->rows.first) * (size_t)saved->width;
    return sizeof(float) * (n * (2 + (size_t)saved->layout.floats) + saved->layout.head) +
           2 * n * (size_t)saved->layout.halves;
}

static enum status fill_from(struct stage *s, const struct saved *saved, int i, const char *folder,
                             bool whole, struct diag *diag)
{
    char path[JOB_PATH];
    struct file_map map;
    const struct saved_part *part = &saved->part[i];
    TRY(part_path(path, folder, saved->serial, i, diag));
    TRY(file_map(&map, path, diag));
    bool sound = map.size == part->bytes && part->bytes == bytes_of(saved, part) &&
                 sum_of(0, map.bytes, map.size) == part->sum;
    if (sound)
        copy_part(s, saved, part, map.bytes, whole);
    file_unmap(&map);
    return sound ? STATUS_OK : diag_set(diag, STATUS_INPUT, "%s is damaged", path);
}

bool saved_fits(const struct saved *saved, const struct run *run)
{
    size_t n = 3 * (size_t)saved->width * (size_t)saved->height;
    struct optimizer_settings settings = run_optimizer(&run->job, n, NULL);
    return saved->optimizer == (int)run->job.optimizer && saved->history == settings.history &&
           saved->layout.halves <= 2 * settings.history;
}

enum status saved_fill(struct stage *s, const struct saved *saved, const char *folder, bool whole,
                       struct diag *diag)
{
    const struct ranks_rows mine = s->part[s->world->rank];
    if (mine.end == mine.first)
        return STATUS_OK;
    size_t n = run_values(&s->run->work.x);
    size_t used = saved->layout.head + n * (size_t)saved->layout.floats +
                  n * (size_t)saved->layout.halves / 2;
    if (whole && used > optimizer_state(s->run->work.optimizer)->count)
        return diag_set(diag, STATUS_INPUT, "%s/parts is of another optimiser", folder);
    for (int i = 0; i < saved->count; i++)
        if (saved->part[i].rows.first < mine.end && mine.first < saved->part[i].rows.end)
            TRY(fill_from(s, saved, i, folder, whole, diag));
    if (whole)
        optimizer_state(s->run->work.optimizer)->t = saved->t;
    return STATUS_OK;
}

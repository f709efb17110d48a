/* job_compare.c: see job.h. Owns which settings make two jobs equal, and which of them a run that
 * is under way keeps. It compares values, not bytes: what stands behind the NUL of a text and in
 * the padding of a struct is no setting. It must not know how values are written as text. */
#include "engine/job/job_private.h"

#include <assert.h>
#include <string.h>

/* Bytes of the value of a key that is a field of struct job. */
static size_t value_size(const struct job_key *key)
{
    switch (key->kind) {
    case JOB_FILE:
    case JOB_NAME: return JOB_PATH;
    case JOB_INTEGER:
    case JOB_CHOICE:
    case JOB_PYRAMID: return sizeof(int);
    case JOB_SEED:
    case JOB_SIZE: return sizeof(uint64_t);
    case JOB_REAL: return sizeof(double);
    case JOB_FLAG: return sizeof(bool);
    case JOB_LIST: break;
    }
    assert(!"a key without a field in struct job");
    return 0;
}

static bool value_equal(const struct job *a, const struct job *b, const struct job_key *key)
{
    const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;
    if (key->kind == JOB_FILE || key->kind == JOB_NAME)
        return strcmp(x, y) == 0;
    if (key->kind == JOB_REAL)
        return *(const double *)x == *(const double *)y;
    return memcmp(x, y, value_size(key)) == 0;
}

static bool style_equal(const struct style *a, const struct style *b)
{
    return strcmp(a->path, b->path) == 0 && a->crop.size == b->crop.size &&
           a->crop.x == b->crop.x && a->crop.y == b->crop.y && a->scale == b->scale;
}

bool job_blend_equal(const struct job *a, const struct job *b)
{
    for (int i = 0; i < a->blend_count && a->blend_count == b->blend_count; i++)
        if (!style_equal(&a->blend[i], &b->blend[i]) || a->blend_weight[i] != b->blend_weight[i])
            return false;
    return a->blend_count == b->blend_count;
}

bool job_equal(const struct job *a, const struct job *b)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (!keys[i].in_lists && !value_equal(a, b, &keys[i]))
            return false;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        const struct channel *x = &a->channel[i], *y = &b->channel[i];
        if (!style_equal(&x->style, &y->style) || x->weight != y->weight || x->state != y->state)
            return false;
    }
    return job_blend_equal(a, b) && a->edits_lost == b->edits_lost &&
           strcmp(a->edits, b->edits) == 0;
}

const struct job_key *job_restart_key(const struct job *a, const struct job *b)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (keys[i].at_start && !value_equal(a, b, &keys[i]))
            return &keys[i];
    return NULL;
}

void job_keep_start(struct job *job, const struct job *from)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (keys[i].at_start)
            memcpy((char *)job + keys[i].offset, (const char *)from + keys[i].offset,
                   value_size(&keys[i]));
}

/* job.c: see job.h. */
#include "tests/lib/job.h"

void must(enum status status)
{
    if (status != STATUS_OK)
        fail_msg("%s", diag.text);
}

struct job parsed(const char *text, const char *folder)
{
    struct job job;
    must(job_parse(&job, text, "a.ini", folder, &diag));
    return job;
}

void same_style(const struct style *a, const struct style *b)
{
    assert_string_equal(a->path, b->path);
    assert_memory_equal(&a->crop, &b->crop, sizeof a->crop);
    assert_true(a->scale == b->scale);
}

void same_job(const struct job *a, const struct job *b)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    for (size_t i = 0; i < count; i++) {
        const char *x = (const char *)a + keys[i].offset, *y = (const char *)b + keys[i].offset;
        bool wide = keys[i].kind == JOB_REAL || keys[i].kind == JOB_SEED ||
                    keys[i].kind == JOB_SIZE;
        if (keys[i].in_lists)
            continue;
        if (keys[i].kind == JOB_FILE || keys[i].kind == JOB_NAME)
            assert_string_equal(x, y);
        else
            assert_memory_equal(x, y, wide ? 8 : keys[i].kind == JOB_FLAG ? 1 : 4);
    }
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        same_style(&a->channel[i].style, &b->channel[i].style);
        assert_true(a->channel[i].weight == b->channel[i].weight);
        assert_int_equal(a->channel[i].state, b->channel[i].state);
    }
    assert_string_equal(a->edits, b->edits);
    assert_int_equal(a->edits_lost, b->edits_lost);
    assert_int_equal(a->blend_count, b->blend_count);
    for (int i = 0; i < a->blend_count; i++) {
        same_style(&a->blend[i], &b->blend[i]);
        assert_true(a->blend_weight[i] == b->blend_weight[i]);
    }
}

void comes_back(const struct job *job, const char *folder)
{
    char *text = job_print(job, folder);
    struct job again;
    if (job_parse(&again, text, "again.ini", folder, &diag) != STATUS_OK)
        fail_msg("%s in:\n%s", diag.text, text);
    same_job(&again, job);
    char *twice = job_print(&again, folder);
    assert_string_equal(twice, text);
    mem_free(twice);
    mem_free(text);
}

void random_path(char *out, struct random *random, const char *folder)
{
    static const char odd[] = "%;,#= \t\n\r[]:%;,/.";
    int n = sprintf(out, "%s%s", folder, *folder ? "/x." : "x.");
    int length = random_u64(random) % 8 ? (int)(random_u64(random) % 40) : JOB_PATH - 1 - n;
    while (length-- > 0) {
        uint64_t r = random_u64(random);
        out[n++] = r % 2 ? 'a' + (char)(r / 2 % 26)
                         : r % 4 ? odd[r / 4 % (sizeof odd - 1)] : (char)(1 + r / 4 % 255);
    }
    out[n] = 0;
}

double random_real(struct random *random, double low, double high)
{
    double u = random_uniform(random);
    return random_u64(random) % 4 ? low + u * (high - low) : u < 0.5 ? low : high;
}

void random_style(struct style *style, struct random *random, const char *folder)
{
    random_path(style->path, random, folder);
    if (random_u64(random) % 6 == 0)
        style->path[0] = 0;
    style->scale = random_real(random, 1e-3, 1e3);
    style->crop = (struct crop){random_real(random, 1e-9, 1), random_real(random, 0, 1),
                                random_real(random, 0, 1)};
    if (random_u64(random) % 2)
        style->crop = (struct crop){1.0 / (double)(1 + random_u64(random) % 50), 0.5, 0.5};
}

void random_key(struct job *job, const struct job_key *key, struct random *random,
                const char *folder)
{
    void *at = (char *)job + key->offset;
    int choices = 1;
    for (const char *c = key->choices; *c; c++)
        choices += *c == '|';
    if (key->in_lists)
        return;
    switch (key->kind) {
    case JOB_FILE:
    case JOB_NAME: random_path(at, random, folder); break;
    case JOB_INTEGER: *(int *)at = (int)random_real(random, key->low, key->high); break;
    case JOB_SEED: *(uint64_t *)at = random_u64(random); break;
    case JOB_SIZE: *(uint64_t *)at = random_u64(random) >> (1 + random_u64(random) % 63); break;
    case JOB_REAL: *(double *)at = random_real(random, key->low, key->high); break;
    case JOB_FLAG: *(bool *)at = random_u64(random) % 2; break;
    case JOB_CHOICE: *(int *)at = (int)(random_u64(random) % (uint64_t)choices); break;
    case JOB_PYRAMID: *(int *)at = (int)(random_u64(random) % 9); break;
    case JOB_LIST: break;
    }
}

static void random_edits(struct job *job, struct random *random, const char *folder)
{
    static struct job now;
    now = *job;
    for (int i = 0; i < 3; i++) {
        int at = (int)(random_u64(random) % STYLE_LAYER_COUNT);
        random_style(&now.channel[at].style, random, folder);
        now.channel[at].state = (enum channel_state)(random_u64(random) % CHANNEL_STATES);
        now.tv_weight = random_real(random, 0, 1e12);
        job_edits_record(job, 7 * i, &now, false);
    }
}

void random_job(struct job *job, struct random *random, const char *folder)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    double total = 0;
    job_defaults(job);
    for (size_t i = 0; i < count; i++)
        random_key(job, &keys[i], random, folder);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        random_style(&job->channel[i].style, random, folder);
        job->channel[i].weight = random_real(random, 0, 1e12);
        job->channel[i].state = (enum channel_state)(random_u64(random) % 3);
    }
    if (random_u64(random) % 2)
        job->blend_count = (int)(random_u64(random) % (JOB_MAX_STYLES + 1));
    for (int i = 0; i < job->blend_count; i++) {
        random_style(&job->blend[i], random, folder);
        total += job->blend_weight[i] = 1e-3 + random_uniform(random);
    }
    for (int i = 0; i < job->blend_count; i++)
        job->blend_weight[i] /= total;
    if (random_u64(random) % 4 == 0)
        random_edits(job, random, folder);
}

/* cli_bench.c: `strata bench`: times an iteration and its primitives, as a table or JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/args.h"
#include "engine/base/mem.h"
#include "engine/host/cores.h"
#include "engine/run/bench.h"
#include "tui/cli/cli.h"
#include "tui/cli/peer.h"

struct settings {
    struct job job; /* of it: job_options */
    int width, height, iterations;
    bool json, compare;
};

/* Another's iterations between strata's. */
struct rival {
    struct peer *peer;
    int threads, width, height, count;
    double *seconds[PEER_PRECISIONS]; /* [rounds] */
};

/* A whole number from low to high, and what follows it. */
static bool number(int *out, const char *text, int low, int high, const char **rest)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || value < low || value > high)
        return false;
    *out = (int)value;
    *rest = end;
    return true;
}

enum { SIZE, ITERATIONS, JSON, COMPARE, FIRST_OF_JOB };

/* Those from FIRST_OF_JOB on are keys of a job. */
static const struct args_option options[] = {
    [SIZE] = {"size", 0, ARGS_VALUE, "WxH", "of the picture (512x512)"},
    [ITERATIONS] = {"iterations", 0, ARGS_VALUE, "N", "that are timed"},
    [JSON] = {"json", 0, ARGS_FLAG, "", "print JSON"},
    [COMPARE] = {"compare", 0, ARGS_FLAG, "", "beside PyTorch, in turns, where there is one"},
    [FIRST_OF_JOB] = {"network", 0, ARGS_VALUE, "NETWORK", "as for strata run (random:vgg19)"},
    {"threads", 0, ARGS_VALUE, "N", "that compute; 0: one for each core (0)"},
    {"convolution", 0, ARGS_VALUE, "auto|direct", "as for strata run (auto)"},
    {"precision", 0, ARGS_VALUE, "auto|fp32|bf16", "as for strata run (auto)"},
    {"memory", 0, ARGS_VALUE, "SIZE", "the most to use, 400M or 2G (auto)"},
};

const struct args_option *cli_bench_options(int *count)
{
    *count = sizeof options / sizeof *options;
    return options;
}

static enum status read_size(struct settings *s, const char *value, struct diag *diag)
{
    enum { MAX_SIDE = 8192 };
    const char *rest = "";
    if (!number(&s->width, value, 16, MAX_SIDE, &rest) || *rest++ != 'x' ||
        !number(&s->height, rest, 16, MAX_SIDE, &rest) || *rest)
        return diag_set(diag, STATUS_USAGE,
                        "--size %s is not a size such as 512x512, sides from 16 to %d", value,
                        MAX_SIDE);
    return STATUS_OK;
}

static enum status read_option(void *context, int option, const char *value, struct diag *diag)
{
    struct settings *s = context;
    enum { MAX_ITERATIONS = 10000 };
    const char *rest = "";
    switch (option) {
    case SIZE: return read_size(s, value, diag);
    case JSON: s->json = true; return STATUS_OK;
    case COMPARE: s->compare = true; return STATUS_OK;
    case ITERATIONS:
        if (number(&s->iterations, value, 1, MAX_ITERATIONS, &rest) && !*rest)
            return STATUS_OK;
        return diag_set(diag, STATUS_USAGE, "--iterations %s is not a number from 1 to %d", value,
                        MAX_ITERATIONS);
    case ARGS_WORD: return diag_set(diag, STATUS_USAGE, "bench takes no word %s", value);
    }
    const struct job_key *key = job_find_key(options[option].name);
    enum status status = job_set(&s->job, NULL, key, value, "", diag);
    return status == STATUS_OK ? status : diag_prefix(diag, status, "--%s", options[option].name);
}

static enum status read_settings(struct settings *s, int argc, char **argv, struct diag *diag)
{
    struct args args = {.command = "bench", .words = argv, .count = argc, .options = options,
                        .option_count = sizeof options / sizeof *options};
    return args_read(&args, read_option, s, diag);
}

/* One iteration in each precision; opens the peer when it is first called. */
static enum status let_rival_run(void *context, const struct network *network, struct diag *diag)
{
    struct rival *rival = context;
    if (!rival->peer)
        TRY(peer_open(&rival->peer, network, rival->width, rival->height, rival->threads, diag));
    for (enum peer_precision p = PEER_FP32; p < PEER_PRECISIONS; p++)
        if (peer_has(rival->peer, p))
            TRY(peer_iterate(&rival->seconds[p][rival->count], rival->peer, p, diag));
    rival->count++;
    return STATUS_OK;
}

/* Median seconds of an iteration; 0: not in this precision. */
static double rival_seconds(const struct rival *rival, enum peer_precision precision)
{
    return peer_has(rival->peer, precision)
               ? bench_median(rival->seconds[precision], rival->count)
               : 0.0;
}

static void print_rival(const struct rival *rival, const struct bench *bench)
{
    double fp32 = rival_seconds(rival, PEER_FP32), bf16 = rival_seconds(rival, PEER_BF16);
    double best = bf16 > 0.0 && bf16 < fp32 ? bf16 : fp32;
    char half[48] = "bfloat16 not here";
    if (bf16 > 0.0)
        snprintf(half, sizeof half, "bfloat16 %.1f ms", 1e3 * bf16);
    printf("%s (channels last, BLAS %s) in turns: float32 %.1f ms, %s; strata is %.1f times as "
           "fast as the faster\n",
           peer_name(rival->peer), peer_blas(rival->peer), 1e3 * fp32, half,
           best / bench->seconds_per_iteration);
}

static void add_rival(cJSON *json, const struct rival *rival)
{
    cJSON *item = cJSON_AddObjectToObject(json, "peer");
    double bf16 = rival_seconds(rival, PEER_BF16);
    cJSON_AddStringToObject(item, "name", peer_name(rival->peer));
    cJSON_AddStringToObject(item, "blas", peer_blas(rival->peer));
    cJSON_AddNumberToObject(item, "fp32_seconds", rival_seconds(rival, PEER_FP32));
    if (bf16 > 0.0)
        cJSON_AddNumberToObject(item, "bf16_seconds", bf16);
}

static void print_json(const struct settings *s, const struct bench *bench,
                       const struct rival *rival)
{
    char size[32];
    snprintf(size, sizeof size, "%dx%d", s->width, s->height);
    char network[2 * JOB_PATH];
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "seconds_per_iteration", bench->seconds_per_iteration);
    cJSON_AddNumberToObject(json, "conv_seconds", bench->conv_seconds);
    cJSON_AddNumberToObject(json, "gram_seconds", bench->gram_seconds);
    cJSON *layers = cJSON_AddArrayToObject(json, "layers");
    for (int i = 0; i < bench->layer_count; i++) {
        const struct bench_layer *layer = &bench->layers[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", layer->name);
        cJSON_AddStringToObject(item, "implementation", layer->forward);
        cJSON_AddStringToObject(item, "implementation_backward", layer->backward);
        cJSON_AddStringToObject(item, "precision", layer->bf16 ? "bf16" : "fp32");
        cJSON_AddNumberToObject(item, "forward_ms", 1e3 * layer->forward_seconds);
        cJSON_AddNumberToObject(item, "backward_ms", 1e3 * layer->backward_seconds);
        cJSON_AddItemToArray(layers, item);
    }
    cJSON_AddNumberToObject(json, "peak_rss_mb", (double)bench->peak_rss_mb);
    cJSON_AddNumberToObject(json, "predicted_mb", (double)bench->predicted_mb);
    cJSON_AddNumberToObject(json, "threads", bench->threads);
    diag_clean(network, sizeof network, s->job.network);
    cJSON_AddStringToObject(json, "network", network);
    cJSON_AddStringToObject(json, "size", size);
    cJSON_AddStringToObject(json, "onednn_version", bench->onednn_version);
    cJSON_AddStringToObject(json, "cpu_isa", bench->cpu_isa);
    cJSON_AddStringToObject(json, "plan", bench->plan);
    if (rival->peer)
        add_rival(json, rival);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void print_table(const struct settings *s, const struct bench *bench,
                        const struct rival *rival)
{
    for (int i = 0; i < bench->layer_count; i++) {
        const struct bench_layer *layer = &bench->layers[i];
        printf("%-8s %8.2f ms %-28s %8.2f ms %s\n", layer->name, 1e3 * layer->forward_seconds,
               layer->forward, 1e3 * layer->backward_seconds, layer->backward);
    }
    char network[JOB_PATH];
    diag_clean(network, sizeof network, s->job.network);
    printf("%s at %dx%d in %s: %.1f ms an iteration; convolutions %.1f, Gram products %.1f ms; "
           "%ld MB, %ld predicted; %d threads, oneDNN %s on %s\n",
           network, s->width, s->height, bench->plan, 1e3 * bench->seconds_per_iteration,
           1e3 * bench->conv_seconds, 1e3 * bench->gram_seconds, bench->peak_rss_mb,
           bench->predicted_mb, bench->threads, bench->onednn_version, bench->cpu_isa);
    if (rival->peer)
        print_rival(rival, bench);
}

int cli_bench(int argc, char **argv)
{
    struct diag diag;
    struct bench bench;
    struct settings s = {.width = 512, .height = 512, .iterations = 5};
    job_defaults(&s.job);
    strcpy(s.job.network, "random:vgg19");
    if (read_settings(&s, argc, argv, &diag) != STATUS_OK)
        return cli_fail(&diag);
    double *seconds = mem_new(mem_product(PEER_PRECISIONS, (size_t)s.iterations, sizeof *seconds));
    struct rival rival = {.threads = s.job.threads > 0 ? s.job.threads : cores_usable(""),
                          .width = s.width,
                          .height = s.height,
                          .seconds = {seconds, seconds + s.iterations}};
    enum status status = bench_measure(&bench, &s.job, s.width, s.height, s.iterations,
                                       s.compare ? let_rival_run : NULL, &rival, &diag);
    if (status == STATUS_OK)
        (s.json ? print_json : print_table)(&s, &bench, &rival);
    peer_close(&rival.peer);
    mem_free(seconds);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

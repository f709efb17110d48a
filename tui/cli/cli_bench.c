/* cli_bench.c: `strata bench`: times an iteration and its primitives, as a table or JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/args.h"
#include "engine/run/bench.h"
#include "tui/cli/cli.h"

struct settings {
    struct job job; /* of it: job_options */
    int width, height, iterations;
    bool json;
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

enum { SIZE, ITERATIONS, JSON, FIRST_OF_JOB };

/* Those from FIRST_OF_JOB on are keys of a job. */
static const struct args_option options[] = {
    [SIZE] = {"size", 0, ARGS_VALUE},
    [ITERATIONS] = {"iterations", 0, ARGS_VALUE},
    [JSON] = {"json", 0, ARGS_FLAG},
    [FIRST_OF_JOB] = {"network", 0, ARGS_VALUE},
    {"threads", 0, ARGS_VALUE},
    {"convolution", 0, ARGS_VALUE},
    {"precision", 0, ARGS_VALUE},
    {"memory", 0, ARGS_VALUE},
};

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

static void print_json(const struct settings *s, const struct bench *bench)
{
    char size[32];
    snprintf(size, sizeof size, "%dx%d", s->width, s->height);
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
    cJSON_AddStringToObject(json, "network", s->job.network);
    cJSON_AddStringToObject(json, "size", size);
    cJSON_AddStringToObject(json, "onednn_version", bench->onednn_version);
    cJSON_AddStringToObject(json, "cpu_isa", bench->cpu_isa);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void print_table(const struct settings *s, const struct bench *bench)
{
    for (int i = 0; i < bench->layer_count; i++) {
        const struct bench_layer *layer = &bench->layers[i];
        printf("%-8s %8.2f ms %-28s %8.2f ms %s\n", layer->name, 1e3 * layer->forward_seconds,
               layer->forward, 1e3 * layer->backward_seconds, layer->backward);
    }
    char network[JOB_PATH];
    diag_clean(network, sizeof network, s->job.network);
    printf("%s at %dx%d: %.1f ms an iteration; convolutions %.1f, Gram products %.1f ms; "
           "%ld MB, %ld predicted; %d threads, oneDNN %s on %s\n",
           network, s->width, s->height, 1e3 * bench->seconds_per_iteration,
           1e3 * bench->conv_seconds, 1e3 * bench->gram_seconds, bench->peak_rss_mb,
           bench->predicted_mb, bench->threads, bench->onednn_version, bench->cpu_isa);
}

int cli_bench(int argc, char **argv)
{
    struct diag diag;
    struct bench bench;
    struct settings s = {.width = 512, .height = 512, .iterations = 5};
    job_defaults(&s.job);
    strcpy(s.job.network, "random:vgg19");
    if (read_settings(&s, argc, argv, &diag) != STATUS_OK ||
        bench_measure(&bench, &s.job, s.width, s.height, s.iterations, &diag) != STATUS_OK)
        return cli_fail(&diag);
    (s.json ? print_json : print_table)(&s, &bench);
    return 0;
}

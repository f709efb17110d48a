/* cli_bench.c: `strata bench`: times an iteration and its primitives, as a table or JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../engine/bench.h"
#include "../engine/room.h"
#include "cli.h"

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

static enum status read_value(struct bench_settings *s, const char *name, const char *value,
                              struct diag *diag)
{
    enum { MAX_SIDE = 8192, MAX_ITERATIONS = 10000, MAX_THREADS = 1024 };
    const char *rest = "";
    if (strcmp(name, "--network") == 0)
        s->network = value;
    else if (strcmp(name, "--size") == 0) {
        if (!number(&s->width, value, 16, MAX_SIDE, &rest) || *rest++ != 'x' ||
            !number(&s->height, rest, 16, MAX_SIDE, &rest) || *rest)
            return diag_set(diag, STATUS_USAGE,
                            "--size %s is not a size such as 512x512, sides from 16 to %d", value,
                            MAX_SIDE);
    } else if (strcmp(name, "--iterations") == 0) {
        if (!number(&s->iterations, value, 1, MAX_ITERATIONS, &rest) || *rest)
            return diag_set(diag, STATUS_USAGE, "--iterations %s is not a number from 1 to %d",
                            value, MAX_ITERATIONS);
    } else if (strcmp(name, "--threads") == 0) {
        if (!number(&s->threads, value, 0, MAX_THREADS, &rest) || *rest)
            return diag_set(diag, STATUS_USAGE, "--threads %s is not a number from 0 to %d", value,
                            MAX_THREADS);
    } else if (strcmp(name, "--convolution") == 0) {
        if (strcmp(value, "auto") != 0 && strcmp(value, "direct") != 0)
            return diag_set(diag, STATUS_USAGE, "--convolution is auto or direct, not %s", value);
        s->convolution = value[0] == 'd' ? CONVOLUTION_DIRECT : CONVOLUTION_AUTO;
    } else if (strcmp(name, "--memory") == 0) {
        if (!room_parse_size(&s->memory, value) || s->memory == 0)
            return diag_set(diag, STATUS_USAGE, "--memory %s is not a size such as 400M or 2G",
                            value);
    } else
        return diag_set(diag, STATUS_USAGE,
                        "bench knows no option %s; it has --size, --network, --iterations, "
                        "--threads, --convolution, --memory and --json",
                        name);
    return STATUS_OK;
}

static enum status read_settings(struct bench_settings *s, bool *json, int argc, char **argv,
                                 struct diag *diag)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            *json = true;
        else if (strncmp(argv[i], "--", 2) == 0 && i + 1 == argc)
            return diag_set(diag, STATUS_USAGE, "%s needs a value, or bench has no such option",
                            argv[i]);
        else {
            TRY(read_value(s, argv[i], i + 1 < argc ? argv[i + 1] : "", diag));
            i++;
        }
    }
    return STATUS_OK;
}

static void print_json(const struct bench_settings *s, const struct bench *bench)
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
        cJSON_AddStringToObject(item, "precision", "fp32");
        cJSON_AddNumberToObject(item, "forward_ms", 1e3 * layer->forward_seconds);
        cJSON_AddNumberToObject(item, "backward_ms", 1e3 * layer->backward_seconds);
        cJSON_AddItemToArray(layers, item);
    }
    cJSON_AddNumberToObject(json, "peak_rss_mb", (double)bench->peak_rss_mb);
    cJSON_AddNumberToObject(json, "predicted_mb", (double)bench->predicted_mb);
    cJSON_AddNumberToObject(json, "threads", bench->threads);
    cJSON_AddStringToObject(json, "network", s->network);
    cJSON_AddStringToObject(json, "size", size);
    cJSON_AddStringToObject(json, "onednn_version", bench->onednn_version);
    cJSON_AddStringToObject(json, "cpu_isa", bench->cpu_isa);
    char *text = cJSON_PrintUnformatted(json);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void print_table(const struct bench_settings *s, const struct bench *bench)
{
    for (int i = 0; i < bench->layer_count; i++) {
        const struct bench_layer *layer = &bench->layers[i];
        printf("%-8s %8.2f ms %-28s %8.2f ms %s\n", layer->name, 1e3 * layer->forward_seconds,
               layer->forward, 1e3 * layer->backward_seconds, layer->backward);
    }
    printf("%s at %dx%d: %.1f ms an iteration; convolutions %.1f, Gram products %.1f ms; "
           "%ld MB, %ld predicted; %d threads, oneDNN %s on %s\n",
           s->network, s->width, s->height, 1e3 * bench->seconds_per_iteration,
           1e3 * bench->conv_seconds, 1e3 * bench->gram_seconds, bench->peak_rss_mb,
           bench->predicted_mb, bench->threads, bench->onednn_version, bench->cpu_isa);
}

int cli_bench(int argc, char **argv)
{
    struct diag diag;
    struct bench bench;
    struct bench_settings s = {"random:vgg19", 512, 512, 5, 0, CONVOLUTION_AUTO, 0};
    bool json = false;
    if (read_settings(&s, &json, argc, argv, &diag) != STATUS_OK ||
        bench_measure(&bench, &s, &diag) != STATUS_OK)
        return cli_fail(&diag);
    (json ? print_json : print_table)(&s, &bench);
    return 0;
}

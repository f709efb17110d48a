/* tell.c: see tell.h. */
#include "mpi/tell.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/diag.h"
#include "engine/base/mem.h"

struct tell {
    int iterations, every;
    bool json;
    int first;           /* the iteration that was told first, */
    double first_seconds; /* and when; to know the pace */
    bool any;
};

struct tell *tell_open(int iterations, int every, bool json)
{
    struct tell *tell = mem_new(sizeof *tell);
    *tell = (struct tell){.iterations = iterations, .json = json};
    tell->every = every > 0 ? every : iterations / 20 > 0 ? iterations / 20 : 1;
    return tell;
}

void tell_close(struct tell **tell)
{
    mem_free(*tell);
    *tell = NULL;
}

void tell_note(struct tell *tell, const char *format, ...)
{
    char text[1024], clean[4 * sizeof text];
    va_list args;
    if (tell->json)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_clean(clean, sizeof clean, text);
    printf("%s\n", clean);
    fflush(stdout);
}

static void print_json(const struct tell *tell, int iteration, double seconds,
                       const struct losses *losses)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "iteration", iteration);
    cJSON_AddNumberToObject(json, "iterations", tell->iterations);
    cJSON_AddNumberToObject(json, "seconds", seconds);
    for (int i = 0; i < LOSSES_PARTS; i++)
        if (isfinite(losses_value(losses, i)))
            cJSON_AddNumberToObject(json, losses_name(i), losses_value(losses, i));
    cJSON *layers = cJSON_AddObjectToObject(json, "style_layers");
    for (int i = LOSSES_PARTS; i < LOSSES_SERIES; i++)
        cJSON_AddNumberToObject(layers, losses_name(i), losses_value(losses, i));
    char *text = cJSON_PrintUnformatted(json);
    printf("%s\n", text);
    free(text);
    cJSON_Delete(json);
}

static void print_plain(const struct tell *tell, int iteration, double seconds,
                        const struct losses *losses)
{
    int done = iteration - tell->first;
    double pace = done > 0 ? (seconds - tell->first_seconds) / done : 0.0;
    printf("iteration %d/%d", iteration, tell->iterations);
    for (int i = 0; i < LOSSES_PARTS; i++)
        printf("  %s %.4g", losses_name(i), losses_value(losses, i));
    if (pace > 0.0)
        printf("  %.3g s/iteration  %.0f s left", pace, pace * (tell->iterations - iteration));
    printf("\n");
}

void tell_losses(struct tell *tell, int iteration, double seconds, const struct losses *losses)
{
    bool due = !tell->any || iteration >= tell->iterations || iteration % tell->every == 0;
    if (!tell->any) {
        tell->first = iteration;
        tell->first_seconds = seconds;
    }
    tell->any = true;
    if (tell->json)
        print_json(tell, iteration, seconds, losses);
    else if (due)
        print_plain(tell, iteration, seconds, losses);
    fflush(stdout);
}

void tell_bytes(struct tell *tell, const struct tell_traffic *t)
{
    static const char *const names[TELL_KINDS] = {"Gram matrices", "margins", "the metric"};
    const double mb = 1e-6, n = t->iterations > 0 ? t->iterations : 1;
    for (int i = 0; i < TELL_KINDS; i++)
        tell_note(tell, "%s: %.6f MB sent, %.6f MB foretold", names[i], t->sent[i] * mb,
                  t->told[i] * mb);
    tell_note(tell, "sums of a few numbers: %.6f MB; all: %.3f MB, %.3f MB an iteration, %.3f MB "
              "by one process at most; %.2f s in MPI each", t->few * mb, t->all * mb,
              t->all * mb / n, t->most * mb, t->waited);
}

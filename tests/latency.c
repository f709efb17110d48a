/*
 * latency.c: how long a key waits for the screen while both cores compute, and what 500 keys cost
 * the run. Types into the workbench on a terminal of its own, at random times, and measures until
 * the screen has followed; before and after, the run goes on without a key for as long.
 *
 *     latency PROGRAM [JOB] [OPTIONS]
 */
#include <math.h>

#include "tests/lib/pty.h"

enum { KEYS = 500, SILENCE = 60, WARM_UP = 10 };

static struct pty pty;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void pass(double seconds)
{
    double end = pty_now() + seconds;
    while (pty_now() < end)
        pty_read(&pty, end - pty_now());
}

/* The run's iteration: the screen is asked to be drawn anew, as otherwise only the digits that
 * change are written. */
static int iteration(void)
{
    int n = -1;
    pty_forget(&pty);
    pty_type(&pty, "\014");
    double end = pty_now() + 5.0;
    while (pty_now() < end && n < 0) {
        pty_read(&pty, 0.01);
        const char *at = strstr(pty.output, "runs ");
        if (at && strchr(at, '/'))
            sscanf(at, "runs %d/", &n);
    }
    return n;
}

/* Seconds until the cursor's mark is drawn in front of another layer. */
static double one_key(int i)
{
    char key[2] = {(char)('1' + i % 5), 0};
    pty_forget(&pty);
    double begin = pty_now();
    pty_type(&pty, key);
    while (pty_now() < begin + 5.0) {
        pty_read(&pty, 0.05);
        if (strstr(pty.output, "\xe2\x96\xb8"))
            return pty_now() - begin;
    }
    return NAN;
}

/* Iterations per second. */
static double silence(void)
{
    int first = iteration();
    double begin = pty_now();
    pass(SILENCE);
    return (iteration() - first) / (pty_now() - begin);
}

static double keys(double *waits, int *missed)
{
    int first = iteration(), count = 0;
    double begin = pty_now();
    for (int i = 0; i < KEYS; i++) {
        double wait = one_key(i + 1);
        *missed += isnan(wait);
        if (!isnan(wait))
            waits[count++] = wait;
        pass(0.2 * rand() / RAND_MAX);
    }
    return (iteration() - first) / (pty_now() - begin);
}

/* Or the run would go on without a screen. */
static void end_it(int number)
{
    kill(pty.pid, SIGKILL);
    _exit(128 + number);
}

int main(int argc, char **argv)
{
    static double waits[KEYS];
    int missed = 0;
    signal(SIGINT, end_it);
    signal(SIGTERM, end_it);
    if (argc < 2 || !pty_open(&pty, "xterm-256color", 24, 80, argv + 1)) {
        fprintf(stderr, "usage: latency PROGRAM [JOB] [OPTIONS]\n");
        return 2;
    }
    if (!pty_shows(&pty, "not started", 20.0))
        return 1;
    pty_type(&pty, " ");
    if (!pty_shows(&pty, "uns ", 120.0))
        return 1;
    srand(1);
    pass(WARM_UP);
    double before = silence(), during = keys(waits, &missed), after = silence();
    int count = KEYS - missed;
    qsort(waits, (size_t)count, sizeof *waits, compare);
    if (count > 0)
        printf("%d keys, %d without an answer: median %.1f ms, 99%% %.1f ms, longest %.1f ms\n",
               KEYS, missed, 1e3 * waits[count / 2], 1e3 * waits[count * 99 / 100],
               1e3 * waits[count - 1]);
    printf("it/s: %.3f without keys, %.3f with, %.3f without: %+.1f %%\n", before, during, after,
           200.0 * during / (before + after) - 100.0);
    pty_type(&pty, "qn");
    pty_ends(&pty, 60.0);
    pty_close(&pty);
    return missed > 0;
}

/*
 * latency.c: how long a key waits for the screen while both cores compute, and what 500 keys cost
 * the run. Types into the workbench on a terminal of its own, at random times, and measures until
 * the screen has followed; before and after, the run goes on without a key for as long. Then a
 * fader is dragged.
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

/* Seconds from each step of a drag until the knob has followed, and how long the screen went on to
 * change after the last. 80 columns: relu2_1's fader. */
static void drag(double *waits, int *count, double *tail)
{
    enum { STEPS = 600, ROW = 6, COLUMN = 31, CELLS = 10 };
    const double pause = 1.0 / 60;
    char report[40];
    *count = 0;
    pty_mouse(&pty, true, 0, false, ROW - 1, COLUMN - 1);
    pass(0.5);
    double next = pty_now();
    for (int i = 0; i < STEPS; i++) {
        snprintf(report, sizeof report, "\033[<32;%d;%dM", COLUMN + (i % 2 ? 2 : 6) + i % 3, ROW);
        pty_forget(&pty);
        double begin = pty_now();
        pty_type(&pty, report);
        for (next += pause; pty_now() < next; pty_read(&pty, 0.001))
            if (waits[*count] == 0 && strstr(pty.output, "\xe2\x97\x8f"))
                waits[*count] = pty_now() - begin;
        *count += waits[*count] > 0;
    }
    double end = pty_now();
    pty_forget(&pty);
    *tail = 0;
    while (pty_now() < end + 1.0) {
        pty_read(&pty, 0.01);
        if (strstr(pty.output, "\xe2\x97\x8f")) {
            *tail = pty_now() - end;
            pty_forget(&pty);
        }
    }
    pty_mouse(&pty, true, 0, true, ROW - 1, COLUMN);
}

static void print_waits(const char *what, double *waits, int count, int of)
{
    qsort(waits, (size_t)count, sizeof *waits, compare);
    if (count > 0)
        printf("%s: %d of %d answered in time; median %.1f ms, 99%% %.1f ms, longest %.1f ms\n",
               what, count, of, 1e3 * waits[count / 2], 1e3 * waits[count * 99 / 100],
               1e3 * waits[count - 1]);
}

/* Or the run would go on without a screen. */
static void end_it(int number)
{
    kill(pty.pid, SIGKILL);
    _exit(128 + number);
}

int main(int argc, char **argv)
{
    static double waits[KEYS], moves[KEYS * 2];
    double tail;
    int missed = 0, moved;
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
    drag(moves, &moved, &tail);
    print_waits("keys", waits, KEYS - missed, KEYS);
    print_waits("steps of a drag, 60 a second", moves, moved, 600);
    printf("the fader went on for %.1f ms after the last step\n", 1e3 * tail);
    printf("it/s: %.3f without keys, %.3f with, %.3f without: %+.1f %%\n", before, during, after,
           200.0 * during / (before + after) - 100.0);
    pty_type(&pty, "qn");
    pty_ends(&pty, 60.0);
    pty_close(&pty);
    return missed > 0;
}

/* stop.c: see stop.h. */
#include "tui/cli/stop.h"

#include <errno.h>
#include <signal.h>

#include "engine/base/clock.h"
#include "tui/cli/progress.h"

static volatile sig_atomic_t caught;
static volatile double caught_at;
static atomic_int stop;
static const char *lines[2];

static void catch(int number)
{
    static volatile sig_atomic_t requests;
    int error = errno;
    double time = clock_now();
    if (caught && (time - caught_at <= 0.5 || number == SIGXCPU || number == SIGUSR1))
        return;
    caught_at = time;
    requests++;
    if (requests == 1) {
        caught = number;
        stop = 1;
        progress_interrupt(lines[0]);
    } else if (requests == 2) {
        progress_interrupt(lines[1]);
    } else {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = error;
}

/* Without SA_RESTART: a write that hangs after all ends. */
const atomic_int *stop_catch(const char *first, const char *second)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGUSR1};
    struct sigaction action = {0};
    lines[0] = first;
    lines[1] = second;
    action.sa_handler = catch;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        sigaction(numbers[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* nohup */
            sigaction(numbers[i], &action, NULL);
    }
    return &stop;
}

int stop_signal(void)
{
    return caught;
}

/* waiting.c: see waiting.h. */
#include "engine/host/waiting.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* OpenMP's threads wait for each other many times in an iteration. They spin for about half a
 * millisecond and then sleep: to sleep at once makes a run on a small network a third slower, and
 * to spin for long makes it several times slower beside other work on the machine. More threads
 * than processors do not help, and very many overflow the stack on which OpenMP lists them. The
 * OpenMP runtime reads GOMP_SPINCOUNT and OMP_NUM_THREADS before main, so the program sets them and
 * executes itself once more. */
void waiting_choose(char **argv)
{
    const char *threads = getenv("OMP_NUM_THREADS");
    bool many = threads && strtol(threads, NULL, 10) > sysconf(_SC_NPROCESSORS_ONLN);
    bool spin = !getenv("OMP_WAIT_POLICY") && !getenv("GOMP_SPINCOUNT");
    if (many)
        unsetenv("OMP_NUM_THREADS");
    if (spin)
        setenv("GOMP_SPINCOUNT", "10000", 1);
    if (many || spin)
        execv("/proc/self/exe", argv);
}

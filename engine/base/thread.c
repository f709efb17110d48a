/* thread.c: see thread.h. */
#include "engine/base/thread.h"

#include <signal.h>
#include <stddef.h>

#include "engine/base/mem.h"

int thread_start(pthread_t *out, void *(*work)(void *context), void *context)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t all, before;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the new thread */
    int error = pthread_create(out, NULL, work, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void *wait_for(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

int thread_possible(int wanted)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = mem_new((size_t)(wanted > 0 ? wanted : 1) * sizeof *threads);
    int count = 0;
    pthread_mutex_lock(&gate);
    while (count < wanted && thread_start(&threads[count], wait_for, &gate) == 0)
        count++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    mem_free(threads);
    return count;
}

/* mem.c: see mem.h. */
#include "engine/base/mem.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void (*_Atomic death_hook)(void);

void mem_on_death(void (*hook)(void))
{
    death_hook = hook;
}

void *mem_new(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    if (!block) {
        void (*hook)(void) = death_hook;
        if (hook)
            hook();
        static const char sentence[] = "strata: out of memory\n";
        fwrite(sentence, 1, sizeof sentence - 1, stderr);
        _exit(1); /* this may be any thread: what exit would run may belong to another one */
    }
    return block;
}

char *mem_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(mem_new(size), text, size);
}

/* Big blocks go back to the system as soon as they are freed; left alone, glibc would begin to keep
 * them once it has seen some come and go. */
static void give_back(void)
{
#ifdef __GLIBC__
    enum { BIG = 1 << 18 };
    mallopt(M_MMAP_THRESHOLD, BIG);
#endif
}

enum status mem_big(void *out, size_t size, const char *what, struct diag *diag)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    void *block = NULL;
    pthread_once(&once, give_back);
    if (size > SIZE_MAX - MEM_ALIGNMENT ||
        posix_memalign(&block, MEM_ALIGNMENT, size ? size : 1) != 0)
        return diag_set(diag, STATUS_MEMORY,
                        "not enough memory for %s (%.0f MiB); a smaller width needs less", what,
                        (double)size / (1 << 20));
    memset(block, 0, size);
    memcpy(out, &block, sizeof block);
    return STATUS_OK;
}

size_t mem_plus(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

size_t mem_times(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

size_t mem_product(size_t a, size_t b, size_t c)
{
    size_t ab, abc;
    if (__builtin_mul_overflow(a, b, &ab) || __builtin_mul_overflow(ab, c, &abc))
        return SIZE_MAX;
    return abc;
}

size_t mem_resident(void)
{
    unsigned long all, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

size_t mem_peak(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024 : 0;
}

void mem_free(void *block)
{
    free(block);
}

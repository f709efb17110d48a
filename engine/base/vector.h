/*
 * vector.h: loops compiled for several widths of vectors, the widest that the processor has being
 * chosen when the program starts. For functions that hold such a loop themselves: what they call,
 * and the body of an OpenMP region, is compiled once, for the oldest processor.
 * Nothing under sanitizers, whose code cannot run that early.
 */
#ifndef STRATA_VECTOR_H
#define STRATA_VECTOR_H

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VECTOR_SANITIZED
#endif
#endif

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !defined(VECTOR_SANITIZED)
#define VECTOR_CLONES \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTOR_CLONES
#endif

#endif

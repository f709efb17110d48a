/*
 * bf16.h: bfloat16, the upper half of a float. Inline, so that loops over it use vectors.
 */
#ifndef STRATA_BF16_H
#define STRATA_BF16_H

#include <stdint.h>

static inline float bf16_widen(uint16_t number)
{
    union { uint32_t bits; float value; } f = {(uint32_t)number << 16};
    return f.value;
}

/* To the nearest, ties to even; not-a-number stays one. */
static inline uint16_t bf16_narrow(float value)
{
    union { float value; uint32_t bits; } f = {value};
    uint32_t rounded = f.bits + 0x7fff + (f.bits >> 16 & 1);
    return (uint16_t)((value == value ? rounded : f.bits | 0x400000) >> 16);
}

#endif

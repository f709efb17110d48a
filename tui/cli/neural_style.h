/*
 * neural_style.h: what neural_style.py of anishathalye/neural-style knows: its options, and the
 * numbers that it gives to iterations. Facts only.
 */
#ifndef STRATA_NEURAL_STYLE_H
#define STRATA_NEURAL_STYLE_H

#include <stdbool.h>

/* Has it an option of that name, - or _ in it? */
bool neural_style_has(const char *option);

/* It counts from 0 and calls the last one `iterations`. The number of what it saves or logs after
 * so many steps, once every so many (0: only at the end); -1: nothing. */
int neural_style_number(int steps, int iterations, int every);

#endif

/*
 * number.h: numbers as text, for people and for programs.
 */
#ifndef STRATA_NUMBER_H
#define STRATA_NUMBER_H

/* A short text by value, so that several fit into one call: word(x).text. */
struct number_text {
    char text[32];
};

/* The fewest digits that read back as the same number; `otherwise` for one that is not finite. */
struct number_text number_exact(double value, const char *otherwise);

/* Three digits: "2.51e5". */
struct number_text number_short(double value);

/* "42%"; what is not nothing is at least "<1%". */
struct number_text number_share(double share);

/* "21.4 it/s", or "1.35 s/it" when slow. */
struct number_text number_rate(double seconds_per_iteration);

/* "0:08", "12:06", "3h07", "4d05h"; "-:--" for what is negative or not finite. */
struct number_text number_duration(double seconds);

#endif

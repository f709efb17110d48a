/* nearest.c: see nearest.h. */
#include "engine/base/nearest.h"

#include <stdio.h>
#include <string.h>

/* The optimal string alignment distance of two short names: letters that are changed, left out, put
 * in, or exchanged with their neighbour. */
static int distance(const char *a, const char *b, int n)
{
    int rows[3][NEAREST_NAME + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (int j = 0; j <= n; j++)
        above[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = above[j - 1] + (a[i - 1] != b[j - 1]);
            int shift = 1 + (row[j - 1] < above[j] ? row[j - 1] : above[j]);
            row[j] = change < shift ? change : shift;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        int *unused = before;
        before = above;
        above = row;
        row = unused;
    }
    return above[n];
}

void nearest_begin(struct nearest *nearest, const char *word)
{
    *nearest = (struct nearest){.word = word, .distance = 1 + ((int)strlen(word) + 2) / 3};
}

void nearest_offer(struct nearest *nearest, const char *name, int length)
{
    if (length >= NEAREST_NAME || strlen(nearest->word) >= NEAREST_NAME)
        return;
    int d = distance(nearest->word, name, length);
    if (d >= nearest->distance || d >= length) /* no letter of it was right */
        return;
    nearest->distance = d;
    snprintf(nearest->name, sizeof nearest->name, "%.*s", length, name);
}

void nearest_offer_all(struct nearest *nearest, const char *names)
{
    while (*names) {
        int n = (int)strcspn(names, "|");
        nearest_offer(nearest, names, n);
        names += n + (names[n] != 0);
    }
}

/*
 * compare_rows.h: what pictures differ in, by the jobs inside them, as rows of a table: a setting
 * and what it is for each picture. Reads files; prints nothing.
 */
#ifndef STRATA_COMPARE_ROWS_H
#define STRATA_COMPARE_ROWS_H

#include <stdbool.h>

#include "engine/job/job.h"
#include "engine/style/losses.h"

enum { COMPARE_CELL = 160 };

/* A picture to compare. */
struct compared {
    const char *path;
    int width, height;
    bool has_job, has_losses;
    struct job job;
    struct losses losses; /* that its run ended at */
    int iteration;
};

/* Path, then what the file says. A PNG without a job, and a JPEG, are pictures all the same; what
 * cannot be read is STATUS_INPUT, and so is a damaged job. */
enum status compare_rows_read(struct compared *out, const char *path, struct diag *diag);

struct compare_row {
    char name[80];               /* "style_weight", "relu1_1 relu2_1", "loss" */
    char (*cell)[COMPARE_CELL];  /* one for each picture, "" where there is none */
    bool setting;                /* else it is a loss or a size */
};

/* The settings that are not the same in all that have jobs, then sizes if they differ, then losses
 * where there are any: *count of them at *out. */
void compare_rows(struct compare_row **out, int *count, const struct compared *pictures,
                  int picture_count);
void compare_rows_clear(struct compare_row **rows, int *count);

#endif

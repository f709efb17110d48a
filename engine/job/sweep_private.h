/*
 * sweep_private.h: what the files of sweeps share, the lower before the higher:
 *     sweep_values.c   the values of one line
 *     sweep_names.c    what runs are called
 *     sweep.c          the file, and which values each run has
 */
#ifndef STRATA_SWEEP_PRIVATE_H
#define STRATA_SWEEP_PRIVATE_H

#include "engine/base/random.h"
#include "engine/job/job_private.h"
#include "engine/job/sweep.h"

/* What a line's values are of. */
enum sweep_kind { SWEEP_JOB_KEY, SWEEP_CHANNEL_KEY, SWEEP_BLANKS };

/* A value as it stands in a job file; or, if open, any number from low to high. */
struct sweep_item {
    char *text; /* NULL if open */
    bool open, factors;
    double low, high;
};

struct sweep_setting {
    char name[64];
    int line;
    enum sweep_kind kind;
    const struct job_key *key; /* of SWEEP_JOB_KEY */
    int layer;                 /* of SWEEP_CHANNEL_KEY */
    struct sweep_item *item;
    int count, given; /* with numbers that were drawn, which come after those given */
};

struct sweep {
    char path[JOB_PATH], folder[JOB_PATH], pattern[JOB_PATH]; /* pattern: of outputs, has a {} */
    char outputs[JOB_PATH];
    struct job base;
    enum sweep_mode mode;
    struct sweep_setting setting[SWEEP_SETTINGS];
    int setting_count, count;
    int *choice; /* [count][setting_count]: which item of the setting */
    char (*name)[SWEEP_NAME];
};

/* What the name of a line's key stands for, with a sentence of what was probably meant. */
enum status sweep_find_setting(struct sweep_setting *out, const char *name, struct diag *diag);
bool sweep_is_path(const struct sweep_setting *setting);

/* Adds the values that stand behind a key. */
enum status sweep_read_values(struct sweep_setting *setting, const char *text,
                              enum sweep_mode mode, struct diag *diag);

/* The place of a value, one of those given; an open one is drawn and added. */
int sweep_draw(struct sweep_setting *setting, struct random *random);

/* Names all runs. STATUS_USAGE: two are the same. */
enum status sweep_make_names(struct sweep *sweep, struct diag *diag);

#endif

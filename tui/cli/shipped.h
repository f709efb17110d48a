/*
 * shipped.h: what comes with strata: demo, presets and pictures, beside the build folder or where
 * `make install` puts them; and presets, the user's own before these.
 */
#ifndef STRATA_SHIPPED_H
#define STRATA_SHIPPED_H

#include <stdbool.h>

#include "engine/job/job.h"

/* The path of assets/NAME or share/strata/NAME. */
bool shipped_find(char out[JOB_PATH], const char *name);

/* The folder of the user's own presets, which may not be there; "" if there can be none. */
void shipped_own_presets(char out[JOB_PATH]);

/* Lays the preset of that name, the user's own, a shipped one or an experiment, over job.
 * STATUS_USAGE: there is none. */
enum status shipped_apply_preset(struct job *job, const char *name, struct diag *diag);

#endif

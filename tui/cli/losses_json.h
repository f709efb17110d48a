/*
 * losses_json.h: numbers and losses as members of a JSON object, for --progress json and eval
 * --json.
 */
#ifndef STRATA_LOSSES_JSON_H
#define STRATA_LOSSES_JSON_H

#include <cjson/cJSON.h>

#include "engine/style/losses.h"

/* A number that reads back exactly, which cJSON's own do not always; null if it is not finite. */
void losses_json_number(cJSON *object, const char *name, double value);

/* Adds total, content, style, tv and style_layers {relu1_1, …}. */
void losses_json_add(cJSON *object, const struct losses *losses);

#endif

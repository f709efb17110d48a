/*
 * model.h: what the tests of the model share: a model of a small job, keys typed into it,
 * snapshots as a worker would give them.
 */
#ifndef TESTS_LIB_MODEL_H
#define TESTS_LIB_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/mem.h"
#include "tui/model/model.h"

extern struct model *m;

int make_model(void **state);

int free_model(void **state);

/* What the model asks of the disk, at once. */
void answer_disk(void);

/* An action, and what the disk says to it. */
void apply(const struct act *act);

/* Keys by name, parted by blanks. */
void press(const char *names);

void type(const char *text);

/* A run as if it had been started. */
struct snapshot *snapshot_of(enum snapshot_state run_state, int iteration);

void run_seen(enum snapshot_state run_state, int iteration);

/* The run says one more sentence, in answer to a command or (0) not. */
void say(struct snapshot *s, unsigned command, enum status status, const char *text);

/* The last command that waits for the worker, NULL if none. */
const struct command *sent(void);

void nothing_sent(void);

#endif

/*
 * worker.h: what the tests of the worker share: a worker on a fake run, and a pipe that it
 * wakes us through, as it does the screen.
 */
#ifndef TESTS_LIB_WORKER_H
#define TESTS_LIB_WORKER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "engine/worker/worker.h"
#include "tests/lib/fake_run.h"
#include "tests/lib/folder.h"
#include "tests/lib/diag.h"

extern int pipe_ends[2];
extern struct worker *worker;
extern struct snapshot *seen; /* the last one taken, with the last preview and look */
extern unsigned serial;

void wake(void *context);

/* Takes what there is; seen keeps preview and look until there are new ones. */
bool take(void);

/* Of its picture, and the sentence that was told last. */
extern struct worker_saved where;

const struct snapshot_told *told(void);

enum status finish(void);

/* Sleeps until the worker wakes us, as the screen does. */
void next(void);

void until(enum snapshot_state state);

void until_iteration(int iteration);

struct worker_options options(void);

void start(const struct worker_options *o);

struct worker_options start_paused(void);

struct command command(enum command_kind kind);

/* Sends and waits until it was carried out or refused. */
void send(const struct command *c);

void send_kind(enum command_kind kind, int number);

void send_job(const struct job *job);

void until_waiting(void);

int before_each(void **state);

int after_each(void **state);

#define EACH(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

#endif

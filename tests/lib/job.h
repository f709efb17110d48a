/*
 * job.h: what the tests of job files share: a job from text, jobs compared, random jobs.
 */
#ifndef TESTS_LIB_JOB_H
#define TESTS_LIB_JOB_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/job/job.h"
#include "engine/base/mem.h"
#include "engine/base/random.h"
#include "tests/lib/diag.h"

void must(enum status status);

struct job parsed(const char *text, const char *folder);

void same_style(const struct style *a, const struct style *b);

void same_job(const struct job *a, const struct job *b);

void comes_back(const struct job *job, const char *folder);

/* A name of any bytes but zero, long now and then; no word, and below folder. */
void random_path(char *out, struct random *random, const char *folder);

double random_real(struct random *random, double low, double high);

void random_style(struct style *style, struct random *random, const char *folder);

void random_key(struct job *job, const struct job_key *key, struct random *random,
                const char *folder);

void random_job(struct job *job, struct random *random, const char *folder);

#endif

/*
 * job_private.h: what the files of jobs share, the lower before the higher:
 *     job.c, job_lists.c, job_compare.c   values and what they mean together
 *     job_text.c    values as they stand in a job file, both ways
 *     job_edits.c   what changes at an iteration
 *     job_file.c    reading a job file; job_print.c writing one
 *     job_inputs.c  the files that a job reads
 */
#ifndef STRATA_JOB_PRIVATE_H
#define STRATA_JOB_PRIVATE_H

#include "engine/base/text_buffer.h"
#include "engine/job/job.h"

/* "-5 lies outside 0 to 10000000". */
enum status job_refuse_number(const char *text, double low, double high, struct diag *diag);

/* The same blend, or none both. */
bool job_blend_equal(const struct job *a, const struct job *b);

/* ---- job_text.c --------------------------------------------------------------------------- */

enum job_channel_key {
    JOB_CHANNEL_STYLE,
    JOB_CHANNEL_CROP,
    JOB_CHANNEL_SCALE,
    JOB_CHANNEL_WEIGHT,
    JOB_CHANNEL_STATE,
    JOB_CHANNEL_KEYS
};

/* The key of a channel with that name, or JOB_CHANNEL_KEYS. */
enum job_channel_key job_find_channel_key(const char *name);

/* What stands behind a key of [job]. */
enum status job_read_value(struct job *job, struct job_lists *lists, const struct job_key *key,
                           const char *value, const char *folder, struct diag *diag);

/* A style's picture, no word. */
enum status job_read_style(char out[JOB_PATH], const char *value, const char *folder,
                           struct diag *diag);

/* The others of a channel's keys. */
enum status job_read_channel(struct channel *channel, enum job_channel_key key, const char *value,
                             struct diag *diag);

/* As they are written; a key without a value is left out. */
void job_put_value(struct text_buffer *out, const struct job *job, const struct job_key *key,
                   const char *folder);
void job_put_channel(struct text_buffer *out, const struct channel *channel,
                     enum job_channel_key key, const char *folder);
void job_put_blend(struct text_buffer *out, const struct job *job, const char *folder);

/* ---- job_edits.c -------------------------------------------------------------------------- */

/* Edits at one iteration, while they are read: into job, which keys says what they are of. */
struct job_edit {
    struct job *job;
    struct job_lists lists; /* of a blend */
    int iteration;
    uint64_t keys;          /* of [job], by place in the table */
    unsigned channels;      /* by layer and enum job_channel_key */
    bool blend, lost;
};

/* One key of it; then its end. */
enum status job_edit_set(struct job_edit *edit, const char *name, const char *value,
                         const char *folder, struct diag *diag);
enum status job_edit_end(struct job_edit *edit, struct diag *diag);

/* Puts what was read behind job->edits. */
enum status job_edit_add(struct job *job, const struct job_edit *edit, struct diag *diag);

/* The picture that is the number-th to be named by edits, from 0 on; false: there are no more. */
bool job_edits_input(char out[JOB_PATH], const char *edits, int number);

/* The sections of a job's edits, for its file. */
void job_put_edits(struct text_buffer *out, const struct job *job, const char *folder);

#endif

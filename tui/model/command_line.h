/*
 * command_line.h: a job as the words of `strata run` that paint it, quoted for a shell. Text only.
 */
#ifndef STRATA_COMMAND_LINE_H
#define STRATA_COMMAND_LINE_H

#include "engine/base/text_buffer.h"
#include "engine/job/job.h"

/* Appends "strata run --content …": what differs from the schedule's defaults. false, and nothing
 * is appended: options cannot say it (a layer's weight, for one); a job file can. */
bool command_line_print(struct text_buffer *out, const struct job *job);

/* Appends a word as a shell reads it: as it is, 'in quotes', or with escapes, $'\033'. */
void command_line_quote(struct text_buffer *out, const char *word);

/* Where a line of so many columns ends: behind the last word that fits, at the blank behind it, or
 * within a word that is too long. */
const char *command_line_break(const char *text, int columns);

#endif

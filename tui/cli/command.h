/*
 * command.h: other programs, run to their end for what they print.
 */
#ifndef STRATA_COMMAND_H
#define STRATA_COMMAND_H

#include "engine/base/diag.h"
#include "engine/base/text_buffer.h"

/* Runs words[0], found by $PATH, with the words behind it, NULL at the end, and appends what it
 * prints to out. STATUS_IO if it ends with another status than 0: the sentence has what it said on
 * stderr; STATUS_USAGE if there is no such program. */
enum status command_run(const char *const words[], struct text_buffer *out, struct diag *diag);

#endif

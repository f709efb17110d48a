/*
 * command.h: the parts of `strata weights`, one file command_<name>.c each. words[0] is the
 * command's name and the rest what stands behind it; the result is a status whose sentence is in
 * diag.
 */
#ifndef STRATA_COMMAND_H
#define STRATA_COMMAND_H

#include "engine/base/file.h"
#include "weights/import/catalogue.h"
#include "weights/import/convert.h"

enum status command_list(int count, char **words, struct diag *diag);
enum status command_info(int count, char **words, struct diag *diag);
enum status command_fetch(int count, char **words, struct diag *diag);
enum status command_import(int count, char **words, struct diag *diag);

struct import {
    const char *in, *out;                /* paths; out NULL: where its name says */
    struct convert_options options;      /* caffe is found by the checksum */
    const struct digest *digest;         /* of in; NULL: not computed yet */
    const struct catalogue_entry *entry; /* what in is; NULL: look it up by the checksum */
    enum file_overwrite mode;
    bool as_is; /* whatever the sizes of its losses are, leave them */
};

/* Reads, converts and writes; tells on stdout what it found. */
enum status command_import_file(const struct import *import, struct diag *diag);

/* What a network made from a file of that path is called: its name without folder and ending. */
void command_name(char *out, size_t size, const char *path);

/* Where a network of that name belongs, its folder made; STATUS_USAGE for strata16 and such. */
enum status command_place(char *out, size_t size, const char *name, struct diag *diag);

/* Text of the file's own for a terminal: the metadata's, a name. */
void command_print(const char *label, const char *text);

#endif

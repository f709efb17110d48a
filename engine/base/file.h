/*
 * file.h: whole files in, whole files out. A file that strata writes is either all there or not
 * there: it is written under a temporary name in the same folder, synced, and renamed.
 * Knows nothing of what the bytes mean.
 */
#ifndef STRATA_FILE_H
#define STRATA_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/base/diag.h"

/* The regular file at path, open for reading (fclose), and its size. Directories and devices are
 * refused (STATUS_INPUT). */
enum status file_open(FILE **out, size_t *size, const char *path, struct diag *diag);

/* The bytes of the regular file at path, at most limit of them: *out (mem_free) with a zero byte
 * after the *size that count. Directories, devices and larger files are refused (STATUS_INPUT). */
enum status file_read(unsigned char **out, size_t *size, const char *path, size_t limit,
                      struct diag *diag);

/* The same, but only the first limit bytes where there are more: for looking at a file's head. */
enum status file_read_head(unsigned char **out, size_t *size, const char *path, size_t limit,
                           struct diag *diag);

/* A regular file's bytes, read-only, in place; NULL and 0 for an empty one. Whoever cuts the file
 * short meanwhile ends us by SIGBUS, so it is not kept for long. */
struct file_map {
    const unsigned char *bytes;
    size_t size;
};
enum status file_map(struct file_map *out, const char *path, struct diag *diag);
void file_unmap(struct file_map *map);

enum file_overwrite { FILE_KEEP, FILE_OVERWRITE };

/* Writes all of it or nothing (STATUS_IO). With FILE_KEEP an existing file is never replaced, not
 * even one that appears in the meantime. A file that is replaced hands on its permissions; a
 * symbolic link stays one, and what it leads to is replaced. */
enum status file_write(const char *path, const void *data, size_t size, enum file_overwrite mode,
                       struct diag *diag);

/* Would file_write work? To be asked before the first iteration: the folder exists and can be
 * written, the path is no folder, and with FILE_KEEP nothing is there (STATUS_OUTPUT). */
enum status file_check_output(const char *path, enum file_overwrite mode, struct diag *diag);

/* Does path end in one of the endings, any case? endings: ".png\0.jpg\0" (an empty one ends it). */
bool file_has_ending(const char *path, const char *endings);

/* Joins folder and name (or gives name where that is absolute or folder empty) into out;
 * STATUS_RANGE if it does not fit. */
enum status file_join(char *out, size_t size, const char *folder, const char *name,
                      struct diag *diag);

/* The folder part of path, "" if it has none. STATUS_RANGE if it does not fit. */
enum status file_folder(char *out, size_t size, const char *path, struct diag *diag);

/* The part of path behind its last slash, "" if it ends with one; lent. */
const char *file_name(const char *path);

/* The length of path without its ending: 7 of "a/b.c/d.png". A name may begin with a dot. */
int file_stem(const char *path);

/* path with number n before its ending: out.png -> out-2.png; n = 1 is path itself. A stem too long
 * is cut. out must not be path. */
void file_numbered(char *out, size_t size, const char *path, int n);

/* Makes the folders that path names before its last slash (mode 0700), as far as they are missing
 * and can be made. */
void file_make_folders(const char *path);

/* Do both paths lead to the same file? false if one of them leads to none. */
bool file_same(const char *a, const char *b);

#endif

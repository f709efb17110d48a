/*
 * file.h: reads and writes whole files, and takes file names apart. Writing is atomic: the bytes go
 * to a temporary file in the same folder, which is synced and renamed, so that either the whole
 * file exists or none. Does not know what the bytes mean. Any thread.
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

/* A regular file mapped read-only; NULL and 0 for an empty one. If another process truncates the
 * file while it is mapped, reading the lost part raises SIGBUS: unmap soon. */
struct file_map {
    const unsigned char *bytes;
    size_t size;
};
enum status file_map(struct file_map *out, const char *path, struct diag *diag);
void file_unmap(struct file_map *map);

/* AGAIN: as KEEP, but a file that holds these very bytes already will do: for who may have been
 * killed right after writing it. */
enum file_overwrite { FILE_KEEP, FILE_OVERWRITE, FILE_AGAIN };

/* Writes all of it or nothing (STATUS_IO). With FILE_KEEP an existing file is never replaced, not
 * even one that appears in the meantime. A file that is replaced hands on its permissions; a
 * symbolic link stays one, and what it leads to is replaced. */
enum status file_write(const char *path, const void *data, size_t size, enum file_overwrite mode,
                       struct diag *diag);

/* The same of several pieces, one behind the other. */
struct file_part {
    const void *data;
    size_t size;
};
enum status file_write_parts(const char *path, const struct file_part *parts, int count,
                             enum file_overwrite mode, struct diag *diag);

/* The same piece by piece. Nothing is at path before finish, and nothing is left over if there is
 * no finish. After a failure only close is left. */
struct file_output;
enum status file_output_open(struct file_output **out, const char *path, enum file_overwrite mode,
                             struct diag *diag);
enum status file_output_append(struct file_output *output, const void *data, size_t size,
                               struct diag *diag);
enum status file_output_finish(struct file_output *output, struct diag *diag);
void file_output_close(struct file_output **output);

/* Appends text to the file at path, which is made if it is missing, for its user alone. */
enum status file_append(const char *path, const char *text, size_t size, struct diag *diag);

/* Makes new names in folder last through a power cut, where the file system can do that. */
enum status file_sync_folder(const char *folder, struct diag *diag);

/* Removes from folder what file_write in a process that was killed has left there; process 0: in
 * any process. */
void file_sweep(const char *folder, long process);

/* Removes the temporary files of file_write that lie in folder, are ours, old, and of processes
 * that are no more. file_write does so once for each folder that it comes to. */
void file_tidy(const char *folder);

/* Checks what can be checked before a long computation: the folder exists and is writable, path is
 * no folder, and with FILE_KEEP nothing exists there. STATUS_OUTPUT if file_write would fail. */
enum status file_check_output(const char *path, enum file_overwrite mode, struct diag *diag);

/* Whether path ends in one of the endings, which are separated by spaces (".png .jpg"). Case is
 * ignored. */
bool file_has_ending(const char *path, const char *endings);

/* Joins folder and name (or gives name where that is absolute or folder empty) into out; a name's
 * "./" is left out behind a folder. STATUS_RANGE if it does not fit. */
enum status file_join(char *out, size_t size, const char *folder, const char *name,
                      struct diag *diag);

/* The folder part of path, "" if it has none. STATUS_RANGE if it does not fit. */
enum status file_folder(char *out, size_t size, const char *path, struct diag *diag);

/* The part of path after its last slash, "" if it ends with one; points into path. */
const char *file_name(const char *path);

/* The length of path without its ending: 7 for "a/b.c/d.png". A dot that begins the name begins no
 * ending. */
int file_stem(const char *path);

/* path with number n before its ending: out.png -> out-2.png; n = 1 gives path itself. A stem that
 * is too long is truncated. out must not be path. */
void file_numbered(char *out, size_t size, const char *path, int n);

/* Creates the folders that path names before its last slash, with these permissions, where they are
 * missing. STATUS_OUTPUT names the first that cannot be created. */
enum status file_make_folders(const char *path, unsigned mode, struct diag *diag);

/* Whether both paths lead to the same file; false if one of them leads to none. */
bool file_same(const char *a, const char *b);

#endif

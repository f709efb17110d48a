/*
 * folder.h: a folder of its own for a test group, made before it and removed, empty, after.
 */
#ifndef TESTS_LIB_FOLDER_H
#define TESTS_LIB_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char folder[256];

/* The path of name in it; four at once. */
const char *in_folder(const char *name);

int make_folder(void **state);

int remove_folder(void **state);

#endif

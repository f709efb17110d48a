/* thumbnail.h: a picture asked of the thumbnails' thread, and waited for. */
#ifndef TESTS_LIB_THUMBNAIL_H
#define TESTS_LIB_THUMBNAIL_H

#include <stdbool.h>

#include "tui/desk/thumbnails.h"

/* The thread, woken through a pipe; NULL: it cannot be started. */
struct thumbnails *thumbnail_open(void);
void thumbnail_close(struct thumbnails **thumbnails);

/* Waits until the picture at path or a problem with it has come; false: neither within a minute. */
bool thumbnail_get(struct thumbnails *thumbnails, const char *path,
                   const struct snapshot_picture **picture, const char **problem);

#endif

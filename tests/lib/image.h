/* image.h: whole pictures from files, and parts of pictures, for tests that compare them. */
#ifndef TESTS_LIB_IMAGE_H
#define TESTS_LIB_IMAGE_H

#include <string.h>

#include "engine/image/image.h"

/* The whole picture as it is in the file. image_clear it. */
enum status image_read(struct image *out, const char *path, struct diag *why);

/* The colours of a rectangle of in. */
enum status image_crop(struct image *out, const struct image *in, int left, int top,
                       int width, int height, struct diag *why);

#endif

/* image_jpeg.h: private to image_jpeg*.c: the writing half of the format. */
#ifndef STRATA_IMAGE_JPEG_H
#define STRATA_IMAGE_JPEG_H

#include "engine/image/image_codec.h"

enum status image_jpeg_begin(struct image_encoder **out, const struct image_target *target,
                             struct diag *diag);
enum status image_jpeg_put(struct image_encoder *encoder, const unsigned char *row,
                           struct diag *diag);
enum status image_jpeg_end(struct image_encoder *encoder, struct diag *diag);
void image_jpeg_stop(struct image_encoder *encoder);

#endif

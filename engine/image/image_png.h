/* image_png.h: private to image_png*.c: what reading and writing have in common. */
#ifndef STRATA_IMAGE_PNG_H
#define STRATA_IMAGE_PNG_H

#include "engine/image/image_codec.h"

/* A chunk: length, type, data, CRC. The first one, IHDR, follows the signature. */
enum { SIGNATURE = 8, CHUNK_FRAME = 12, IHDR = 16, IHDR_END = 33 };

/* libpng reads no text chunk beyond 8 million bytes. */
enum { LONGEST_JOB = 1 << 20, LONGEST_CHUNK = 2 * LONGEST_JOB };

/* What stands before the text in our iTXt chunk: the keyword and its end, not compressed (two
 * bytes), no language, no translated keyword. */
static const char job_head[15] = "strata-job";

enum status image_png_begin(struct image_encoder **out, const struct image_target *target,
                            struct diag *diag);
enum status image_png_put(struct image_encoder *encoder, const unsigned char *row,
                          struct diag *diag);
enum status image_png_end(struct image_encoder *encoder, struct diag *diag);
void image_png_stop(struct image_encoder *encoder);

#endif

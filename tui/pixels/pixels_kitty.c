/*
 * pixels_kitty.c: pieces of a picture by kitty's graphics protocol: a PNG in base64, in chunks of
 * at most 4096 bytes. Each slot has one image, whose number stays the same, so that a new picture
 * replaces the old one where it is.
 */
#include "tui/pixels/pixels_codec.h"

#include "engine/image/image.h"
#include "engine/base/mem.h"

enum { CHUNK = 4096, FIRST_ID = 7340 }; /* not a number that another program is likely to use */

static enum status begin(struct frame *frame, struct diag *diag)
{
    return image_png_bytes(&frame->file, &frame->file_size, frame->rgb, frame->width, frame->height,
                           diag);
}

/* The picture is placed where the cursor is when its last chunk arrives. */
static enum status piece(struct frame *frame, size_t space, struct bytes *out, struct diag *diag)
{
    (void)diag;
    size_t n = (space < CHUNK ? space : CHUNK) / 4 * 3, left = frame->file_size - frame->file_at;
    bool last = n >= left;
    if (last)
        n = left;
    pixels_goto(out, frame->cells.y, frame->cells.x);
    bytes_format(out, "\033_G");
    if (frame->file_at == 0) {
        bytes_format(out, "a=T,f=100,i=%d,p=1,q=2,C=1,", FIRST_ID + frame->id);
        if (frame->shrink > 1)
            bytes_format(out, "c=%d,r=%d,", frame->cells.width, frame->cells.height);
    }
    bytes_format(out, "m=%d;", !last);
    bytes_base64(out, frame->file + frame->file_at, n);
    bytes_format(out, "\033\\");
    pixels_return(out);
    frame->file_at += n;
    frame->done = last;
    return STATUS_OK;
}

static void remove_picture(int id, struct bytes *out)
{
    bytes_format(out, "\033_Ga=d,d=I,i=%d,q=2\033\\", FIRST_ID + id);
}

static void abandon(struct frame *frame, struct bytes *out)
{
    if (frame->file_at > 0 && !frame->done)
        bytes_format(out, "\033_Gm=0,q=2;\033\\");
}

static const struct quality qualities[] = {{0, 1, 3.2}, {0, 2, 0.8},  {0, 3, 0.36},
                                           {0, 4, 0.2}, {0, 6, 0.09}, {0, 8, 0.05}};

const struct codec pixels_kitty_codec = {
    .step = 1,
    .enlarges = true,
    .most_pixels = 10000,
    .qualities = qualities,
    .quality_count = sizeof qualities / sizeof *qualities,
    .cautious = 3,
    .begin = begin,
    .piece = piece,
    .abandon = abandon,
    .remove = remove_picture,
};

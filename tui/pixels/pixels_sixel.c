/*
 * pixels_sixel.c: pieces of a picture as sixel; the only user of libsixel, of which it uses
 * sixel_output_*, sixel_dither_* and sixel_encode on RGB888. The pixels come in the palette's
 * colours already.
 *
 * A piece is a rectangle of whole cells with an envelope, raster attributes and colours of its own.
 * Its height is a multiple of 6, for which it reaches a few pixels into the row below: the same
 * pixels that the next piece puts there. Only the last rows, from one that begins at a multiple of
 * 6 on, end exactly where the picture does.
 */
#include "tui/pixels/pixels_codec.h"

#include <assert.h>
#include <math.h>
#include <sixel.h>
#include <string.h>

#include "engine/base/mem.h"

/* ENVELOPE: about what a small piece takes besides its pixels, its colours above all. */
enum { BAND = 6, LEAST_CELLS = 4, ENVELOPE = 160 };

static enum status failed(SIXELSTATUS status, struct diag *diag)
{
    return diag_set(diag, STATUS_LIBRARY, "libsixel: %s", sixel_helper_format_error(status));
}

static int write_bytes(char *data, int size, void *context)
{
    bytes_add(context, data, (size_t)size);
    return size;
}

/* libsixel finds colours quickly only with a palette that it made itself: so it makes one, of a
 * picture that holds each of ours, and then gets ours. It looks at every other pixel of a third of
 * the picture (1.10.3), so each stands there in pairs and often. Should a version see through
 * this, it is slow and right. */
static SIXELSTATUS new_dither(sixel_dither_t **out, struct palette *palette)
{
    enum { OFTEN = 8 };
    unsigned char sample[PALETTE_MOST * OFTEN][3];
    int count = palette->count;
    for (int i = 0; i < count * OFTEN; i++)
        memcpy(sample[i], palette->rgb[i / 2 % count], 3);
    sixel_dither_t *dither = NULL;
    SIXELSTATUS status = sixel_dither_new(&dither, count, NULL);
    if (SIXEL_FAILED(status))
        return status;
    status = sixel_dither_initialize(dither, sample[0], count, OFTEN, SIXEL_PIXELFORMAT_RGB888,
                                     SIXEL_LARGE_NORM, SIXEL_REP_CENTER_BOX, SIXEL_QUALITY_LOW);
    if (SIXEL_FAILED(status) || sixel_dither_get_num_of_palette_colors(dither) != count) {
        sixel_dither_unref(dither);
        status = sixel_dither_new(&dither, count, NULL);
        if (SIXEL_FAILED(status))
            return status;
    }
    sixel_dither_set_palette(dither, palette->rgb[0]);
    sixel_dither_set_pixelformat(dither, SIXEL_PIXELFORMAT_RGB888);
    sixel_dither_set_diffusion_type(dither, SIXEL_DIFFUSE_NONE);
    sixel_dither_set_optimize_palette(dither, 1); /* only the colours that occur are defined */
    *out = dither;
    return status;
}

/* pixels is written to. */
static enum status encode(struct bytes *out, unsigned char *pixels, int width, int height,
                          struct palette *palette, struct diag *diag)
{
    sixel_dither_t *dither = NULL;
    sixel_output_t *output = NULL;
    SIXELSTATUS status = new_dither(&dither, palette);
    if (SIXEL_SUCCEEDED(status))
        status = sixel_output_new(&output, write_bytes, out, NULL);
    if (SIXEL_SUCCEEDED(status)) {
        sixel_output_set_encode_policy(output, SIXEL_ENCODEPOLICY_SIZE);
        status = sixel_encode(pixels, width, height, 8, dither, output);
    }
    if (output)
        sixel_output_unref(output);
    if (dither)
        sixel_dither_unref(dither);
    return SIXEL_FAILED(status) ? failed(status, diag) : STATUS_OK;
}

static int up(int n, int step)
{
    return (n + step - 1) / step * step;
}

/* The first of the last rows: it begins at a multiple of 6 pixels. */
static int last_rows(const struct frame *frame)
{
    int period = 1;
    while (period * frame->cell_height % BAND)
        period++;
    return (frame->cells.height - 1) / period * period;
}

/* The cells of the next piece: what is left, some rows, or a part of one. */
static struct rect next_piece(const struct frame *frame, size_t space)
{
    int columns = frame->cells.width, last = last_rows(frame);
    int left = frame->cells.height - frame->row;
    struct rect r = {frame->row, frame->column, 1, columns - frame->column};
    double body = fmax((double)space - ENVELOPE, 0);
    int cells = (int)fmin(body / frame->cell_bytes, columns * left);
    bool even = frame->row * frame->cell_height % BAND == 0;
    if (frame->row >= last || (frame->column == 0 && even && cells >= columns * left))
        r.height = left;
    else if (frame->column == 0 && cells >= columns)
        r.height = cells / columns < last - frame->row ? cells / columns : last - frame->row;
    int wide = cells / r.height > LEAST_CELLS ? cells / r.height : LEAST_CELLS;
    if (r.width >= wide + LEAST_CELLS)
        r.width = wide;
    return r;
}

static void advance(struct frame *frame, const struct rect *r)
{
    frame->column = r->x + r->width;
    if (frame->column >= frame->cells.width) {
        frame->column = 0;
        frame->row += r->height;
    }
    frame->done = frame->row >= frame->cells.height;
}

static enum status piece(struct frame *frame, size_t space, struct bytes *out, struct diag *diag)
{
    struct rect r = next_piece(frame, space);
    int left = r.x * frame->cell_width, top = r.y * frame->cell_height;
    int width = r.width * frame->cell_width, height = up(r.height * frame->cell_height, BAND);
    if (width > frame->width - left)
        width = frame->width - left;
    if (height > frame->height - top)
        height = frame->height - top;
    assert(frame->palette && width > 0 && height > 0 && height % BAND == 0);
    unsigned char *pixels;
    size_t before = out->size, row = 3 * (size_t)width;
    TRY(mem_big(&pixels, mem_times(row, (size_t)height), "a picture", diag));
    for (int y = 0; y < height; y++)
        memcpy(pixels + (size_t)y * row,
               frame->rgb + 3 * ((size_t)(top + y) * (size_t)frame->width + (size_t)left), row);
    pixels_goto(out, frame->cells.y + r.y, frame->cells.x + r.x);
    enum status status = encode(out, pixels, width, height, frame->palette, diag);
    pixels_return(out);
    mem_free(pixels);
    double body = fmax((double)(out->size - before) - ENVELOPE, 16);
    double cell = body / ((double)r.width * r.height);
    frame->cell_bytes = 0.5 * frame->cell_bytes + 0.5 * cell;
    advance(frame, &r);
    return status;
}

static const struct quality qualities[] = {
    {256, 1, 2.4}, {64, 1, 1.4}, {16, 1, 0.6}, {16, 2, 0.18}, {16, 3, 0.09}};

const struct codec pixels_sixel_codec = {
    .step = BAND,
    .most_pixels = 1000, /* xterm's, unless it was told otherwise */
    .qualities = qualities,
    .quality_count = sizeof qualities / sizeof *qualities,
    .cautious = 2,
    .piece = piece,
};

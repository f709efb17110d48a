/* print_picture.c: see print_picture.h. */
#include "tui/cli/print_picture.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/utf8.h"
#include "tui/pixels/pixels_codec.h"

/* plane: 30 for the foreground, 40 for the background. */
static void add_colour(struct bytes *out, enum cells_colours colours, int plane, int32_t colour)
{
    if (colour == CELL_DEFAULT)
        bytes_format(out, "\033[%dm", plane + 9);
    else if (colours == CELLS_TRUE)
        bytes_format(out, "\033[%d;2;%d;%d;%dm", plane + 8, colour >> 16 & 255, colour >> 8 & 255,
                     colour & 255);
    else if (colours == CELLS_256)
        bytes_format(out, "\033[%d;5;%dm", plane + 8, colour);
    else
        bytes_format(out, "\033[%dm", colour < 8 ? plane + colour : plane + 60 + colour - 8);
}

static void add_cells(struct bytes *out, const struct cell *cell, const struct rect *at,
                      enum cells_colours colours)
{
    char character[UTF8_SIZE];
    for (int y = 0; y < at->height; y++) {
        int32_t fore = CELL_DEFAULT, back = CELL_DEFAULT;
        bytes_format(out, "%*s", at->x, "");
        for (int x = 0; x < at->width; x++, cell++) {
            if (colours != CELLS_MONO && cell->fore != fore && cell->character != ' ')
                add_colour(out, colours, 30, fore = cell->fore);
            if (colours != CELLS_MONO && cell->back != back)
                add_colour(out, colours, 40, back = cell->back);
            utf8_write(character, cell->character);
            bytes_format(out, "%s", character);
        }
        bytes_format(out, colours == CELLS_MONO ? "\n" : "\033[m\n");
    }
}

static void draw_cells(struct bytes *out, const struct graphics *graphics,
                       enum cells_colours colours, const struct rect *at, const unsigned char *rgb,
                       int width, int height)
{
    struct cell *cells = mem_new(sizeof *cells * (size_t)(at->width * at->height));
    cells_draw(cells, at->width, at->height, colours, graphics->kind == GRAPHICS_ASCII, rgb, width,
               height);
    add_cells(out, cells, at, colours);
    mem_free(cells);
}

/* Makes space below, goes up again, and draws there. */
static enum status draw_pixels(struct bytes *out, const struct graphics *graphics,
                               const struct codec *codec, struct rect at,
                               const struct scale_fit *fit, const unsigned char *rgb, int width,
                               struct diag *diag)
{
    struct colours colours = {0};
    for (int y = 0; y < at.height; y++)
        bytes_add(out, "\n", 1);
    bytes_format(out, "\r\033[%dA", at.height);
    at.y = -1;
    struct frame frame = {.id = 1,
                          .cells = at,
                          .cell_width = graphics->cell_width,
                          .cell_height = graphics->cell_height};
    enum status status = pixels_frame_begin(&frame, codec, &codec->qualities[0],
                                            graphics->registers, &colours, fit, rgb, width, diag);
    while (status == STATUS_OK && !frame.done)
        status = codec->piece(&frame, SIZE_MAX, out, diag);
    bytes_format(out, "\033[%dB\r", at.height);
    pixels_frame_clear(&frame);
    mem_free(colours.palette);
    return status;
}

enum status print_picture(const struct graphics *graphics, enum cells_colours colours,
                        const unsigned char *rgb, int width, int height, int columns, int rows,
                        struct diag *diag)
{
    const struct codec *codec = graphics->kind == GRAPHICS_SIXEL   ? &pixels_sixel_codec
                                : graphics->kind == GRAPHICS_KITTY ? &pixels_kitty_codec
                                                                   : NULL;
    struct rect box = {0, 0, rows, columns};
    struct scale_fit fit;
    struct rect at;
    if (codec)
        at = pixels_frame_place(&fit, codec, &box, graphics->cell_width, graphics->cell_height,
                                width, height, 1);
    else
        at = rect_fit(&box, width, height, graphics->cell_width, graphics->cell_height);
    struct bytes out = {0};
    enum status status = STATUS_OK;
    at.y = at.x = 0;
    if (graphics->kind == GRAPHICS_NONE || at.width < 1 || at.height < 1)
        return STATUS_OK;
    if (codec)
        status = draw_pixels(&out, graphics, codec, at, &fit, rgb, width, diag);
    else
        draw_cells(&out, graphics, colours, &at, rgb, width, height);
    if (status == STATUS_OK &&
        (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout)))
        status = diag_set(diag, STATUS_IO, "cannot write to stdout: %s", strerror(errno));
    mem_free(out.data);
    return status;
}

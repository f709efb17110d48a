/* pixels_frame.c: see pixels_codec.h: one picture made ready for the terminal, and the cells it
 * covers. */
#include "tui/pixels/pixels_codec.h"

#include <math.h>

#include "engine/base/mem.h"

void pixels_goto(struct bytes *out, int y, int x)
{
    bytes_format(out, "\0337\033[m");
    if (y >= 0)
        bytes_format(out, "\033[%d;%dH", y + 1, x + 1);
}

void pixels_return(struct bytes *out)
{
    bytes_format(out, "\0338");
}

void pixels_wipe(struct bytes *out, const struct rect *where, const struct rect *keep)
{
    for (int y = where->y; y < where->y + where->height; y++) {
        bool writing = false;
        for (int x = where->x; x < where->x + where->width; x++) {
            bool wipe = !keep || !rect_holds(keep, y, x);
            if (wipe && !writing)
                pixels_goto(out, y, x);
            if (!wipe && writing)
                pixels_return(out);
            if (wipe)
                bytes_add(out, " ", 1);
            writing = wipe;
        }
        if (writing)
            pixels_return(out);
    }
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* n / step, rounded up. */
static int divide_up(int n, int step)
{
    return (n + step - 1) / step;
}

struct rect pixels_frame_place(struct scale_fit *fit, const struct codec *codec,
                               const struct rect *box, int cell_width, int cell_height, int width,
                               int height, int shrink)
{
    int most = codec->most_pixels;
    *fit = scale_fit(width, height, smaller(box->width * cell_width, most),
                     smaller(box->height * cell_height, most), codec->step);
    if (shrink > 1 && !codec->enlarges) {
        most = (fit->width > fit->height ? fit->width : fit->height) / shrink;
        *fit = scale_fit(width, height, smaller(fit->width, most), smaller(fit->height, most),
                         codec->step);
    }
    struct rect cells = {box->y, box->x, divide_up(fit->height, cell_height),
                         divide_up(fit->width, cell_width)};
    cells.y += (box->height - cells.height) / 2;
    cells.x += (box->width - cells.width) / 2;
    return cells;
}

/* The old palette as long as it serves about as well as when it was chosen: colours that change
 * make a picture shimmer. */
static void choose_colours(struct colours *colours, int most, const unsigned char *rgb, int width,
                           int height)
{
    if (colours->palette && colours->most == most &&
        palette_error(colours->palette, rgb, width, height) < 1.1 * colours->error + 0.3)
        return;
    if (!colours->palette)
        colours->palette = mem_new(sizeof *colours->palette);
    palette_make(colours->palette, most, rgb, width, height);
    colours->most = most;
    colours->error = palette_error(colours->palette, rgb, width, height);
}

enum status pixels_frame_begin(struct frame *frame, const struct codec *codec,
                        const struct quality *quality, int registers, struct colours *colours,
                        const struct scale_fit *fit, const unsigned char *rgb, int width,
                        struct diag *diag)
{
    frame->shrink = codec->enlarges ? quality->shrink : 1;
    frame->width = divide_up(fit->width, frame->shrink);
    frame->height = divide_up(fit->height, frame->shrink);
    size_t n = mem_product(3, (size_t)frame->width, (size_t)frame->height);
    TRY(mem_big(&frame->rgb, n, "a picture", diag));
    scale_rgb(frame->rgb, frame->width, frame->height, rgb, width, fit->source_height);
    frame->cell_bytes = fmax(quality->bytes_per_pixel * frame->cell_width * frame->cell_height, 1);
    if (quality->colours > 0) {
        choose_colours(colours, smaller(quality->colours, registers), frame->rgb, frame->width,
                       frame->height);
        palette_apply(frame->rgb, colours->palette, frame->rgb, frame->width, frame->height);
        frame->palette = colours->palette;
    }
    return codec->begin ? codec->begin(frame, diag) : STATUS_OK;
}

void pixels_frame_clear(struct frame *frame)
{
    mem_free(frame->rgb);
    mem_free(frame->file);
    *frame = (struct frame){0};
}

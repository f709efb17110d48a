/*
 * pixels_codec.h: private to pixels*.c: one picture on its way to the terminal, cut into pieces
 * between which curses may write, and what a way of drawing has to offer.
 */
#ifndef STRATA_PIXELS_CODEC_H
#define STRATA_PIXELS_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "tui/term/rect.h"
#include "tui/term/bytes.h"
#include "tui/pixels/palette.h"
#include "tui/pixels/scale.h"

/* How good a picture is: fewer colours and pixels for slower links. */
struct quality {
    int colours;            /* 0: all there are */
    int shrink;             /* of its sides */
    double bytes_per_pixel; /* of the picture at its full size; a first guess */
};

/* A picture under way. pixels_frame_begin fills the first part, the codec keeps the second. */
struct frame {
    int id;            /* of the slot, from 1 */
    struct rect cells; /* that it covers, the last ones perhaps in part */
    int cell_width, cell_height;
    int width, height;       /* pixels that are sent */
    unsigned char *rgb;      /* [height][width][3]; mem_free */
    struct palette *palette; /* of the slot; NULL where the codec needs none */
    int shrink;              /* that the terminal makes up for */

    int row, column;     /* the next cell */
    double cell_bytes;   /* what a cell takes, as seen so far */
    unsigned char *file; /* kitty: the PNG; mem_free */
    size_t file_size, file_at;
    bool done;
};

struct codec {
    int step;                        /* heights must be multiples of this */
    int most_pixels;                 /* of a side */
    bool enlarges;                   /* the terminal makes a small picture fill its cells */
    const struct quality *qualities; /* from the best down */
    int quality_count, cautious;     /* the one to begin with while the link is not known */
    enum status (*begin)(struct frame *frame, struct diag *diag); /* may be NULL */
    /* Adds the next piece, about space bytes long or, at least, a few cells'; sets done with the
     * last. */
    enum status (*piece)(struct frame *frame, size_t space, struct bytes *out, struct diag *diag);
    void (*abandon)(struct frame *frame, struct bytes *out); /* breaks off; may be NULL */
    /* Removes a picture that spaces do not wipe; may be NULL. */
    void (*remove)(int id, struct bytes *out);
};

extern const struct codec pixels_sixel_codec, pixels_kitty_codec;

/* What a picture's colours were chosen for; kept with its slot, so that they rarely change. */
struct colours {
    struct palette *palette; /* mem_free */
    int most;                /* that were asked for */
    double error;            /* palette_error then */
};

/* Where a picture of that size lies in box: the pixels it gets there, and the cells they touch.
 * shrink is a quality's; width 0: no space. */
struct rect pixels_frame_place(struct scale_fit *fit, const struct codec *codec,
                               const struct rect *box, int cell_width, int cell_height, int width,
                               int height, int shrink);

/* Makes the pixels of a frame whose first fields, up to cell_height, are filled: scaled, in few
 * colours. colours may be replaced. pixels_frame_clear it, also after a failure. */
enum status pixels_frame_begin(struct frame *frame, const struct codec *codec,
                        const struct quality *quality, int registers, struct colours *colours,
                        const struct scale_fit *fit, const unsigned char *rgb, int width,
                        struct diag *diag);
void pixels_frame_clear(struct frame *frame);

/* Cursor there (y < 0: where it is) with plain attributes, and back to where curses believes it
 * is. */
void pixels_goto(struct bytes *out, int y, int x);
void pixels_return(struct bytes *out);

/* Spaces over every cell of `where` that does not lie in keep (NULL: none does): nothing less
 * removes sixel everywhere. */
void pixels_wipe(struct bytes *out, const struct rect *where, const struct rect *keep);

#endif

/*
 * image_tiff.c: TIFF, written only: the pixels as they are, in strips, behind a directory whose
 * every number is known before the first row. BigTIFF where 32 bits do not reach. The format: TIFF,
 * revision 6.0, part 1; BigTIFF as libtiff's documentation describes it.
 */
#include <stdint.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/image/image_codec.h"

enum { SHORT = 3, LONG = 4, RATIONAL = 5, LONG8 = 16 };

/* The file up to the pixels. */
struct directory {
    bool big;
    unsigned char *bytes;
    size_t entry; /* where the next one goes */
    size_t extra; /* where the next values go that do not fit into an entry */
};

static void put_number(struct directory *d, size_t at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        d->bytes[at + i] = (unsigned char)(value >> (8 * i));
}

/* An entry for count values; where they go. */
static size_t add(struct directory *d, unsigned tag, unsigned type, size_t count)
{
    size_t size = type == SHORT ? 2 : type == LONG ? 4 : 8, word = d->big ? 8 : 4;
    size_t at = d->entry, value = at + 4 + word;
    put_number(d, at, tag, 2);
    put_number(d, at + 2, type, 2);
    put_number(d, at + 4, count, word);
    d->entry = value + word;
    if (count * size <= word)
        return value;
    put_number(d, value, d->extra, word);
    value = d->extra;
    d->extra += (count * size + 7) / 8 * 8;
    return value;
}

static void add_number(struct directory *d, unsigned tag, unsigned type, uint64_t number)
{
    put_number(d, add(d, tag, type, 1), number, type == SHORT ? 2 : 4);
}

struct strips {
    size_t row;   /* bytes */
    size_t rows;  /* in one */
    size_t count; /* of them */
};

static struct strips find_strips(const struct image_target *t)
{
    enum { SIZE = 1 << 16 };
    size_t row = (size_t)t->width * t->channels, rows = row < SIZE ? SIZE / row : 1;
    return (struct strips){row, rows, ((size_t)t->height + rows - 1) / rows};
}

/* Where strips begin, which is known last, and how long they are. */
static void place_strips(struct directory *d, size_t offsets, size_t sizes,
                         const struct image_target *t, const struct strips *strips)
{
    size_t word = d->big ? 8 : 4, at = d->extra, left = strips->row * (size_t)t->height;
    for (size_t i = 0; i < strips->count; i++) {
        size_t size = strips->row * strips->rows < left ? strips->row * strips->rows : left;
        put_number(d, offsets + i * word, at, word);
        put_number(d, sizes + i * word, size, word);
        at += size;
        left -= size;
    }
}

static void fill(struct directory *d, const struct image_target *t, const struct strips *strips)
{
    enum { RGB = 2, CHUNKY = 1, PLAIN = 1, STRAIGHT = 2, NO_UNIT = 1, ENTRIES = 13 };
    const size_t word = d->big ? 8 : 4, head = d->big ? 16 : 8;
    const size_t entries = ENTRIES + (t->channels == 4), count = d->big ? 8 : 2;
    memcpy(d->bytes, d->big ? "II\x2b\0\x08\0\0\0" : "II\x2a\0", d->big ? 8 : 4);
    put_number(d, head - word, head, word);
    put_number(d, head, entries, count);
    d->entry = head + count;
    d->extra = (d->entry + entries * (4 + 2 * word) + word + 7) / 8 * 8;
    add_number(d, 256, LONG, (uint64_t)t->width);
    add_number(d, 257, LONG, (uint64_t)t->height);
    size_t bits = add(d, 258, SHORT, t->channels);
    for (size_t c = 0; c < t->channels; c++)
        put_number(d, bits + 2 * c, 8, 2);
    add_number(d, 259, SHORT, PLAIN);
    add_number(d, 262, SHORT, RGB);
    size_t offsets = add(d, 273, d->big ? LONG8 : LONG, strips->count);
    add_number(d, 277, SHORT, t->channels);
    add_number(d, 278, LONG, strips->rows);
    size_t sizes = add(d, 279, d->big ? LONG8 : LONG, strips->count);
    for (unsigned tag = 282; tag <= 283; tag++) /* 1 pixel per … */
        put_number(d, add(d, tag, RATIONAL, 1), (uint64_t)1 << 32 | 1, 8);
    add_number(d, 284, SHORT, CHUNKY);
    add_number(d, 296, SHORT, NO_UNIT);
    if (t->channels == 4)
        add_number(d, 338, SHORT, STRAIGHT);
    place_strips(d, offsets, sizes, t, strips);
}

static enum status begin(struct image_encoder **out, const struct image_target *target,
                         struct diag *diag)
{
    enum { REST = 1 << 10 }; /* header, entries and their short values */
    struct strips strips = find_strips(target);
    size_t most = REST + 2 * 8 * strips.count;
    struct directory d = {.big = strips.row * (size_t)target->height + most > UINT32_MAX};
    TRY(mem_big(&d.bytes, most, target->path, diag));
    fill(&d, target, &strips);
    enum status status = file_output_append(target->file, d.bytes, d.extra, diag);
    mem_free(d.bytes);
    if (status != STATUS_OK)
        return status;
    *out = mem_new(sizeof **out);
    (*out)->target = *target;
    return STATUS_OK;
}

static enum status put(struct image_encoder *encoder, const unsigned char *row, struct diag *diag)
{
    const struct image_target *t = &encoder->target;
    return file_output_append(t->file, row, (size_t)t->width * t->channels, diag);
}

static enum status end(struct image_encoder *encoder, struct diag *diag)
{
    (void)encoder;
    (void)diag;
    return STATUS_OK;
}

static void stop(struct image_encoder *encoder)
{
    mem_free(encoder);
}

const struct image_codec image_tiff_codec = {
    .name = "TIFF",
    .endings = ".tif .tiff",
    .keeps_alpha = true,
    .begin = begin,
    .put = put,
    .end = end,
    .stop = stop,
};

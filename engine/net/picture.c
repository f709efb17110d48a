/* picture.c: see picture.h. */
#include "engine/net/picture.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "engine/base/mem.h"

enum status picture_planes_take(void *context, const float *plane[3], int first, int count,
                                struct diag *diag)
{
    const struct picture_planes *planes = context;
    size_t width = (size_t)planes->width, size = width * (size_t)planes->rows;
    assert(first >= planes->first && first + count <= planes->first + planes->rows);
    (void)count;
    (void)diag; /* files may fail */
    for (size_t c = 0; c < 3; c++)
        plane[c] = planes->rgb + c * size + (size_t)(first - planes->first) * width;
    return STATUS_OK;
}

size_t picture_stream_need(int width, int most)
{
    return mem_product(3 * sizeof(float), (size_t)width, (size_t)most);
}

static enum status allocate(struct picture_stream *stream, int width, int most, struct diag *diag)
{
    *stream = (struct picture_stream){.width = width, .most = most};
    return mem_big(&stream->block, picture_stream_need(width, most), "some rows of a picture",
                   diag);
}

enum status picture_stream_open(struct picture_stream *stream, struct image_rows **rows, int most,
                                struct diag *diag)
{
    struct image_rows *taken = *rows;
    *rows = NULL;
    enum status status = allocate(stream, taken->width, most, diag);
    stream->rows = taken;
    if (status != STATUS_OK)
        picture_stream_close(stream);
    return status;
}

enum status picture_stream_flat(struct picture_stream *stream, int width, int most,
                                const float rgb[3], struct diag *diag)
{
    TRY(allocate(stream, width, most, diag));
    size_t plane = (size_t)width * (size_t)most;
    for (size_t i = 0; i < 3 * plane; i++)
        stream->block[i] = rgb[i / plane];
    return STATUS_OK;
}

void picture_stream_close(struct picture_stream *stream)
{
    image_rows_close(&stream->rows);
    mem_free(stream->block);
    *stream = (struct picture_stream){0};
}

/* Makes place behind the rows from `first` on, which go to the top. */
static void move_up(struct picture_stream *s, int first)
{
    size_t width = (size_t)s->width, plane = width * (size_t)s->most;
    int gone = first - s->first < s->count ? first - s->first : s->count;
    for (size_t c = 0; c < 3; c++)
        memmove(s->block + c * plane, s->block + c * plane + (size_t)gone * width,
                (size_t)(s->count - gone) * width * sizeof(float));
    s->first += gone;
    s->count -= gone;
}

static enum status next_row(struct picture_stream *s, struct diag *diag)
{
    size_t width = (size_t)s->width, plane = width * (size_t)s->most;
    float *row = s->block + (size_t)s->count * width;
    TRY(image_rows_next(s->rows, row, row + plane, row + 2 * plane, NULL, diag));
    s->count++;
    return STATUS_OK;
}

enum status picture_stream_take(void *context, const float *plane[3], int first, int count,
                                struct diag *diag)
{
    struct picture_stream *s = context;
    size_t width = (size_t)s->width, size = width * (size_t)s->most;
    assert(count <= s->most && (!s->rows || first >= s->first));
    while (s->rows && s->first + s->count < first + count) {
        if (s->count == s->most || s->count == 0 || s->first < first)
            move_up(s, first);
        if (s->count == 0 && s->first < first) { /* rows that nobody asks for */
            TRY(image_rows_next(s->rows, NULL, NULL, NULL, NULL, diag));
            s->first++;
            continue;
        }
        TRY(next_row(s, diag));
    }
    for (size_t c = 0; c < 3; c++)
        plane[c] = s->block + c * size +
                   (s->rows ? (size_t)(first - s->first) * width : (size_t)0);
    return STATUS_OK;
}

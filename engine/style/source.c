/* source.c: see source.h. */
#include "engine/style/source.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

enum channel_state source_kind(enum channel_state state, const struct style *style)
{
    return state == CHANNEL_ON && !style->path[0] ? CHANNEL_BLANK : state;
}

bool source_is(const struct source *source, enum channel_state kind, const struct style *style)
{
    const struct style *own = &source->style;
    if (source->kind != kind || kind != CHANNEL_ON)
        return source->kind == kind;
    return strcmp(own->path, style->path) == 0 && own->scale == style->scale &&
           own->crop.size == style->crop.size && own->crop.x == style->crop.x &&
           own->crop.y == style->crop.y;
}

/* The first pixel and the number of pixels of a crop along a side. */
static void crop_side(int *first, int *length, int side, double size, double centre)
{
    *length = (int)lround(side * size);
    *length = *length < 1 ? 1 : *length > side ? side : *length;
    *first = (int)lround(centre * side - *length / 2.0);
    *first = *first < 0 ? 0 : *first > side - *length ? side - *length : *first;
}

enum status source_inspect(struct source *source, struct diag *diag)
{
    const struct style *style = &source->style;
    struct image_request *crop = &source->crop;
    struct image_head head;
    if (source->kind != CHANNEL_ON || source->head.width)
        return STATUS_OK;
    TRY(image_inspect(&head, style->path, diag));
    source->head = head;
    crop_side(&crop->left, &crop->width, head.width, style->crop.size, style->crop.x);
    crop_side(&crop->top, &crop->height, head.height, style->crop.size, style->crop.y);
    return STATUS_OK;
}

void source_size(double *wide, double *high, const struct source *source, int width, int height)
{
    *wide = width;
    *high = height;
    if (source->kind != CHANNEL_ON)
        return;
    *wide = fmax(1.0, floor(width * source->style.scale));
    *high = fmax(1.0, floor(*wide * source->crop.height / source->crop.width));
}

struct image_request source_request(const struct source *source, int width)
{
    struct image_request request = source->crop;
    double wide, high;
    source_size(&wide, &high, source, width, 0);
    bool possible = wide * high <= (double)IMAGE_MAX_PIXELS; /* else it is refused anyhow */
    request.to_width = possible ? (int)wide : 1;
    request.to_height = possible ? (int)high : 1;
    return request;
}

static void clear_pictures(struct source *source)
{
    while (source->read > 0)
        image_clear(&source->picture[--source->read]);
}

/* Reads it and keeps it at the sizes planned: from the file each, so that a size comes out the same
 * whatever other ones there are. */
static enum status read_file(struct source *source, const struct source_view *view,
                             struct diag *diag)
{
    struct image_part part;
    int widest = view->width;
    for (int i = 0; i < view->sizes; i++)
        widest = view->plan[i] > widest ? view->plan[i] : widest;
    struct image_request request = source_request(source, widest);
    TRY(image_read_part(&part, source->style.path, &source->head, &request, diag));
    mem_free(part.image.alpha);
    part.image.alpha = NULL;
    enum status status = STATUS_OK;
    for (int i = 0; i < view->sizes && status == STATUS_OK; i++) {
        struct image_request size = source_request(source, view->plan[i]);
        status = image_part_resize(&source->picture[i], &part, size.to_width, size.to_height, diag);
        source->read += status == STATUS_OK;
    }
    image_clear(&part.image);
    if (status != STATUS_OK)
        clear_pictures(source);
    return status;
}

static enum status from_file(struct image *out, struct source *source,
                             const struct source_view *view, int width, int height,
                             struct diag *diag)
{
    if (!source->read)
        TRY(read_file(source, view, diag));
    const struct image *from = &source->picture[0];
    for (int i = 0; i < source->read; i++)
        if (from->width != width && source->picture[i].width >= from->width)
            from = &source->picture[i];
    return image_resize(out, from, width, height, diag);
}

/* The size at which the network sees it. */
static enum status check_size(int *width, int *height, const struct source *source,
                              const struct source_view *view, struct diag *diag)
{
    double wide, high;
    source_size(&wide, &high, source, view->width, view->height);
    if (wide * high > (double)IMAGE_MAX_PIXELS)
        return diag_set(diag, STATUS_RANGE,
                        "%s at %.0f×%.0f is too large; a smaller style scale helps",
                        source->style.path, wide, high);
    *width = (int)wide;
    *height = (int)high;
    return STATUS_OK;
}

/* Of what is neither a file nor the content. */
static const float *colour_of(const struct source *source, const struct source_view *view)
{
    static const float white[3] = {255.0f, 255.0f, 255.0f};
    return source->kind == CHANNEL_GREY ? view->mean : white;
}

enum status source_prepare(struct image *out, struct source *source,
                           const struct source_view *view, struct diag *diag)
{
    struct image_rows *rows;
    int width, height;
    TRY(check_size(&width, &height, source, view, diag));
    if (source->kind == CHANNEL_ON)
        return from_file(out, source, view, width, height, diag);
    if (source->kind == CHANNEL_CONTENT) {
        TRY(view->content->open(view->content->context, &rows, width, height, diag));
        return image_rows_gather(out, &rows, diag);
    }
    TRY(image_init(out, width, height, diag));
    size_t plane = (size_t)width * (size_t)height;
    for (size_t i = 0; i < 3 * plane; i++)
        out->rgb[i] = colour_of(source, view)[i / plane];
    return STATUS_OK;
}

enum status source_stream(struct picture_stream *out, const struct source *source,
                          const struct source_view *view, int most, struct diag *diag)
{
    struct image_rows *rows;
    int width, height;
    TRY(check_size(&width, &height, source, view, diag));
    if (source->kind != CHANNEL_ON && source->kind != CHANNEL_CONTENT)
        return picture_stream_flat(out, width, most, colour_of(source, view), diag);
    if (source->kind == CHANNEL_ON) {
        struct image_request request = source_request(source, view->width);
        TRY(image_rows_open(&rows, source->style.path, &source->head, &request, diag));
    } else {
        TRY(view->content->open(view->content->context, &rows, width, height, diag));
    }
    return picture_stream_open(out, &rows, most, diag);
}

size_t source_stream_need(const struct source *source, int width, int most)
{
    double wide, high;
    struct image_request request = source_request(source, width);
    source_size(&wide, &high, source, width, 1);
    size_t reading = source->kind == CHANNEL_ON ? image_rows_need(&source->head, &request) : 0;
    return reading + picture_stream_need((int)wide, most);
}

void source_clear_grams(struct source *source)
{
    for (int l = 0; l < STYLE_LAYER_COUNT; l++) {
        mem_free(source->gram[l]);
        source->gram[l] = NULL;
    }
}

void source_close(struct source *source)
{
    source_clear_grams(source);
    clear_pictures(source);
    mem_free(source);
}

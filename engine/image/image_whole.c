/* image_whole.c: see image.h. Whole pictures, made of rows and taken apart into rows. */
#include "engine/base/mem.h"
#include "engine/image/image_codec.h"

enum status image_rows_gather(struct image *out, struct image_rows **rows, struct diag *diag)
{
    struct image image = {0};
    enum status status = image_init(&image, (*rows)->width, (*rows)->height, diag);
    size_t w = (size_t)image.width, n = w * (size_t)image.height;
    if (status == STATUS_OK && (*rows)->alpha)
        status = mem_big(&image.alpha, n * sizeof(float), "a picture's alpha", diag);
    for (size_t at = 0; status == STATUS_OK && at < n; at += w)
        status = image_rows_next(*rows, image.rgb + at, image.rgb + n + at, image.rgb + 2 * n + at,
                                 image.alpha ? image.alpha + at : NULL, diag);
    image_rows_close(rows);
    if (status == STATUS_OK)
        *out = image;
    else
        image_clear(&image);
    return status;
}

static bool is_opaque(const struct image *image)
{
    size_t n = (size_t)image->width * (size_t)image->height, i = 0;
    while (i < n && image->alpha[i] == 255.0f)
        i++;
    return i == n;
}

enum status image_read_part(struct image_part *out, const char *path,
                            const struct image_head *head, const struct image_request *request,
                            struct diag *diag)
{
    struct image_rows *rows;
    struct image_place place;
    struct image image;
    TRY(image_rows_read(&rows, &place, path, head, request, diag));
    TRY(image_rows_gather(&image, &rows, diag));
    if (image.alpha && is_opaque(&image)) {
        mem_free(image.alpha);
        image.alpha = NULL;
    }
    *out = (struct image_part){image, place.left, place.top, place.width, place.height};
    return STATUS_OK;
}

enum status image_part_resize(struct image *out, const struct image_part *part, int width,
                              int height, struct diag *diag)
{
    struct image_rows *rows;
    TRY(image_rows_of(&rows, part, width, height, diag));
    return image_rows_gather(out, &rows, diag);
}

enum status image_resize(struct image *out, const struct image *in, int width, int height,
                         struct diag *diag)
{
    struct image_part all = {*in, 0.0, 0.0, in->width, in->height};
    return image_part_resize(out, &all, width, height, diag);
}

enum status image_write(const struct image *image, const char *path, const char *job,
                        enum file_overwrite mode, struct diag *diag)
{
    struct image_writer *writer;
    size_t w = (size_t)image->width, n = w * (size_t)image->height;
    TRY(image_writer_open(&writer, path, image->width, image->height, image->alpha, job, mode,
                          diag));
    enum status status = STATUS_OK;
    for (size_t at = 0; status == STATUS_OK && at < n; at += w)
        status = image_writer_row(writer, image->rgb + at, image->rgb + n + at,
                                  image->rgb + 2 * n + at, image->alpha ? image->alpha + at : NULL,
                                  diag);
    if (status == STATUS_OK)
        status = image_writer_finish(writer, diag);
    image_writer_close(&writer);
    return status;
}

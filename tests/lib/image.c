/* image.c: see image.h. */
#include "tests/lib/image.h"

enum status image_read(struct image *out, const char *path, struct diag *why)
{
    struct image_head head;
    struct image_part part;
    struct image_request all = {0};
    TRY(image_inspect(&head, path, why));
    TRY(image_read_part(&part, path, &head, &all, why));
    *out = part.image;
    return STATUS_OK;
}

enum status image_crop(struct image *out, const struct image *in, int left, int top,
                       int width, int height, struct diag *why)
{
    TRY(image_init(out, width, height, why));
    for (int i = 0; i < 3 * height; i++) {
        int plane = i / height, y = top + i % height;
        memcpy(out->rgb + i * width, in->rgb + (plane * in->height + y) * in->width + left,
               sizeof(float) * (size_t)width);
    }
    return STATUS_OK;
}

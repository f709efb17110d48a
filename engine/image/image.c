/* image.c: see image.h. Planes in memory: sizes, colours, bytes. Knows no file format. */
#include "engine/image/image.h"

#include <assert.h>
#include <stdint.h>

#include "engine/image/image_codec.h"
#include "engine/base/mem.h"

static size_t area(const struct image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

/* Planes */

enum status image_check_size(unsigned long width, unsigned long height, const char *path,
                             struct diag *diag)
{
    if (width < 1 || height < 1)
        return diag_set(diag, STATUS_RANGE, "%s has no pixels: it is %lu×%lu", path, width, height);
    if (width > INT32_MAX || height > INT32_MAX ||
        mem_times(width, height) > IMAGE_MAX_PIXELS)
        return diag_set(diag, STATUS_RANGE,
                        "%s is too large: it is %lu×%lu, and %zu million pixels are the most", path,
                        width, height, IMAGE_MAX_PIXELS / 1000000);
    return STATUS_OK;
}

enum status image_init(struct image *out, int width, int height, struct diag *diag)
{
    struct image image = {.width = width, .height = height};
    TRY(image_check_size(width > 0 ? (unsigned long)width : 0,
                         height > 0 ? (unsigned long)height : 0, "the picture", diag));
    TRY(mem_big(&image.rgb, mem_product(area(&image), 3, sizeof(float)), "a picture", diag));
    *out = image;
    return STATUS_OK;
}

void image_clear(struct image *image)
{
    if (!image)
        return;
    mem_free(image->rgb);
    mem_free(image->alpha);
    *image = (struct image){0};
}

/* Shifting every channel by the difference in luma leaves B − Y and R − Y, which the chroma is
 * made of, as they are. */
void image_keep_colours(struct image *painted, const struct image *content)
{
    assert(painted->width == content->width && painted->height == content->height);
    static const float weight[3] = {0.299f, 0.587f, 0.114f};
    size_t n = area(painted);
    for (size_t i = 0; i < n; i++) {
        float shift = 0.0f;
        for (size_t c = 0; c < 3; c++)
            shift += weight[c] * (painted->rgb[c * n + i] - content->rgb[c * n + i]);
        for (size_t c = 0; c < 3; c++)
            painted->rgb[c * n + i] = image_clamp(content->rgb[c * n + i] + shift);
    }
}

void image_pack(unsigned char *out, const float *const from[4], size_t n, size_t channels)
{
    for (size_t i = 0; i < n; i++, out += channels) {
        float a = channels == 4 ? image_clamp(from[3][i]) : 255.0f;
        for (size_t c = 0; c < 3; c++) {
            float v = image_clamp(from[c][i]);
            if (a > 0.0f && a < 255.0f) /* take out the white behind */
                v = image_clamp((v - 255.0f) * 255.0f / a + 255.0f);
            out[c] = (unsigned char)(v + 0.5f);
        }
        if (channels == 4)
            out[3] = (unsigned char)(a + 0.5f);
    }
}

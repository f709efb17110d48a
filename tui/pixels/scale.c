/* scale.c: see scale.h. */
#include "tui/pixels/scale.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/mem.h"

struct scale_fit scale_fit(int width, int height, int box_width, int box_height, int step)
{
    struct scale_fit fit = {0};
    if (width < 1 || height < 1 || box_width < 1 || box_height < step)
        return fit;
    bool fits = width <= box_width && height <= box_height;
    if (fits) {
        fit = (struct scale_fit){height, width, height};
    } else if ((int64_t)width * box_height < (int64_t)height * box_width) {
        fit = (struct scale_fit){height, (int)((int64_t)width * box_height / height), box_height};
    } else {
        fit = (struct scale_fit){height, box_width, (int)((int64_t)height * box_width / width)};
    }
    int whole = fit.height / step * step;
    if (fit.width < 1)
        fit.width = 1;
    if (whole < step) {
        fit.height = step;
    } else {
        fit.source_height = (int)((int64_t)height * whole / fit.height);
        fit.height = whole;
    }
    return fit;
}

/* The pixels from*i/to … from*(i+1)/to, at least one. */
static void run(int *first, int *end, int i, int from, int to)
{
    *first = (int)((int64_t)i * from / to);
    *end = (int)(((int64_t)i + 1) * from / to);
    if (*end <= *first)
        *end = *first + 1;
}

void scale_rgb(unsigned char *out, int out_width, int out_height, const unsigned char *rgb,
               int width, int height)
{
    if (width == out_width && height == out_height) {
        memcpy(out, rgb, 3 * (size_t)width * (size_t)height);
        return;
    }
    for (int y = 0; y < out_height; y++) {
        int top, bottom, left, right;
        run(&top, &bottom, y, height, out_height);
        for (int x = 0; x < out_width; x++, out += 3) {
            uint64_t sum[3] = {0};
            run(&left, &right, x, width, out_width);
            for (int v = top; v < bottom; v++) {
                const unsigned char *pixel = rgb + 3 * ((size_t)v * (size_t)width + (size_t)left);
                for (int u = left; u < right; u++, pixel += 3)
                    for (int c = 0; c < 3; c++)
                        sum[c] += pixel[c];
            }
            uint64_t n = (uint64_t)(bottom - top) * (uint64_t)(right - left);
            for (int c = 0; c < 3; c++)
                out[c] = (unsigned char)((sum[c] + n / 2) / n);
        }
    }
}

enum status scale_image(unsigned char **rgb, int *width, int *height, const struct image *image,
                        int box_width, int box_height, struct diag *diag)
{
    struct image small = {0};
    struct scale_fit fit = scale_fit(image->width, image->height, box_width, box_height, 1);
    bool shrink = fit.width < image->width || fit.height < image->height;
    if (shrink)
        TRY(image_resize(&small, image, fit.width, fit.height, diag));
    const struct image *from = shrink ? &small : image;
    size_t n = (size_t)from->width * (size_t)from->height;
    unsigned char *bytes;
    enum status status = mem_big(&bytes, mem_times(3, n), "a picture", diag);
    for (size_t i = 0; i < n && status == STATUS_OK; i++)
        for (size_t c = 0; c < 3; c++)
            bytes[3 * i + c] = (unsigned char)(from->rgb[c * n + i] + 0.5f);
    if (status == STATUS_OK) {
        *rgb = bytes;
        *width = from->width;
        *height = from->height;
    }
    image_clear(&small);
    return status;
}

/* image.c: see image.h. Planes in memory: sizes, resizing, colours, bytes. Knows no file format. */
#include "engine/image/image.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/image/image_codec.h"
#include "engine/base/mem.h"

static size_t area(const struct image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

/* Written so that a NaN becomes 0. */
static float clamp(float v)
{
    return v > 0.0f ? v < 255.0f ? v : 255.0f : 0.0f;
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

/* As image_init, with an alpha plane if like has one. */
static enum status init_like(struct image *out, const struct image *like, int width, int height,
                             struct diag *diag)
{
    struct image image;
    TRY(image_init(&image, width, height, diag));
    if (like->alpha) {
        enum status status =
            mem_big(&image.alpha, area(&image) * sizeof(float), "a picture's alpha", diag);
        if (status != STATUS_OK) {
            image_clear(&image);
            return status;
        }
    }
    *out = image;
    return STATUS_OK;
}

/* The planes one by one: R, G, B, and alpha or NULL. */
static float *plane(const struct image *image, int i)
{
    return i < 3 ? image->rgb + (size_t)i * area(image) : image->alpha;
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
            painted->rgb[c * n + i] = clamp(content->rgb[c * n + i] + shift);
    }
}

/* Resizing: each output value is a weighted mean of a run of input values, along rows, then along
 * columns. */

struct taps {
    int longest;    /* weights of one output value, at most */
    int *first;     /* [size] where its run of input values starts */
    int *count;     /* [size] */
    double *weight; /* [size][longest], each run of count sums to 1 */
};

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

static void taps_clear(struct taps *t)
{
    mem_free(t->first);
    mem_free(t->count);
    mem_free(t->weight);
    *t = (struct taps){0};
}

/* For so much of a side of from, beginning at start. */
static enum status taps_init(struct taps *out, int from, double start, double length, int to,
                             struct diag *diag)
{
    const char *what = "the weights of a resize";
    double scale = length / to, stretch = fmax(scale, 1.0), support = 2.0 * stretch;
    struct taps t = {.longest = (int)fmin(ceil(2.0 * support) + 1.0, from)};
    size_t n = (size_t)to, longest = (size_t)t.longest;
    enum status status = mem_big(&t.first, n * sizeof *t.first, what, diag);
    if (status == STATUS_OK)
        status = mem_big(&t.count, n * sizeof *t.count, what, diag);
    if (status == STATUS_OK)
        status = mem_big(&t.weight, mem_product(n, longest, sizeof *t.weight), what, diag);
    if (status != STATUS_OK) {
        taps_clear(&t);
        return status;
    }
    for (int i = 0; i < to; i++) {
        double centre = start + (i + 0.5) * scale, sum = 0.0;
        int first = (int)fmax(centre - support + 0.5, 0.0);
        int end = (int)fmin(centre + support + 0.5, from);
        double *weight = t.weight + (size_t)i * longest;
        assert(end - first <= t.longest);
        for (int k = first; k < end; k++)
            sum += weight[k - first] = cubic((k - centre + 0.5) / stretch);
        for (int k = first; k < end; k++)
            weight[k - first] /= sum;
        t.first[i] = first;
        t.count[i] = end - first;
    }
    *out = t;
    return STATUS_OK;
}

/* in [rows][from] -> out [to][rows]: turned over, so that doing it twice resizes both ways. */
static void resize_rows(float *out, const float *in, size_t rows, size_t from, size_t to,
                        const struct taps *t)
{
#pragma omp parallel for schedule(static)
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < to; i++) {
            const double *weight = t->weight + i * (size_t)t->longest;
            const float *x = in + r * from + t->first[i];
            double sum = 0.0;
            for (int k = 0; k < t->count[i]; k++)
                sum += weight[k] * x[k];
            out[i * rows + r] = (float)sum;
        }
}

enum status image_part_resize(struct image *out, const struct image_part *part, int width,
                              int height, struct diag *diag)
{
    const struct image *in = &part->image;
    struct taps across = {0}, down = {0};
    struct image image = {0};
    float *turned = NULL; /* [width][in->height] */
    size_t h = (size_t)in->height, to_w = (size_t)width, to_h = (size_t)height;
    TRY(init_like(&image, in, width, height, diag));
    enum status status = taps_init(&across, in->width, part->left, part->width, width, diag);
    if (status == STATUS_OK)
        status = taps_init(&down, in->height, part->top, part->height, height, diag);
    if (status == STATUS_OK)
        status = mem_big(&turned, mem_product(to_w, h, sizeof *turned), "a resize", diag);
    if (status != STATUS_OK)
        goto done;
    for (int i = 0; i < (in->alpha ? 4 : 3); i++) {
        float *to = plane(&image, i);
        resize_rows(turned, plane(in, i), h, (size_t)in->width, to_w, &across);
        resize_rows(to, turned, to_w, h, to_h, &down);
        for (size_t k = 0; k < to_w * to_h; k++)
            to[k] = clamp(to[k]);
    }
    *out = image;
    image = (struct image){0};
done:
    image_clear(&image);
    taps_clear(&across);
    taps_clear(&down);
    mem_free(turned);
    return status;
}

enum status image_resize(struct image *out, const struct image *in, int width, int height,
                         struct diag *diag)
{
    struct image_part all = {*in, 0.0, 0.0, in->width, in->height};
    return image_part_resize(out, &all, width, height, diag);
}

enum status image_pack(unsigned char **out, const struct image *image, int channels,
                       struct diag *diag)
{
    size_t n = area(image), step = (size_t)channels;
    unsigned char *bytes;
    assert(channels == 3 || image->alpha);
    TRY(mem_big(&bytes, mem_times(n, step), "a picture", diag));
    for (size_t i = 0; i < n; i++) {
        float a = channels == 4 ? clamp(image->alpha[i]) : 255.0f;
        for (size_t c = 0; c < 3; c++) {
            float v = clamp(image->rgb[c * n + i]);
            if (a > 0.0f && a < 255.0f) /* take out the white behind */
                v = clamp((v - 255.0f) * 255.0f / a + 255.0f);
            bytes[i * step + c] = (unsigned char)(v + 0.5f);
        }
        if (channels == 4)
            bytes[i * step + 3] = (unsigned char)(a + 0.5f);
    }
    *out = bytes;
    return STATUS_OK;
}

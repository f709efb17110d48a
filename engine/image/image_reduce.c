/* image_reduce.c: see image_codec.h. */
#include <string.h>

#include "engine/image/image_codec.h"
#include "engine/base/mem.h"

enum status image_reducer_init(struct image_reducer *r, const struct image_plan *plan,
                               size_t channels, struct diag *diag)
{
    int by = plan->by, width = (plan->width + by - 1) / by, height = (plan->height + by - 1) / by;
    size_t n = (size_t)width * (size_t)height;
    *r = (struct image_reducer){.plan = plan, .channels = channels, .opaque = true};
    TRY(image_init(&r->image, width, height, diag));
    enum status status = STATUS_OK;
    if (channels == 4)
        status = mem_big(&r->image.alpha, n * sizeof(float), "a picture's alpha", diag);
    if (status == STATUS_OK)
        status = mem_big(&r->sum, mem_product((size_t)width, 4, sizeof(double)), "a picture", diag);
    if (status != STATUS_OK)
        image_clear(&r->image);
    return status;
}

static void put(struct image_reducer *r, int y)
{
    size_t w = (size_t)r->image.width, n = w * (size_t)r->image.height, by = (size_t)r->plan->by;
    for (size_t o = 0; o < w; o++) {
        size_t left = (size_t)r->plan->width - o * by;
        double *sum = r->sum + 4 * o, count = (double)(left < by ? left : by) * r->rows;
        for (size_t c = 0; c < 3; c++)
            r->image.rgb[c * n + (size_t)y * w + o] = (float)(sum[c] / count);
        if (r->image.alpha)
            r->image.alpha[(size_t)y * w + o] = (float)(sum[3] / count);
    }
    memset(r->sum, 0, w * 4 * sizeof(double));
    r->rows = 0;
}

void image_reducer_take(struct image_reducer *r, const unsigned char *row, int y)
{
    const struct image_plan *plan = r->plan;
    const unsigned char *p = row + (size_t)plan->left * r->channels;
    double *sum = r->sum;
    y -= plan->top;
    if (y < 0 || y >= plan->height)
        return;
    for (int x = 0, i = 0; x < plan->width; x++, p += r->channels) {
        float a = r->channels == 4 ? p[3] / 255.0f : 1.0f;
        for (int c = 0; c < 3; c++)
            sum[c] += a * p[c] + (1.0f - a) * 255.0f;
        if (r->channels == 4) {
            sum[3] += p[3];
            r->opaque = r->opaque && p[3] == 255;
        }
        if (++i == plan->by) {
            i = 0;
            sum += 4;
        }
    }
    r->rows++;
    if (r->rows == plan->by || y == plan->height - 1)
        put(r, y / plan->by);
}

void image_reducer_finish(struct image_part *out, struct image_reducer *r)
{
    const struct image_plan *plan = r->plan;
    if (r->opaque) {
        mem_free(r->image.alpha);
        r->image.alpha = NULL;
    }
    *out = (struct image_part){r->image, 0.0, 0.0, (double)plan->width / plan->by,
                               (double)plan->height / plan->by};
    r->image = (struct image){0};
}

void image_reducer_clear(struct image_reducer *r)
{
    image_clear(&r->image);
    mem_free(r->sum);
}

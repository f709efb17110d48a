/* snapshot.c: see snapshot.h. */
#include "engine/worker/snapshot.h"

#include <math.h>

#include "engine/base/mem.h"

struct snapshot *snapshot_new(void)
{
    return mem_new(sizeof(struct snapshot));
}

void snapshot_free(struct snapshot **snapshot)
{
    if (!*snapshot)
        return;
    snapshot_picture_clear(&(*snapshot)->preview);
    snapshot_look_free(&(*snapshot)->look);
    mem_free(*snapshot);
    *snapshot = NULL;
}

void snapshot_picture_clear(struct snapshot_picture *picture)
{
    mem_free(picture->rgb);
    *picture = (struct snapshot_picture){0};
}

void snapshot_look_free(struct snapshot_look **look)
{
    if (!*look)
        return;
    snapshot_picture_clear(&(*look)->picture);
    mem_free(*look);
    *look = NULL;
}

void snapshot_fit(int *out_width, int *out_height, int width, int height, int max_width,
                  int max_height)
{
    double scale = fmin(1.0, fmin((double)max_width / width, (double)max_height / height));
    int w = (int)lround(width * scale), h = (int)lround(height * scale);
    *out_width = w < 1 ? 1 : w > max_width ? max_width : w;
    *out_height = h < 1 ? 1 : h > max_height ? max_height : h;
}

enum status snapshot_picture_set(struct snapshot_picture *out, const struct image *image,
                                 struct diag *diag)
{
    size_t plane = (size_t)image->width * (size_t)image->height;
    unsigned char *rgb;
    TRY(mem_big(&rgb, mem_times(plane, 3), "a preview", diag));
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < plane; i++)
            rgb[3 * i + c] =
                (unsigned char)(fminf(fmaxf(image->rgb[c * plane + i], 0.0f), 255.0f) + 0.5f);
    *out = (struct snapshot_picture){image->width, image->height, 0, rgb};
    return STATUS_OK;
}

void snapshot_curve_add(struct snapshot_curve *curve, int iteration, const struct losses *losses)
{
    if (curve->count == 0)
        curve->stride = 1;
    if (iteration != curve->count * curve->stride)
        return;
    if (curve->count == SNAPSHOT_POINTS) {
        for (int i = 0; 2 * i < SNAPSHOT_POINTS; i++)
            curve->point[i] = curve->point[2 * i];
        curve->count /= 2;
        curve->stride *= 2;
    }
    curve->point[curve->count++] = *losses;
}

void snapshot_curve_cut(struct snapshot_curve *curve, int iteration)
{
    while (curve->count > 0 && (curve->count - 1) * curve->stride >= iteration)
        curve->count--;
}

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

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Where a stretch of `part` of `whole` begins that has `at` in its middle, as far as it can. */
static int begin_of(double at, int part, int whole)
{
    int begin = (int)lround(at * whole - part / 2.0);
    return begin < 0 ? 0 : least(begin, whole - part);
}

struct snapshot_part snapshot_find_part(const struct snapshot_window *w, int width, int height)
{
    static const double nearly = 0.99;
    struct snapshot_part part = {0, 0, width, height, width, height};
    if (w->zoom > 0) {
        part.width = part.to_width = least(width, w->width >= w->zoom ? w->width / w->zoom : 1);
        part.height = part.to_height =
            least(height, w->height >= w->zoom ? w->height / w->zoom : 1);
        part.left = begin_of(w->x, part.width, width);
        part.top = begin_of(w->y, part.height, height);
        return part;
    }
    double scale = fmin((double)w->width / width, (double)w->height / height);
    part.to_width = least(w->width, (int)fmax(1.0, round(width * scale)));
    part.to_height = least(w->height, (int)fmax(1.0, round(height * scale)));
    if (part.to_width > nearly * w->width && part.to_height > nearly * w->height) {
        part.to_width = w->width;
        part.to_height = w->height;
    }
    return part;
}

enum status snapshot_picture_set(struct snapshot_picture *out, const struct image *image, int zoom,
                                 struct diag *diag)
{
    size_t width = (size_t)image->width, height = (size_t)image->height, plane = width * height;
    size_t z = zoom > 1 ? (size_t)zoom : 1;
    unsigned char *rgb;
    TRY(mem_big(&rgb, mem_product(mem_times(plane, 3), z, z), "a preview", diag));
    for (size_t y = 0; y < height * z; y++)
        for (size_t x = 0; x < width * z; x++)
            for (size_t c = 0; c < 3; c++) {
                float v = image->rgb[c * plane + y / z * width + x / z];
                rgb[3 * (y * width * z + x) + c] =
                    (unsigned char)(fminf(fmaxf(v, 0.0f), 255.0f) + 0.5f);
            }
    *out = (struct snapshot_picture){
        .width = (int)(width * z), .height = (int)(height * z), .whole_width = image->width,
        .whole_height = image->height, .rgb = rgb};
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

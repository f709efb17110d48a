/*
 * draw.c: draws the demo pictures into a folder: `draw FOLDER [NAME...]`. Takes some minutes for
 * all of them; the results are kept in the repository, so nobody has to. `draw --reduce IN WIDTH
 * OUT` makes a picture smaller.
 */
#include "assets/draw/draw.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/image/sheet.h"

static const struct picture {
    const char *name;
    int width, height, unit;
    void (*draw)(struct image *canvas, double unit);
} pictures[] = {
#define X(name, w, h, times) {#name, w, h, times, name##_draw},
    DRAW_PICTURES(X)
#undef X
};

/* How much of a canvas pixel, `off` from the middle of a picture's pixel, belongs to it: a bell a
 * little wider than the pixel, as a lens and paper draw; a hard edge would only cost bytes. */
static double share(double off)
{
    return exp(-off * off / (2 * 0.55 * 0.55));
}

static void shrink(struct image *out, const struct image *canvas, int unit)
{
    float *to = out->rgb;

    for (int y = 0; y < 3 * out->height; y++)
        for (int x = 0; x < out->width; x++) {
            const float *plane = canvas->rgb + (size_t)(y / out->height) * (size_t)canvas->width *
                                                   (size_t)canvas->height;
            double sum = 0, all = 0;

            for (int v = -unit; v < 2 * unit; v++)
                for (int u = -unit; u < 2 * unit; u++) {
                    int cy = y % out->height * unit + v, cx = x * unit + u;
                    double part = share((u + 0.5) / unit - 0.5) * share((v + 0.5) / unit - 0.5);

                    if (cx < 0 || cy < 0 || cx >= canvas->width || cy >= canvas->height)
                        continue;
                    sum += part * plane[(size_t)cy * (size_t)canvas->width + (size_t)cx];
                    all += part;
                }
            *to++ = (float)(sum / all);
        }
}

static enum status draw_picture(const struct picture *p, const char *folder, struct diag *diag)
{
    struct image canvas = {0}, result = {0};
    char name[64], path[4096];
    enum status status;

    snprintf(name, sizeof name, "%s.jpg", p->name);
    TRY(file_join(path, sizeof path, folder, name, diag));
    status = image_init(&canvas, p->width * p->unit, p->height * p->unit, diag);
    if (status == STATUS_OK)
        status = image_init(&result, p->width, p->height, diag);
    if (status == STATUS_OK) {
        p->draw(&canvas, p->unit);
        shrink(&result, &canvas, p->unit);
        status = image_write(&result, path, NULL, FILE_OVERWRITE, diag);
    }
    image_clear(&canvas);
    image_clear(&result);
    return status;
}

static bool is_wanted(const char *name, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* A picture of at most that width, for a page. */
static enum status reduce(const char *out, const char *in, int width, struct diag *diag)
{
    struct image small = {0};
    TRY(sheet_read(&small, in, width, width, diag));
    enum status status = image_write(&small, out, NULL, FILE_OVERWRITE, diag);
    image_clear(&small);
    return status;
}

int main(int argc, char **argv)
{
    struct diag diag;

    if (argc == 5 && strcmp(argv[1], "--reduce") == 0) {
        if (reduce(argv[4], argv[2], atoi(argv[3]), &diag) == STATUS_OK)
            return 0;
        fprintf(stderr, "draw: %s\n", diag.text);
        return diag_exit_status(diag.status);
    }

    if (argc < 2) {
        fprintf(stderr, "usage: draw FOLDER [NAME...]: draws the demo pictures into FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        if (!is_wanted(pictures[i].name, argv + 2))
            continue;
        if (draw_picture(&pictures[i], argv[1], &diag) != STATUS_OK) {
            fprintf(stderr, "draw: %s\n", diag.text);
            return diag_exit_status(diag.status);
        }
        printf("%s.jpg\n", pictures[i].name);
    }
    return 0;
}

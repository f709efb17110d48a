/*
 * near.c: near A B: the relative L2 distance of two pictures, and the largest difference.
 * near WIDTH HEIGHT OUT: draws a picture of that size to paint from.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/random.h"
#include "engine/image/image.h"

static enum status draw(int width, int height, const char *path, struct diag *diag)
{
    struct image image;
    struct random random;
    random_seed(&random, 5);
    TRY(image_init(&image, width, height, diag));
    size_t plane = (size_t)width * (size_t)height;
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < plane; i++) {
            double x = (double)(i % (size_t)width), y = (double)(i / (size_t)width);
            double wave = sin(x / 23.0 + (double)c) * cos(y / (31.0 + 7.0 * (double)c));
            image.rgb[c * plane + i] =
                (float)(128.0 + 70.0 * wave + 10.0 * random_normal(&random));
        }
    enum status status = image_write(&image, path, NULL, FILE_OVERWRITE, diag);
    image_clear(&image);
    return status;
}

static enum status read_all(struct image *out, const char *path, struct diag *diag)
{
    struct image_head head;
    struct image_request all = {0};
    struct image_part part;
    TRY(image_inspect(&head, path, diag));
    TRY(image_read_part(&part, path, &head, &all, diag));
    *out = part.image;
    return STATUS_OK;
}

static enum status compare(const char *path, const char *other, struct diag *diag)
{
    struct image a, b;
    double d = 0.0, s = 0.0, most = 0.0;
    TRY(read_all(&a, path, diag));
    TRY(read_all(&b, other, diag));
    if (a.width != b.width || a.height != b.height)
        return diag_set(diag, STATUS_INPUT, "the sizes differ");
    for (size_t i = 0; i < (size_t)3 * (size_t)a.width * (size_t)a.height; i++) {
        double difference = (double)a.rgb[i] - b.rgb[i];
        d += difference * difference;
        s += (double)b.rgb[i] * b.rgb[i];
        most = fmax(most, fabs(difference));
    }
    printf("%.3g %g\n", sqrt(d / s), most);
    image_clear(&a);
    image_clear(&b);
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    struct diag diag;
    enum status status = argc == 4   ? draw(atoi(argv[1]), atoi(argv[2]), argv[3], &diag)
                         : argc == 3 ? compare(argv[1], argv[2], &diag)
                                     : diag_set(&diag, STATUS_USAGE, "near A B");
    if (status != STATUS_OK)
        fprintf(stderr, "near: %s\n", diag.text);
    return diag_exit_status(status);
}

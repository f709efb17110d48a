/*
 * palette.c: see palette.h. The palette is a median cut by variance: the box of colours that holds
 * most of the error is cut in two at its mean, until there are enough.
 */
#include "tui/pixels/palette.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/mem.h"

enum { BITS = 5, SIDE = 1 << BITS, SHIFT = 8 - BITS };

/* Pixels of one cell of the histogram. */
struct bin {
    uint32_t count, sum[3];
};

/* Cells from low to high, inclusive. */
struct box {
    int low[3], high[3];
    double count, mean[3], error[3]; /* sums of squares around the mean, by component */
};

static int cell_of(const unsigned char *pixel)
{
    return pixel[0] >> SHIFT << 2 * BITS | pixel[1] >> SHIFT << BITS | pixel[2] >> SHIFT;
}

static void measure(struct box *box, const struct bin *bins)
{
    double sum[3] = {0}, square[3] = {0};
    box->count = 0;
    for (int r = box->low[0]; r <= box->high[0]; r++)
        for (int g = box->low[1]; g <= box->high[1]; g++)
            for (int b = box->low[2]; b <= box->high[2]; b++) {
                const struct bin *bin = &bins[(r << BITS | g) << BITS | b];
                if (bin->count == 0)
                    continue;
                box->count += bin->count;
                for (int c = 0; c < 3; c++) {
                    sum[c] += bin->sum[c];
                    square[c] += (double)bin->sum[c] * bin->sum[c] / bin->count;
                }
            }
    for (int c = 0; c < 3; c++) {
        box->mean[c] = box->count > 0 ? sum[c] / box->count : 0;
        box->error[c] = box->count > 0 ? square[c] - sum[c] * box->mean[c] : 0;
    }
}

/* The component along which a box is worth cutting, -1 if there is none. */
static int cut_along(const struct box *box, double *error)
{
    int best = -1;
    for (int c = 0; c < 3; c++)
        if (box->high[c] > box->low[c] && box->error[c] > *error) {
            *error = box->error[c];
            best = c;
        }
    return best;
}

/* Cuts the worst of count boxes; false if none can be cut. */
static bool cut_worst(struct box *boxes, int count, const struct bin *bins)
{
    double error = 0.5;
    int worst = -1, along = -1;
    for (int i = 0; i < count; i++) {
        int c = cut_along(&boxes[i], &error);
        if (c >= 0) {
            worst = i;
            along = c;
        }
    }
    if (worst < 0)
        return false;
    struct box *box = &boxes[worst], *other = &boxes[count];
    int middle = (int)box->mean[along] >> SHIFT;
    if (middle >= box->high[along])
        middle = box->high[along] - 1;
    *other = *box;
    box->high[along] = middle;
    other->low[along] = middle + 1;
    measure(box, bins);
    measure(other, bins);
    return true;
}

/* Sixel says colours in percent. The level for one, near value and inside the box. */
static unsigned char say_able(double value, int low, int high)
{
    int percent = (int)lround(value * 100 / 255);
    int least = low << SHIFT, most = ((high + 1) << SHIFT) - 1;
    int level = (percent * 255 + 50) / 100;
    if (level > most)
        level = ((percent - 1) * 255 + 50) / 100;
    else if (level < least)
        level = ((percent + 1) * 255 + 50) / 100;
    return (unsigned char)level;
}

static double distance(const unsigned char *a, const unsigned char *b)
{
    double sum = 0;
    for (int c = 0; c < 3; c++)
        sum += (double)(a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

/* How far the colours of the picture lie apart, typically: what the dither has to bridge. */
static double spread(const struct palette *palette, const struct box *boxes)
{
    double sum = 0, weight = 0;
    for (int i = 0; i < palette->count; i++) {
        double least = 1e9;
        for (int k = 0; k < palette->count; k++)
            if (k != i)
                least = fmin(least, distance(palette->rgb[i], palette->rgb[k]));
        sum += boxes[i].count * sqrt(least);
        weight += boxes[i].count;
    }
    return palette->count > 1 ? sum / weight / sqrt(3.0) : 0;
}

void palette_make(struct palette *palette, int most, const unsigned char *rgb, int width,
                  int height)
{
    struct bin *bins = mem_new(PALETTE_CELLS * sizeof *bins);
    struct box boxes[PALETTE_MOST] = {{.high = {SIDE - 1, SIDE - 1, SIDE - 1}}};
    size_t n = (size_t)width * (size_t)height;
    for (size_t i = 0; i < n; i++) {
        struct bin *bin = &bins[cell_of(rgb + 3 * i)];
        bin->count++;
        for (int c = 0; c < 3; c++)
            bin->sum[c] += rgb[3 * i + (size_t)c];
    }
    int count = 1;
    measure(&boxes[0], bins);
    while (count < most && cut_worst(boxes, count, bins))
        count++;
    memset(palette, 0, sizeof *palette);
    for (int i = 0; i < count; i++) {
        if (boxes[i].count == 0)
            continue;
        for (int c = 0; c < 3; c++)
            palette->rgb[palette->count][c] =
                say_able(boxes[i].mean[c], boxes[i].low[c], boxes[i].high[c]);
        boxes[palette->count++] = boxes[i];
    }
    /* Many colours leave steps so small that half of the pattern hides them. */
    palette->spread = spread(palette, boxes) * (palette->count > 64 ? 0.5 : 1.0);
    mem_free(bins);
}

static const unsigned char *nearest(struct palette *palette, const unsigned char *pixel)
{
    uint16_t *found = &palette->nearest[cell_of(pixel)];
    if (*found == 0) {
        const unsigned char half = 1 << (SHIFT - 1), mask = (unsigned char)~((1 << SHIFT) - 1);
        unsigned char middle[3];
        for (int c = 0; c < 3; c++)
            middle[c] = (pixel[c] & mask) | half;
        double least = 1e9;
        for (int i = 0; i < palette->count; i++) {
            double d = distance(palette->rgb[i], middle);
            if (d < least) {
                least = d;
                *found = (uint16_t)(i + 1);
            }
        }
    }
    return palette->rgb[*found - 1];
}

/* Thresholds from 0 to 1 that are spread evenly over every neighbourhood and repeat nowhere: the
 * fractional parts of multiples of a number that no fraction is close to, in two dimensions
 * (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences"). */
static double threshold(int x, int y, int c)
{
    double t = x * 0.7548776662466927 + y * 0.5698402909980532 + c / 3.0;
    t -= floor(t);
    return t < 0.5 ? 2 * t : 2 - 2 * t;
}

enum { TILE = 64 };

void palette_apply(unsigned char *out, struct palette *palette, const unsigned char *rgb, int width,
                   int height)
{
    signed char shift[TILE][TILE][3];
    for (int y = 0; y < TILE; y++)
        for (int x = 0; x < TILE; x++)
            for (int c = 0; c < 3; c++)
                shift[y][x][c] = (signed char)fmax(
                    -127, fmin(127, (threshold(x, y, c) - 0.5) * palette->spread));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, rgb += 3, out += 3) {
            unsigned char pixel[3];
            for (int c = 0; c < 3; c++) {
                int v = rgb[c] + shift[y % TILE][x % TILE][c];
                pixel[c] = (unsigned char)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
            memcpy(out, nearest(palette, pixel), 3);
        }
}

double palette_error(struct palette *palette, const unsigned char *rgb, int width, int height)
{
    enum { STRIDE = 37 };
    size_t n = (size_t)width * (size_t)height, seen = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i += STRIDE, seen++) {
        const unsigned char *pixel = rgb + 3 * i, *colour = nearest(palette, pixel);
        for (int c = 0; c < 3; c++)
            sum += fabs((double)pixel[c] - colour[c]);
    }
    return seen ? sum / (3.0 * (double)seen) : 0;
}

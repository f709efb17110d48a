/*
 * image_upright.c: see image_codec.h. Which way up a stored picture is, the one field of EXIF that
 * matters here, read with bounds checks; and how its pixels are walked so that it comes out so.
 */
#include <stdint.h>
#include <string.h>

#include "engine/image/image_codec.h"

struct tiff {
    const unsigned char *data;
    size_t size;
    bool little;
};

/* The unsigned number of so many bytes at offset, 0 if it lies outside. */
static uint32_t tiff_get(const struct tiff *t, size_t offset, size_t bytes)
{
    uint32_t value = 0;
    if (offset > t->size || bytes > t->size - offset)
        return 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | t->data[offset + (t->little ? bytes - 1 - i : i)];
    return value;
}

int image_orientation(const unsigned char *data, size_t size)
{
    enum { TAG = 0x112, SHORT = 3, ENTRY = 12 };
    if (size < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return 1;
    struct tiff t = {data, size, data[0] == 'I'};
    size_t directory = tiff_get(&t, 4, 4), count = tiff_get(&t, directory, 2);
    for (size_t i = 0; i < count; i++) {
        size_t entry = directory + 2 + i * ENTRY;
        if (tiff_get(&t, entry, 2) != TAG || tiff_get(&t, entry + 2, 2) != SHORT)
            continue;
        uint32_t value = tiff_get(&t, entry + 8, 2);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

bool image_on_its_side(const struct image_head *head)
{
    return head->orientation >= 5;
}

struct image_walk image_walk(int orientation, int width, int height)
{
    const ptrdiff_t w = width, h = height;
    const struct image_walk walks[8] = {
        {0, 1, w},  {w - 1, -1, w}, {w * h - 1, -1, -w}, {w * (h - 1), 1, -w},
        {0, w, 1},  {w * (h - 1), -w, 1}, {w * h - 1, -w, -1}, {w - 1, w, -1},
    };
    return walks[orientation - 1];
}

/*
 * image_jpeg.c: JPEG in memory ⇄ struct image, by TurboJPEG, which does not jump; and the one
 * field of EXIF that matters here, which way up the picture is, read with bounds checks.
 */
#include "image_codec.h"

#include <stdint.h>
#include <string.h>
#include <turbojpeg.h>

#include "mem.h"

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, MOST_SIDE = 65500, QUALITY = 95 };

static bool recognise(const unsigned char *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0;
}

/* EXIF */

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

/* 1 to 8 from the first directory of the TIFF structure, 1 (upright) if it does not say. */
static int tiff_orientation(const unsigned char *data, size_t size)
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

static int orientation(const unsigned char *data, size_t size)
{
    static const unsigned char exif[6] = "Exif\0";
    size_t at = 2;
    while (size - at >= 4 && data[at] == 0xff) {
        unsigned marker = data[at + 1];
        if (marker == 0xff) { /* markers may be padded */
            at++;
            continue;
        }
        size_t length = (size_t)data[at + 2] << 8 | data[at + 3];
        if (marker == SOS || marker == EOI || length < 2 || length > size - at - 2)
            break;
        const unsigned char *body = data + at + 4;
        if (marker == APP1 && length >= 2 + sizeof exif && memcmp(body, exif, sizeof exif) == 0)
            return tiff_orientation(body + sizeof exif, length - 2 - sizeof exif);
        at += 2 + length;
    }
    return 1;
}

/* Decoding */

struct head {
    int width, height; /* as stored, not upright */
    int orientation;
    bool cmyk;
};

static enum status read_head(struct head *head, tjhandle handle, const unsigned char *data,
                             size_t size, const char *path, struct diag *diag)
{
    int width = 0, height = 0, sampling, colours = -1;
    int failed = tjDecompressHeader3(handle, data, size, &width, &height, &sampling, &colours);
    /* It also fails for a chroma sampling that has no name, which decoding does not mind, and does
     * not fail for a file that ends early; what counts is whether size and colours are known. */
    if (width < 1 || height < 1 || colours < 0)
        return diag_set(diag, STATUS_INPUT, "%s is a JPEG that cannot be read: %s", path,
                        failed ? tjGetErrorStr2(handle) : "it ends before its picture begins");
    TRY(image_check_size((unsigned long)width, (unsigned long)height, path, diag));
    *head = (struct head){width, height, orientation(data, size),
                          colours == TJCS_CMYK || colours == TJCS_YCCK};
    return STATUS_OK;
}

static bool lies_on_its_side(const struct head *head)
{
    return head->orientation >= 5;
}

static enum status probe(int *width, int *height, const unsigned char *data, size_t size,
                         const char *path, struct diag *diag)
{
    tjhandle handle = tjInitDecompress();
    if (!handle)
        return diag_set(diag, STATUS_LIBRARY, "TurboJPEG does not start: %s", tjGetErrorStr2(NULL));
    struct head head;
    enum status status = read_head(&head, handle, data, size, path, diag);
    tjDestroy(handle);
    if (status != STATUS_OK)
        return status;
    *width = lies_on_its_side(&head) ? head.height : head.width;
    *height = lies_on_its_side(&head) ? head.width : head.height;
    return STATUS_OK;
}

/* Stored pixels to upright planes: where the first pixel comes from, and how far it is from one to
 * the next in x and in y, for EXIF's eight orientations. */
static enum status unpack(struct image *out, const unsigned char *pixels, const struct head *head,
                          struct diag *diag)
{
    const ptrdiff_t w = head->width, h = head->height;
    const struct {
        ptrdiff_t first, right, down;
    } walks[8] = {
        {0, 1, w},  {w - 1, -1, w}, {w * h - 1, -1, -w}, {w * (h - 1), 1, -w},
        {0, w, 1},  {w * (h - 1), -w, 1}, {w * h - 1, -w, -1}, {w - 1, w, -1},
    }, walk = walks[head->orientation - 1];
    struct image image = {0};
    TRY(image_init(&image, lies_on_its_side(head) ? head->height : head->width,
                   lies_on_its_side(head) ? head->width : head->height, diag));
    size_t plane = (size_t)(w * h), i = 0;
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++, i++) {
            ptrdiff_t from = walk.first + x * walk.right + y * walk.down;
            const unsigned char *p = pixels + from * (head->cmyk ? 4 : 3);
            /* Adobe stores inks inverted, and so does everyone else: 255 is no ink. */
            float light = head->cmyk ? p[3] / 255.0f : 1.0f;
            for (size_t c = 0; c < 3; c++)
                image.rgb[c * plane + i] = p[c] * light;
        }
    *out = image;
    return STATUS_OK;
}

/* A picture that ends early or has broken data is refused, though TurboJPEG would fill it up with
 * grey. Stray bytes between segments, which some cameras leave, do no harm. */
static bool harmless(tjhandle handle)
{
    return tjGetErrorCode(handle) == TJERR_WARNING &&
           strstr(tjGetErrorStr2(handle), "extraneous bytes before marker");
}

static enum status decode(struct image *out, const unsigned char *data, size_t size,
                          const char *path, struct diag *diag)
{
    tjhandle handle = tjInitDecompress();
    if (!handle)
        return diag_set(diag, STATUS_LIBRARY, "TurboJPEG does not start: %s", tjGetErrorStr2(NULL));
    struct head head;
    unsigned char *pixels = NULL;
    enum status status = read_head(&head, handle, data, size, path, diag);
    if (status != STATUS_OK)
        goto done;
    size_t bytes = head.cmyk ? 4 : 3;
    status = mem_big(&pixels, mem_product((size_t)head.width, (size_t)head.height, bytes), path,
                     diag);
    if (status != STATUS_OK)
        goto done;
    if (tjDecompress2(handle, data, size, pixels, head.width, 0, head.height,
                      head.cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_LIMITSCANS) != 0 &&
        !harmless(handle)) {
        status = diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated JPEG: %s", path,
                          tjGetErrorStr2(handle));
        goto done;
    }
    status = unpack(out, pixels, &head, diag);
done:
    tjDestroy(handle);
    mem_free(pixels);
    return status;
}

static enum status encode(unsigned char **out, size_t *size, const struct image *image,
                          const char *job, const char *path, struct diag *diag)
{
    (void)job;
    if (image->width > MOST_SIDE || image->height > MOST_SIDE)
        return diag_set(diag, STATUS_RANGE,
                        "%s would be %d×%d, and no side of a JPEG exceeds %d; write a .png", path,
                        image->width, image->height, MOST_SIDE);
    tjhandle handle = tjInitCompress();
    if (!handle)
        return diag_set(diag, STATUS_LIBRARY, "TurboJPEG does not start: %s", tjGetErrorStr2(NULL));
    unsigned char *bytes = NULL, *file = NULL;
    unsigned long room = tjBufSize(image->width, image->height, TJSAMP_444);
    enum status status = image_pack(&bytes, image, 3, diag);
    if (status == STATUS_OK)
        status = mem_big(&file, room, path, diag);
    if (status != STATUS_OK)
        goto done;
    if (tjCompress2(handle, bytes, image->width, 0, image->height, TJPF_RGB, &file, &room,
                    TJSAMP_444, QUALITY, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC) != 0) {
        status = diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", path,
                          tjGetErrorStr2(handle));
        goto done;
    }
    *out = file;
    *size = room;
    file = NULL;
done:
    tjDestroy(handle);
    mem_free(bytes);
    mem_free(file);
    return status;
}

const struct image_codec image_jpeg_codec = {
    .endings = ".jpg\0.jpeg\0",
    .recognise = recognise,
    .probe = probe,
    .decode = decode,
    .encode = encode,
};

/*
 * image_jpeg.c: JPEG ⇄ struct image, by TurboJPEG, which does not jump; and the one
 * field of EXIF that matters here, which way up the picture is, read with bounds checks.
 */
#include "engine/image/image_codec.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <turbojpeg.h>

#include "engine/base/mem.h"

enum { TEM = 1, RST0 = 0xd0, RST7 = 0xd7, SOI, EOI, SOS, APP1 = 0xe1 };

enum { MOST_SIDE = 65500, QUALITY = 95 };

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

/* Head */

static enum status unreadable(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a JPEG that cannot be read: %s", path, why);
}

/* What stands before the first scan. */
struct frame {
    int type;          /* C0 to CF */
    int width, height; /* as stored, not upright */
    int components;
    int across[4], down[4]; /* sampling factors */
    int scanned;            /* components in the first scan */
    int orientation;
    const char *problem;
};

/* The next marker, stray bytes and padding before it skipped; EOF if there is none near. */
static int next_marker(FILE *file)
{
    enum { MOST_STRAY = 1 << 16 };
    int byte = getc(file);
    for (int i = 0; byte != EOF && i < MOST_STRAY; i++) {
        if (byte != 0xff) {
            byte = getc(file);
            continue;
        }
        while (byte == 0xff)
            byte = getc(file);
        if (byte != 0)
            return byte;
    }
    return EOF;
}

static bool is_frame(int marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static void take_frame(struct frame *f, int marker, const unsigned char *body, size_t size)
{
    if (size < 6 || size < 6 + 3 * (size_t)body[5])
        return;
    f->type = marker;
    f->height = body[1] << 8 | body[2];
    f->width = body[3] << 8 | body[4];
    f->components = body[5];
    if (body[0] != 8)
        f->problem = "its pixels are not of 8 bits";
    else if (f->width < 1 || f->height < 1)
        f->problem = "it says not how large it is";
    else if (f->components != 1 && f->components != 3 && f->components != 4)
        f->problem = "its pixels are of no known kind";
    for (int i = 0; i < f->components && !f->problem; i++) {
        f->across[i] = body[6 + 3 * i + 1] >> 4;
        f->down[i] = body[6 + 3 * i + 1] & 15;
        if (f->across[i] < 1 || f->across[i] > 4 || f->down[i] < 1 || f->down[i] > 4)
            f->problem = "its pixels are of no known kind";
    }
}

/* The data of a segment into body, as far as it goes; false where the file ends. */
static bool read_segment(unsigned char body[1 << 16], size_t *size, FILE *file)
{
    int high = getc(file), low = getc(file);
    size_t length = low == EOF ? 0 : (size_t)(high << 8 | low);
    if (length < 2)
        return false;
    *size = length - 2;
    return fread(body, 1, *size, file) == *size;
}

static void read_frame(struct frame *f, FILE *file)
{
    static const unsigned char exif[6] = "Exif\0";
    enum { MOST_SEGMENTS = 1 << 14 };
    unsigned char *body = mem_new(1 << 16);
    size_t size;
    *f = (struct frame){.orientation = 1};
    for (int i = 0; i < MOST_SEGMENTS && !f->problem; i++) {
        int marker = next_marker(file);
        if (marker == SOI || marker == TEM || (marker >= RST0 && marker <= RST7))
            continue; /* no data belongs to these */
        if (marker == EOF || marker == EOI || !read_segment(body, &size, file))
            break;
        if (is_frame(marker) && !f->type) {
            take_frame(f, marker, body, size);
        } else if (marker == APP1 && size >= sizeof exif && memcmp(body, exif, sizeof exif) == 0) {
            f->orientation = tiff_orientation(body + sizeof exif, size - sizeof exif);
        } else if (marker == SOS) {
            f->scanned = size > 0 ? body[0] : 0;
            break;
        }
    }
    if (!f->problem && (!f->type || !f->scanned))
        f->problem = "it ends before its picture begins";
    mem_free(body);
}

static size_t up(size_t value, size_t by)
{
    return (value + by - 1) / by;
}

/* The blocks of 8×8 that all components have together. */
static size_t count_blocks(const struct frame *f)
{
    size_t most_across = 1, most_down = 1, blocks = 0;
    for (int i = 0; i < f->components; i++) {
        most_across = (size_t)f->across[i] > most_across ? (size_t)f->across[i] : most_across;
        most_down = (size_t)f->down[i] > most_down ? (size_t)f->down[i] : most_down;
    }
    for (int i = 0; i < f->components; i++)
        blocks += up((size_t)f->width, 8 * most_across) * (size_t)f->across[i] *
                  up((size_t)f->height, 8 * most_down) * (size_t)f->down[i];
    return blocks;
}

static bool lies_on_its_side(const struct image_head *head)
{
    return head->orientation >= 5;
}

static enum status probe(struct image_head *head, FILE *file, size_t size, const char *path,
                         struct diag *diag)
{
    enum { BLOCK = 64 * 2, MORE = 1 << 16, BLOCK_MOST = 4 * 64 }; /* bytes */
    struct frame f;
    read_frame(&f, file);
    if (f.problem)
        return unreadable(path, f.problem, diag);
    TRY(image_check_size((unsigned long)f.width, (unsigned long)f.height, path, diag));
    size_t blocks = count_blocks(&f), start = (size_t)ftello(file);
    bool progressive = (f.type & 3) == 2, arithmetic = f.type >= 0xc9;
    head->orientation = f.orientation;
    head->width = lies_on_its_side(head) ? f.height : f.width;
    head->height = lies_on_its_side(head) ? f.width : f.height;
    head->channels = f.components == 4 ? 4 : 3;
    /* What stands behind the picture, a film for instance, is left alone. */
    head->file = start + MORE + blocks * BLOCK_MOST;
    head->file = head->file < size ? head->file : size;
    head->held = progressive || f.scanned < f.components ? blocks * BLOCK : 0;
    /* Huffman's code has at least a bit for each block. */
    head->least = arithmetic ? 0 : blocks / 8 / (size_t)f.components;
    return STATUS_OK;
}

static int divisor(int most)
{
    return most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

/* Decoding */

static size_t need(const struct image_head *head, const struct image_plan *plan)
{
    enum { LINES = 256 }; /* TurboJPEG's, bytes a column */
    size_t by = (size_t)plan->by, w = up((size_t)head->width, by), h = up((size_t)head->height, by);
    size_t side = (size_t)(lies_on_its_side(head) ? head->height : head->width);
    return w * h * (size_t)head->channels + side * LINES;
}

/* A picture as TurboJPEG gives it: as stored, every side divided. */
struct pixels {
    unsigned char *bytes;
    int width, height;
    bool cmyk;
};

/* The part of stored pixels that is wanted to upright planes. A walk says where the first pixel
 * comes from, and how far it is from one to the next in x and in y, for EXIF's eight orientations.
 */
static enum status unpack(struct image_part *out, const struct pixels *in,
                          const struct image_head *head, const struct image_plan *plan,
                          struct diag *diag)
{
    const ptrdiff_t w = in->width, h = in->height;
    const struct {
        ptrdiff_t first, right, down;
    } walks[8] = {
        {0, 1, w},  {w - 1, -1, w}, {w * h - 1, -1, -w}, {w * (h - 1), 1, -w},
        {0, w, 1},  {w * (h - 1), -w, 1}, {w * h - 1, -w, -1}, {w - 1, w, -1},
    }, walk = walks[head->orientation - 1];
    int wide = lies_on_its_side(head) ? in->height : in->width;
    int high = lies_on_its_side(head) ? in->width : in->height;
    /* The last stored column may stand for fewer pixels than others; mirrored, it is the first. */
    double by = plan->by, left = plan->left / by, top = plan->top / by;
    left += walk.right < 0 ? wide - head->width / by : 0.0;
    top += walk.down < 0 ? high - head->height / by : 0.0;
    int x0 = (int)floor(left), y0 = (int)floor(top);
    int x1 = (int)ceil(left + plan->width / by), y1 = (int)ceil(top + plan->height / by);
    struct image image = {0};
    TRY(image_init(&image, x1 - x0, y1 - y0, diag));
    size_t plane = (size_t)image.width * (size_t)image.height, i = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++, i++) {
            ptrdiff_t from = walk.first + x * walk.right + y * walk.down;
            const unsigned char *p = in->bytes + from * (in->cmyk ? 4 : 3);
            /* Adobe stores inks inverted, and so does everyone else: 255 is no ink. */
            float light = in->cmyk ? p[3] / 255.0f : 1.0f;
            for (size_t c = 0; c < 3; c++)
                image.rgb[c * plane + i] = p[c] * light;
        }
    *out = (struct image_part){image, left - x0, top - y0, plan->width / by, plan->height / by};
    return STATUS_OK;
}

/* A picture that ends early or has broken data is refused, though TurboJPEG would fill it up with
 * grey. Stray bytes between segments, which some cameras leave, do no harm. */
static bool harmless(tjhandle handle)
{
    return tjGetErrorCode(handle) == TJERR_WARNING &&
           strstr(tjGetErrorStr2(handle), "extraneous bytes before marker");
}

/* Colours, and whether TurboJPEG takes the picture for the one that was probed. It also fails for
 * a chroma sampling that has no name, which decoding does not mind. */
static enum status check_head(struct pixels *pixels, tjhandle handle, const unsigned char *data,
                              const struct image_head *head, const char *path, struct diag *diag)
{
    int width = 0, height = 0, sampling, colours = -1;
    int failed = tjDecompressHeader3(handle, data, head->file, &width, &height, &sampling,
                                     &colours);
    bool turned = lies_on_its_side(head);
    if (width != (turned ? head->height : head->width) ||
        height != (turned ? head->width : head->height) || colours < 0)
        return unreadable(path, failed ? tjGetErrorStr2(handle) : "it contradicts itself", diag);
    pixels->cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK;
    if (pixels->cmyk && head->channels != 4)
        return unreadable(path, "it contradicts itself", diag);
    return STATUS_OK;
}

static enum status decompress(struct pixels *pixels, tjhandle handle, const unsigned char *data,
                              const struct image_head *head, const struct image_plan *plan,
                              const char *path, struct diag *diag)
{
    const tjscalingfactor scale = {1, plan->by};
    bool turned = lies_on_its_side(head);
    TRY(check_head(pixels, handle, data, head, path, diag));
    pixels->width = TJSCALED((turned ? head->height : head->width), scale);
    pixels->height = TJSCALED((turned ? head->width : head->height), scale);
    TRY(mem_big(&pixels->bytes, mem_product((size_t)pixels->width, (size_t)pixels->height,
                                            pixels->cmyk ? 4 : 3), path, diag));
    if (tjDecompress2(handle, data, head->file, pixels->bytes, pixels->width, 0, pixels->height,
                      pixels->cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_LIMITSCANS) != 0 &&
        !harmless(handle))
        return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated JPEG: %s", path,
                        tjGetErrorStr2(handle));
    return STATUS_OK;
}

static enum status decode(struct image_part *out, const struct image_head *head,
                          const struct image_plan *plan, FILE *file, const char *path,
                          struct diag *diag)
{
    struct pixels pixels = {0};
    unsigned char *data = NULL;
    tjhandle handle = tjInitDecompress();
    if (!handle)
        return diag_set(diag, STATUS_LIBRARY, "TurboJPEG does not start: %s", tjGetErrorStr2(NULL));
    enum status status = mem_big(&data, head->file, path, diag);
    if (status == STATUS_OK && fread(data, 1, head->file, file) != head->file)
        status = diag_set(diag, STATUS_INPUT, "%s has changed while it was to be read", path);
    if (status == STATUS_OK)
        status = decompress(&pixels, handle, data, head, plan, path, diag);
    tjDestroy(handle); /* with the coefficients that it may hold */
    mem_free(data);
    if (status == STATUS_OK)
        status = unpack(out, &pixels, head, plan, diag);
    mem_free(pixels.bytes);
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
    unsigned long capacity = tjBufSize(image->width, image->height, TJSAMP_444);
    enum status status = image_pack(&bytes, image, 3, diag);
    if (status == STATUS_OK)
        status = mem_big(&file, capacity, path, diag);
    if (status != STATUS_OK)
        goto done;
    if (tjCompress2(handle, bytes, image->width, 0, image->height, TJPF_RGB, &file, &capacity,
                    TJSAMP_444, QUALITY, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC) != 0) {
        status = diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", path,
                          tjGetErrorStr2(handle));
        goto done;
    }
    *out = file;
    *size = capacity;
    file = NULL;
done:
    tjDestroy(handle);
    mem_free(bytes);
    mem_free(file);
    return status;
}

const struct image_codec image_jpeg_codec = {
    .name = "JPEG",
    .endings = ".jpg .jpeg",
    .recognise = recognise,
    .probe = probe,
    .divisor = divisor,
    .need = need,
    .decode = decode,
    .encode = encode,
};

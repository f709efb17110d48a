/*
 * image_webp.c: WebP read by libwebp, which holds the whole picture. Its container, RIFF, is walked
 * here, for the size, for the memory that it will take, and for EXIF. The format: RFC 9649.
 */
#include "engine/image/image_codec.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <webp/decode.h>

#include "engine/base/mem.h"

enum { RIFF = 12, CHUNK = 8 }; /* bytes of a head */

static bool recognise(const unsigned char *data, size_t size)
{
    return size >= RIFF && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

static enum status unreadable(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a WebP that cannot be read: %s", path, why);
}

static enum status damaged(const char *path, const char *why, struct diag *diag)
{
    return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated WebP: %s", path, why);
}

/* ---- the container ------------------------------------------------------------------------ */

static size_t number(const unsigned char *at, int bytes)
{
    size_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

/* What the chunks up to the pixels and behind them say. */
struct container {
    size_t end;          /* of what belongs to it in the file */
    size_t width, height;
    bool extended, lossless, found; /* the pixels */
    int orientation;
    const char *problem;
};

/* The head of the pixels' own chunk. */
static void take_frame(struct container *c, const unsigned char *body, size_t n, bool lossless)
{
    c->found = true;
    c->lossless = lossless;
    if (n < 10 || (lossless ? body[0] != 0x2f : memcmp(body + 3, "\x9d\x01\x2a", 3) != 0)) {
        c->problem = "its picture has no head";
        return;
    }
    if (c->extended)
        return;
    c->width = lossless ? (number(body + 1, 2) & 0x3fff) + 1 : number(body + 6, 2) & 0x3fff;
    c->height = lossless ? (number(body + 2, 3) >> 6 & 0x3fff) + 1 : number(body + 8, 2) & 0x3fff;
}

static void take_chunk(struct container *c, const char *type, const unsigned char *body, size_t n)
{
    enum { ANIMATED = 2 };
    static const unsigned char exif[6] = "Exif\0";
    if (memcmp(type, "VP8X", 4) == 0 && n >= 10) {
        c->extended = true;
        c->width = number(body + 4, 3) + 1;
        c->height = number(body + 7, 3) + 1;
        if (body[0] & ANIMATED)
            c->problem = "it is an animation; save one of its pictures";
    } else if (memcmp(type, "VP8 ", 4) == 0 || memcmp(type, "VP8L", 4) == 0) {
        take_frame(c, body, n, type[3] == 'L');
    } else if (memcmp(type, "EXIF", 4) == 0) { /* some programs write JPEG's prefix, too */
        size_t skip = n >= sizeof exif && memcmp(body, exif, sizeof exif) == 0 ? sizeof exif : 0;
        c->orientation = image_orientation(body + skip, n - skip);
    }
}

/* Reads the heads of all chunks, and as much of each as there may be to look at. */
static void walk(struct container *c, FILE *file, size_t size)
{
    enum { MOST_CHUNKS = 1 << 12, LOOKED_AT = 1 << 16 };
    unsigned char head[RIFF], *body = mem_new(LOOKED_AT);
    *c = (struct container){.orientation = 1};
    size_t at = RIFF, riff = fread(head, 1, RIFF, file) == RIFF ? number(head + 4, 4) : 0;
    c->end = riff + CHUNK;
    if (c->end > size || riff < CHUNK)
        c->problem = "it ends too early";
    for (int i = 0; i < MOST_CHUNKS && !c->problem && c->end - at >= CHUNK; i++) {
        if (fseeko(file, (off_t)at, SEEK_SET) != 0 || fread(head, 1, CHUNK, file) != CHUNK)
            c->problem = "it ends too early";
        size_t length = number(head + 4, 4), most = length < LOOKED_AT ? length : LOOKED_AT;
        at += CHUNK;
        if (!c->problem && (length > c->end - at || fread(body, 1, most, file) != most))
            c->problem = "it ends too early";
        if (!c->problem)
            take_chunk(c, (const char *)head, body, most);
        at += length + (length & 1);
        if (at > c->end)
            break;
    }
    if (!c->problem && !c->found)
        c->problem = "there is no picture in it";
    mem_free(body);
}

static enum status probe(struct image_head *head, FILE *file, size_t size, const char *path,
                         struct diag *diag)
{
    /* Bytes of a pixel: ours, and libwebp's for what is lossless, as alpha may be. */
    enum { RGB = 3, RGBA = 4, LOSSLESS = 4, ALPHA = 5 };
    enum { LARGE = 1 << 22, FLATTEST = 4096 };
    struct container c;
    walk(&c, file, size);
    if (c.problem)
        return unreadable(path, c.problem, diag);
    TRY(image_check_size(c.width, c.height, path, diag));
    bool plain = !c.extended && !c.lossless;
    size_t n = c.width * c.height;
    head->orientation = c.orientation;
    head->width = (int)(image_on_its_side(head) ? c.height : c.width);
    head->height = (int)(image_on_its_side(head) ? c.width : c.height);
    head->channels = plain ? 3 : 4;
    head->file = c.end;
    head->held = c.end + n * (plain ? RGB : RGBA + (c.extended ? ALPHA : LOSSLESS));
    /* A flat picture may be a few bytes for any number of pixels, which is not believed of large
     * ones. */
    head->least = n > LARGE ? n / FLATTEST : 0;
    return STATUS_OK;
}

static int divisor(int most)
{
    return most;
}

static size_t need(const struct image_head *head, const struct image_plan *plan)
{
    enum { COLUMN = 256 }; /* libwebp's rows */
    (void)plan;
    return (size_t)(head->width + head->height) * COLUMN;
}

/* ---- decoding ----------------------------------------------------------------------------- */

struct reader {
    struct image_decoder decoder;
    unsigned char *pixels; /* as stored, RGB or RGBA */
    size_t channels;
    int y;                 /* rows given */
    struct image_walk walk;
};

static const char *reason(VP8StatusCode code)
{
    return code == VP8_STATUS_SUSPENDED || code == VP8_STATUS_NOT_ENOUGH_DATA
               ? "it ends too early"
               : "its data are broken";
}

static enum status decode(struct reader *r, const unsigned char *data, size_t size, int width,
                          int height, const char *path, struct diag *diag)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return diag_set(diag, STATUS_LIBRARY, "libwebp is another version than at compile time");
    VP8StatusCode code = WebPGetFeatures(data, size, &config.input);
    if (code != VP8_STATUS_OK)
        return damaged(path, reason(code), diag);
    if (config.input.width != width || config.input.height != height ||
        config.input.has_animation)
        return unreadable(path, "it contradicts itself", diag);
    r->channels = config.input.has_alpha ? 4 : 3;
    size_t stride = mem_times((size_t)width, r->channels);
    TRY(mem_big(&r->pixels, mem_times(stride, (size_t)height), path, diag));
    config.output.colorspace = r->channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = r->pixels;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = stride * (size_t)height;
    code = WebPDecode(data, size, &config);
    if (code == VP8_STATUS_OUT_OF_MEMORY)
        return diag_set(diag, STATUS_MEMORY, "there is not enough memory to read %s", path);
    return code == VP8_STATUS_OK ? STATUS_OK : damaged(path, reason(code), diag);
}

static void close_reader(struct image_decoder *decoder)
{
    struct reader *r = (struct reader *)decoder;
    mem_free(r->pixels);
    mem_free(r);
}

static enum status open_reader(struct image_decoder **out, const struct image_head *head,
                               const struct image_plan *plan, FILE *file, const char *path,
                               struct diag *diag)
{
    bool turned = image_on_its_side(head);
    int width = turned ? head->height : head->width, height = turned ? head->width : head->height;
    unsigned char *data;
    TRY(mem_big(&data, head->file, path, diag));
    struct reader *r = mem_new(sizeof *r);
    enum status status = STATUS_OK;
    if (fread(data, 1, head->file, file) != head->file)
        status = diag_set(diag, STATUS_INPUT, "cannot read %s: %s", path,
                          ferror(file) ? strerror(errno) : "it has become shorter");
    if (status == STATUS_OK)
        status = decode(r, data, head->file, width, height, path, diag);
    mem_free(data);
    r->walk = image_walk(head->orientation, width, height);
    r->decoder = (struct image_decoder){.width = head->width, .height = head->height,
                                        .alpha = r->channels == 4, .box = plan->by,
                                        .left = plan->left, .top = plan->top};
    if (status == STATUS_OK)
        *out = &r->decoder;
    else
        close_reader(&r->decoder);
    return status;
}

static enum status row(struct image_decoder *decoder, float *const to[4], int from, int count,
                       struct diag *diag)
{
    struct reader *r = (struct reader *)decoder;
    ptrdiff_t size = (ptrdiff_t)r->channels, step = r->walk.right * size;
    const unsigned char *p =
        r->pixels + (r->walk.first + from * r->walk.right + r->y * r->walk.down) * size;
    (void)diag;
    r->y++;
    for (int i = 0; to && i < count; i++) {
        const unsigned char *pixel = p + i * step;
        float a = size == 4 ? pixel[3] / 255.0f : 1.0f;
        for (int c = 0; c < 3; c++)
            to[c][i] = a * pixel[c] + (1.0f - a) * 255.0f;
        if (to[3])
            to[3][i] = pixel[3];
    }
    return STATUS_OK;
}

const struct image_codec image_webp_codec = {
    .name = "WebP",
    .endings = ".webp",
    .recognise = recognise,
    .probe = probe,
    .divisor = divisor,
    .need = need,
    .open = open_reader,
    .row = row,
    .close = close_reader,
};

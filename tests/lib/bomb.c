/* bomb.c: see bomb.h. */
#include "tests/lib/bomb.h"

void bomb_put32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

void bomb_chunk(FILE *f, const char *type, const unsigned char *data, size_t size)
{
    unsigned char number[4];
    bomb_put32(number, (uint32_t)size);
    fwrite(number, 1, 4, f);
    fwrite(type, 1, 4, f);
    fwrite(data, 1, size, f);
    uLong crc = crc32(0, (const unsigned char *)type, 4);
    bomb_put32(number, (uint32_t)(size ? crc32(crc, data, (uInt)size) : crc));
    fwrite(number, 1, 4, f);
}

void bomb_head(FILE *f, const struct png_kind *kind)
{
    unsigned char head[13] = {0};
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, f);
    bomb_put32(head, (uint32_t)kind->width);
    bomb_put32(head + 4, (uint32_t)kind->height);
    head[8] = (unsigned char)kind->depth;
    head[9] = (unsigned char)kind->colour;
    head[12] = (unsigned char)kind->interlaced;
    bomb_chunk(f, "IHDR", head, sizeof head);
}

void bomb_rows(z_stream *z, FILE *f, size_t size, int rows, unsigned char value,
               void (*fill)(unsigned char *row, int y))
{
    unsigned char *row = mem_new(1 + size), out[1 << 14];
    memset(row + 1, value, size);
    for (int y = 0; y < rows; y++) {
        if (fill)
            fill(row + 1, y);
        z->next_in = row;
        z->avail_in = (uInt)(1 + size);
        while (z->avail_in > 0) {
            z->next_out = out;
            z->avail_out = sizeof out;
            deflate(z, Z_NO_FLUSH);
            if (z->avail_out < sizeof out)
                bomb_chunk(f, "IDAT", out, sizeof out - z->avail_out);
        }
    }
    mem_free(row);
}

void bomb_png(const char *path, struct png_kind kind, unsigned char value,
              void (*fill)(unsigned char *row, int y))
{
    static const int channels[7] = {1, 0, 3, 1, 2, 0, 4};
    static const int adam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    unsigned char out[1 << 14];
    z_stream z = {0};
    FILE *f = fopen(path, "wb");
    int bits = kind.depth * channels[kind.colour], end = Z_OK;
    deflateInit(&z, 1);
    bomb_head(f, &kind);
    for (int i = 0; i < (kind.interlaced ? 7 : 1); i++) {
        const int *a = adam7[i];
        int w = kind.interlaced ? (kind.width - a[0] + a[2] - 1) / a[2] : kind.width;
        int h = kind.interlaced ? (kind.height - a[1] + a[3] - 1) / a[3] : kind.height;
        bomb_rows(&z, f, ((size_t)w * (size_t)bits + 7) / 8, h, value, fill);
    }
    while (end == Z_OK) {
        z.next_out = out;
        z.avail_out = sizeof out;
        end = deflate(&z, Z_FINISH);
        bomb_chunk(f, "IDAT", out, sizeof out - z.avail_out);
    }
    deflateEnd(&z);
    bomb_chunk(f, "IEND", (const unsigned char *)"", 0);
    fclose(f);
}

size_t bomb_peak(bool (*work)(void *context), void *context)
{
    int ends[2], status;
    size_t grown = SIZE_MAX;
    if (pipe(ends) != 0)
        return SIZE_MAX;
    pid_t child = fork();
    if (child == 0) {
        size_t before = mem_resident();
        bool done = work(context);
        size_t peak = mem_peak();
        grown = peak > before ? peak - before : 0;
        _exit(done && write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &grown, sizeof grown) != sizeof grown)
        grown = SIZE_MAX;
    close(ends[0]);
    if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
        grown = SIZE_MAX;
    return grown;
}

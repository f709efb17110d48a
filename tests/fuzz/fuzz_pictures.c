/*
 * fuzz_pictures.c: JPEG and PNG: the head, the whole picture, and a part of it made small, in no
 * more memory than image_need has foreseen; the job inside a PNG.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <sanitizer/allocator_interface.h>

#include "engine/base/mem.h"
#include "engine/image/image.h"
#include "engine/job/job.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_MEMORY = 1 << 22 }; /* that a picture may need to be read here */

/* image_need allows every picture a megabyte for the libraries' own code, in which a forecast that
 * is wrong for small pictures would hide; this is as much as they take. */
enum { ALLOWED = 1 << 20, TAKEN = 1 << 17 };

static const char name[] = "input.png"; /* what is in a file decides, not its name */

/* Memory in use, and the most that was: libraries' memory is counted as well as ours. */
static size_t used, peak;

static void count_allocated(const volatile void *block, size_t size)
{
    (void)block;
    used += size;
    peak = used > peak ? used : peak;
}

static void count_freed(const volatile void *block)
{
    size_t size = block ? __sanitizer_get_allocated_size(block) : 0;
    used -= size < used ? size : used;
}

/* OpenMP takes a megabyte for itself when it first computes, which is no picture's. */
static void begin_to_count(void)
{
    static bool counts;
    struct image dot, dots;
    if (!counts && image_init(&dot, 1, 1, NULL) == STATUS_OK) {
        CLAIM(image_resize(&dots, &dot, 2, 2, NULL) == STATUS_OK);
        image_clear(&dot);
        image_clear(&dots);
        __sanitizer_install_malloc_and_free_hooks(count_allocated, count_freed);
    }
    counts = true;
    used = peak = 0;
}

static void read_part(const struct image_head *head, const struct image_request *request)
{
    struct diag diag = {0};
    struct image_part part;
    struct image small;
    size_t need = image_need(head, request);
    if (need > MOST_MEMORY)
        return;
    begin_to_count();
    if (fuzz_said(image_read_part(&part, name, head, request, &diag), &diag) == STATUS_OK) {
        CLAIM(part.left >= 0.0 && part.left + part.width <= part.image.width + 1e-9);
        CLAIM(part.top >= 0.0 && part.top + part.height <= part.image.height + 1e-9);
        if (request->to_width && image_part_resize(&small, &part, request->to_width,
                                                   request->to_height, &diag) == STATUS_OK)
            image_clear(&small);
        image_clear(&part.image);
    }
    if (peak > need - ALLOWED + TAKEN)
        fprintf(stderr, "%zu bytes foreseen, %zu taken\n", need, peak);
    CLAIM(peak <= need - ALLOWED + TAKEN);
}

static void read_picture(const unsigned char *bytes, size_t size)
{
    struct diag diag = {0};
    struct image_head head;
    int width, height;
    fuzz_write(name, bytes, size);
    enum status probed = image_probe(&width, &height, name, &diag);
    if (fuzz_said(image_inspect(&head, name, &diag), &diag) != STATUS_OK)
        return;
    CLAIM(probed == STATUS_OK && head.width == width && head.height == height);
    read_part(&head, &(struct image_request){0});
    struct image_request part = {width / 4, height / 5, (width + 1) / 2, (height + 1) / 2, 5, 3};
    read_part(&head, &part);
}

/* A copy of a PNG with right checksums, so that damage gets past them (mem_free). */
static unsigned char *mend(const unsigned char *bytes, size_t size)
{
    unsigned char *data = mem_new(size);
    memcpy(data, bytes, size);
    for (size_t at = 8; at < size && size - at >= 12;) {
        size_t n = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
                   (size_t)data[at + 2] << 8 | data[at + 3];
        if (n > size - at - 12)
            break;
        uLong crc = crc32(0, data + at + 4, (uInt)(4 + n));
        for (size_t i = 0; i < 4; i++)
            data[at + 8 + n + i] = (unsigned char)(crc >> (24 - 8 * i));
        at += 12 + n;
    }
    return data;
}

void fuzz_jpeg(const unsigned char *bytes, size_t size)
{
    read_picture(bytes, size);
}

void fuzz_png(const unsigned char *bytes, size_t size)
{
    unsigned char *mended = mend(bytes, size);
    read_picture(mended, size);
    mem_free(mended);
}

void fuzz_itxt(const unsigned char *bytes, size_t size)
{
    static struct job job;
    struct diag diag = {0};
    char *text;
    unsigned char *mended = mend(bytes, size);
    fuzz_write(name, mended, size);
    mem_free(mended);
    if (fuzz_said(image_read_job(&text, name, &diag), &diag) != STATUS_OK)
        return;
    fuzz_job_text(text);
    mem_free(text);
    if (fuzz_said(job_read(&job, name, &diag), &diag) == STATUS_OK)
        CLAIM(strcmp(job.output, name) == 0);
}

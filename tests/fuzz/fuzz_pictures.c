/*
 * fuzz_pictures.c: JPEG and PNG: the head, the whole picture, and a part of it made small, at once
 * and by rows, in no more memory than image_need and image_rows_need have foreseen; the job inside
 * a PNG.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include <sanitizer/allocator_interface.h>

#include "engine/base/mem.h"
#include "engine/image/image_rows.h"
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

static void begin_to_count(void)
{
    static bool counts;
    if (!counts)
        __sanitizer_install_malloc_and_free_hooks(count_allocated, count_freed);
    counts = true;
    used = peak = 0;
}

static void claim_foreseen(size_t need)
{
    if (peak > need - ALLOWED + TAKEN)
        fprintf(stderr, "%zu bytes foreseen, %zu taken\n", need, peak);
    CLAIM(peak <= need - ALLOWED + TAKEN);
}

/* The same by rows: a picture that is equal, or refused alike. */
static void read_rows(const struct image_head *head, const struct image_request *request,
                      const struct image *expected)
{
    struct diag diag = {0};
    struct image_rows *rows = NULL;
    float *row = mem_new(4 * sizeof *row * (size_t)(request->to_width + head->width));
    size_t need = image_rows_need(head, request);
    begin_to_count();
    enum status status = fuzz_said(image_rows_open(&rows, name, head, request, &diag), &diag);
    while (status == STATUS_OK && rows->given < rows->height) {
        size_t w = (size_t)rows->width, at = w * (size_t)rows->given;
        status = fuzz_said(image_rows_next(rows, row, row + w, row + 2 * w, row + 3 * w, &diag),
                           &diag);
        CLAIM(status != STATUS_OK || !expected || memcmp(row, expected->rgb + at, w * 4) == 0);
    }
    image_rows_close(&rows);
    claim_foreseen(need);
    CLAIM((status == STATUS_OK) == (expected != NULL));
    mem_free(row);
}

static void read_part(const struct image_head *head, const struct image_request *request)
{
    struct diag diag = {0};
    struct image_part part;
    struct image small = {0};
    size_t need = image_need(head, request);
    if (need > MOST_MEMORY)
        return;
    begin_to_count();
    enum status status = fuzz_said(image_read_part(&part, name, head, request, &diag), &diag);
    if (status == STATUS_OK) {
        CLAIM(part.left >= 0.0 && part.left + part.width <= part.image.width + 1e-9);
        CLAIM(part.top >= 0.0 && part.top + part.height <= part.image.height + 1e-9);
        if (request->to_width)
            status = image_part_resize(&small, &part, request->to_width, request->to_height, &diag);
        CLAIM(status == STATUS_OK);
    }
    claim_foreseen(need);
    const struct image *whole = request->to_width ? &small : &part.image;
    read_rows(head, request, status == STATUS_OK ? whole : NULL);
    image_clear(&small);
    if (status == STATUS_OK)
        image_clear(&part.image);
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

/* The length that RIFF has is set right, or little would get past it. */
void fuzz_webp(const unsigned char *bytes, size_t size)
{
    unsigned char *data = mem_new(size + 1);
    memcpy(data, bytes, size);
    for (int i = 0; size >= 12 && i < 4; i++)
        data[4 + i] = (unsigned char)((size - 8) >> (8 * i));
    read_picture(data, size);
    mem_free(data);
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

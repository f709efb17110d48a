/*
 * zip.c: see zip.h. PKWARE's APPNOTE.TXT 6.3: the end record leads to the central directory
 * (4.3.12), whose entries lead to local headers (4.3.7) with the data behind them. Our own, not
 * libzip: two methods (stored, deflated) of a file in memory are all that is needed, every size is
 * checked against the file before it is believed, and it is fuzzed with the readers above it.
 */
#include "weights/formats/zip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "engine/base/mem.h"

enum {
    END_SIZE = 22,
    END64_LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    MAX_COMMENT = 65535,
    MAX_ENTRIES = 8192,
    SMALL = 1 << 20,   /* bytes that may be packed to nothing */
    MOST_PACKED = 100, /* to 1; beyond it is a bomb: deflate reaches 1032 */
    STORED = 0,
    DEFLATED = 8,
    ENCRYPTED = 1,
    EXTRA64 = 1
};

static const uint32_t end_mark = 0x06054b50, end64_mark = 0x06064b50, locator_mark = 0x07064b50,
                      entry_mark = 0x02014b50, local_mark = 0x04034b50;

struct entry {
    char *name;
    unsigned method, flags;
    uint32_t crc;
    uint64_t packed, size, local; /* local: where its local header stands */
};

struct zip {
    char *name;
    const unsigned char *bytes;
    size_t size;
    struct entry *entries;
    size_t count;
};

static enum status broken(const struct zip *zip, struct diag *diag, const char *what)
{
    return diag_set(diag, STATUS_INPUT, "%s is a damaged or truncated ZIP archive: %s", zip->name,
                    what);
}

static uint64_t number(const unsigned char *p, int bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | p[bytes];
    return value;
}

/* size bytes at offset, or NULL where the archive has them not. */
static const unsigned char *at(const struct zip *zip, uint64_t offset, uint64_t size)
{
    return offset <= zip->size && size <= zip->size - offset ? zip->bytes + offset : NULL;
}

static const unsigned char *marked(const struct zip *zip, uint64_t offset, uint64_t size,
                                   uint32_t mark)
{
    const unsigned char *p = at(zip, offset, size);
    return p && number(p, 4) == mark ? p : NULL;
}

/* The end record: the last place that looks like one whose comment ends with the file. */
static const unsigned char *find_end(const struct zip *zip)
{
    for (size_t back = END_SIZE; back <= zip->size && back <= END_SIZE + MAX_COMMENT; back++) {
        const unsigned char *p = marked(zip, zip->size - back, END_SIZE, end_mark);
        if (p && number(p + 20, 2) == back - END_SIZE)
            return p;
    }
    return NULL;
}

/* Sizes and place that do not fit 32 bits stand in an extra field, in this order (4.5.3). */
static bool read_extra64(struct entry *e, const unsigned char *extra, size_t length)
{
    uint64_t *fields[] = {&e->size, &e->packed, &e->local};
    while (length >= 4) {
        size_t n = (size_t)number(extra + 2, 2);
        if (n > length - 4)
            return false;
        if (number(extra, 2) == EXTRA64) {
            const unsigned char *p = extra + 4;
            for (int i = 0; i < 3; i++)
                if (*fields[i] == UINT32_MAX) {
                    if (n < 8)
                        return false;
                    *fields[i] = number(p, 8);
                    p += 8;
                    n -= 8;
                }
            return true;
        }
        extra += 4 + n;
        length -= 4 + n;
    }
    return true;
}

/* An entry of the central directory at *offset, which moves on to the next. */
static enum status read_entry(struct zip *zip, uint64_t *offset, struct diag *diag)
{
    const unsigned char *p = marked(zip, *offset, ENTRY_SIZE, entry_mark);
    if (!p)
        return broken(zip, diag, "its list of files is incomplete");
    size_t name = (size_t)number(p + 28, 2), extra = (size_t)number(p + 30, 2);
    uint64_t whole = ENTRY_SIZE + name + extra + number(p + 32, 2);
    if (!at(zip, *offset, whole))
        return broken(zip, diag, "its list of files is incomplete");
    struct entry *e = &zip->entries[zip->count++];
    *e = (struct entry){.name = mem_new(name + 1),
                        .flags = (unsigned)number(p + 8, 2),
                        .method = (unsigned)number(p + 10, 2),
                        .crc = (uint32_t)number(p + 16, 4),
                        .packed = number(p + 20, 4),
                        .size = number(p + 24, 4),
                        .local = number(p + 42, 4)};
    memcpy(e->name, p + ENTRY_SIZE, name);
    *offset += whole;
    if (strlen(e->name) != name || !read_extra64(e, p + ENTRY_SIZE + name, extra))
        return broken(zip, diag, "an entry in its list of files is malformed");
    return STATUS_OK;
}

static enum status read_directory(struct zip *zip, struct diag *diag)
{
    const unsigned char *end = find_end(zip);
    if (!end)
        return broken(zip, diag, "it has no end record; was it copied or fetched to its end?");
    uint64_t count = number(end + 10, 2), offset = number(end + 16, 4);
    uint64_t place = (uint64_t)(end - zip->bytes);
    const unsigned char *locator =
        place >= END64_LOCATOR_SIZE
            ? marked(zip, place - END64_LOCATOR_SIZE, END64_LOCATOR_SIZE, locator_mark)
            : NULL;
    if (locator) {
        const unsigned char *end64 = marked(zip, number(locator + 8, 8), END64_SIZE, end64_mark);
        if (!end64)
            return broken(zip, diag, "it has no end record");
        count = number(end64 + 32, 8);
        offset = number(end64 + 48, 8);
    }
    if (count > MAX_ENTRIES)
        return broken(zip, diag, "it lists more files than any network needs");
    zip->entries = mem_new((size_t)count * sizeof *zip->entries);
    for (uint64_t i = 0; i < count; i++)
        TRY(read_entry(zip, &offset, diag));
    return STATUS_OK;
}

enum status zip_open(struct zip **out, const unsigned char *bytes, size_t size, const char *name,
                     struct diag *diag)
{
    struct zip *zip = mem_new(sizeof *zip);
    zip->name = mem_text(name);
    zip->bytes = bytes;
    zip->size = size;
    enum status status = read_directory(zip, diag);
    if (status != STATUS_OK)
        zip_close(&zip);
    else
        *out = zip;
    return status;
}

void zip_close(struct zip **zip)
{
    if (!*zip)
        return;
    for (size_t i = 0; i < (*zip)->count; i++)
        mem_free((*zip)->entries[i].name);
    mem_free((*zip)->entries);
    mem_free((*zip)->name);
    mem_free(*zip);
    *zip = NULL;
}

size_t zip_count(const struct zip *zip)
{
    return zip->count;
}

const char *zip_name(const struct zip *zip, size_t i)
{
    return zip->entries[i].name;
}

size_t zip_find(const struct zip *zip, const char *name)
{
    size_t i = 0;
    while (i < zip->count && strcmp(zip->entries[i].name, name) != 0)
        i++;
    return i;
}

static bool unpack(unsigned char *out, size_t size, const unsigned char *packed, size_t length)
{
    z_stream stream = {.next_in = (Bytef *)packed, .next_out = out};
    size_t fed = 0, made = 0;
    int result = inflateInit2(&stream, -MAX_WBITS);
    if (result != Z_OK)
        return false;
    while (result == Z_OK) { /* zlib counts in 32 bits */
        uInt in = length - fed > UINT32_MAX ? UINT32_MAX : (uInt)(length - fed);
        uInt space = size - made > UINT32_MAX ? UINT32_MAX : (uInt)(size - made);
        stream.avail_in = in;
        stream.avail_out = space;
        result = inflate(&stream, Z_NO_FLUSH);
        if (result == Z_OK && stream.avail_in == in && stream.avail_out == space)
            result = Z_BUF_ERROR;
        fed += in - stream.avail_in;
        made += space - stream.avail_out;
    }
    inflateEnd(&stream);
    return result == Z_STREAM_END && made == size;
}

/* A fuzzer could not get past a checksum. */
static bool sound(const struct entry *e, const struct zip_data *data)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    (void)e, (void)data;
    return true;
#else
    return crc32_z(crc32_z(0, NULL, 0), data->bytes, data->size) == e->crc;
#endif
}

enum status zip_read(struct zip_data *out, const struct zip *zip, size_t i, size_t limit,
                     struct diag *diag)
{
    const struct entry *e = &zip->entries[i];
    const unsigned char *local = marked(zip, e->local, LOCAL_SIZE, local_mark);
    const unsigned char *packed =
        local ? at(zip, e->local + LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2),
                   e->packed)
              : NULL;
    struct zip_data data = {packed, (size_t)e->size, NULL};
    if (!packed)
        return diag_set(diag, STATUS_INPUT,
                        "%s is a damaged or truncated ZIP archive: %.100s reaches beyond its end",
                        zip->name, e->name);
    if (e->flags & ENCRYPTED || (e->method != STORED && e->method != DEFLATED))
        return diag_set(diag, STATUS_INPUT,
                        "%s: %.100s is encrypted or packed in a way that strata does not know",
                        zip->name, e->name);
    if (e->size > limit || (e->method == STORED && e->size != e->packed))
        return diag_set(diag, STATUS_INPUT, "%s: %.100s has an impossible size", zip->name,
                        e->name);
    if (e->size > SMALL && e->size / MOST_PACKED > e->packed)
        return diag_set(diag, STATUS_INPUT,
                        "%s: %.100s is packed more than %d to 1, as no network's weights are",
                        zip->name, e->name, MOST_PACKED);
    if (e->method == DEFLATED) {
        TRY(mem_big(&data.owned, data.size, zip->name, diag));
        data.bytes = data.owned;
    }
    if ((data.owned && !unpack(data.owned, data.size, packed, (size_t)e->packed)) ||
        !sound(e, &data)) {
        zip_data_clear(&data);
        return diag_set(diag, STATUS_INPUT, "%s: %.100s is damaged", zip->name, e->name);
    }
    *out = data;
    return STATUS_OK;
}

void zip_data_clear(struct zip_data *data)
{
    mem_free(data->owned);
    *data = (struct zip_data){NULL, 0, NULL};
}

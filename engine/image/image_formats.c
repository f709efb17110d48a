/*
 * image_formats.c: see image_codec.h. The table of file formats: a new one is a file image_x.c with
 * its struct image_codec, declared in image_codec.h and listed here. Which format a file has is
 * decided by its first bytes; which is written, by the name's ending.
 */
#include <stdio.h>
#include <string.h>

#include "engine/image/image_codec.h"

static const struct image_codec *const formats[] = {&image_png_codec, &image_jpeg_codec,
                                                    &image_webp_codec, &image_tiff_codec};

enum { FORMATS = sizeof formats / sizeof *formats };

/* Those that are read, or those that are written; how many. */
static int pick(const struct image_codec *out[FORMATS], bool written)
{
    int count = 0;
    for (int i = 0; i < FORMATS; i++)
        if (written ? formats[i]->begin != NULL : formats[i]->recognise != NULL)
            out[count++] = formats[i];
    return count;
}

/* Known formats that cannot be read, for a sentence that helps. */
static const struct {
    const char *name;
    size_t offset;
    const char *magic;
} other_formats[] = {
    {"a GIF", 0, "GIF8"},          {"a BMP", 0, "BM"},
    {"a TIFF", 0, "II*"},          {"a TIFF", 0, "MM"},           {"a HEIC picture", 4, "ftyphei"},
    {"an AVIF picture", 4, "ftypavi"}, {"a Photoshop file", 0, "8BPS"}, {"a PDF", 0, "%PDF"},
};

/* Appends word i of count: "PNG nor JPEG", "a, b or c". */
static void join(char out[IMAGE_WORDS], int i, int count, const char *word, const char *last)
{
    size_t used = strlen(out);
    snprintf(out + used, IMAGE_WORDS - used, "%s%s",
             i == 0           ? ""
             : i == count - 1 ? last
                              : ", ",
             word);
}

enum status image_recognise(const struct image_codec **out, const unsigned char *data, size_t size,
                            const char *path, struct diag *diag)
{
    const struct image_codec *read[FORMATS];
    int count = pick(read, false);
    char names[IMAGE_WORDS] = "";
    if (size == 0)
        return diag_set(diag, STATUS_INPUT, "%s is empty", path);
    for (int i = 0; i < count; i++) {
        if (read[i]->recognise(data, size)) {
            *out = read[i];
            return STATUS_OK;
        }
        join(names, i, count, read[i]->name, " nor ");
    }
    for (size_t i = 0; i < sizeof other_formats / sizeof *other_formats; i++) {
        size_t offset = other_formats[i].offset, length = strlen(other_formats[i].magic);
        if (size >= offset + length && memcmp(data + offset, other_formats[i].magic, length) == 0)
            return diag_set(diag, STATUS_INPUT,
                            "%s is neither %s but looks like %s; convert it to PNG", path, names,
                            other_formats[i].name);
    }
    return diag_set(diag, STATUS_INPUT, "%s is neither %s", path, names);
}

const char *image_names(char out[IMAGE_WORDS])
{
    const struct image_codec *read[FORMATS];
    int count = pick(read, false);
    *out = 0;
    for (int i = 0; i < count; i++)
        join(out, i, count, read[i]->name, " or ");
    return out;
}

static const char *endings_of(char out[IMAGE_WORDS], bool written)
{
    const struct image_codec *picked[FORMATS];
    int count = pick(picked, written);
    *out = 0;
    for (int i = 0; i < count; i++) {
        size_t used = strlen(out);
        snprintf(out + used, IMAGE_WORDS - used, "%s%s", i ? " " : "", picked[i]->endings);
    }
    return out;
}

const char *image_endings(char out[IMAGE_WORDS])
{
    return endings_of(out, false);
}

const char *image_output_endings(char out[IMAGE_WORDS])
{
    return endings_of(out, true);
}

/* ".png, .jpg, .jpeg, .tif or .tiff" */
static void print_endings(char out[IMAGE_WORDS])
{
    char endings[IMAGE_WORDS], *rest = endings;
    int count = 1, i = 0;
    image_output_endings(endings);
    for (const char *c = endings; *c; c++)
        count += *c == ' ';
    *out = 0;
    for (char *word; (word = strsep(&rest, " ")); i++)
        join(out, i, count, word, " or ");
}

enum status image_codec_by_ending(const struct image_codec **out, const char *path,
                                  struct diag *diag)
{
    char endings[IMAGE_WORDS];
    const struct image_codec *written[FORMATS];
    int count = pick(written, true);
    for (int i = 0; i < count; i++)
        if (file_has_ending(path, written[i]->endings)) {
            *out = written[i];
            return STATUS_OK;
        }
    print_endings(endings);
    const char *ending = path + file_stem(path);
    if (*ending)
        return diag_set(diag, STATUS_OUTPUT, "%s: %s is not written; let the name end in %s", path,
                        ending, endings);
    return diag_set(diag, STATUS_OUTPUT, "%s has no ending that says what to write; add %s", path,
                    endings);
}

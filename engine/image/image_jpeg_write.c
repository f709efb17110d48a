/* image_jpeg_write.c: JPEG written row by row, by libjpeg-turbo, whose jumps end in guard. */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

#include "engine/base/mem.h"
#include "engine/image/image_jpeg.h"

enum { MOST_SIDE = 65500, QUALITY = 95 };

/* libjpeg jumps to report an error, so whatever outlives a call of it is in here. */
struct writer {
    struct image_encoder encoder;
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf jump;
    const unsigned char *row; /* to be written */
    struct diag *diag;        /* of the call under way */
    enum status status;       /* of the file */
    JOCTET bytes[1 << 16];
};

static void on_error(j_common_ptr jpeg)
{
    struct writer *w = jpeg->client_data;
    longjmp(w->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void append(struct writer *w, size_t size)
{
    w->status = file_output_append(w->encoder.target.file, w->bytes, size, w->diag);
    if (w->status != STATUS_OK)
        longjmp(w->jump, 1);
    w->destination.next_output_byte = w->bytes;
    w->destination.free_in_buffer = sizeof w->bytes;
}

static void begin_bytes(j_compress_ptr jpeg)
{
    append(jpeg->client_data, 0);
}

static boolean put_bytes(j_compress_ptr jpeg)
{
    struct writer *w = jpeg->client_data;
    append(w, sizeof w->bytes);
    return TRUE;
}

static void end_bytes(j_compress_ptr jpeg)
{
    struct writer *w = jpeg->client_data;
    append(w, sizeof w->bytes - w->destination.free_in_buffer);
}

/* Calls work; where libjpeg jumps out of it, says what is wrong. */
static enum status guard(struct writer *w, void (*work)(struct writer *w), struct diag *diag)
{
    char problem[JMSG_LENGTH_MAX];
    w->diag = diag;
    if (!setjmp(w->jump)) {
        work(w);
        return STATUS_OK;
    }
    if (w->status != STATUS_OK)
        return w->status;
    if (w->errors.msg_code == JERR_OUT_OF_MEMORY)
        return diag_set(diag, STATUS_MEMORY, "there is not enough memory to write %s",
                        w->encoder.target.path);
    w->errors.format_message((j_common_ptr)&w->jpeg, problem);
    return diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", w->encoder.target.path, problem);
}

static void begin(struct writer *w)
{
    const struct image_target *t = &w->encoder.target;
    jpeg_create_compress(&w->jpeg);
    w->jpeg.dest = &w->destination;
    w->jpeg.image_width = (JDIMENSION)t->width;
    w->jpeg.image_height = (JDIMENSION)t->height;
    w->jpeg.input_components = 3;
    w->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, QUALITY, TRUE);
    for (int c = 0; c < w->jpeg.num_components; c++) /* 4:4:4 */
        w->jpeg.comp_info[c].h_samp_factor = w->jpeg.comp_info[c].v_samp_factor = 1;
    jpeg_start_compress(&w->jpeg, TRUE);
}

static void write_row(struct writer *w)
{
    JSAMPROW row = (JSAMPROW)w->row;
    jpeg_write_scanlines(&w->jpeg, &row, 1);
}

static void end(struct writer *w)
{
    jpeg_finish_compress(&w->jpeg);
}

enum status image_jpeg_begin(struct image_encoder **out, const struct image_target *target,
                             struct diag *diag)
{
    if (target->width > MOST_SIDE || target->height > MOST_SIDE)
        return diag_set(diag, STATUS_RANGE,
                        "%s would be %d×%d, and no side of a JPEG exceeds %d; write a .png",
                        target->path, target->width, target->height, MOST_SIDE);
    struct writer *w = mem_new(sizeof *w);
    w->encoder.target = *target;
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->jpeg.client_data = w;
    w->errors.error_exit = on_error;
    w->errors.emit_message = on_message;
    w->destination = (struct jpeg_destination_mgr){.init_destination = begin_bytes,
                                                   .empty_output_buffer = put_bytes,
                                                   .term_destination = end_bytes};
    enum status status = guard(w, begin, diag);
    if (status == STATUS_OK)
        *out = &w->encoder;
    else
        image_jpeg_stop(&w->encoder);
    return status;
}

enum status image_jpeg_put(struct image_encoder *encoder, const unsigned char *row,
                           struct diag *diag)
{
    struct writer *w = (struct writer *)encoder;
    w->row = row;
    return guard(w, write_row, diag);
}

enum status image_jpeg_end(struct image_encoder *encoder, struct diag *diag)
{
    return guard((struct writer *)encoder, end, diag);
}

void image_jpeg_stop(struct image_encoder *encoder)
{
    struct writer *w = (struct writer *)encoder;
    jpeg_destroy_compress(&w->jpeg);
    mem_free(w);
}

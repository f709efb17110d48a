/* image_write.c: see image_rows.h and image.h: rows to a file of any format. */
#include <assert.h>

#include "engine/base/mem.h"
#include "engine/image/image_codec.h"

struct image_writer {
    const struct image_codec *codec;
    struct image_encoder *encoder;
    struct image_target target;
    bool alpha; /* what is handed in has it */
    int given;  /* rows */
    unsigned char *row;
    char *path;
};

static enum status begin(struct image_writer *w, const char *job, enum file_overwrite mode,
                         struct diag *diag)
{
    struct image_target *t = &w->target;
    TRY(image_check_size(t->width > 0 ? (unsigned long)t->width : 0,
                         t->height > 0 ? (unsigned long)t->height : 0, t->path, diag));
    TRY(image_codec_by_ending(&w->codec, t->path, diag));
    t->channels = w->alpha && w->codec->keeps_alpha ? 4 : 3;
    t->job = job;
    TRY(mem_big(&w->row, mem_times((size_t)t->width, t->channels), t->path, diag));
    TRY(file_output_open(&t->file, t->path, mode, diag));
    return w->codec->begin(&w->encoder, t, diag);
}

enum status image_writer_open(struct image_writer **out, const char *path, int width, int height,
                              bool alpha, const char *job, enum file_overwrite mode,
                              struct diag *diag)
{
    struct image_writer *w = mem_new(sizeof *w);
    w->path = mem_text(path);
    w->alpha = alpha;
    w->target = (struct image_target){.width = width, .height = height, .path = w->path};
    enum status status = begin(w, job, mode, diag);
    if (status == STATUS_OK)
        *out = w;
    else
        image_writer_close(&w);
    return status;
}

enum status image_writer_row(struct image_writer *w, const float *r, const float *g, const float *b,
                             const float *alpha, struct diag *diag)
{
    const float *const from[4] = {r, g, b, alpha};
    assert(w->given < w->target.height && (alpha != NULL) == w->alpha);
    w->given++;
    image_pack(w->row, from, (size_t)w->target.width, w->target.channels);
    return w->codec->put(w->encoder, w->row, diag);
}

enum status image_writer_finish(struct image_writer *w, struct diag *diag)
{
    assert(w->given == w->target.height);
    TRY(w->codec->end(w->encoder, diag));
    return file_output_finish(w->target.file, diag);
}

void image_writer_close(struct image_writer **writer)
{
    struct image_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return;
    if (w->encoder)
        w->codec->stop(w->encoder);
    file_output_close(&w->target.file);
    mem_free(w->row);
    mem_free(w->path);
    mem_free(w);
}

enum status image_check_output(const char *path, enum file_overwrite mode, struct diag *diag)
{
    const struct image_codec *codec = NULL;
    TRY(image_codec_by_ending(&codec, path, diag));
    return file_check_output(path, mode, diag);
}

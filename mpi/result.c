/* result.c: see result.h. */
#include "mpi/result.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"

enum { ROWS = 64 }; /* at a time */

struct result {
    struct stage *stage;
    struct image_rows *content; /* for colours and alpha; NULL: for neither */
    struct image_writer *writer;
    float *rows;  /* [3][ROWS][width] */
    float *under; /* [4][width]: a row of the content */
};

static enum status open_writer(struct result *r, enum file_overwrite mode, struct diag *diag)
{
    char folder[JOB_PATH];
    struct run *run = r->stage->run;
    const struct job *job = &run->job;
    size_t width = (size_t)r->stage->width;
    struct image_request request = run_content_request(r->stage->width, r->stage->height);
    TRY(mem_big(&r->under, mem_product(4, width, sizeof(float)), "some rows", diag));
    TRY(image_rows_open(&r->content, job->content, &run->content_head, &request, diag));
    TRY(run_check_output(job, job->output, mode == FILE_AGAIN ? FILE_OVERWRITE : mode, diag));
    TRY(file_folder(folder, sizeof folder, job->output, diag));
    struct job *record = mem_new(sizeof *record);
    run_record(run, record);
    char *text = job_print(record, folder);
    mem_free(record);
    enum status status = image_writer_open(&r->writer, job->output, r->stage->width,
                                           r->stage->height, r->content->alpha, text, mode, diag);
    mem_free(text);
    return status;
}

/* Row i of those that are there. */
static enum status write_row(struct result *r, int i, struct diag *diag)
{
    size_t width = (size_t)r->stage->width;
    float *row[3], *under = r->under;
    for (size_t c = 0; c < 3; c++)
        row[c] = r->rows + (c * ROWS + (size_t)i) * width;
    bool alpha = r->content->alpha;
    TRY(image_rows_next(r->content, under, under + width, under + 2 * width,
                        alpha ? under + 3 * width : NULL, diag));
    if (r->stage->run->job.preserve_colors) {
        float line[3][ROWS];
        for (size_t at = 0; at < width; at += ROWS) { /* by pieces, whose planes lie together */
            int n = width - at < ROWS ? (int)(width - at) : ROWS;
            float of[3 * ROWS];
            struct image painted = {n, 1, &line[0][0], NULL}, content = {n, 1, of, NULL};
            for (size_t c = 0; c < 3; c++) {
                memcpy(&line[0][0] + c * (size_t)n, row[c] + at, (size_t)n * sizeof(float));
                memcpy(of + c * (size_t)n, under + c * width + at, (size_t)n * sizeof(float));
            }
            image_keep_colours(&painted, &content);
            for (size_t c = 0; c < 3; c++)
                memcpy(row[c] + at, &line[0][0] + c * (size_t)n, (size_t)n * sizeof(float));
        }
    }
    return image_writer_row(r->writer, row[0], row[1], row[2], alpha ? under + 3 * width : NULL,
                            diag);
}

/* The next rows go to rank 0, also after a failure, of which the others do not know; it writes
 * them. Planes of ROWS rows each. */
static enum status write_rows(struct result *r, struct ranks_rows want[], int first,
                              const float *own, enum status status, struct diag *diag)
{
    struct stage *s = r->stage;
    int end = first + ROWS < s->height ? first + ROWS : s->height;
    want[0] = (struct ranks_rows){first, first + ROWS};
    ranks_exchange(&s->ranks, r->rows, want, own, s->part, s->width);
    for (int y = first; s->ranks.rank == 0 && status == STATUS_OK && y < end; y++)
        status = write_row(r, y - first, diag);
    return status;
}

static enum status write_all(struct result *r, struct diag *diag)
{
    struct stage *s = r->stage;
    struct run_work *work = &s->run->work;
    struct ranks_rows *want = mem_new((size_t)s->ranks.count * sizeof *want);
    const float *best = optimizer_best(work->optimizer, work->x.rgb);
    float *own = work->gradient; /* which is no longer needed */
    enum status status = STATUS_OK;
    for (size_t i = 0; i < run_values(&work->x); i++)
        own[i] = fminf(fmaxf(best[i], 0.0f), 255.0f);
    for (int first = 0; first < s->height; first += ROWS)
        status = write_rows(r, want, first, own, status, diag);
    mem_free(want);
    return status;
}

enum status result_write(struct stage *s, enum file_overwrite mode, struct diag *diag)
{
    struct result r = {.stage = s};
    enum status status = STATUS_OK;
    if (s->ranks.rank == 0) {
        status = mem_big(&r.rows, mem_product(3 * ROWS, (size_t)s->width, sizeof(float)),
                         "some rows", diag);
        if (status == STATUS_OK)
            status = open_writer(&r, mode, diag);
    }
    status = ranks_agree(&s->ranks, status, diag);
    if (status == STATUS_OK)
        status = write_all(&r, diag);
    if (status == STATUS_OK && s->ranks.rank == 0)
        status = image_writer_finish(r.writer, diag);
    image_writer_close(&r.writer);
    image_rows_close(&r.content);
    mem_free(r.rows);
    mem_free(r.under);
    return ranks_agree(&s->ranks, status, diag);
}

/*
 * run_pictures.c: see run_private.h. The content and the picture to start from: inspected before
 * memory is asked for, read at the size that a run needs.
 */
#include <math.h>
#include <string.h>

#include "engine/run/run_private.h"

size_t run_values(const struct image *image)
{
    return (size_t)3 * (size_t)image->width * (size_t)image->height;
}

/* The size at which the content will be painted, from its head. */
enum status run_inspect_content(struct run *run, struct diag *diag)
{
    struct image_head *head = &run->content_head;
    TRY(image_inspect(head, run->job.content, diag));
    int width = run->job.width ? run->job.width : head->width;
    double height = floor((double)head->height / head->width * width);
    if (width < RUN_MIN_SIDE || height < RUN_MIN_SIDE)
        return diag_set(diag, STATUS_RANGE,
                        "%s would be painted at %d×%.0f, and each side needs at least %d pixels; "
                        "use a larger width or another picture",
                        run->job.content, width, height, RUN_MIN_SIDE);
    if (width * height > (double)IMAGE_MAX_PIXELS)
        return diag_set(diag, STATUS_RANGE, "%s at %d×%.0f is too large; use a smaller width",
                        run->job.content, width, height);
    run->content.width = width;
    run->content.height = (int)height;
    return STATUS_OK;
}

struct image_request run_content_request(int width, int height)
{
    return (struct image_request){.to_width = width, .to_height = height};
}

enum status run_read_content(struct run *run, struct diag *diag)
{
    struct image_part part;
    int width = run->content.width, height = run->content.height;
    struct image_request request = run_content_request(width, height);
    if (run->content.rgb || run->plan >= OBJECTIVE_BANDS)
        return STATUS_OK;
    TRY(image_read_part(&part, run->job.content, &run->content_head, &request, diag));
    enum status status = image_part_resize(&run->content, &part, width, height, diag);
    image_clear(&part.image);
    return status;
}

static enum status open_content(void *context, struct image_rows **out, int width, int height,
                                struct diag *diag)
{
    const struct run *run = context;
    struct image_request request = run_content_request(width, height);
    struct image_part all = {run->content, 0.0, 0.0, run->content.width, run->content.height};
    all.image.alpha = NULL;
    if (run->content.rgb)
        return image_rows_of(out, &all, width, height, diag);
    return image_rows_open(out, run->job.content, &run->content_head, &request, diag);
}

struct content_source run_content(struct run *run)
{
    return (struct content_source){open_content, run};
}

bool run_starts_from_file(const struct run *run)
{
    const char *initial = run->job.initial;
    return strcmp(initial, "content") != 0 && strcmp(initial, "noise") != 0;
}

struct image_request run_initial_request(const struct run *run, int width, int height)
{
    int halvings = run->stage_count - 1, w = width >> halvings, h = height >> halvings;
    return run_content_request(w > 0 ? w : 1, h > 0 ? h : 1);
}

enum status run_read_initial(struct image *x, const struct run *run, struct diag *diag)
{
    struct image_part part;
    const struct run_stage *stage = &run->stage[0];
    struct image_request request =
        run_initial_request(run, run->content.width, run->content.height);
    TRY(image_read_part(&part, run->job.initial, &run->initial_head, &request, diag));
    enum status status = image_part_resize(x, &part, stage->width, stage->height, diag);
    image_clear(&part.image);
    return status;
}

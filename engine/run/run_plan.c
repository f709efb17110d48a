/* run_plan.c: see run_private.h. The sizes that a run goes through, and when. */
#include "engine/run/run_private.h"

enum { SMALLEST_SIDE = 160, AUTO_STAGES = 3, STAGE_MIN_STEPS = 8 };

int run_stage_count(const struct run *run)
{
    int width = run->content.width, height = run->content.height, count = run->job.pyramid;
    if (count == PYRAMID_AUTO) {
        int side = width > height ? width : height;
        for (count = 1; count < AUTO_STAGES && side >> count >= SMALLEST_SIDE; count++)
            ;
    }
    while (count > 1 && ((width < height ? width : height) >> (count - 1) < RUN_MIN_SIDE ||
                         run->job.iterations < count * STAGE_MIN_STEPS))
        count--;
    return count;
}

/* Sizes by halves, the last one whole. */
void run_stage_plan(struct run *run, int count)
{
    int width = run->content.width, height = run->content.height;
    run->stage_count = count;
    for (int i = 0; i < count; i++) {
        int halvings = count - 1 - i;
        int w = width >> halvings;
        run->stage[i].width = w;
        run->stage[i].height = halvings ? (int)((double)height / width * w) : height;
    }
    run_stage_plan_ends(run);
    int widths[RUN_MAX_STAGES];
    for (int i = 0; i < count; i++)
        widths[i] = run->stage[i].width;
    targets_plan(run->targets, widths, count);
}

void run_stage_plan_ends(struct run *run)
{
    int count = run->stage_count, last = count - 1;
    double part = optimizer_coarse_share(run->job.optimizer);
    for (int i = 0; i < last; i++)
        run->stage[i].end = (int)(run->job.iterations * (i + 1) * part / last);
    run->stage[last].end = run->job.iterations;
}

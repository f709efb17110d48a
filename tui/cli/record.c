/* record.c: see record.h. */
#include "tui/cli/record.h"

#include <stdio.h>

#include "engine/base/mem.h"
#include "engine/rundir/history.h"
#include "tui/cli/cli_config.h"

/* As the user's settings say, which were complained of before, if at all. */
static long long read_limit(void)
{
    char path[JOB_PATH];
    struct config *config = mem_new(sizeof *config);
    cli_config_read(config, path, NULL, NULL);
    long long limit = history_limit(config_value(config, CONFIG_HISTORY));
    config_clear(config);
    mem_free(config);
    return limit;
}

static enum status add(struct history_node *node, const struct run *run, const char *file,
                       long long limit, struct diag *diag)
{
    int removed;
    long long left;
    struct image small = {0};
    struct history_picture picture = {file, NULL, &small};
    TRY(run_small(run, &small, HISTORY_SIDE, diag));
    struct job *job = mem_new(sizeof *job);
    run_record(run, job);
    enum status status = history_add(node, job, &picture, diag);
    mem_free(job);
    image_clear(&small);
    TRY(status);
    return history_prune(&removed, &left, limit, diag);
}

enum status record_picture(const struct run *run, const char *file,
                           const struct autosave *autosave, const struct losses *losses,
                           struct diag *diag)
{
    long long limit = read_limit();
    if (limit <= 0)
        return STATUS_OK;
    struct history_node *node = mem_new(sizeof *node);
    node->iteration = run_iteration(run);
    node->total = losses->total;
    node->width = run_width(run);
    node->height = run_height(run);
    if (autosave)
        snprintf(node->run_dir, sizeof node->run_dir, "%s", rundir_path(autosave_dir(autosave)));
    enum status status = add(node, run, file, limit, diag);
    mem_free(node);
    if (status != STATUS_OK)
        diag_prefix(diag, status, "the picture is not in the history");
    return status;
}

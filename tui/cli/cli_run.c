/* cli_run.c: `strata run`: a job painted without a screen. */
#include "tui/cli/cli.h"
#include "tui/cli/cli_jobs.h"
#include "tui/cli/paint.h"

/* All that is missing, at once. */
static enum status check_named(const struct options *o, struct diag *diag)
{
    const struct job *job = &o->job;
    const char *usage = "strata run CONTENT.jpg STYLE.jpg... [-o OUT.png] [OPTIONS], or strata run "
                        "JOB.ini";
    bool pulls = job->blend_count > 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        pulls |= job->channel[i].state != CHANNEL_OFF;
    if (job->content[0] && pulls)
        return STATUS_OK;
    diag_set(diag, STATUS_USAGE, "there is no %s%s%s; %s", job->content[0] ? "" : "content",
             job->content[0] || pulls ? "" : " and no ", pulls ? "" : "style",
             !o->job_path[0]   ? usage
             : job->content[0] ? "name one, --styles STYLE.jpg"
             : pulls           ? "name one, --content CONTENT.jpg"
                               : "name them, --content CONTENT.jpg --styles STYLE.jpg");
    return o->job_path[0] ? diag_prefix(diag, STATUS_USAGE, "%s", o->job_path) : STATUS_USAGE;
}

int cli_run(int argc, char **argv)
{
    static struct options options;
    struct diag diag;
    if (cli_jobs_named(argc, argv))
        return cli_jobs(argc, argv);
    enum status status = options_parse(&options, argc, argv, OPTIONS_RUN, &diag);
    if (status == STATUS_OK)
        status = check_named(&options, &diag);
    if (status == STATUS_OK)
        status = job_validate(&options.job, &diag);
    return status == STATUS_OK ? paint(&options, "") : cli_fail(&diag);
}

/* cli_run.c: `strata run`: a job painted without a screen. */
#include <stdio.h>

#include "tui/cli/cli.h"
#include "tui/cli/paint.h"

int cli_run(int argc, char **argv)
{
    static struct options options;
    struct diag diag;
    enum status status = options_parse(&options, argc, argv, OPTIONS_RUN, &diag);
    if (status == STATUS_OK && options.help) {
        options_help(stdout);
        return 0;
    }
    if (status == STATUS_OK)
        status = job_validate(&options.job, &diag);
    return status == STATUS_OK ? paint(&options, "") : cli_fail(&diag);
}

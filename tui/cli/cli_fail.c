/* cli_fail.c: see cli.h. How every subcommand ends that cannot do what it was asked. */
#include "tui/cli/cli.h"

#include <stdio.h>

int cli_fail(const struct diag *diag)
{
    fprintf(stderr, "strata: %s\n", diag->text);
    return diag_exit_status(diag->status);
}

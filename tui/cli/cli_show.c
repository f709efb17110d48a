/* cli_show.c: `strata show IMAGE`: draws a picture in this terminal. */
#include <omp.h>

#include "tui/cli/cli.h"
#include "tui/cli/cli_terminal.h"

int cli_show(int argc, char **argv)
{
    struct diag diag;
    struct cli_terminal terminal;
    omp_set_num_threads(1); /* enough, and there may be no more, which OpenMP dies of */
    enum status status = cli_terminal_parse(&terminal, argc, argv, &diag);
    if (status == STATUS_OK && !terminal.argument)
        status = diag_set(&diag, STATUS_USAGE, "show needs a picture: strata show IMAGE");
    if (status == STATUS_OK)
        status = cli_terminal_show(&terminal, terminal.argument, &diag);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

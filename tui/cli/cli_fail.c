/* cli_fail.c: see cli.h. How every subcommand ends that cannot do what it was asked; notes. */
#include "tui/cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

int cli_fail(const struct diag *diag)
{
    fprintf(stderr, "strata: %s\n", diag->text);
    return diag_exit_status(diag->status);
}

void cli_note(const char *format, ...)
{
    char text[1024], clean[4 * sizeof text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_clean(clean, sizeof clean, text);
    fprintf(stderr, "strata: %s\n", clean);
}

/* cli_show.c: `strata show IMAGE`: draws a picture in this terminal. */
#include <omp.h>

#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_terminal.h"
#include "tui/cli/print_picture.h"
#include "tui/pixels/scale.h"

enum { BOX = 2000 };

static enum status show(struct cli_terminal *terminal, struct diag *diag)
{
    struct image image = {0};
    unsigned char *rgb = NULL;
    int width, height;
    TRY(cli_terminal_read(&image, terminal->argument, BOX, diag));
    cli_terminal_ask(terminal);
    enum status status = STATUS_OK;
    if (!terminal->present && terminal->wanted == GRAPHICS_AUTO)
        status = diag_set(diag, STATUS_USAGE,
                          "stdout is no terminal; say what to write with --graphics sixel, kitty, "
                          "cells or ascii");
    if (status == STATUS_OK)
        status = scale_image(&rgb, &width, &height, &image, BOX, BOX, diag);
    image_clear(&image);
    if (status == STATUS_OK)
        status = print_picture(&terminal->graphics, terminal->around.colours, rgb, width, height,
                             terminal->around.columns - 1, terminal->around.rows - 2, diag);
    mem_free(rgb);
    return status;
}

int cli_show(int argc, char **argv)
{
    struct diag diag;
    struct cli_terminal terminal;
    omp_set_num_threads(1); /* enough, and there may be no more, which OpenMP dies of */
    enum status status = cli_terminal_parse(&terminal, argc, argv, &diag);
    if (status == STATUS_OK && !terminal.argument)
        status = diag_set(&diag, STATUS_USAGE, "show needs a picture: strata show IMAGE");
    if (status == STATUS_OK)
        status = show(&terminal, &diag);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

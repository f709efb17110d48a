/* cli_show.c: `strata show IMAGE`: draws a picture in this terminal. */
#include "../engine/image.h"
#include "../engine/mem.h"
#include "cli.h"
#include "cli_look.h"
#include "inline.h"
#include "scale.h"

static enum status show(struct look *look, struct diag *diag)
{
    struct image image = {0};
    unsigned char *rgb = NULL;
    int width, height;
    TRY(image_read(&image, look->argument, diag));
    cli_look(look);
    enum status status = STATUS_OK;
    if (!look->terminal && look->wish == GRAPHICS_AUTO)
        status = diag_set(diag, STATUS_USAGE,
                          "stdout is no terminal; say what to write with --graphics sixel, kitty, "
                          "cells or ascii");
    if (status == STATUS_OK)
        status = scale_image(&rgb, &width, &height, &image, 2000, 2000, diag);
    image_clear(&image);
    if (status == STATUS_OK)
        status = inline_draw(&look->graphics, look->around.colours, rgb, width, height,
                             look->around.columns - 1, look->around.rows - 2, diag);
    mem_free(rgb);
    return status;
}

int cli_show(int argc, char **argv)
{
    struct diag diag;
    struct look look;
    enum status status = cli_look_parse(&look, argc, argv, &diag);
    if (status == STATUS_OK && !look.argument)
        status = diag_set(&diag, STATUS_USAGE, "show needs a picture: strata show IMAGE");
    if (status == STATUS_OK)
        status = show(&look, &diag);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

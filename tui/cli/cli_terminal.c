/* cli_terminal.c: see cli_terminal.h. */
#include "tui/cli/cli_terminal.h"

#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/image/image_rows.h"
#include "engine/worker/snapshot.h"
#include "tui/cli/print_picture.h"
#include "tui/pixels/scale.h"
#include "tui/term/tty.h"

enum { GRAPHICS, TIMEOUT };

static const struct args_option options[] = {
    [GRAPHICS] = {"graphics", 0, ARGS_VALUE, "auto|sixel|kitty|cells|ascii|none",
                  "how pictures are drawn (auto)"},
    [TIMEOUT] = {"timeout", 0, ARGS_VALUE, "SECONDS",
                 "how long to wait for the terminal's answers (1)"},
};

const struct args_option *cli_terminal_options(int *count)
{
    *count = sizeof options / sizeof *options;
    return options;
}

static enum status read_option(void *context, int option, const char *value, struct diag *diag)
{
    struct cli_terminal *terminal = context;
    enum status status;
    if (option == ARGS_WORD && terminal->argument)
        return diag_set(diag, STATUS_USAGE, "%s takes one argument; %s is one too many",
                        terminal->command, value);
    if (option == ARGS_WORD) {
        terminal->argument = value;
        return STATUS_OK;
    }
    status = option == GRAPHICS ? graphics_parse(&terminal->wanted, value, diag)
                                : tty_parse_deadline(&terminal->timeout, value, diag);
    return status == STATUS_OK ? status : diag_prefix(diag, status, "--%s", options[option].name);
}

enum status cli_terminal_parse(struct cli_terminal *terminal, int argc, char **argv,
                               struct diag *diag)
{
    struct args args = {.command = argv[0], .words = argv, .count = argc, .options = options,
                        .option_count = sizeof options / sizeof *options};
    *terminal = (struct cli_terminal){
        .command = argv[0], .wanted = GRAPHICS_AUTO, .timeout = TTY_DEADLINE};
    return args_read(&args, read_option, terminal, diag);
}

void cli_terminal_ask(struct cli_terminal *terminal)
{
    struct tty *tty = NULL;
    terminal->present = isatty(STDOUT_FILENO);
    terminal->around = graphics_environment_read(STDOUT_FILENO);
    const struct graphics_environment *around = &terminal->around;
    enum tty_questions questions = tty_may_ask(around->term, around->tmux, around->sty);
    if (terminal->present &&
        tty_open(&tty, "/dev/tty", questions, terminal->timeout, NULL) == STATUS_OK) {
        terminal->answers = *tty_answers(tty);
        terminal->answered = tty_round(tty);
        tty_close(&tty);
    }
    if (around->rows < 1 || around->columns < 1) {
        terminal->around.rows = 24;
        terminal->around.columns = 80;
    }
    terminal->graphics = graphics_decide(terminal->wanted, &terminal->answers, around);
}

enum status cli_terminal_read(struct image *out, const char *path, int side, struct diag *diag)
{
    struct image_head head;
    struct image_request request = {0};
    struct image_rows *rows;
    struct budget budget;
    char there[64], needs[BUDGET_TEXT];
    TRY(image_inspect(&head, path, diag));
    snapshot_fit(&request.to_width, &request.to_height, head.width, head.height, side, side);
    size_t need = mem_resident() + image_rows_need(&head, &request);
    budget_find(&budget, 0, "");
    budget_print(there, sizeof there, &budget);
    budget_print_bytes(needs, need);
    if (need > budget.bytes)
        return diag_set(diag, STATUS_RANGE,
                        "%s is %d×%d, which takes %s of memory to read, and %s; use a smaller copy "
                        "of it", path, head.width, head.height, needs, there);
    TRY(image_rows_open(&rows, path, &head, &request, diag));
    return image_rows_gather(out, &rows, diag);
}

enum status cli_terminal_show(struct cli_terminal *terminal, const char *path, struct diag *diag)
{
    enum { BOX = 2000 };
    struct image image = {0};
    unsigned char *rgb = NULL;
    int width, height;
    TRY(cli_terminal_read(&image, path, BOX, diag));
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

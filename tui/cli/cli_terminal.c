/* cli_terminal.c: see cli_terminal.h. */
#include "tui/cli/cli_terminal.h"

#include <unistd.h>

#include "engine/base/args.h"
#include "tui/term/tty.h"

enum { GRAPHICS, TIMEOUT };

static const struct args_option options[] = {
    [GRAPHICS] = {"graphics", 0, ARGS_VALUE},
    [TIMEOUT] = {"timeout", 0, ARGS_VALUE},
};

enum status cli_terminal_parse(struct cli_terminal *terminal, int argc, char **argv,
                               struct diag *diag)
{
    struct args args = {.command = argv[0], .words = argv, .count = argc, .options = options,
                        .option_count = sizeof options / sizeof *options};
    *terminal = (struct cli_terminal){.wanted = GRAPHICS_AUTO, .timeout = TTY_DEADLINE};
    for (;;) {
        int option;
        const char *value;
        enum status status = STATUS_OK;
        TRY(args_next(&args, &option, &value, diag));
        if (!value)
            return STATUS_OK;
        if (option == ARGS_WORD && terminal->argument)
            return diag_set(diag, STATUS_USAGE, "%s takes one argument; %s is one too many",
                            argv[0], value);
        if (option == ARGS_WORD)
            terminal->argument = value;
        else if (option == GRAPHICS)
            status = graphics_parse(&terminal->wanted, value, diag);
        else
            status = tty_parse_deadline(&terminal->timeout, value, diag);
        if (status != STATUS_OK)
            return diag_prefix(diag, status, "--%s", options[option].name);
    }
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

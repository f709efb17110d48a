/* cli_terminal.c: see cli_terminal.h. */
#include "tui/cli/cli_terminal.h"

#include <string.h>
#include <unistd.h>

#include "tui/term/tty.h"

enum status cli_terminal_parse(struct cli_terminal *terminal, int argc, char **argv,
                               struct diag *diag)
{
    *terminal = (struct cli_terminal){.wanted = GRAPHICS_AUTO, .timeout = TTY_DEADLINE};
    for (int i = 1; i < argc; i++) {
        bool graphics = strcmp(argv[i], "--graphics") == 0;
        if (graphics || strcmp(argv[i], "--timeout") == 0) {
            if (i + 1 == argc)
                return diag_set(diag, STATUS_USAGE, "%s needs a value", argv[i]);
            i++;
            enum status status = graphics ? graphics_parse(&terminal->wanted, argv[i], diag)
                                          : tty_parse_deadline(&terminal->timeout, argv[i], diag);
            if (status != STATUS_OK)
                return diag_prefix(diag, status, "%s", argv[i - 1]);
        } else if (argv[i][0] == '-' && argv[i][1]) {
            return diag_set(diag, STATUS_USAGE,
                            "%s knows no option %s; it has --graphics KIND and --timeout SECONDS",
                            argv[0], argv[i]);
        } else if (terminal->argument) {
            return diag_set(diag, STATUS_USAGE, "%s takes one argument; %s is one too many",
                            argv[0], argv[i]);
        } else {
            terminal->argument = argv[i];
        }
    }
    return STATUS_OK;
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

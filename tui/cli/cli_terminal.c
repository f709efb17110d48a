/* cli_terminal.c: see cli_terminal.h. */
#include "tui/cli/cli_terminal.h"

#include <string.h>
#include <unistd.h>

#include "tui/term/tty.h"

enum status cli_terminal_parse(struct look *look, int argc, char **argv, struct diag *diag)
{
    *look = (struct look){.wish = GRAPHICS_AUTO, .timeout = TTY_DEADLINE};
    for (int i = 1; i < argc; i++) {
        bool graphics = strcmp(argv[i], "--graphics") == 0;
        if (graphics || strcmp(argv[i], "--timeout") == 0) {
            if (i + 1 == argc)
                return diag_set(diag, STATUS_USAGE, "%s needs a value", argv[i]);
            i++;
            enum status status = graphics ? graphics_parse(&look->wish, argv[i], diag)
                                          : tty_parse_deadline(&look->timeout, argv[i], diag);
            if (status != STATUS_OK)
                return diag_prefix(diag, status, "%s", argv[i - 1]);
        } else if (argv[i][0] == '-' && argv[i][1]) {
            return diag_set(diag, STATUS_USAGE,
                            "%s knows no option %s; it has --graphics KIND and --timeout SECONDS",
                            argv[0], argv[i]);
        } else if (look->argument) {
            return diag_set(diag, STATUS_USAGE, "%s takes one argument; %s is one too many",
                            argv[0], argv[i]);
        } else {
            look->argument = argv[i];
        }
    }
    return STATUS_OK;
}

void cli_terminal_ask(struct look *look)
{
    struct tty *tty = NULL;
    look->terminal = isatty(STDOUT_FILENO);
    look->around = graphics_environment_read(STDOUT_FILENO);
    const struct graphics_environment *around = &look->around;
    enum tty_questions questions = tty_may_ask(around->term, around->tmux, around->sty);
    if (look->terminal &&
        tty_open(&tty, "/dev/tty", questions, look->timeout, NULL) == STATUS_OK) {
        look->answers = *tty_answers(tty);
        look->answered = tty_round(tty);
        tty_close(&tty);
    }
    if (around->rows < 1 || around->columns < 1) {
        look->around.rows = 24;
        look->around.columns = 80;
    }
    look->graphics = graphics_decide(look->wish, &look->answers, around);
}

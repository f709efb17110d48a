/* main.c: the program's entry: picks the subcommand. Knows nothing of what they do. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/host/waiting.h"
#include "tui/cli/cli.h"
#include "tui/cli/commands.h"
#include "tui/cli/help.h"

/* A descriptor that is closed would be given to the next file that is opened, and what is printed
 * would end up in it. This one can be read, empty, and writing to it is an error. */
static void open_standard_files(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* The exit status; what was printed and did not arrive is a failure, unless its reader left. */
static int end(int status)
{
    struct diag diag;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (!lost || status != 0 || (poll(&out, 1, 0) > 0 && out.revents & (POLLERR | POLLHUP)))
        return status;
    diag_set(&diag, STATUS_IO, "standard output could not be written%s%s", errno ? ": " : "",
             errno ? strerror(errno) : "");
    return cli_fail(&diag);
}

static bool is_one_of(const char *word, const char *words)
{
    for (; *words; words += strlen(words) + 1)
        if (strcmp(word, words) == 0)
            return true;
    return false;
}

static int no_such_command(const char *word)
{
    struct diag diag;
    char names[300] = "";
    int count;
    const struct command *list = commands(&count);
    for (int i = 1; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s",
                 i == 1 ? "" : i == count - 1 ? " and " : ", ", list[i].name);
    }
    diag_set(&diag, STATUS_USAGE,
             "there is no command %s; the commands are %s, see strata --help", word, names);
    return cli_fail(&diag);
}

static int run(int argc, char **argv)
{
    const char *word = argc >= 2 ? argv[1] : "";
    const struct command *command = commands_find(word);
    bool wants_help = args_want_help(argc - 1, argv + 1);
    if (command && wants_help && command->options) {
        help_command(command);
        return 0;
    }
    if (command)
        return command->run ? command->run(argc - 1, argv + 1) : help_main(argc - 1, argv + 1);
    if (is_one_of(word, "--version\0-V\0version\0")) {
        help_version();
        return 0;
    }
    if (wants_help) {
        help_overview();
        return 0;
    }
    if (!*word || *word == '-' || strpbrk(word, "./") || access(word, F_OK) == 0)
        return cli_desk(argc, argv);
    return no_such_command(word);
}

int main(int argc, char **argv)
{
    open_standard_files();
    waiting_choose(argv);
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return end(run(argc, argv));
}

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
#include "tui/cli/options.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
    bool prints_help; /* by itself, for --help behind it */
} commands[] = {
    {"run", cli_run,
     "[JOB.ini | OUTPUT.png | CONTENT STYLE...] [OPTIONS]\n"
     "                                      paint",
     true},
    {"sweep", cli_sweep,
     "SWEEP.ini [--print | --slurm | --sheet]\n"
     "                                      paint many variations from one file",
     true},
    {"attach", cli_attach,
     "[RUN] [--read-only]           look at a run that goes on without a terminal",
     false},
    {"resume", cli_resume,
     "[RUN | --list]                go on with a run that was ended",
     false},
    {"runs", cli_runs,
     "[--prune SIZE | --remove RUN]   what there is to go on with and to look back at",
     false},
    {"eval", cli_eval,
     "[JOB.ini] [OPTIONS] --image X.png [--grad G.npy] [--json]\n"
     "                                      the losses of a picture",
     true},
    {"bench", cli_bench,
     "[--size WxH] [--network N] [--iterations K] [--compare] [--json]\n"
     "                                      how fast an iteration is here",
     false},
    {"show", cli_show,
     "IMAGE [--graphics sixel|kitty|cells|ascii]\n"
     "                                      draw a picture in this terminal",
     false},
    {"doctor", cli_doctor, "what this terminal, processor and installation can do", false},
    {"weights", cli_weights,
     "list | info F | fetch NAME | import FILE\n"
     "                                      networks from elsewhere",
     true},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

/* What people may have read about and look for here. */
static const struct {
    const char *name, *instead;
} planned[] = {
    {"compare", "`strata show A.png` shows one picture, v in the workbench flips between two"},
};

enum { PLANNED_COUNT = sizeof planned / sizeof *planned };

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

static void help(void)
{
    printf("strata paints a picture in the style of up to five others, one for each layer\n"
           "relu1_1 ... relu5_1 of the network: fine texture from the first, large shapes from "
           "the last.\n\n"
           "  strata [JOB.ini | OUTPUT.png | CONTENT STYLE... | FOLDER] [OPTIONS]   "
           "the workbench\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  strata %-7s %s\n", commands[i].name, commands[i].help);
    printf(
        "\nOptions of run and eval (--name VALUE or --name=VALUE; a beginning that is unique will "
        "do):\n");
    options_help(stdout);
    printf("\nPlanned and not there yet:");
    for (int i = 0; i < PLANNED_COUNT; i++)
        printf(" strata %s,", planned[i].name);
    printf("\n");
}

static bool is_one_of(const char *word, const char *words)
{
    for (; *words; words += strlen(words) + 1)
        if (strcmp(word, words) == 0)
            return true;
    return false;
}

static int run(int argc, char **argv)
{
    struct diag diag;
    const char *word = argc >= 2 ? argv[1] : "";
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(word, commands[i].name) == 0) {
            if (!commands[i].prints_help && args_want_help(argc - 1, argv + 1))
                break;
            return commands[i].run(argc - 1, argv + 1);
        }
    for (int i = 0; i < PLANNED_COUNT; i++)
        if (strcmp(word, planned[i].name) == 0 && access(word, F_OK) != 0) {
            diag_set(&diag, STATUS_USAGE, "strata %s is not there yet; %s", word,
                     planned[i].instead);
            return cli_fail(&diag);
        }
    if (is_one_of(word, "help\0") || args_want_help(argc - 1, argv + 1)) {
        help();
        return 0;
    }
    if (is_one_of(word, "--version\0-V\0version\0")) {
        puts("strata " STRATA_VERSION);
        return 0;
    }
    if (!*word || *word == '-' || strpbrk(word, "./") || access(word, F_OK) == 0)
        return cli_desk(argc, argv);
    char names[200] = "";
    for (int i = 0; i < COMMAND_COUNT; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s",
                 i == 0 ? "" : i == COMMAND_COUNT - 1 ? " and " : ", ", commands[i].name);
    }
    diag_set(&diag, STATUS_USAGE,
             "there is no command %s; the commands are %s, see strata --help", word, names);
    return cli_fail(&diag);
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

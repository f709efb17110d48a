/* main.c: the program's entry: picks the subcommand. Knows nothing of what they do. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"run", cli_run, "[JOB.ini] [OPTIONS]           paint"},
    {"eval", cli_eval, "[JOB.ini] [OPTIONS] --image X.png [--grad G.npy] [--json]\n"
                       "                                      the losses of a picture"},
    {"bench", cli_bench, "[--size WxH] [--network N] [--iterations K] [--json]\n"
                         "                                      how fast an iteration is here"},
    {"show", cli_show, "IMAGE [--graphics sixel|kitty|cells|ascii]\n"
                       "                                      draw a picture in this terminal"},
    {"doctor", cli_doctor, "what this terminal, processor and installation can do"},
    {"weights", cli_weights, "list | info F | fetch NAME | import FILE\n"
                             "                                      networks from elsewhere"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

int cli_fail(const struct diag *diag)
{
    fprintf(stderr, "strata: %s\n", diag->text);
    return diag_exit_status(diag->status);
}

/* Threads that wait for each other should sleep, not spin: beside other work on the machine
 * spinning makes an iteration several times slower, and alone it saves a twentieth at most. The
 * OpenMP runtime reads this before main, so the program starts itself once more. */
static void sleep_while_waiting(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
        return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0)
        execv("/proc/self/exe", argv);
}

static void help(void)
{
    printf("strata paints a picture in the style of up to five others, one for each layer\n"
           "relu1_1 ... relu5_1 of the network: fine texture from the first, large shapes from "
           "the last.\n\n"
           "  strata [JOB.ini | OUTPUT.png] [OPTIONS]   the workbench\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  strata %-7s %s\n", commands[i].name, commands[i].help);
    printf("\nOptions of run and eval:\n");
    options_help(stdout);
}

int main(int argc, char **argv)
{
    struct diag diag;
    sleep_while_waiting(argv);
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                      strcmp(argv[1], "help") == 0)) {
        help();
        return 0;
    }
    for (int i = 0; argc >= 2 && i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc < 2 || argv[1][0] == '-' || strpbrk(argv[1], "./"))
        return cli_desk(argc, argv);
    diag_set(&diag, STATUS_USAGE,
             "there is no command %s; the commands are run, eval, bench, show, doctor and "
             "weights, see strata --help",
             argv[1]);
    return cli_fail(&diag);
}

/*
 * main.c: the program strata-weights, which `strata weights` starts: networks from elsewhere. A
 * program of its own, so that painting needs none of the libraries that read foreign files, and
 * that what such a library does to itself on a damaged file stays here.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/base/args.h"
#include "weights/cli/command.h"

static const struct {
    const char *name;
    enum status (*run)(int count, char **words, struct diag *diag);
    const char *help;
} commands[] = {
    {"list", command_list, "                     networks built in, here, and to be fetched"},
    {"info", command_info, " NETWORK             layers, widths, input, origin, licence, checksum"},
    {"fetch", command_fetch,
     "NAME [--mirror URL] [--patience SECONDS] [--as-is] [--overwrite]\n"
     "                                   download, check, import; --mirror: another address of\n"
     "                                   the same file, or of a folder if it ends with /;\n"
     "                                   --patience: how long to bear less than 1 kB/s (30)\n"
     "  strata weights fetch URL --sha256 HEX [--name NAME]\n"
     "                                   a file that is in no list"},
    {"import", command_import,
     "FILE [-o OUT.safetensors] [--order rgb|bgr] [--mean R,G,B] [--as-is]\n"
     "                     [--overwrite]\n"
     "                                   .mat, .h5, .pth, .npz, .safetensors; --order and --mean\n"
     "                                   where the file is not what its kind usually is;\n"
     "                                   --transpose swaps height and width of the kernels;\n"
     "                                   --as-is takes a network whose losses are far off\n"
     "                                   VGG-19's, for which the usual weights are meant"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void help(void)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  strata weights %-5s %s\n", commands[i].name, commands[i].help);
}

/* A damaged file may talk a library into asking for any amount of memory. */
static void bound_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const struct rlimit limit = {(rlim_t)1 << 32, (rlim_t)1 << 32};
    setrlimit(RLIMIT_AS, &limit);
#endif
}

int main(int argc, char **argv)
{
    struct diag diag = {STATUS_OK, ""};
    const char *word = argc >= 2 ? argv[1] : "";
    enum status status = STATUS_USAGE;
    setlocale(LC_CTYPE, "");
    signal(SIGXFSZ, SIG_IGN);
    bound_memory();
    bool help_wanted = args_want_help(argc, argv) || argc < 2 || strcmp(word, "help") == 0;
    diag_set(&diag, status, "there is no weights %s; there are list, info, fetch and import", word);
    if (help_wanted) {
        help();
        status = STATUS_OK;
    }
    for (int i = 0; i < COMMAND_COUNT && !help_wanted; i++)
        if (strcmp(word, commands[i].name) == 0)
            status = commands[i].run(argc - 1, argv + 1, &diag);
    bool lost = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (lost && status == STATUS_OK)
        status = diag_set(&diag, STATUS_IO, "cannot write to the standard output: %s",
                          strerror(errno));
    if (status != STATUS_OK)
        fprintf(stderr, "strata: %s\n", diag.text);
    return diag_exit_status(status);
}

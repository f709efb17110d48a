/*
 * cli_weights.c: `strata weights`: starts strata-weights, which lies beside strata or, installed,
 * in ../libexec/strata, and turns its end into a sentence should a library in it have crashed.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "tui/cli/cli.h"

extern char **environ;

static enum status find_program(char *out, size_t size, struct diag *diag)
{
    static const char *const places[] = {"strata-weights", "../libexec/strata/strata-weights"};
    char self[PATH_MAX], folder[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    TRY(file_folder(folder, sizeof folder, self, diag));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        TRY(file_join(out, size, folder, places[i], diag));
        if (access(out, X_OK) == 0)
            return STATUS_OK;
    }
    return diag_set(diag, STATUS_INPUT,
                    "strata-weights is missing: it belongs beside strata in %s, or in "
                    "../libexec/strata; install strata anew",
                    folder);
}

/* Its exit status; a crash, as a sentence. A signal from outside ends us the same way. */
static int translate(int ended, int argc, char **argv)
{
    struct diag diag;
    if (WIFEXITED(ended))
        return WEXITSTATUS(ended);
    int number = WTERMSIG(ended);
    if (number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGPIPE)
        return 128 + number;
    diag_set(&diag, STATUS_INPUT,
             "weights %s%s%s could not be done: the file is damaged, and what reads it gave up "
             "(%s)",
             argc > 1 ? argv[1] : "", argc > 2 ? " " : "", argc > 2 ? argv[2] : "",
             strsignal(number));
    return cli_fail(&diag);
}

int cli_weights(int argc, char **argv)
{
    struct diag diag;
    char program[PATH_MAX];
    pid_t child;
    int ended;
    if (find_program(program, sizeof program, &diag) != STATUS_OK)
        return cli_fail(&diag);
    signal(SIGPIPE, SIG_DFL); /* a reader that leaves ends a list */
    int error = posix_spawn(&child, program, NULL, NULL, argv, environ);
    if (error) {
        diag_set(&diag, STATUS_LIBRARY, "cannot start %s: %s", program, strerror(error));
        return cli_fail(&diag);
    }
    signal(SIGINT, SIG_IGN); /* both get the terminal's Ctrl-C; the child says how it ended */
    while (waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return 1;
    return translate(ended, argc, argv);
}

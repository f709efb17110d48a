/* peer.c: see peer.h. */
#include "tui/cli/peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/mem.h"

extern const char peer_script[]; /* peer_script.S */

static const char *const words[PEER_PRECISIONS] = {"fp32", "bf16"};

struct peer {
    pid_t process;
    FILE *to, *from;
    char name[64], blas[160];
    bool has[PEER_PRECISIONS];
};

/* The child: becomes Python, with its answers on stdout and its complaints nowhere. */
static void become_python(const char *python, int in, int out, char *const arguments[])
{
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (!freopen("/dev/null", "w", stderr))
        _exit(127);
    unsetenv("GOMP_SPINCOUNT"); /* which strata has set for itself */
    execvp(python, arguments);
    _exit(127);
}

static enum status start(struct peer *peer, const char *python, char *const arguments[],
                         struct diag *diag)
{
    int to[2], from[2];
    if (pipe(to) != 0)
        return diag_set(diag, STATUS_LIBRARY, "no pipe for python3");
    if (pipe(from) != 0) {
        close(to[0]);
        close(to[1]);
        return diag_set(diag, STATUS_LIBRARY, "no pipe for python3");
    }
    fflush(NULL);
    peer->process = fork();
    if (peer->process == 0) {
        close(to[1]);
        close(from[0]);
        become_python(python, to[0], from[1], arguments);
    }
    close(to[0]);
    close(from[1]);
    peer->to = fdopen(to[1], "w");
    peer->from = fdopen(from[0], "r");
    if (peer->process < 0 || !peer->to || !peer->from)
        return diag_set(diag, STATUS_LIBRARY, "python3 cannot be started");
    return STATUS_OK;
}

static void stop(struct peer *peer)
{
    if (peer->to)
        fclose(peer->to); /* which ends it */
    if (peer->from)
        fclose(peer->from);
    if (peer->process > 0)
        waitpid(peer->process, NULL, 0);
    *peer = (struct peer){0};
}

/* The line that it begins with: name|BLAS|configurations. */
static bool read_greeting(struct peer *peer)
{
    char line[512], *rest = NULL;
    if (!fgets(line, sizeof line, peer->from) || line[0] == '!')
        return false;
    const char *name = strtok_r(line, "|", &rest), *blas = strtok_r(NULL, "|", &rest);
    char *kinds = strtok_r(NULL, "\n", &rest);
    if (!name || !blas || !kinds)
        return false;
    diag_clean(peer->name, sizeof peer->name, name);
    diag_clean(peer->blas, sizeof peer->blas, blas);
    for (int i = 0; i < PEER_PRECISIONS; i++)
        peer->has[i] = strstr(kinds, words[i]) != NULL;
    return true;
}

enum status peer_open(struct peer **out, const struct network *network, int width, int height,
                      int threads, struct diag *diag)
{
    static const char *const pythons[] = {"python3", "/usr/bin/python3"};
    char sizes[3][16], channels[16 * LAYER_COUNT] = "";
    struct peer *peer = mem_new(sizeof *peer);
    snprintf(sizes[0], sizeof sizes[0], "%d", width);
    snprintf(sizes[1], sizeof sizes[1], "%d", height);
    snprintf(sizes[2], sizeof sizes[2], "%d", threads);
    for (size_t used = 0, i = 0; i <= LAYER_RELU5_1; i++)
        used += (size_t)snprintf(channels + used, sizeof channels - used, "%s%d", i ? "," : "",
                                 network->conv[i].out);
    char *const arguments[] = {"python3", "-c", (char *)(size_t)peer_script, sizes[0], sizes[1],
                               sizes[2], channels, NULL};
    for (size_t i = 0; i < sizeof pythons / sizeof *pythons; i++) {
        enum status status = start(peer, pythons[i], arguments, diag);
        if (status == STATUS_OK && read_greeting(peer)) {
            *out = peer;
            return STATUS_OK;
        }
        stop(peer);
        if (status != STATUS_OK) {
            mem_free(peer);
            return status;
        }
    }
    mem_free(peer);
    return diag_set(diag, STATUS_INPUT,
                    "--compare needs python3 with PyTorch (Debian: python3-torch; with "
                    "libopenblas0 it is several times faster)");
}

void peer_close(struct peer **peer)
{
    if (!*peer)
        return;
    stop(*peer);
    mem_free(*peer);
    *peer = NULL;
}

const char *peer_name(const struct peer *peer)
{
    return peer->name;
}

const char *peer_blas(const struct peer *peer)
{
    return peer->blas;
}

bool peer_has(const struct peer *peer, enum peer_precision precision)
{
    return peer->has[precision];
}

enum status peer_iterate(double *seconds, struct peer *peer, enum peer_precision precision,
                         struct diag *diag)
{
    static const struct timespec pause = {0, 100000000}; /* its threads spin on for a while */
    char line[64], *end = line;
    if (fprintf(peer->to, "%s\n", words[precision]) > 0 && fflush(peer->to) == 0 &&
        fgets(line, sizeof line, peer->from))
        *seconds = strtod(line, &end);
    if (end == line || !(*seconds > 0.0) || !isfinite(*seconds))
        return diag_set(diag, STATUS_INPUT, "%s ended early; is there enough memory for it?",
                        peer->name);
    nanosleep(&pause, NULL);
    return STATUS_OK;
}

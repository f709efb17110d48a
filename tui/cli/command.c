/* command.c: see command.h. */
#include "tui/cli/command.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Both pipes until they are closed, so that neither fills up. */
static void read_all(int out_fd, int err_fd, struct text_buffer *out, struct text_buffer *err)
{
    struct pollfd fds[2] = {{.fd = out_fd, .events = POLLIN}, {.fd = err_fd, .events = POLLIN}};
    struct text_buffer *buffers[2] = {out, err};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; i++) {
            char bytes[4096];
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t n = read(fds[i].fd, bytes, sizeof bytes);
            if (n > 0)
                text_buffer_add(buffers[i], "%.*s", (int)n, bytes);
            else if (n == 0 || errno != EINTR)
                fds[i].fd = -1;
        }
    }
}

static enum status start(pid_t *pid, const char *const words[], int out[2], int err[2],
                         struct diag *diag)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, out[i]);
        posix_spawn_file_actions_addclose(&actions, err[i]);
    }
    int error = posix_spawnp(pid, words[0], &actions, NULL, (char *const *)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return diag_set(diag, STATUS_USAGE, "there is no program %s here", words[0]);
    return error ? diag_set(diag, STATUS_IO, "%s cannot be run: %s", words[0], strerror(error))
                 : STATUS_OK;
}

static enum status wait_for(pid_t pid, const char *name, const char *said, struct diag *diag)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return diag_set(diag, STATUS_IO, "%s was lost: %s", name, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return STATUS_OK;
    int length = (int)strlen(said);
    while (length > 0 && said[length - 1] == '\n')
        length--;
    return diag_set(diag, STATUS_IO, "%s failed%s%.*s", name, length ? ": " : "", length, said);
}

enum status command_run(const char *const words[], struct text_buffer *out, struct diag *diag)
{
    int out_pipe[2], err_pipe[2];
    pid_t pid;
    struct text_buffer err = {0};
    if (pipe(out_pipe) != 0)
        return diag_set(diag, STATUS_IO, "%s cannot be run: %s", words[0], strerror(errno));
    if (pipe(err_pipe) != 0) {
        close(out_pipe[0]);
        close(out_pipe[1]);
        return diag_set(diag, STATUS_IO, "%s cannot be run: %s", words[0], strerror(errno));
    }
    enum status status = start(&pid, words, out_pipe, err_pipe, diag);
    close(out_pipe[1]);
    close(err_pipe[1]);
    if (status == STATUS_OK) {
        read_all(out_pipe[0], err_pipe[0], out, &err);
        status = wait_for(pid, words[0], text_buffer_get(&err), diag);
    }
    close(out_pipe[0]);
    close(err_pipe[0]);
    text_buffer_clear(&err);
    return status;
}

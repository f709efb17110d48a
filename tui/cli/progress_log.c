/* progress_log.c: see progress_log.h. */
#include "tui/cli/progress_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "tui/cli/progress_line.h"
#include "tui/term/number.h"

struct progress_log {
    int fd;
    char *path;
    bool original;
};

static enum status write_line(struct progress_log *log, const struct progress_line *line,
                              struct diag *diag)
{
    size_t done;
    int error = progress_line_write(&done, log->fd, line->text, line->used, PROGRESS_WAIT);
    if (error != 0)
        return diag_set(diag, STATUS_IO, "the log %s cannot be written: %s", log->path,
                        strerror(error));
    return STATUS_OK;
}

enum status progress_log_open(struct progress_log **out, const char *path,
                              enum file_overwrite mode, bool append, bool original,
                              struct diag *diag)
{
    enum status status;
    struct stat info;
    TRY(file_check_output(path, append ? FILE_OVERWRITE : mode, diag));
    struct progress_log *log = mem_new(sizeof *log);
    log->path = mem_text(path);
    log->original = original;
    /* O_NONBLOCK: a pipe without a reader must not hold the program up. */
    log->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
                   (append                   ? O_APPEND
                    : mode == FILE_OVERWRITE ? O_TRUNC
                                             : O_EXCL), 0666);
    if (log->fd == -1) {
        status = diag_set(diag, STATUS_OUTPUT, "the log %s cannot be made: %s", path,
                          strerror(errno));
        goto fail;
    }
    if (fstat(log->fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = diag_set(diag, STATUS_OUTPUT, "the log %s is not a regular file; name another",
                          path);
        goto fail;
    }
    struct progress_line head = {0};
    progress_line_add(&head, original ? "# itr content style tv total" : "iteration\tseconds");
    for (int i = 0; i < LOSSES_SERIES && !original; i++)
        progress_line_add(&head, "\t%s", losses_name(i));
    progress_line_add(&head, "\n");
    if (info.st_size == 0 && (status = write_line(log, &head, diag)) != STATUS_OK)
        goto fail;
    *out = log;
    return STATUS_OK;
fail:
    progress_log_close(&log);
    return status;
}

enum status progress_log_add(struct progress_log *log, int iteration, double seconds,
                             const struct losses *losses, struct diag *diag)
{
    struct progress_line line = {0};
    if (log->original) {
        progress_line_add(&line, "%.18e %.18e %.18e %.18e %.18e\n", (double)iteration,
                          losses->content, losses->style, losses->tv, losses->total);
        return write_line(log, &line, diag);
    }
    progress_line_add(&line, "%d\t%.3f", iteration, seconds);
    for (int i = 0; i < LOSSES_SERIES; i++) {
        double value = losses_value(losses, i);
        progress_line_add(&line, "\t%s", number_exact(value, "nan").text);
    }
    progress_line_add(&line, "\n");
    return write_line(log, &line, diag);
}

enum status progress_log_end(struct progress_log *log, struct diag *diag)
{
    int result = close(log->fd);
    log->fd = -1;
    if (result != 0 && errno != EINTR)
        return diag_set(diag, STATUS_IO, "the log %s cannot be written: %s", log->path,
                        strerror(errno));
    return STATUS_OK;
}

void progress_log_close(struct progress_log **log)
{
    if (!*log)
        return;
    if ((*log)->fd != -1)
        close((*log)->fd);
    mem_free((*log)->path);
    mem_free(*log);
    *log = NULL;
}

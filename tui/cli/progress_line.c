/* progress_line.c: see progress_line.h. */
#include "tui/cli/progress_line.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void progress_line_add(struct progress_line *line, const char *format, ...)
{
    size_t space = sizeof line->text - line->used;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line->text + line->used, space, format, args);
    va_end(args);
    if (n > 0)
        line->used += (size_t)n < space ? (size_t)n : space - 1;
}

/* The descriptor may be shared, so it stays as it is, blocking. A pipe that polls writable takes
 * PIPE_BUF bytes without blocking, a terminal only one. */
int progress_line_write(size_t *done, int fd, const char *text, size_t n, int wait)
{
    size_t most = isatty(fd) ? 1 : PIPE_BUF;
    *done = 0;
    while (*done < n) {
        struct pollfd out = {.fd = fd, .events = POLLOUT};
        int ready = poll(&out, 1, wait);
        if (ready == 0)
            return EAGAIN;
        ssize_t got = ready < 0 ? -1 : write(fd, text + *done, n - *done < most ? n - *done : most);
        if (got >= 0)
            *done += (size_t)got;
        else if (errno == EINTR)
            wait /= 2; /* signals without end do not make it wait for ever */
        else
            return errno;
    }
    return 0;
}

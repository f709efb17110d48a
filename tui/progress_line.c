/* progress_line.c: see progress_line.h. */
#include "progress_line.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void progress_line_add(struct progress_line *line, const char *format, ...)
{
    size_t room = sizeof line->text - line->used;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line->text + line->used, room, format, args);
    va_end(args);
    if (n > 0)
        line->used += (size_t)n < room ? (size_t)n : room - 1;
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

struct progress_word progress_line_exact(double value, const char *otherwise)
{
    struct progress_word word;
    if (!isfinite(value)) {
        snprintf(word.text, sizeof word.text, "%s", otherwise);
        return word;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(word.text, sizeof word.text, "%.*g", digits, value);
        if (strtod(word.text, NULL) == value)
            break;
    }
    return word;
}

struct progress_word progress_line_short(double value)
{
    struct progress_word word;
    if (!isfinite(value)) {
        snprintf(word.text, sizeof word.text, "%f", value);
        return word;
    }
    char digits[32];
    snprintf(digits, sizeof digits, "%.2e", value);
    char *exponent = digits;
    while (*exponent != 'e')
        exponent++;
    *exponent = 0; /* "2.51e+05" -> "2.51" and 5 */
    snprintf(word.text, sizeof word.text, "%.8se%d", digits, atoi(exponent + 1));
    return word;
}

struct progress_word progress_line_rate(double seconds_per_iteration)
{
    struct progress_word word;
    double s = seconds_per_iteration;
    if (!isfinite(s) || s <= 0) {
        snprintf(word.text, sizeof word.text, "-.-- it/s");
        return word;
    }
    double rate = s > 1 ? s : 1 / s;
    int decimals = rate < 9.995 ? 2 : rate < 99.95 ? 1 : 0;
    snprintf(word.text, sizeof word.text, "%.*f %s", decimals, fmin(rate, 1e6),
             s > 1 ? "s/it" : "it/s");
    return word;
}

struct progress_word progress_line_duration(double seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    struct progress_word word;
    if (!isfinite(seconds) || seconds < 0 || seconds >= 1000.0 * DAY) {
        snprintf(word.text, sizeof word.text, "-:--");
        return word;
    }
    long s = lround(seconds);
    if (s < HOUR)
        snprintf(word.text, sizeof word.text, "%ld:%02ld", s / MINUTE, s % MINUTE);
    else if (s < 100L * HOUR)
        snprintf(word.text, sizeof word.text, "%ldh%02ld", s / HOUR, s % HOUR / MINUTE);
    else
        snprintf(word.text, sizeof word.text, "%ldd%02ldh", s / DAY, s % DAY / HOUR);
    return word;
}

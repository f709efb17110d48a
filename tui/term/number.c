/* number.c: see number.h. */
#include "tui/term/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct number_text number_exact(double value, const char *otherwise)
{
    struct number_text word;
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

struct number_text number_short(double value)
{
    struct number_text word;
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

struct number_text number_rate(double seconds_per_iteration)
{
    struct number_text word;
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

struct number_text number_share(double share)
{
    struct number_text word;
    bool small = share > 0.0 && share < 0.005;
    snprintf(word.text, sizeof word.text, small ? "<1%%" : "%.0f%%", 100.0 * share);
    return word;
}

struct number_text number_duration(double seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    struct number_text word;
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

/* outside.c: see outside.h. */
#include "tui/term/outside.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/diag.h"
#include "engine/base/mem.h"
#include "tui/term/bytes.h"
#include "tui/term/environment.h"
#include "tui/term/text.h"
#include "tui/term/tty.h"

enum { TITLE_COLUMNS = 80, TITLE = 400 };

static const double interval = 1.0; /* between two titles, in seconds */

/* An empty title is the terminal's own where nothing is kept on a stack (st, Windows Terminal). */
static const char push[] = "\033[22;2t", pop[] = "\033]2;\033\\\033[23;2t",
                  no_progress[] = "\033]9;4;0\033\\";

static struct {
    int fd; /* -1: no terminal */
    const struct answers *answers;
    char title[TITLE], shown[TITLE];
    enum outside_state state, shown_state;
    int percent, shown_percent;
    double at; /* when the title was written */
    char *copy;
    bool notifies;
    char notice[TITLE];
} outside = {.fd = -1};

/* Set where something is to be undone. */
static volatile sig_atomic_t titled, progressing;

/* ---- what a terminal understands ---------------------------------------------------------- */

/*
 * Terminals by the name that they give themselves, from a version on. OSC 9;4 is a notice on the
 * desktop in older iTerm2, kitty, WezTerm and foot, so it goes only to those that are known for it:
 *     ConEmu             conemu.github.io/en/AnsiEscapeCodes.html
 *     Windows Terminal   microsoft/terminal#8055, 1.6
 *     Ghostty            release notes of 1.2.0
 *     WezTerm            wez/wezterm#6581, after 20240203
 *     iTerm2             gnachman/iterm2#12587, 3.6.6
 *     VTE                0.79; older ones ignore OSC 9
 * kitty drops it since 0.38 (kovidgoyal/kitty#8011) and shows nothing, so it is not sent any.
 */
static const struct {
    const char *name;
    double progress_since; /* major and, a thousandth each, what follows; 0: never */
    enum outside_form form;
} terminals[] = {
    {"ghostty", 1.002, OUTSIDE_OSC_9},   {"WezTerm", 20250101, OUTSIDE_OSC_9},
    {"iTerm2", 3.006006, OUTSIDE_OSC_9}, {"VTE", 7900, OUTSIDE_BELL},
    {"kitty", 0, OUTSIDE_OSC_99},        {"foot", 0, OUTSIDE_OSC_777},
};

/* Those that set a title with OSC 2, by TERM, where they do not say their name. */
static const char *const titles[] = {"xterm", "tmux", "screen", "rxvt", "foot", "alacritty",
                                     "kitty", "st-", "wezterm", "konsole", "vte", "gnome",
                                     "contour", "mintty", "putty", "mlterm", "iterm",
                                     "ms-terminal"};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_set(const char *name)
{
    const char *value = environment_get(name);
    return value && *value;
}

/* " 1.2.3" or "(7900)": 1.002003, 7900. */
static double version_of(const char *text)
{
    double version = 0, unit = 1;
    const char *at = text + strcspn(text, "0123456789");
    for (int i = 0; i < 3 && *at >= '0' && *at <= '9'; i++, unit /= 1000) {
        char *end;
        version += unit * (double)strtoul(at, &end, 10);
        at = *end == '.' ? end + 1 : "";
    }
    return version + 1e-9;
}

struct outside_can outside_find(const char *name)
{
    const char *term = environment_get("TERM");
    struct outside_can can = {.form = OUTSIDE_BELL};
    bool tmux = is_set("TMUX") || begins(name, "tmux") || begins(name, "screen");
    if (tty_may_ask(term, environment_get("TMUX"), environment_get("STY")) == TTY_NONE)
        return can;
    can.title = name[0] != 0;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        can.title |= begins(term, titles[i]);
    if (tmux) /* which hands on none of the rest */
        return can;
    can.progress = is_set("WT_SESSION") || is_set("ConEmuANSI");
    if (begins(term, "rxvt-unicode"))
        can.form = OUTSIDE_OSC_777;
    for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++)
        if (begins(name, terminals[i].name)) {
            double since = terminals[i].progress_since;
            const char *version = name + strlen(terminals[i].name);
            can.progress |= since > 0 && version_of(version) >= since;
            can.form = terminals[i].form;
        }
    return can;
}

static struct outside_can can_now(void)
{
    if (outside.fd < 0)
        return (struct outside_can){.form = OUTSIDE_BELL};
    return outside_find(outside.answers->name);
}

/* ---- what is wanted ----------------------------------------------------------------------- */

void outside_open(int fd, const struct answers *answers)
{
    outside.fd = fd;
    outside.answers = answers;
    outside.at = 0;
}

void outside_close(void)
{
    mem_free(outside.copy);
    memset(&outside, 0, sizeof outside);
    outside.fd = -1;
    titled = progressing = 0;
}

void outside_show(const char *title, enum outside_state state, int percent)
{
    text_fit(outside.title, sizeof outside.title, title, TITLE_COLUMNS);
    outside.state = state;
    outside.percent = percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

void outside_notify(const char *text)
{
    text_fit(outside.notice, sizeof outside.notice, text, TITLE_COLUMNS);
    outside.notifies = true;
}

bool outside_copy(const char *text)
{
    if (!can_now().title || strlen(text) > OUTSIDE_COPY)
        return false;
    mem_free(outside.copy);
    outside.copy = mem_text(text);
    return true;
}

/* ---- what is written ---------------------------------------------------------------------- */

static void add(struct bytes *out, const char *text)
{
    bytes_add(out, text, strlen(text));
}

/* A notice's text has been cleaned; a ; would part it. */
static void add_notice(struct bytes *out, enum outside_form form)
{
    static const char *const before[] = {[OUTSIDE_OSC_9] = "\033]9;",
                                         [OUTSIDE_OSC_99] = "\033]99;;",
                                         [OUTSIDE_OSC_777] = "\033]777;notify;strata;"};
    outside.notifies = false;
    if (form == OUTSIDE_BELL || !outside.notice[0]) {
        add(out, "\a");
        return;
    }
    for (char *c = outside.notice; *c; c++)
        *c = *c == ';' ? ',' : *c;
    add(out, before[form]);
    add(out, outside.notice);
    add(out, "\033\\");
}

static void add_copy(struct bytes *out)
{
    add(out, "\033]52;c;");
    bytes_base64(out, (const unsigned char *)outside.copy, strlen(outside.copy));
    add(out, "\033\\");
    mem_free(outside.copy);
    outside.copy = NULL;
}

static void add_title(struct bytes *out)
{
    if (!outside.title[0]) {
        if (titled)
            add(out, pop);
        titled = 0;
        return;
    }
    if (titled && strcmp(outside.title, outside.shown) == 0)
        return;
    add(out, titled ? "" : push);
    titled = 1; /* before it is written: a crash in between undoes it */
    add(out, "\033]2;");
    add(out, outside.title);
    add(out, "\033\\");
    strcpy(outside.shown, outside.title);
}

static void add_progress(struct bytes *out)
{
    static const int codes[] = {[OUTSIDE_BEGINS] = 3, [OUTSIDE_RUNS] = 1, [OUTSIDE_RESTS] = 4,
                                [OUTSIDE_FAILED] = 2};
    if (outside.state == OUTSIDE_IDLE || !outside.title[0]) {
        if (progressing)
            add(out, no_progress);
        progressing = 0;
        return;
    }
    if (progressing && outside.shown_state == outside.state &&
        outside.shown_percent == outside.percent)
        return;
    progressing = 1;
    bytes_format(out, "\033]9;4;%d;%d\033\\", codes[outside.state], outside.percent);
}

/* Waits as curses would: half of a sequence would swallow what follows. */
static void write_all(const struct bytes *out)
{
    struct pollfd fd = {.fd = outside.fd, .events = POLLOUT};
    for (size_t at = 0; at < out->size;) {
        ssize_t n = write(outside.fd, out->data + at, out->size - at);
        if (n > 0)
            at += (size_t)n;
        else if (errno == EAGAIN)
            poll(&fd, 1, -1);
        else if (errno != EINTR)
            return; /* it is gone */
    }
}

void outside_flush(double now)
{
    struct bytes out = {0};
    struct outside_can can = can_now();
    if (outside.fd < 0)
        return;
    bool due = outside.state != outside.shown_state || now >= outside.at + interval ||
               !outside.title[0] || !titled;
    if (due && (can.title || can.progress)) {
        if (can.title)
            add_title(&out);
        if (can.progress)
            add_progress(&out);
        outside.shown_state = outside.state;
        outside.shown_percent = outside.percent;
        if (out.size > 0)
            outside.at = now;
    }
    if (outside.notifies)
        add_notice(&out, can.form);
    if (outside.copy)
        add_copy(&out);
    write_all(&out);
    mem_free(out.data);
}

void outside_restore(int fd)
{
    if (titled)
        tty_write(fd, pop, sizeof pop - 1);
    if (progressing)
        tty_write(fd, no_progress, sizeof no_progress - 1);
    titled = progressing = 0;
}

/* tty.c: see tty.h. */
#include "tui/term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"

/* Replies that never came are not waited for with every Escape for the rest of the session. */
static const double longest_reply = 10.0;

/* Reads of one tty_read: somebody may write without end. */
enum { AT_ONCE = 8 };

struct tty {
    int in, out; /* the terminal, blocking and not */
    int key_in;  /* end of the pipe that tty_read writes to */
    FILE *keys;  /* its other end; both are non-blocking */
    enum tty_questions questions;
    double asked;  /* when a question was last asked */
    double round;  /* until it was answered */
    bool awaiting; /* of tty_await */
    struct replies replies;
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

enum tty_questions tty_may_ask(const char *term, const char *tmux, const char *sty)
{
    static const char *const silent[] = {"dumb", "unknown", "linux", "cons25", "vt52", "eterm"};
    if (!term || !*term || (sty && *sty && !(tmux && *tmux)))
        return TTY_NONE;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (begins(term, silent[i]))
            return TTY_NONE;
    if ((tmux && *tmux) || begins(term, "tmux") || begins(term, "screen"))
        return TTY_NO_KITTY;
    return TTY_ALL;
}

static enum status failed(const char *what, struct diag *diag)
{
    return diag_set(diag, STATUS_IO, "%s: %s", what, strerror(errno));
}

static enum status open_terminal(struct tty *tty, const char *path, struct diag *diag)
{
    tty->in = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty->in < 0)
        return failed("strata has no terminal to draw on", diag);
    /* Opened by its own path, so that only this description is non-blocking: curses, which loses
     * what it cannot write at once, has another. */
    tty->out = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (tty->out < 0)
        return failed("cannot write to the terminal", diag);
    return STATUS_OK;
}

static enum status open_pipe(struct tty *tty, struct diag *diag)
{
    int ends[2];
    if (pipe(ends) < 0)
        return failed("cannot make a pipe", diag);
    tty->key_in = ends[1];
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    tty->keys = fdopen(ends[0], "r");
    if (!tty->keys) {
        close(ends[0]);
        return failed("cannot open a pipe", diag);
    }
    return STATUS_OK;
}

static struct tty *new_tty(int in, int out, enum tty_questions questions)
{
    struct tty *tty = mem_new(sizeof *tty);
    *tty = (struct tty){.in = in, .out = out, .key_in = -1, .questions = questions};
    return tty;
}

/* With a terminal that status says is open. */
static enum status finish_opening(struct tty **out, struct tty *tty, enum status status,
                                  double deadline, struct diag *diag)
{
    if (status == STATUS_OK)
        status = open_pipe(tty, diag);
    if (status != STATUS_OK) {
        tty_close(&tty);
        return status;
    }
    tty_ask(tty, deadline);
    *out = tty;
    return STATUS_OK;
}

enum status tty_open(struct tty **out, const char *path, enum tty_questions questions,
                     double deadline, struct diag *diag)
{
    struct tty *tty = new_tty(-1, -1, questions);
    return finish_opening(out, tty, open_terminal(tty, path, diag), deadline, diag);
}

enum status tty_open_lent(struct tty **out, int in, int out_fd, enum tty_questions questions,
                          double deadline, struct diag *diag)
{
    return finish_opening(out, new_tty(in, out_fd, questions), STATUS_OK, deadline, diag);
}

void tty_close(struct tty **tty)
{
    struct tty *t = *tty;
    if (!t)
        return;
    if (t->in >= 0) {
        if (t->awaiting || (t->asked > 0 && !t->replies.answers.attributes))
            tcflush(t->in, TCIFLUSH);
        close(t->in);
    }
    if (t->out >= 0)
        close(t->out);
    if (t->key_in >= 0)
        close(t->key_in);
    if (t->keys)
        fclose(t->keys);
    mem_free(t);
    *tty = NULL;
}

/* A full pipe loses keys: 64 KiB typed ahead are a cat on the keyboard. What fits into PIPE_BUF is
 * written whole or not at all. */
static void pass_on(struct tty *tty, const unsigned char *keys, size_t n)
{
    ssize_t written = n ? write(tty->key_in, keys, n) : 0;
    (void)written;
}

static void set_awaiting(struct tty *tty, double now)
{
    bool unanswered =
        tty->asked > 0 && !tty->replies.answers.attributes && now < tty->asked + longest_reply;
    tty->replies.awaiting = tty->awaiting || unanswered;
}

enum status tty_read(struct tty *tty, double now)
{
    unsigned char bytes[1024], keys[3 * sizeof bytes + REPLIES_HELD];
    struct pollfd fd = {.fd = tty->in, .events = POLLIN};
    set_awaiting(tty, now);
    for (int i = 0; i < AT_ONCE && poll(&fd, 1, 0) > 0 && fd.revents; i++) {
        ssize_t n = read(tty->in, bytes, sizeof bytes);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return STATUS_IO;
        pass_on(tty, keys, replies_feed(&tty->replies, keys, bytes, (size_t)n, now));
        if (n < (ssize_t)sizeof bytes)
            break;
    }
    if (tty->replies.due > 0 && now >= tty->replies.due)
        pass_on(tty, keys, replies_expire(&tty->replies, keys, now));
    return STATUS_OK;
}

double tty_wait(const struct tty *tty, double now)
{
    double due = tty->replies.due;
    return due <= 0 ? -1 : due > now ? due - now : 0;
}

void tty_await(struct tty *tty, bool awaiting)
{
    tty->awaiting = awaiting;
}

void tty_expect_reports(struct tty *tty)
{
    tty->replies.reports = true;
}

const char *tty_pasted(const struct tty *tty)
{
    return tty->replies.paste;
}

bool tty_write(int fd, const char *text, size_t n)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    while (n > 0) {
        ssize_t written = write(fd, text, n);
        if (written > 0) {
            text += written;
            n -= (size_t)written;
        } else if (errno != EINTR && (errno != EAGAIN || poll(&poller, 1, 1000) == 0)) {
            return false;
        }
    }
    return true;
}

/* Terminals that print the questions they do not know are why the line is wiped after those. */
static const char risky[] = "\033[?2026$p\033[>q",
                  kitty[] = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\",
                  known[] = "\r\033[K\033]11;?\033\\\033[16t\033[?1;1;0S\033[c";

void tty_ask(struct tty *tty, double deadline)
{
    if (tty->questions == TTY_NONE)
        return;
    struct termios before, raw;
    char question[sizeof risky + sizeof kitty + sizeof known];
    if (tcgetattr(tty->in, &before) < 0)
        return;
    raw = before;
    cfmakeraw(&raw);
    raw.c_oflag = before.c_oflag;
    tcsetattr(tty->in, TCSANOW, &raw);
    unsigned ready = tty->replies.answers.ready;
    tty->replies.answers = (struct answers){.ready = ready};
    size_t n = (size_t)snprintf(question, sizeof question, "%s%s%s", risky,
                                tty->questions == TTY_ALL ? kitty : "", known);
    double now = clock_now(), end = now + deadline;
    tty->asked = now;
    if (tty_write(tty->out, question, n)) {
        struct pollfd fd = {.fd = tty->in, .events = POLLIN};
        while (!tty->replies.answers.attributes && now < end) {
            double wait = tty_wait(tty, now);
            wait = wait >= 0 && wait < end - now ? wait : end - now;
            poll(&fd, 1, (int)(wait * 1000) + 1);
            now = clock_now();
            if (tty_read(tty, now) != STATUS_OK)
                break;
        }
    }
    if (tty->replies.answers.attributes)
        tty->round = now - tty->asked;
    tcsetattr(tty->in, TCSANOW, &before);
}

void tty_ask_size(struct tty *tty)
{
    static const char question[] = "\033[16t";
    if (tty->questions != TTY_NONE && tty->replies.answers.cell_width > 0)
        tty_write(tty->out, question, sizeof question - 1);
}

const struct answers *tty_answers(const struct tty *tty)
{
    return &tty->replies.answers;
}

double tty_round(const struct tty *tty)
{
    return tty->round;
}

int tty_fd(const struct tty *tty)
{
    return tty->in;
}

int tty_out(const struct tty *tty)
{
    return tty->out;
}

FILE *tty_keys(const struct tty *tty)
{
    return tty->keys;
}

enum status tty_parse_deadline(double *out, const char *text, struct diag *diag)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 60))
        return diag_set(diag, STATUS_USAGE, "%s is not a number of seconds from 0 to 60", text);
    *out = value;
    return STATUS_OK;
}

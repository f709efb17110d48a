/*
 * client.c: see client.h. Signals are handed on as they are, so that the other process has its own
 * handlers wake it from whatever it waits for. The hang-up of the terminal ends this process.
 */
#include "tui/attach/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/attach/wire.h"
#include "tui/term/environment.h"
#include "tui/term/tty.h"

/* For a process that died with the terminal in its hands: whatever it had set. */
static const char restoring[] = "\033\\\033[?2026l\033[?1000l\033[?1002l\033[?1006l"
                                "\033[?1004l\033[?2004l\033[0m\033[?25h"
                                "\033[?1l\033>\033[?1049l\033[23;2t\r\n";

static volatile sig_atomic_t owner;  /* the process that draws; 0: not known */
static volatile sig_atomic_t hangup; /* the terminal is gone */

static void hand_on(int number)
{
    int error = errno;
    if (owner > 0)
        kill((pid_t)owner, number);
    if (number == SIGHUP)
        hangup = 1;
    else if (owner <= 0 && number != SIGWINCH && number != SIGCONT) {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = error;
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP,  SIGINT, SIGTERM,
                                  SIGQUIT,  SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action = {0}, was;
        action.sa_handler = hand_on;
        sigaction(numbers[i], NULL, &was);
        if (numbers[i] != SIGHUP || was.sa_handler != SIG_IGN) /* nohup */
            sigaction(numbers[i], &action, NULL);
    }
}

struct client {
    int connection;
    pid_t child;
    int terminal; /* it once more, without blocking, for the end; -1: there is none */
    struct termios before;
    bool welcome; /* the other side has the terminal */
    bool read_only;
};

/* A line for people. The terminal may be one that does not read. */
static void warn(const struct client *c, const char *text)
{
    if (isatty(STDERR_FILENO) && c->terminal >= 0) {
        tty_write(c->terminal, text, strlen(text));
        tty_write(c->terminal, "\r\n", 2);
    } else {
        fprintf(stderr, "%s\n", text);
    }
}

static int fail(const struct diag *diag)
{
    fprintf(stderr, "strata: %s\n", diag->text);
    return diag_exit_status(diag->status);
}

/* Who runs in the background does not take the terminal. */
static void come_to_the_front(void)
{
    while (tcgetpgrp(STDIN_FILENO) != getpgrp() && tcgetpgrp(STDIN_FILENO) != -1)
        if (kill(0, SIGTTIN) != 0 || hangup)
            break;
}

/* The terminal's descriptors on their way. */
static enum status send_hello(struct client *c, struct diag *diag)
{
    char text[WIRE_TEXT];
    int flags = c->read_only ? WIRE_READ_ONLY : 0;
    int lent[WIRE_LENT] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
                           open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC),
                           open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC),
                           open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    enum status status = STATUS_OK;
    if (lent[WIRE_IN] < 0 || lent[WIRE_OUT] < 0 || lent[WIRE_RESTORE] < 0)
        status = diag_set(diag, STATUS_IO, "strata has no terminal to draw on: %s",
                          strerror(errno));
    size_t size = environment_print(text, sizeof text);
    if (status == STATUS_OK)
        status = wire_send(c->connection, WIRE_HELLO, flags, text, size, lent, diag);
    for (int i = WIRE_IN; i < WIRE_LENT; i++)
        if (lent[i] >= 0)
            close(lent[i]);
    return status;
}

/* As Ctrl-Z does; comes back with fg. */
static void stop(void)
{
    signal(SIGTSTP, SIG_DFL);
    kill(0, SIGTSTP);
    catch_signals();
    if (owner > 0)
        kill((pid_t)owner, SIGCONT);
}

/* The other process went without a word. */
static int bereft(struct client *c)
{
    int status = 0;
    char text[200];
    if (hangup)
        return 128 + SIGHUP;
    if (c->welcome) {
        tty_write(c->terminal, restoring, sizeof restoring - 1);
        tcflush(STDIN_FILENO, TCIFLUSH);
        tcsetattr(STDIN_FILENO, TCSANOW, &c->before);
    }
    if (c->child > 0 && waitpid(c->child, &status, 0) == c->child && WIFEXITED(status) &&
        WEXITSTATUS(status))
        return WEXITSTATUS(status);
    snprintf(text, sizeof text, "strata: the run's process has ended without warning%s%s; strata "
             "resume goes on from its last checkpoint", status && WIFSIGNALED(status) ? ": " : "",
             status && WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    warn(c, text);
    return status && WIFSIGNALED(status) ? 128 + WTERMSIG(status) : 1;
}

static void say(const struct wire_message *m, FILE *to)
{
    char clean[WIRE_TEXT];
    diag_clean(clean, sizeof clean, m->text);
    if (clean[0])
        fprintf(to, "%s\n", clean);
    fflush(to);
}

/* Its own process is waited for, so that nothing of it is left when the shell asks for the next
 * command; but not for long. */
static void wait_for_child(const struct client *c)
{
    double end = clock_now() + 5.0;
    while (c->child > 0 && waitpid(c->child, NULL, WNOHANG) == 0 && clock_now() < end)
        poll(NULL, 0, 5);
}

/* To another run's process. */
static enum status go(struct client *c, const char *folder, struct diag *diag)
{
    int connection;
    long process;
    TRY(wire_connect(&connection, folder, diag));
    close(c->connection);
    c->connection = connection;
    c->child = 0;
    if (wire_same_user(connection, &process))
        owner = (sig_atomic_t)process;
    return send_hello(c, diag);
}

/* False: it is over, with *result. */
static bool take(struct client *c, int *result)
{
    struct wire_message *m = mem_new(sizeof *m);
    struct diag diag;
    bool stay = true;
    enum status status = wire_receive(m, c->connection, &diag);
    if (status == STATUS_INPUT) {
        *result = fail(&diag);
        stay = false;
    } else if (status != STATUS_OK) {
        *result = bereft(c);
        stay = false;
    } else {
        switch (m->kind) {
        case WIRE_WELCOME:
            c->welcome = true;
            owner = (sig_atomic_t)m->number;
            break;
        case WIRE_SUSPEND: stop(); break;
        case WIRE_GO:
            if (go(c, m->text, &diag) != STATUS_OK) {
                *result = fail(&diag);
                stay = false;
            }
            break;
        case WIRE_DROPPED:
            tty_write(STDOUT_FILENO, restoring, sizeof restoring - 1);
            tcsetattr(STDIN_FILENO, TCSANOW, &c->before);
            /* fall through */
        case WIRE_AWAY:
        case WIRE_END:
            say(m, m->number ? stderr : stdout);
            if (m->kind == WIRE_END)
                wait_for_child(c);
            *result = m->number;
            stay = false;
            break;
        case WIRE_HELLO: case WIRE_KINDS: wire_drop(m); break;
        }
    }
    mem_free(m);
    return stay;
}

int client_lend(int connection, pid_t child, bool read_only)
{
    struct client c = {.connection = connection, .child = child, .read_only = read_only};
    struct diag diag;
    int result = 0;
    owner = (sig_atomic_t)child;
    tcgetattr(STDIN_FILENO, &c.before);
    c.terminal = open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    come_to_the_front();
    catch_signals();
    if (send_hello(&c, &diag) != STATUS_OK) {
        close(connection);
        return fail(&diag);
    }
    struct pollfd fd = {.fd = connection, .events = POLLIN};
    for (bool stay = true; stay;) {
        fd.fd = c.connection;
        int ready = poll(&fd, 1, -1);
        if (hangup) { /* the terminal may be there all the same, and who waits for our end looks */
            if (c.welcome)
                tty_write(c.terminal, restoring, sizeof restoring - 1);
            tcsetattr(STDIN_FILENO, TCSANOW, &c.before);
            result = 128 + SIGHUP;
            break;
        }
        if (ready > 0)
            stay = take(&c, &result);
    }
    close(c.connection);
    return result;
}

int client_await(int connection)
{
    struct diag diag;
    struct wire_message *m = mem_new(sizeof *m);
    enum status status = wire_receive(m, connection, &diag);
    int result = 1;
    if (status == STATUS_OK && (m->kind == WIRE_AWAY || m->kind == WIRE_END)) {
        result = m->number;
        say(m, result ? stderr : stdout);
    } else {
        fprintf(stderr, "strata: the run's process has ended without a word\n");
    }
    mem_free(m);
    close(connection);
    return result;
}

/*
 * term.c: see term.h.
 *
 * A crash restores the terminal from a signal handler: the bytes for that are fetched from terminfo
 * beforehand, and write and tcsetattr are async-signal-safe.
 *
 * A terminal need not read what is written to it (a frozen connection), and curses writes until all
 * is written. So a signal that ends the program puts /dev/null in the place of the descriptors that
 * curses and the pictures write to: whatever waits in a write goes on at once, also by SA_RESTART,
 * which looks the descriptor up anew. What restores the terminal goes out on a descriptor of its
 * own, which is not waited for long.
 */
#include "tui/term/term_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "tui/term/environment.h"
#include "tui/term/keycodes.h"
#include "tui/term/outside.h"

#undef columns /* a macro of term.h */

/* What is asked for: presses and drags, in numbers of any size; focus; pastes as such. */
static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h",
                  mouse_off[] = "\033[?1000l\033[?1002l\033[?1006l",
                  reports_on[] = "\033[?1004h\033[?2004h",
                  reports_off[] = "\033[?1004l\033[?2004l";

enum { ESCAPE_MS = 40 };

static SCREEN *screen;
static struct tty *tty;
static double answer_deadline;
static FILE *hidden_in; /* of a screen that is not shown */
static FILE *out;       /* of curses alone: stdout outlives it */
static struct termios before, ours;
static char entering[64], restoring[256];
static bool can_report;
static bool mouse_is_ours = true;
static volatile sig_atomic_t on_screen; /* curses has the terminal */
static volatile sig_atomic_t let_go;    /* nothing that it writes arrives any more */
static volatile sig_atomic_t events, quit_signal;
static int wake_fd = -1, null_fd = -1, restore_fd = -1;
static int lent_in = -1, lent_out = -1, lent_restore = -1; /* for the next term_open */
static bool is_lent;
static bool restored; /* the terminal that was closed last */
static volatile sig_atomic_t screen_fd = -1, picture_fd = -1; /* that curses and pictures use */
static char crash_stack[1 << 16]; /* for the handler, when the thread's own is used up */

/* Async-signal-safe. */
static void let_it_go(void)
{
    if (screen_fd < 0 || let_go)
        return;
    let_go = 1;
    dup2(null_fd, screen_fd);
    dup2(null_fd, picture_fd);
}

static void catch(int number)
{
    int saved = errno;
    int event = number == SIGWINCH  ? TERM_RESIZED
                : number == SIGTSTP ? TERM_STOP
                : number == SIGCONT ? TERM_RESUMED
                : number == SIGHUP  ? TERM_HANGUP
                                    : TERM_QUIT;
    if (event == TERM_QUIT)
        quit_signal = number;
    events |= event;
    if (events & (TERM_HANGUP | TERM_QUIT))
        let_it_go();
    if (wake_fd >= 0 && write(wake_fd, "s", 1) < 0)
        errno = 0; /* a full pipe wakes as well */
    errno = saved;
}

/* Whether the terminal took it. Async-signal-safe. */
static bool restore(void)
{
    if (!on_screen)
        return true;
    on_screen = 0;
    bool taken = tty_write(restore_fd, restoring, strlen(restoring));
    outside_restore(restore_fd);
    tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed for us; TCSAFLUSH would wait for output */
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return taken;
}

static void restore_now(void)
{
    restore();
}

static void crash(int number)
{
    restore_now();
    signal(number, SIG_DFL);
    raise(number);
}

static void on_signal(int number, void (*handler)(int))
{
    struct sigaction action = {0}, was;
    action.sa_handler = handler;
    action.sa_flags =
        handler == crash ? (int)(SA_NODEFER | SA_RESETHAND | SA_ONSTACK) : (int)SA_RESTART;
    sigaction(number, NULL, &was);
    if (number == SIGHUP && was.sa_handler == SIG_IGN) /* nohup */
        return;
    sigaction(number, &action, NULL);
}

static void catch_signals(void)
{
    /* The last of these are what batch systems and `timeout` send before they kill. */
    static const int calm[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGINT,
                               SIGTERM,  SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM};
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    const stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof calm / sizeof *calm; i++)
        on_signal(calm[i], catch);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        on_signal(fatal[i], crash);
}

void term_catch(int wake)
{
    wake_fd = wake;
    catch_signals();
}

static const char *capability(const char *name)
{
    const char *bytes = tigetstr(name);
    /* padding, $<5>, is for terminals that are out of use */
    return bytes && bytes != (const char *)-1 && !strchr(bytes, '$') ? bytes : "";
}

/* The bytes that make the terminal send what we understand; those that lead back to the shell's
 * screen. Curses does not read the mouse: it waits for the rest of a report. */
static void prepare_bytes(void)
{
    static const char *const names[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
    can_report = capability("kmous")[0] != 0;
    snprintf(entering, sizeof entering, "%s%s", capability("smkx"), can_report ? reports_on : "");
    if (can_report)
        tty_expect_reports(tty);
    /* a picture under way ends */
    size_t used = (size_t)snprintf(restoring, sizeof restoring, "\033\\\033[?2026l%s%s",
                                   can_report ? mouse_off : "", can_report ? reports_off : "");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *bytes = capability(names[i]);
        if (used + strlen(bytes) < sizeof restoring)
            used += (size_t)snprintf(restoring + used, sizeof restoring - used, "%s", bytes);
    }
}

/* Our modes, at the start and after anybody may have set others. */
static void enter(void)
{
    tcsetattr(STDIN_FILENO, TCSANOW, &ours);
    tty_write(picture_fd, entering, strlen(entering));
    if (can_report && mouse_is_ours)
        tty_write(picture_fd, mouse_on, sizeof mouse_on - 1);
}

void term_use_mouse(bool use)
{
    const char *bytes = use ? mouse_on : mouse_off;
    if (can_report && on_screen && use != mouse_is_ours)
        tty_write(picture_fd, bytes, strlen(bytes));
    mouse_is_ours = use;
}

/* The shell's modes, but not yet its screen. */
static void leave(void)
{
    if (!let_go) /* else restore does that */
        outside_restore(picture_fd);
    if (can_report) {
        tty_write(picture_fd, mouse_off, sizeof mouse_off - 1);
        tty_write(picture_fd, reports_off, sizeof reports_off - 1);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void set_modes(void)
{
    raw();
    noecho();
    nonl();
    term_keys_open(tty);
    set_escdelay(ESCAPE_MS);
    tcgetattr(STDIN_FILENO, &ours);
}

void term_lend(int in, int lent, int restoring_fd)
{
    lent_in = in;
    lent_out = lent;
    lent_restore = restoring_fd;
}

static void close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The descriptors that outlive a terminal that does not read. */
static enum status open_descriptors(struct diag *diag)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    restore_fd = is_lent ? lent_restore
                         : open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    lent_restore = -1;
    out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out || null_fd < 0 || restore_fd < 0)
        return diag_set(diag, STATUS_IO, "cannot open the terminal: %s", strerror(errno));
    return STATUS_OK;
}

static enum status open_tty(const char *name, double deadline, struct diag *diag)
{
    enum tty_questions questions =
        tty_may_ask(name, environment_get("TMUX"), environment_get("STY"));
    is_lent = lent_in >= 0;
    if (!is_lent)
        return tty_open(&tty, "/dev/tty", questions, deadline, diag);
    int in = lent_in, output = lent_out;
    lent_in = lent_out = -1;
    return tty_open_lent(&tty, in, output, questions, deadline, diag);
}

static enum status check_terminal(const char *name, struct diag *diag)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return diag_set(diag, STATUS_USAGE,
                        "the workbench needs a terminal; `strata run` paints without one");
    int error = 0;
    if (!name || !name[0] || setupterm(name, STDOUT_FILENO, &error) != 0 || error != 1)
        return diag_set(diag, STATUS_USAGE,
                        "the terminal type (TERM=%s) is not known here; try TERM=xterm, or paint "
                        "with `strata run`",
                        name ? name : "");
    if (!tigetstr("cup") || tigetstr("cup") == (char *)-1)
        return diag_set(diag, STATUS_USAGE,
                        "a terminal of type %s cannot draw a screen; `strata run` paints without "
                        "one",
                        name);
    return STATUS_OK;
}

/* TERM=xterm promises 8 colours, for old programs of that name; those that call themselves one of
 * these have 256. */
static const char *better_name(const char *name)
{
    static const char *const rich[] = {"XTerm(", "foot(", "WezTerm", "kitty", "ghostty", "iTerm2",
                                       "Konsole", "contour", "mintty", "VTE("};
    int error;
    for (size_t i = 0; i < sizeof rich / sizeof *rich && strcmp(name, "xterm") == 0; i++)
        if (strncmp(tty_answers(tty)->name, rich[i], strlen(rich[i])) == 0 &&
            setupterm("xterm-256color", STDOUT_FILENO, &error) == OK)
            return "xterm-256color";
    return name;
}

enum status term_open(int wake, double deadline, struct diag *diag)
{
    const char *name = environment_get("TERM");
    TRY(check_terminal(name, diag));
    tcgetattr(STDIN_FILENO, &before);
    wake_fd = wake;
    answer_deadline = deadline;
    TRY(open_tty(name, deadline, diag));
    name = better_name(name);
    picture_fd = tty_out(tty);
    let_go = 0;
    restored = true;
    enum status status = open_descriptors(diag);
    screen = status == STATUS_OK ? newterm(name, out, tty_keys(tty)) : NULL;
    if (!screen) {
        tty_close(&tty);
        close_descriptor(&null_fd);
        close_descriptor(&restore_fd);
        TRY(status);
        return diag_set(diag, STATUS_LIBRARY, "curses cannot start on this terminal (TERM=%s)",
                        name);
    }
    set_modes();
    prepare_bytes();
    screen_fd = fileno(out);
    outside_open(picture_fd, tty_answers(tty));
    enter();
    on_screen = 1;
    catch_signals();
    mem_on_death(restore_now);
    return STATUS_OK;
}

enum status term_open_hidden(int rows, int columns, struct diag *diag)
{
    const char *name = environment_get("TERM");
    out = fopen("/dev/null", "w");
    hidden_in = fopen("/dev/null", "r");
    if (out && hidden_in)
        screen = newterm(name && name[0] ? name : "xterm-256color", out, hidden_in);
    if (!screen)
        return diag_set(diag, STATUS_LIBRARY, "curses cannot start a hidden screen (TERM=%s)",
                        name ? name : "");
    resizeterm(rows, columns);
    return STATUS_OK;
}

void term_close(void)
{
    if (!screen)
        return;
    if (on_screen)
        leave();
    if (on_screen || hidden_in)
        endwin();
    restored &= !let_go || restore();
    if (let_go && !restored)
        term_abandon(); /* what is printed would not be read */
    if (on_screen) {
        tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed for us */
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    }
    on_screen = 0;
    outside_close();
    screen_fd = -1; /* before others get the number */
    delscreen(screen);
    screen = NULL;
    fclose(out);
    if (hidden_in)
        fclose(hidden_in);
    hidden_in = NULL;
    tty_close(&tty);
    close_descriptor(&null_fd);
    close_descriptor(&restore_fd);
    mem_on_death(NULL);
}

bool term_restored(void)
{
    return restored;
}

void term_abandon(void)
{
    int null = open("/dev/null", O_RDWR);
    let_it_go();
    restored &= restore(); /* it may be there all the same */
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        if (null > STDERR_FILENO)
            close(null);
    }
}

struct tty *term_tty(void)
{
    return tty;
}

void term_size(int *rows, int *columns)
{
    *rows = LINES;
    *columns = COLS;
}

void term_resize_hidden(int rows, int columns)
{
    resizeterm(rows, columns);
}

static void follow_size(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
}

unsigned term_events(void)
{
    sigset_t all, was;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &was);
    unsigned now = (unsigned)events;
    events = 0;
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    if (now & (TERM_RESIZED | TERM_RESUMED) && !hidden_in)
        follow_size();
    if (now & TERM_RESIZED && tty)
        tty_ask_size(tty);
    if (now & TERM_RESUMED && tty) { /* it may be another one */
        on_screen = 1;
        tty_ask(tty, answer_deadline);
        enter();
        term_redraw();
    }
    return now;
}

int term_quit_signal(void)
{
    return quit_signal;
}

void term_suspend(void)
{
    if (hidden_in)
        return;
    leave();
    endwin();
    tcsetattr(STDIN_FILENO, TCSANOW, &before); /* curses has set what it took for these */
    on_screen = 0;
    if (is_lent)
        return;
    signal(SIGTSTP, SIG_DFL);
    kill(0, SIGTSTP);
    on_signal(SIGTSTP, catch);
    on_screen = 1;
    enter();
    follow_size();
    term_redraw();
}

enum { WATCH_SECONDS = 2, WATCH_ROUNDS = 30 };

static volatile sig_atomic_t watch_rounds;
static bool (*volatile gives_up)(void);

/* Interrupts a write; see let_it_go. */
static void look(int number)
{
    int saved = errno;
    (void)number;
    watch_rounds++;
    if (watch_rounds >= WATCH_ROUNDS || (gives_up && gives_up())) {
        events |= TERM_HANGUP;
        let_it_go();
    }
    errno = saved;
}

void term_watch(bool on, bool (*give_up)(void))
{
    static timer_t timer;
    static bool made;
    const struct itimerspec every = {{on ? WATCH_SECONDS : 0, 0}, {on ? WATCH_SECONDS : 0, 0}};
    if (!made) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1};
        on_signal(SIGRTMIN + 1, look);
        made = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
    }
    watch_rounds = 0;
    gives_up = give_up;
    if (made)
        timer_settime(timer, 0, &every, NULL);
}

void term_redraw(void)
{
    clearok(curscr, TRUE);
}

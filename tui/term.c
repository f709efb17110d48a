/*
 * term.c: see term.h.
 *
 * A crash restores the terminal from a signal handler: the bytes for that are fetched from terminfo
 * beforehand, and write and tcsetattr are async-signal-safe.
 */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "../engine/mem.h"
#include "keys.h"

#undef columns /* a macro of term.h */

enum { ESCAPE_MS = 40 };

static SCREEN *screen;
static WINDOW *input; /* a pad: reading a key from a window would draw it */
static struct tty *tty;
static double answer_deadline;
static FILE *hidden_out, *hidden_in; /* a screen that nobody sees */
static struct termios before;
static char restoring[256];
static volatile sig_atomic_t on_screen; /* curses has the terminal */
static volatile sig_atomic_t events, quit_signal;
static int wake_fd = -1;

static void catch(int number)
{
    int saved = errno;
    if (number == SIGWINCH)
        events |= TERM_RESIZED;
    else if (number == SIGTSTP)
        events |= TERM_STOP;
    else if (number == SIGCONT)
        events |= TERM_RESUMED;
    else if (number == SIGHUP)
        events |= TERM_HANGUP;
    else {
        quit_signal = number;
        events |= TERM_QUIT;
    }
    if (wake_fd >= 0 && write(wake_fd, "s", 1) < 0)
        errno = 0; /* a full pipe wakes as well */
    errno = saved;
}

/* Async-signal-safe. */
static void restore_now(void)
{
    if (!on_screen)
        return;
    on_screen = 0;
    if (write(STDOUT_FILENO, restoring, strlen(restoring)) < 0)
        return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
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
    action.sa_flags = handler == crash ? (int)(SA_NODEFER | SA_RESETHAND) : SA_RESTART;
    sigaction(number, NULL, &was);
    if (number == SIGHUP && was.sa_handler == SIG_IGN) /* nohup */
        return;
    sigaction(number, &action, NULL);
}

static void catch_signals(void)
{
    static const int calm[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP, SIGINT, SIGTERM};
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    for (size_t i = 0; i < sizeof calm / sizeof *calm; i++)
        on_signal(calm[i], catch);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        on_signal(fatal[i], crash);
}

/* The bytes that lead back to the shell's screen. */
static void prepare_restoring(void)
{
    static const char *const names[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
    /* a picture under way ends */
    size_t used = (size_t)snprintf(restoring, sizeof restoring, "\033\\\033[?2026l");
    if (key_defined("\033[<") > 0 || tigetstr("kmous") != NULL)
        used += (size_t)snprintf(restoring + used, sizeof restoring - used,
                                 "\033[?1000l\033[?1002l\033[?1006l");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *bytes = tigetstr(names[i]);
        /* padding, $<5>, is for terminals that nobody has any more */
        if (bytes && bytes != (const char *)-1 && !strchr(bytes, '$') &&
            used + strlen(bytes) < sizeof restoring)
            used += (size_t)snprintf(restoring + used, sizeof restoring - used, "%s", bytes);
    }
}

static void set_modes(void)
{
    raw();
    noecho();
    nonl();
    input = newpad(1, 1);
    keypad(input, TRUE);
    nodelay(input, TRUE);
    set_escdelay(ESCAPE_MS);
    mouseinterval(0);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

enum status term_open(int wake, double deadline, struct diag *diag)
{
    const char *name = getenv("TERM");
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
    tcgetattr(STDIN_FILENO, &before);
    wake_fd = wake;
    answer_deadline = deadline;
    TRY(tty_open(&tty, "/dev/tty", tty_may_ask(name, getenv("TMUX"), getenv("STY")), deadline,
                 diag));
    screen = newterm(NULL, stdout, tty_keys(tty));
    if (!screen) {
        tty_close(&tty);
        return diag_set(diag, STATUS_LIBRARY, "curses cannot start on this terminal (TERM=%s)",
                        name);
    }
    set_modes();
    prepare_restoring();
    on_screen = 1;
    catch_signals();
    mem_on_death(restore_now);
    return STATUS_OK;
}

enum status term_open_hidden(int rows, int columns, struct diag *diag)
{
    const char *name = getenv("TERM");
    hidden_out = fopen("/dev/null", "w");
    hidden_in = fopen("/dev/null", "r");
    if (hidden_out && hidden_in)
        screen = newterm(name && name[0] ? name : "xterm-256color", hidden_out, hidden_in);
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
    if (on_screen || hidden_out)
        endwin();
    if (on_screen)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before); /* without what was typed for us */
    on_screen = 0;
    delscreen(screen);
    screen = NULL;
    if (hidden_out) {
        fclose(hidden_out);
        fclose(hidden_in);
        hidden_out = hidden_in = NULL;
    }
    tty_close(&tty);
    mem_on_death(NULL);
}

void term_abandon(void)
{
    int null = open("/dev/null", O_RDWR);
    on_screen = 0;
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
    sigprocmask(SIG_BLOCK, &all, &was);
    unsigned now = (unsigned)events;
    events = 0;
    sigprocmask(SIG_SETMASK, &was, NULL);
    if (now & (TERM_RESIZED | TERM_RESUMED) && !hidden_out)
        follow_size();
    if (now & TERM_RESIZED && tty)
        tty_ask_size(tty);
    if (now & TERM_RESUMED) {
        if (tty) /* it may be another one */
            tty_ask(tty, answer_deadline);
        reset_prog_mode();
        term_redraw();
    }
    return now;
}

int term_quit_signal(void)
{
    return quit_signal;
}

static int take_mouse(struct term_mouse *mouse)
{
    MEVENT event;
    if (getmouse(&event) != OK)
        return 0;
    *mouse = (struct term_mouse){.y = event.y, .x = event.x};
    if (event.bstate & BUTTON4_PRESSED)
        mouse->wheel = -1;
    else if (event.bstate & BUTTON5_PRESSED)
        mouse->wheel = 1;
    else if (event.bstate & BUTTON1_PRESSED)
        mouse->press = true;
    else
        return 0;
    return KEYCODE_MOUSE;
}

int term_key(struct term_mouse *mouse)
{
    static const struct {
        int curses, code;
    } table[] = {
        {KEY_UP, KEYCODE_UP}, {KEY_DOWN, KEYCODE_DOWN}, {KEY_LEFT, KEYCODE_LEFT},
        {KEY_RIGHT, KEYCODE_RIGHT}, {KEY_SLEFT, KEYCODE_SHIFT_LEFT},
        {KEY_SRIGHT, KEYCODE_SHIFT_RIGHT}, {KEY_PPAGE, KEYCODE_PAGE_UP},
        {KEY_NPAGE, KEYCODE_PAGE_DOWN}, {KEY_HOME, KEYCODE_HOME}, {KEY_END, KEYCODE_END},
        {KEY_DC, KEYCODE_DELETE}, {KEY_BACKSPACE, KEYCODE_BACKSPACE}, {KEY_BTAB, KEYCODE_SHIFT_TAB},
        {KEY_ENTER, KEYCODE_ENTER}, {KEY_F(1), KEYCODE_F1}, {KEY_RESIZE, KEYCODE_RESIZE},
    };
    wint_t key;
    int kind;
    while ((kind = wget_wch(input, &key)) != ERR) {
        if (kind != KEY_CODE_YES)
            return key == '\n' ? KEYCODE_ENTER : key == 127 || key == 8 ? KEYCODE_BACKSPACE
                                                                        : (int)key;
        if (key == KEY_MOUSE && take_mouse(mouse))
            return KEYCODE_MOUSE;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            if ((int)key == table[i].curses)
                return table[i].code;
    }
    return 0;
}

void term_suspend(void)
{
    if (hidden_out)
        return;
    def_prog_mode();
    endwin();
    on_screen = 0;
    signal(SIGTSTP, SIG_DFL);
    kill(0, SIGTSTP);
    on_signal(SIGTSTP, catch);
    on_screen = 1;
    reset_prog_mode();
    follow_size();
    term_redraw();
}

void term_redraw(void)
{
    clearok(curscr, TRUE);
}

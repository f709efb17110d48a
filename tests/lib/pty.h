/*
 * pty.h: the real program on a terminal that a test holds the other end of: keys in, bytes
 * out, signals, and whether the terminal was left as it was.
 */
#ifndef TESTS_LIB_PTY_H
#define TESTS_LIB_PTY_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct pty {
    pid_t pid;
    int fd, slave; /* both ends: the terminal outlives the program */
    struct termios before;
    char output[1 << 20]; /* the newest, as text */
    size_t used;
    int status; /* as waitpid gives it; -1: not ended */
};

double pty_now(void);

/* A process on a terminal of the type `term` and the given size, in a session of its own: as fork,
 * 0 in the child. */
pid_t pty_fork(struct pty *p, const char *term, int rows, int columns);

/* Runs argv on it. */
bool pty_open(struct pty *p, const char *term, int rows, int columns,
              char *const *argv);

/* strata with a small job on a small network, started at once. */
bool pty_open_run(struct pty *p, const char *iterations, const char *output);

/* The process that has the run: p->pid only lends it the terminal. */
pid_t pty_host(const struct pty *p);

/* Waits until there is a file of that name. */
bool pty_file_comes(const char *path, double seconds);

/* Reads what has come, waiting up to `seconds` for something. */
bool pty_read(struct pty *p, double seconds);

/* Waits until text has been written since the last pty_forget. */
bool pty_shows(struct pty *p, const char *text, double seconds);

void pty_forget(struct pty *p);

void pty_type(struct pty *p, const char *keys);

/* A report of the mouse at a cell, from 0: button as the protocols number it. sgr: the form that
 * knows which button was released. */
void pty_mouse(struct pty *p, bool sgr, int button, bool release, int y, int x);

/* A click as a hand does it: press and release are two writes, with a pause. */
void pty_click(struct pty *p, bool sgr, int button, int y, int x);

/* Is a key answered? Ctrl-L draws the screen anew. */
bool pty_answers(struct pty *p, double seconds);

bool pty_same_modes(const struct pty *p);

/* Waits for the end; false if it does not come. */
bool pty_ends(struct pty *p, double seconds);

/* Are the modes those from before, the cursor shown, the shell's screen back? */
bool pty_restored(struct pty *p);

void pty_close(struct pty *p);

#endif

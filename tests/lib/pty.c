/* pty.c: see pty.h. */
#include "tests/lib/pty.h"

double pty_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

pid_t pty_fork(struct pty *p, const char *term, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    p->used = 0;
    p->status = -1;
    if (openpty(&p->fd, &p->slave, NULL, NULL, &size) != 0)
        return -1;
    tcgetattr(p->slave, &p->before);
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    fcntl(p->fd, F_SETFD, FD_CLOEXEC);
    p->pid = fork();
    if (p->pid == 0) {
        setsid();
        ioctl(p->slave, TIOCSCTTY, 0);
        for (int i = 0; i < 3; i++)
            dup2(p->slave, i);
        close(p->slave);
        setenv("TERM", term, 1);
        setenv("XDG_CONFIG_HOME", "/dev/null", 0); /* no settings of the user's */
    }
    return p->pid;
}

bool pty_open(struct pty *p, const char *term, int rows, int columns,
              char *const *argv)
{
    pid_t pid = pty_fork(p, term, rows, columns);
    if (pid == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    return pid > 0;
}

bool pty_open_run(struct pty *p, const char *iterations, const char *output)
{
    const char *name = getenv("STRATA");
    char *const argv[] = {(char *)(name ? name : "build/strata"), "--content", "assets/coast.jpg",
                          "--styles", "assets/glass.jpg", "--width", "48", "--network", "random:4",
                          "--threads", "1", "--iterations", (char *)iterations, "--output",
                          (char *)output, "--start", NULL};
    return pty_open(p, "xterm-256color", 60, 200, argv);
}

bool pty_read(struct pty *p, double seconds)
{
    struct pollfd fd = {.fd = p->fd, .events = POLLIN};
    if (poll(&fd, 1, (int)(1e3 * seconds)) <= 0)
        return false;
    if (p->used > sizeof p->output / 2) {
        p->used /= 2;
        memmove(p->output, p->output + p->used, p->used);
    }
    ssize_t n = read(p->fd, p->output + p->used, sizeof p->output - 1 - p->used);
    if (n <= 0)
        return false;
    for (ssize_t i = 0; i < n; i++) /* so that it can be searched as text */
        if (p->output[p->used + (size_t)i] == 0)
            p->output[p->used + (size_t)i] = ' ';
    p->used += (size_t)n;
    p->output[p->used] = 0;
    return true;
}

bool pty_shows(struct pty *p, const char *text, double seconds)
{
    double end = pty_now() + seconds;
    p->output[p->used] = 0;
    while (!strstr(p->output, text)) {
        if (pty_now() > end)
            return false;
        pty_read(p, 0.05);
    }
    return true;
}

void pty_forget(struct pty *p)
{
    while (pty_read(p, 0.0))
        ;
    p->used = 0;
    p->output[0] = 0;
}

void pty_type(struct pty *p, const char *keys)
{
    while (*keys) {
        ssize_t n = write(p->fd, keys, strlen(keys));
        if (n > 0)
            keys += n;
        else
            pty_read(p, 0.01);
    }
}

void pty_mouse(struct pty *p, bool sgr, int button, bool release, int y, int x)
{
    char report[32];
    if (sgr)
        snprintf(report, sizeof report, "\033[<%d;%d;%d%c", button, x + 1, y + 1,
                 release ? 'm' : 'M');
    else
        snprintf(report, sizeof report, "\033[M%c%c%c", 32 + (release ? 3 : button), 33 + x,
                 33 + y);
    pty_type(p, report);
}

void pty_click(struct pty *p, bool sgr, int button, int y, int x)
{
    pty_mouse(p, sgr, button, false, y, x);
    usleep(80000);
    pty_mouse(p, sgr, button, true, y, x);
    usleep(20000);
}

bool pty_answers(struct pty *p, double seconds)
{
    pty_forget(p);
    pty_type(p, "\014");
    double end = pty_now() + seconds;
    while (p->used == 0 && pty_now() < end)
        pty_read(p, 0.05);
    return p->used > 0;
}

bool pty_same_modes(const struct pty *p)
{
    struct termios now;
    tcgetattr(p->slave, &now);
    return now.c_lflag == p->before.c_lflag && now.c_iflag == p->before.c_iflag &&
           now.c_oflag == p->before.c_oflag;
}

bool pty_ends(struct pty *p, double seconds)
{
    double end = pty_now() + seconds;
    while (waitpid(p->pid, &p->status, WNOHANG) != p->pid) {
        if (pty_now() > end)
            return false;
        pty_read(p, 0.02);
    }
    while (pty_read(p, 0.0))
        ;
    return true;
}

bool pty_restored(struct pty *p)
{
    return pty_same_modes(p) && strstr(p->output, "\033[?1049l") != NULL;
}

void pty_close(struct pty *p)
{
    if (p->status == -1) {
        pid_t host = pty_host(p);
        if (host != p->pid)
            kill(host, SIGKILL); /* else it would paint on without a terminal */
        kill(p->pid, SIGKILL);
        waitpid(p->pid, &p->status, 0);
    }
    close(p->fd);
    close(p->slave);
}

pid_t pty_host(const struct pty *p)
{
    char path[100];
    int child = -1;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)p->pid, (int)p->pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%d", &child) != 1)
        child = -1;
    if (f)
        fclose(f);
    return child > 0 ? child : p->pid;
}

bool pty_file_comes(const char *path, double seconds)
{
    double end = pty_now() + seconds;
    while (access(path, F_OK) != 0) {
        if (pty_now() > end)
            return false;
        usleep(20000);
    }
    return true;
}

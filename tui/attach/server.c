/* server.c: see server.h. */
#include "tui/attach/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "tui/term/environment.h"

enum { FOLDER = 1024, PATIENCE_MS = 300, FIRST_MS = 20000 };

struct server {
    int listening;       /* -1: not */
    char folder[FOLDER]; /* of the socket */
    int current;         /* who has lent the terminal, -1: nobody */
    int next;            /* who wants to, -1: nobody */
    bool first;          /* next has not said hello yet */
    struct wire_message hello; /* of next */
};

static volatile sig_atomic_t listening_fd = -1; /* for server_has_guest */

static void point_nowhere(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = STDIN_FILENO; i <= STDERR_FILENO && null >= 0; i++)
        dup2(null, i);
    if (null > STDERR_FILENO)
        close(null);
}

struct server *server_open(int first)
{
    struct server *s = mem_new(sizeof *s);
    s->listening = s->current = -1;
    s->next = first;
    s->first = first >= 0;
    for (int i = 0; i < WIRE_LENT; i++)
        s->hello.lent[i] = -1;
    point_nowhere();
    return s;
}

static void forget(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void server_close(struct server **server, int status)
{
    struct server *s = *server;
    if (!s)
        return;
    if (s->current >= 0)
        wire_send(s->current, WIRE_END, status, "", 0, NULL, NULL);
    if (s->next >= 0)
        server_refuse(s, "the run has just ended");
    forget(&s->current);
    if (s->listening >= 0) {
        char path[FOLDER + 16];
        snprintf(path, sizeof path, "%s/attach", s->folder);
        listening_fd = -1;
        close(s->listening);
        unlink(path);
    }
    mem_free(s);
    *server = NULL;
}

/* Is the socket that we listen at still the one with that name? */
static bool is_there(const struct server *s)
{
    char path[FOLDER + 16];
    struct stat named;
    snprintf(path, sizeof path, "%s/attach", s->folder);
    return lstat(path, &named) == 0 && S_ISSOCK(named.st_mode);
}

enum status server_listen(struct server *s, const char *folder, struct diag *diag)
{
    bool same = !folder[0] || strcmp(folder, s->folder) == 0;
    if (same && (s->listening < 0 || is_there(s)))
        return STATUS_OK;
    if (strlen(folder) >= FOLDER)
        return STATUS_OK;
    listening_fd = -1;
    forget(&s->listening);
    if (folder[0])
        memmove(s->folder, folder, strlen(folder) + 1);
    enum status status = wire_listen(&s->listening, s->folder, diag);
    listening_fd = s->listening;
    return status;
}

int server_polls(const struct server *s, struct pollfd fds[SERVER_FDS])
{
    int count = 0;
    int waits = s->next >= 0 ? s->next : s->listening;
    if (waits >= 0)
        fds[count++] = (struct pollfd){.fd = waits, .events = POLLIN};
    if (s->current >= 0)
        fds[count++] = (struct pollfd){.fd = s->current, .events = POLLIN};
    return count;
}

static bool readable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&p, 1, ms) > 0;
}

/* What the newcomer says first. */
static bool hear_hello(struct server *s, int patience)
{
    long process;
    struct diag diag;
    bool good = readable(s->next, patience) && wire_same_user(s->next, &process);
    enum status status = good ? wire_receive(&s->hello, s->next, &diag) : STATUS_STOPPED;
    if (status == STATUS_OK && s->hello.kind == WIRE_HELLO)
        return true;
    if (status == STATUS_INPUT)
        server_refuse(s, diag.text);
    forget(&s->next);
    return false;
}

enum server_event server_take(struct server *s)
{
    if (s->first) {
        s->first = false;
        return hear_hello(s, FIRST_MS) ? SERVER_GUEST : SERVER_GONE;
    }
    /* It has nothing to say: this is its end. */
    if (readable(s->current, 0)) {
        forget(&s->current);
        return SERVER_GONE;
    }
    if (!readable(s->listening, 0))
        return SERVER_NOTHING;
    forget(&s->next);
    s->next = accept(s->listening, NULL, NULL);
    if (s->next < 0)
        return SERVER_NOTHING;
    fcntl(s->next, F_SETFD, FD_CLOEXEC);
    return hear_hello(s, PATIENCE_MS) ? SERVER_GUEST : SERVER_NOTHING;
}

void server_welcome(struct server *s, int lent[WIRE_LENT], bool *read_only)
{
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        dup2(s->hello.lent[i], i);
        close(s->hello.lent[i]);
        lent[i] = i;
    }
    for (int i = WIRE_IN; i < WIRE_LENT; i++)
        lent[i] = s->hello.lent[i];
    for (int i = 0; i < WIRE_LENT; i++)
        s->hello.lent[i] = -1;
    environment_take(s->hello.text, s->hello.size);
    *read_only = s->hello.number & WIRE_READ_ONLY;
    s->current = s->next;
    s->next = -1;
    wire_send(s->current, WIRE_WELCOME, (int)getpid(), "", 0, NULL, NULL);
}

bool server_wants_to_look(const struct server *s)
{
    return s->hello.number & WIRE_READ_ONLY;
}

void server_refuse(struct server *s, const char *why)
{
    wire_drop(&s->hello);
    if (s->next >= 0)
        wire_send(s->next, WIRE_AWAY, 1, why, strlen(why), NULL, NULL);
    forget(&s->next);
}

void server_release(struct server *s, bool restored, int status, const char *text)
{
    if (s->current >= 0)
        wire_send(s->current, restored ? WIRE_AWAY : WIRE_DROPPED, status, text, strlen(text), NULL,
                  NULL);
    forget(&s->current);
    point_nowhere();
}

void server_suspend(struct server *s)
{
    if (s->current >= 0)
        wire_send(s->current, WIRE_SUSPEND, 0, "", 0, NULL, NULL);
}

void server_send_on(struct server *s, const char *folder)
{
    if (s->current >= 0)
        wire_send(s->current, WIRE_GO, 0, folder, strlen(folder), NULL, NULL);
    forget(&s->current);
    point_nowhere();
}

bool server_has_guest(void)
{
    return readable(listening_fd, 0);
}

/* wire.c: see wire.h. */
#define _GNU_SOURCE /* struct ucred */
#include "tui/attach/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* In front of the text: a mark, the version, the kind, the number. */
struct head {
    char mark[6];
    uint8_t version, kind;
    int32_t number;
};

static const char mark[6] = "strata";

enum { BACKLOG = 8 };

enum status wire_pair(int out[2], struct diag *diag)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out) != 0)
        return diag_set(diag, STATUS_LIBRARY, "no socket can be made: %s", strerror(errno));
    return STATUS_OK;
}

enum status wire_send(int fd, enum wire_kind kind, int number, const char *text, size_t size,
                      const int *lent, struct diag *diag)
{
    struct head head = {.version = WIRE_VERSION, .kind = (uint8_t)kind, .number = number};
    union {
        char bytes[CMSG_SPACE(sizeof(int[WIRE_LENT]))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)text, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    memcpy(head.mark, mark, sizeof mark);
    if (lent) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int[WIRE_LENT]));
        memcpy(CMSG_DATA(c), lent, sizeof(int[WIRE_LENT]));
    }
    ssize_t n;
    do
        n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return diag_set(diag, STATUS_IO, "the other process cannot be told: %s", strerror(errno));
    return STATUS_OK;
}

void wire_drop(struct wire_message *message)
{
    for (int i = 0; i < WIRE_LENT; i++) {
        if (message->lent[i] >= 0)
            close(message->lent[i]);
        message->lent[i] = -1;
    }
}

/* The descriptors that came along; more than there should be are closed. */
static void take_lent(struct wire_message *out, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (count == WIRE_LENT && out->lent[i] < 0)
                out->lent[i] = fd;
            else
                close(fd);
        }
    }
}

static enum status nonsense(struct wire_message *out, struct diag *diag)
{
    wire_drop(out);
    return diag_set(diag, STATUS_INPUT, "the other process says what makes no sense");
}

enum status wire_receive(struct wire_message *out, int fd, struct diag *diag)
{
    struct head head;
    union {
        char bytes[CMSG_SPACE(sizeof(int[2 * WIRE_LENT]))];
        struct cmsghdr align;
    } control;
    struct iovec parts[2] = {{&head, sizeof head}, {out->text, WIRE_TEXT}};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = 2,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    for (int i = 0; i < WIRE_LENT; i++)
        out->lent[i] = -1;
    ssize_t n;
    do
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return diag_set(diag, STATUS_STOPPED, "the other process is gone");
    take_lent(out, &message);
    if (n == 0) { /* its end, or an empty message that could bring descriptors all the same */
        wire_drop(out);
        return diag_set(diag, STATUS_STOPPED, "the other process is gone");
    }
    if ((size_t)n < sizeof head || memcmp(head.mark, mark, sizeof mark) != 0 ||
        message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
        return nonsense(out, diag);
    if (head.version != WIRE_VERSION) {
        wire_drop(out);
        return diag_set(diag, STATUS_INPUT,
                        "the other process is another version of strata (it speaks %d, this one "
                        "%d)", head.version, WIRE_VERSION);
    }
    if (head.kind < 1 || head.kind >= WIRE_KINDS ||
        (head.kind == WIRE_HELLO) != (out->lent[0] >= 0))
        return nonsense(out, diag);
    out->kind = (enum wire_kind)head.kind;
    out->number = head.number;
    out->size = (size_t)n - sizeof head;
    out->text[out->size] = 0;
    return STATUS_OK;
}

bool wire_same_user(int fd, long *process)
{
    struct ucred other;
    socklen_t size = sizeof other;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) != 0 || size != sizeof other)
        return false;
    *process = (long)other.pid;
    return other.uid == geteuid();
}

/* A socket's name has 108 bytes, a folder's more: it is reached through its descriptor. */
static int open_folder(struct sockaddr_un *name, const char *folder)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(name->sun_path, sizeof name->sun_path, "/proc/self/fd/%d/attach", fd);
    return fd;
}

static enum status failed(const char *what, const char *folder, int fd, struct diag *diag)
{
    enum status status =
        diag_set(diag, STATUS_IO, "%s %s/attach: %s", what, folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}

enum status wire_listen(int *out, const char *folder, struct diag *diag)
{
    struct sockaddr_un name;
    int in = open_folder(&name, folder);
    int fd = in < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool bound = false;
    if (fd >= 0) {
        unlinkat(in, "attach", 0); /* the directory is locked: who listened there is dead */
        bound = bind(fd, (struct sockaddr *)&name, sizeof name) == 0 &&
                fchmodat(in, "attach", 0600, 0) == 0 && listen(fd, BACKLOG) == 0;
    }
    int error = errno;
    if (in >= 0)
        close(in);
    errno = error;
    if (!bound)
        return failed("nobody will be able to attach, for there can be no", folder, fd, diag);
    *out = fd;
    return STATUS_OK;
}

enum status wire_connect(int *out, const char *folder, struct diag *diag)
{
    struct sockaddr_un name;
    long process;
    int in = open_folder(&name, folder);
    int fd = in < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0) /* one that is stopped takes nobody */
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_sec = 5},
                   sizeof(struct timeval));
    bool connected = fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
    int error = errno;
    if (in >= 0)
        close(in);
    errno = error;
    if (!connected)
        return failed("cannot reach the run's process at", folder, fd, diag);
    if (!wire_same_user(fd, &process)) {
        close(fd);
        return diag_set(diag, STATUS_USAGE, "the run in %s is another user's", folder);
    }
    *out = fd;
    return STATUS_OK;
}

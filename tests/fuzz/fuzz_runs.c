/*
 * fuzz_runs.c: a checkpoint, whose checksum is put right so that what stands behind it is read, and
 * what a process says that wants to attach.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/base/mem.h"
#include "engine/rundir/checkpoint.h"
#include "tests/fuzz/fuzz.h"
#include "tui/attach/wire.h"
#include "tui/term/environment.h"

/* What was read can be written, and comes back the same. */
static void write_and_read(struct checkpoint *c)
{
    struct checkpoint back;
    struct diag diag;
    if (c->state.count == 0)
        return;
    CLAIM(checkpoint_write("again", c, "/folder", &diag) == STATUS_OK);
    CLAIM(checkpoint_read(&back, "again", "/folder", &diag) == STATUS_OK);
    CLAIM(back.state.count == c->state.count && back.state.iteration == c->state.iteration);
    CLAIM(memcmp(back.state.values, c->state.values, c->state.count * sizeof(float)) == 0);
    CLAIM(strcmp(back.plan, c->plan) == 0 && strcmp(back.file.path, c->file.path) == 0);
    checkpoint_clear(&back);
}

void fuzz_checkpoint(const unsigned char *bytes, size_t size)
{
    struct checkpoint c;
    struct diag diag;
    unsigned char *file = mem_new(size + 4);
    uint32_t sum = (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, size);
    memcpy(file, bytes, size);
    for (int i = 0; i < 4; i++)
        file[size + (size_t)i] = (unsigned char)(sum >> 8 * i);
    fuzz_write("checkpoint", file, size + 4);
    mem_free(file);
    if (fuzz_said(checkpoint_peek(&c, "checkpoint", "/folder", &diag), &diag) == STATUS_OK)
        checkpoint_clear(&c);
    if (fuzz_said(checkpoint_read(&c, "checkpoint", "/folder", &diag), &diag) != STATUS_OK)
        return;
    CLAIM(c.state.iteration >= 0 && c.end < CHECKPOINT_ENDS && c.plan);
    CLAIM(c.state.count == 0 || c.state.values);
    write_and_read(&c);
    checkpoint_clear(&c);
}

/* The first byte says how many descriptors come along. */
static void send_bytes(int fd, const unsigned char *bytes, size_t size)
{
    enum { MOST = 2 * WIRE_LENT + 2 };
    size_t count = size > 0 ? bytes[0] % (MOST + 1) : 0;
    union {
        char bytes[CMSG_SPACE(sizeof(int[MOST]))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec part = {(void *)(bytes + 1), size > 0 ? size - 1 : 0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        *c = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        for (size_t i = 0; i < count; i++)
            memcpy(CMSG_DATA(c) + i * sizeof(int), &fd, sizeof fd);
    }
    CLAIM(sendmsg(fd, &message, 0) == (ssize_t)part.iov_len);
}

void fuzz_attach(const unsigned char *bytes, size_t size)
{
    static struct wire_message m;
    struct diag diag;
    int ends[2], before, after;
    CLAIM(wire_pair(ends, &diag) == STATUS_OK);
    before = dup(ends[0]);
    close(before);
    send_bytes(ends[0], bytes, size);
    enum status status = wire_receive(&m, ends[1], &diag);
    CLAIM(status == STATUS_OK || status == STATUS_INPUT || status == STATUS_STOPPED);
    if (fuzz_said(status, &diag) == STATUS_OK) {
        CLAIM(m.kind >= 1 && m.kind < WIRE_KINDS && m.size <= WIRE_TEXT && m.text[m.size] == 0);
        CLAIM((m.kind == WIRE_HELLO) == (m.lent[WIRE_LENT - 1] >= 0));
        environment_take(m.text, m.size);
        CLAIM(!environment_get("TERM") || strlen(environment_get("TERM")) < 256);
        wire_drop(&m);
    }
    after = dup(ends[0]);
    CLAIM(after == before); /* no descriptor was left open */
    close(after);
    close(ends[0]);
    close(ends[1]);
}

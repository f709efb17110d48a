// wire.c: a switch and the wires to it, in one process. Each of N tap devices, wire0 to wireN-1, is
// a network card of the given rate in both directions, and a frame takes the given delay from one
// card to another. It serves kernels without netem, and keeps time by the frame where tbf lets
// bursts through. The devices go with this program, which ends when the command that it starts
// does.
//
//     wire N BITS_PER_SECOND DELAY_NS COMMAND...
//
// The kernel hands over up to 64 KB of TCP at once (TSO) with a header that says how to cut it; it
// is forwarded whole, and takes the time that its pieces would.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CARDS = 64,
    FRAME = 65536 + 256,
    PIECE = 24,          // preamble, checksum and gap of a frame on the wire
    BUFFER = 4 << 20,    // what the switch holds for a card before it drops
};

struct frame {
    struct frame *next;
    int64_t due;
    size_t size;
    unsigned char bytes[];
};

struct card {
    int fd;
    int64_t up, down;    // when the last frame of each direction has left its wire
    struct frame *first, **last;
    size_t held;
};

static struct card cards[CARDS];
static int count;
static double ns_per_byte;
static int64_t delay;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void card_open(struct card *c, int number)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    snprintf(request.ifr_name, sizeof request.ifr_name, "wire%d", number);
    c->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (c->fd < 0 || ioctl(c->fd, TUNSETIFF, &request) < 0 ||
        ioctl(c->fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) < 0)
        die("/dev/net/tun");
    c->last = &c->first;
}

static int64_t time_on_wire(const unsigned char *bytes, size_t size)
{
    struct virtio_net_hdr header;
    memcpy(&header, bytes, sizeof header);
    size -= sizeof header;
    if (header.gso_type == VIRTIO_NET_HDR_GSO_NONE || header.hdr_len >= size)
        return (int64_t)((size + PIECE) * ns_per_byte);
    size_t pieces = (size - header.hdr_len + header.gso_size - 1) / header.gso_size;
    return (int64_t)((size + pieces * PIECE + (pieces - 1) * header.hdr_len) * ns_per_byte);
}

static void send_to(struct card *to, int64_t start, int64_t length, const void *bytes, size_t size)
{
    if (to->held + size > BUFFER)
        return;
    struct frame *f = malloc(sizeof *f + size);
    if (!f)
        die("malloc");
    // The first piece is on the second wire while the rest is on the first.
    to->down = (start + delay > to->down ? start + delay : to->down) + length;
    *f = (struct frame){.due = to->down, .size = size};
    memcpy(f->bytes, bytes, size);
    *to->last = f;
    to->last = &f->next;
    to->held += size;
}

// The last byte of a card's address is its number; other addresses are for all.
static void take_from(struct card *from)
{
    static unsigned char bytes[FRAME];
    ssize_t size = read(from->fd, bytes, sizeof bytes);
    const unsigned char *to = bytes + sizeof(struct virtio_net_hdr);
    if (size < (ssize_t)sizeof(struct virtio_net_hdr) + 14)
        return;
    int64_t t = now(), length = time_on_wire(bytes, size);
    int64_t start = t > from->up ? t : from->up;
    from->up = start + length;
    for (int i = 0; i < count; i++)
        if (&cards[i] != from && (to[0] & 1 || to[5] == i))
            send_to(&cards[i], start, length, bytes, size);
}

static void deliver(struct card *to, int64_t t)
{
    while (to->first && to->first->due <= t) {
        struct frame *f = to->first;
        to->first = f->next;
        if (!to->first)
            to->last = &to->first;
        to->held -= f->size;
        if (write(to->fd, f->bytes, f->size) < 0 && errno != EIO && errno != EAGAIN)
            die("write"); // EIO: the device is not up yet
        free(f);
    }
}

// Waits for frames of the cards whose wire is free, at most until something is due.
static void turn(void)
{
    struct pollfd polls[CARDS];
    int64_t t = now(), next = t + 50000000;
    for (int i = 0; i < count; i++) {
        deliver(&cards[i], t);
        polls[i] = (struct pollfd){.fd = cards[i].fd, .events = cards[i].up <= t ? POLLIN : 0};
        if (cards[i].up > t && cards[i].up < next)
            next = cards[i].up;
        if (cards[i].first && cards[i].first->due < next)
            next = cards[i].first->due;
    }
    int64_t rest = next - now();
    struct timespec wait = {.tv_nsec = rest > 0 ? rest : 0};
    if (ppoll(polls, count, &wait, NULL) > 0)
        for (int i = 0; i < count; i++)
            if (polls[i].revents & POLLIN)
                take_from(&cards[i]);
}

int main(int argc, char **argv)
{
    if (argc < 5 || (count = atoi(argv[1])) < 1 || count > CARDS || atof(argv[2]) <= 0) {
        fprintf(stderr, "usage: wire N BITS_PER_SECOND DELAY_NS COMMAND...\n");
        return 2;
    }
    ns_per_byte = 8e9 / atof(argv[2]);
    delay = (int64_t)atof(argv[3]);
    // Ranks that spin must not keep it from being on time; the command does not inherit this.
    struct sched_param first = {.sched_priority = 1};
    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
    prctl(PR_SET_TIMERSLACK, 1UL);
    for (int i = 0; i < count; i++)
        card_open(&cards[i], i);
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        execvp(argv[4], argv + 4);
        die(argv[4]);
    }
    int status;
    while (waitpid(child, &status, WNOHANG) == 0)
        turn();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

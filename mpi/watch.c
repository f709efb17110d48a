/* watch.c: see watch.h. */
#include "mpi/watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/mem.h"

enum { MOST_ADDRESSES = 16, CONNECT_MS = 1000, ALL_SECONDS = 10, TOLD = 'x' };

/* Where rank 0 is to be found; the token is how it knows its own from strangers. */
struct place {
    uint64_t token;
    uint16_t port; /* 0: nowhere; network order, as the addresses */
    int count;
    in_addr_t address[MOST_ADDRESSES];
};

struct greeting {
    uint64_t token;
    int32_t rank;
};

static struct {
    int rank, count;
    int *socket; /* by rank; in others than rank 0 only that to rank 0; −1: none */
    pthread_t thread;
    bool begun;
    atomic_int ending;
} watch;

/* ---- connections -------------------------------------------------------------------------- */

/* A machine that went down says nothing: the kernel asks it. */
static void keep_alive(int fd)
{
    static const struct {
        int name, value;
    } option[] = {{TCP_KEEPIDLE, 5}, {TCP_KEEPINTVL, 2}, {TCP_KEEPCNT, 5}};
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (size_t i = 0; i < sizeof option / sizeof *option; i++)
        setsockopt(fd, IPPROTO_TCP, option[i].name, &option[i].value, sizeof option[i].value);
}

static int listen_somewhere(struct place *place)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t size = sizeof at;
    struct ifaddrs *all = NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memset(place, 0, sizeof *place);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0 ||
        getrandom(&place->token, sizeof place->token, 0) != sizeof place->token ||
        getifaddrs(&all) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    for (struct ifaddrs *i = all; i && place->count < MOST_ADDRESSES; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET && i->ifa_flags & IFF_UP)
            place->address[place->count++] =
                ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr.s_addr;
    freeifaddrs(all);
    place->port = at.sin_port;
    return fd;
}

static bool ready(int fd, short events, int milliseconds)
{
    struct pollfd at = {fd, events, 0};
    return poll(&at, 1, milliseconds) == 1;
}

/* Also on a machine that has an address of the same name (127.0.0.1) somebody else may answer; who
 * is not rank 0 does not answer with the token. */
static int connect_to(const struct place *place, in_addr_t address, int rank)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = place->port,
                             .sin_addr.s_addr = address};
    struct greeting hello = {place->token, rank}, back = {0};
    int error = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof error;
    if (fd < 0)
        return -1;
    if ((connect(fd, (struct sockaddr *)&at, sizeof at) == 0 || errno == EINPROGRESS) &&
        ready(fd, POLLOUT, CONNECT_MS) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0 &&
        send(fd, &hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello &&
        ready(fd, POLLIN, ALL_SECONDS * 1000) &&
        recv(fd, &back, sizeof back, 0) == sizeof back && back.token == ~place->token)
        return fd;
    close(fd);
    return -1;
}

static int find_first(const struct place *place, int rank)
{
    int fd = -1;
    for (int i = 0; fd < 0 && i < place->count; i++)
        fd = connect_to(place, place->address[i], rank);
    return fd;
}

/* Until all are there, or the time is over. */
static int accept_all(int listener, const struct place *place)
{
    int there = 1;
    double until = clock_now() + ALL_SECONDS;
    while (there < watch.count && clock_now() < until) {
        struct greeting hello = {0}, back = {~place->token, 0};
        if (!ready(listener, POLLIN, 100))
            continue;
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0 && ready(fd, POLLIN, CONNECT_MS) &&
            recv(fd, &hello, sizeof hello, MSG_DONTWAIT) == sizeof hello &&
            hello.token == place->token && hello.rank > 0 && hello.rank < watch.count &&
            watch.socket[hello.rank] < 0 &&
            send(fd, &back, sizeof back, MSG_NOSIGNAL) == sizeof back) {
            watch.socket[hello.rank] = fd;
            there++;
        } else if (fd >= 0) {
            close(fd);
        }
    }
    return there;
}

/* ---- the thread --------------------------------------------------------------------------- */

/* One of them speaks, in the others the word is that they were told. */
static void all_end(int gone)
{
    const char told = TOLD;
    for (int k = 0; k < watch.count; k++)
        if (watch.socket[k] >= 0 && k != gone)
            send(watch.socket[k], &told, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (watch.rank == 0 || watch.rank == 1)
        fprintf(stderr, "strata-mpi: process %d has died; all stop, and the last checkpoint is "
                "good: the same command goes on from it\n", gone);
    _exit(1);
}

static void *look(void *unused)
{
    struct pollfd *at = mem_new((size_t)watch.count * sizeof *at);
    (void)unused;
    while (!watch.ending) {
        for (int k = 0; k < watch.count; k++)
            at[k] = (struct pollfd){watch.socket[k], POLLIN, 0};
        if (poll(at, (nfds_t)watch.count, 200) <= 0)
            continue;
        for (int k = 0; k < watch.count && !watch.ending; k++) {
            char word = 0;
            ssize_t n = at[k].revents ? recv(watch.socket[k], &word, 1, MSG_DONTWAIT) : 1;
            if (watch.ending || (n < 0 && (errno == EAGAIN || errno == EINTR)))
                continue;
            if (n <= 0)
                all_end(k);
            if (word == TOLD)
                _exit(1);
        }
    }
    mem_free(at);
    return NULL;
}

static bool start_thread(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = pthread_create(&watch.thread, NULL, look, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return begun;
}

static void close_all(void)
{
    for (int k = 0; k < watch.count; k++)
        if (watch.socket[k] >= 0)
            close(watch.socket[k]);
    mem_free(watch.socket);
    watch.socket = NULL;
}

bool watch_begin(struct ranks *world)
{
    struct place place = {0};
    struct diag diag = {STATUS_OK, ""};
    bool fine = true;
    int listener = world->rank == 0 ? listen_somewhere(&place) : -1;
    ranks_tell(world, &place, sizeof place);
    watch.rank = world->rank;
    watch.count = world->count;
    watch.socket = mem_new((size_t)watch.count * sizeof *watch.socket);
    for (int k = 0; k < watch.count; k++)
        watch.socket[k] = -1;
    if (watch.rank == 0)
        fine = listener >= 0 && accept_all(listener, &place) == watch.count;
    else
        fine = (watch.socket[0] = find_first(&place, watch.rank)) >= 0;
    if (listener >= 0)
        close(listener);
    for (int k = 0; k < watch.count; k++)
        if (watch.socket[k] >= 0)
            keep_alive(watch.socket[k]);
    fine = ranks_agree(world, fine ? STATUS_OK : STATUS_NETWORK, &diag) == STATUS_OK;
    watch.begun = fine && start_thread();
    if (!watch.begun)
        close_all();
    return fine;
}

void watch_end(struct ranks *world)
{
    struct diag diag = {STATUS_OK, ""};
    watch.ending = 1;
    ranks_agree(world, STATUS_OK, &diag); /* all know that the connections will end */
    if (watch.begun) {
        pthread_join(watch.thread, NULL);
        close_all();
    }
}

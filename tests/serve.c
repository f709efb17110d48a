/*
 * serve.c: a small HTTP server for the tests, on the loopback. serve FOLDER prints its port and
 * answers GET until it is ended, one connection at a time; what was asked goes to stderr.
 *
 *   /NAME           the file, or the rest of it for Range: bytes=N-
 *   /whole/NAME     the file, whatever range is asked for
 *   /cut/N/NAME     at most N bytes of it a connection, then the connection breaks
 *   /slow/NAME      two bytes of it a second
 *   /once/N/NAME    N bytes, then a break; from then on 503
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST = 4096 };

static bool spent; /* /once/ has had its turn */

static void say(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        perror("serve");
}

/* Takes a prefix such as /cut/ off the path, and the number behind it. */
static bool take_prefix(char **path, const char *prefix, long *number)
{
    size_t length = strlen(prefix);
    if (strncmp(*path, prefix, length) != 0)
        return false;
    *path += length;
    if (number)
        *number = strtol(*path, path, 10);
    return true;
}

static void send_file(int fd, const char *folder, const char *name, long from, bool ranges,
                      bool slow, long most)
{
    char file[2 * REQUEST], head[256];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    FILE *f = fopen(file, "rb");
    if (!f) {
        say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    from = ranges ? from : 0;
    if (from >= size && size > 0) {
        say(fd, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n"
                "\r\n");
        fclose(f);
        return;
    }
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %ld\r\n",
             from ? "206 Partial Content" : "200 OK", size - from);
    say(fd, head);
    if (from) {
        snprintf(head, sizeof head, "Content-Range: bytes %ld-%ld/%ld\r\n", from, size - 1, size);
        say(fd, head);
    }
    say(fd, "Connection: close\r\n\r\n");
    fseek(f, from, SEEK_SET);
    char block[REQUEST];
    for (size_t n; most != 0 && (n = fread(block, 1, slow ? 2 : sizeof block, f)) > 0;) {
        n = most > 0 && (long)n > most ? (size_t)most : n;
        most -= most > 0 ? (long)n : 0;
        if (write(fd, block, n) != (ssize_t)n)
            break;
        if (slow)
            sleep(1);
    }
    fclose(f);
}

static void answer(int fd, const char *folder)
{
    char request[REQUEST + 1] = "", *path = request + strlen("GET "), *end;
    size_t n = 0;
    for (ssize_t got; n < REQUEST && !strstr(request, "\r\n\r\n"); n += (size_t)got)
        if ((got = read(fd, request + n, REQUEST - n)) <= 0)
            return;
    const char *range = strstr(request, "Range: bytes=");
    long from = range ? strtol(range + strlen("Range: bytes="), NULL, 10) : 0, most = -1;
    if (strncmp(request, "GET /", 5) != 0 || !(end = strchr(path, ' ')))
        return;
    *end = 0;
    fprintf(stderr, "%s from %ld\n", path, from);
    bool whole = take_prefix(&path, "/whole", NULL);
    bool slow = take_prefix(&path, "/slow", NULL);
    bool once = take_prefix(&path, "/once/", &most);
    if (once && spent) {
        say(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    }
    spent |= once;
    if (!once)
        take_prefix(&path, "/cut/", &most);
    send_file(fd, folder, path + (*path == '/'), from, !whole, slow, most);
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    if (argc != 2 || bind(server, (struct sockaddr *)&here, sizeof here) != 0 ||
        listen(server, 8) != 0 || getsockname(server, (struct sockaddr *)&here, &length) != 0)
        return 1;
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (int fd; (fd = accept(server, NULL, NULL)) >= 0; close(fd))
        answer(fd, argv[1]);
    return 1;
}

/* download.c: see download.h. */
#include "weights/import/download.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of an unknown size: no weights file is larger. Bytes a second that count as something,
 * and seconds to wait for a connection. */
enum { MAX_BYTES = 0x7fffffff, LEAST_SPEED = 1000, PATIENCE = 30, REDIRECTIONS = 10 };

struct transfer {
    struct download *download;
    int fd;
    size_t have; /* bytes in the file */
    int error;   /* errno of a failed write, EFBIG for too many bytes */
    bool terminal, slow;
};

static size_t limit(const struct transfer *t)
{
    return t->download->size ? t->download->size : MAX_BYTES;
}

static size_t take(char *data, size_t one, size_t n, void *context)
{
    struct transfer *t = context;
    size_t done = 0;
    n *= one;
    if (n > limit(t) - t->have) {
        t->error = EFBIG;
        return 0;
    }
    while (done < n) {
        ssize_t written = write(t->fd, data + done, n - done);
        if (written == 0 || (written < 0 && errno != EINTR)) {
            t->error = written == 0 ? ENOSPC : errno;
            return 0;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    t->have += n;
    return n;
}

static int progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                    curl_off_t up_now)
{
    const struct transfer *t = context;
    (void)up_total, (void)up_now;
    if (t->terminal && now > 0) {
        double all =
            t->download->size ? (double)t->download->size : (double)(total - now) + (double)t->have;
        fprintf(stderr, "\r  %5.1f of %.1f MB \r", (double)t->have / 1e6, all / 1e6);
    }
    return 0;
}

static void set_up(CURL *curl, struct transfer *t, char *message)
{
    curl_easy_setopt(curl, CURLOPT_URL, t->download->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "strata");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)PATIENCE);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)LEAST_SPEED);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)t->download->patience);
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->have);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
}

static bool start_over(struct transfer *t)
{
    t->have = 0;
    return ftruncate(t->fd, 0) == 0 && lseek(t->fd, 0, SEEK_SET) == 0;
}

static enum status explain(const struct transfer *t, CURLcode code, long answer,
                           const char *message, struct diag *diag)
{
    const char *url = t->download->url;
    if (t->error == EFBIG)
        return diag_set(diag, STATUS_INPUT, "%s is larger than it should be", url);
    if (t->error)
        return diag_set(diag, STATUS_IO, "cannot write %s: %s", t->download->path,
                        strerror(t->error));
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return diag_set(diag, STATUS_NETWORK, "%s: the server answers %ld%s", url, answer,
                        answer == 404 ? ", not found" : "");
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
        code == CURLE_COULDNT_RESOLVE_PROXY)
        return diag_set(diag, STATUS_NETWORK, "%s: no network, or no such server (%s)", url,
                        *message ? message : curl_easy_strerror(code));
    if (t->slow)
        return diag_set(diag, STATUS_NETWORK,
                        "%s: the server has sent less than 1 kB a second for %d seconds; try "
                        "another --mirror, or a longer --patience",
                        url, t->download->patience);
    return diag_set(diag, STATUS_NETWORK, "%s: %s", url,
                    *message ? message : curl_easy_strerror(code));
}

/* One connection. */
static enum status connect_once(CURL *curl, struct transfer *t, struct diag *diag)
{
    char message[CURL_ERROR_SIZE] = "";
    long answer = 0;
    set_up(curl, t, message);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    /* A server that cannot go on in the middle: from the beginning. One that has no more than we
     * answers 416, which libcurl takes for success, and so do we: the file will be checked. */
    if (t->have > 0 && t->error == 0 && code == CURLE_RANGE_ERROR) {
        if (!start_over(t))
            t->error = errno;
        message[0] = 0;
        set_up(curl, t, message);
        code = t->error ? CURLE_WRITE_ERROR : curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    }
    t->slow = code == CURLE_OPERATION_TIMEDOUT;
    return code == CURLE_OK ? STATUS_OK : explain(t, code, answer, message, diag);
}

/* As long as each connection brings something, a break is no reason to give up; a server that only
 * trickles is. */
static enum status transfer(struct transfer *t, struct diag *diag)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    enum status status = STATUS_NETWORK;
    if (!curl)
        return diag_set(diag, STATUS_LIBRARY, "libcurl cannot be set up");
    for (size_t before = SIZE_MAX; status == STATUS_NETWORK && t->have != before && !t->slow;) {
        before = t->have;
        status = connect_once(curl, t, diag);
    }
    if (t->terminal)
        fprintf(stderr, "%40s\r", "");
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return status;
}

static enum status cannot_write(const struct download *d, struct diag *diag)
{
    return diag_set(diag, STATUS_IO, "cannot write %s: %s", d->path, strerror(errno));
}

static enum status continue_file(struct transfer *t, struct diag *diag)
{
    struct stat info;
    if (flock(t->fd, LOCK_EX | LOCK_NB) != 0)
        return diag_set(diag, STATUS_IO, "another process is fetching %s; wait for it",
                        t->download->path);
    if (fstat(t->fd, &info) != 0)
        return cannot_write(t->download, diag);
    t->have = (size_t)info.st_size;
    if (t->have > limit(t) && !start_over(t))
        return cannot_write(t->download, diag);
    t->download->resumed = t->have > 0;
    if (lseek(t->fd, 0, SEEK_END) < 0)
        return cannot_write(t->download, diag);
    if (t->download->size && t->have == t->download->size)
        return STATUS_OK;
    return transfer(t, diag);
}

enum status download_file(struct download *download, struct diag *diag)
{
    struct transfer t = {.download = download, .terminal = isatty(STDERR_FILENO) == 1};
    download->resumed = false;
    t.fd = open(download->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (t.fd < 0)
        return cannot_write(download, diag);
    enum status status = continue_file(&t, diag);
    if (close(t.fd) != 0 && status == STATUS_OK)
        return cannot_write(download, diag);
    return status;
}

/* terminal.c: see terminal.h. */
#include "tests/lib/terminal.h"

void terminal_answer(struct terminal *t, const char *text, double now)
{
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || t->pending_size + n > sizeof t->pending)
        return;
    if (t->pending_size == 0)
        t->due = now + t->script.delay;
    memcpy(t->pending + t->pending_size, text, n);
    t->pending_size += n;
}

void terminal_look(struct terminal *t, double now)
{
    const struct {
        const char *question, *answer;
    } table[] = {
        {"\033[?2026$p", t->script.synchronised},
        {"\033[>q", t->script.name},
        {"\033_Gi=31", t->script.kitty},
        {"\033[16t", t->script.cell},
        {"\033[?1;1;0S", t->script.registers},
        {"\033[c", t->script.attributes},
        {"\033[5n", t->script.ready},
        {TERMINAL_MARK, NULL},
    };
    size_t size = t->size;
    while (t->seen < size) {
        const char *at = memchr(t->text + t->seen, '\033', size - t->seen);
        t->seen = at ? (size_t)(at - t->text) : size;
        size_t left = size - t->seen;
        if (left == 0)
            break;
        bool whole = true;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            size_t n = strlen(table[i].question);
            if (left < n) {
                whole = memcmp(at, table[i].question, left) != 0 && whole;
            } else if (memcmp(at, table[i].question, n) == 0) {
                t->asked += i == 6;
                if (i == 7) {
                    t->marked = now;
                    t->marks++;
                }
                terminal_answer(t, table[i].answer, now);
            }
        }
        if (!whole)
            break;
        t->seen++;
    }
    if (t->script.forget && t->seen == size) {
        t->seen = 0;
        t->size = 0;
    }
}

void terminal_reply(struct terminal *t, double now)
{
    if (t->pending_size == 0 || now < t->due)
        return;
    size_t n = t->script.split ? 1 : t->pending_size;
    ssize_t written = write(t->master, t->pending, n);
    if (written > 0) {
        memmove(t->pending, t->pending + written, t->pending_size - (size_t)written);
        t->pending_size -= (size_t)written;
        t->due = now + (t->script.split ? 0.003 : 0);
    }
}

void *terminal_play(void *context)
{
    struct terminal *t = context;
    double start = clock_now(), allowed = 0, total = 0;
    while (!t->stop) {
        struct pollfd fd = {.fd = t->master, .events = POLLIN};
        double now = clock_now();
        if (t->script.rate > 0)
            allowed = (now - start) * t->script.rate - total;
        bool may = t->script.rate <= 0 || allowed >= 1;
        if (poll(&fd, may, t->pending_size > 0 || !may ? 1 : 20) > 0) {
            char buffer[4096];
            size_t n = sizeof buffer;
            if (t->script.rate > 0 && allowed < (double)n)
                n = (size_t)allowed;
            ssize_t got = read(t->master, buffer, n);
            if (got <= 0)
                break;
            total += (double)got;
            if (t->size + (size_t)got > t->room)
                t->text = realloc(t->text, t->room = 2 * (t->size + (size_t)got));
            memcpy(t->text + t->size, buffer, (size_t)got);
            t->size += (size_t)got;
        } else if (may && t->script.rate > 0) { /* a link does not save up */
            start = now;
            total = 0;
        }
        terminal_look(t, clock_now());
        terminal_reply(t, clock_now());
    }
    return NULL;
}

struct terminal *terminal_begin(struct script script)
{
    struct terminal *t = calloc(1, sizeof *t);
    struct winsize size = {.ws_row = script.rows ? script.rows : 24,
                           .ws_col = script.columns ? script.columns : 80,
                           .ws_xpixel = script.width,
                           .ws_ypixel = script.height};
    struct termios raw;
    t->script = script;
    assert_int_equal(openpty(&t->master, &t->slave, t->path, NULL, &size), 0);
    tcgetattr(t->slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(t->slave, TCSANOW, &raw);
    assert_int_equal(pthread_create(&t->thread, NULL, terminal_play, t), 0);
    return t;
}

void terminal_end(struct terminal *t)
{
    t->stop = true;
    pthread_join(t->thread, NULL);
}

void terminal_free(struct terminal *t)
{
    if (!t->stop)
        terminal_end(t);
    close(t->master);
    close(t->slave);
    free(t->text);
    free(t);
}

void terminal_type(struct terminal *t, const char *keys)
{
    assert_int_equal(write(t->master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

struct tty *terminal_tty(struct terminal *t, double deadline)
{
    struct tty *tty = NULL;
    struct diag diag = {0};
    if (tty_open(&tty, t->path, TTY_ALL, deadline, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    return tty;
}

const char *terminal_keys(struct tty *tty)
{
    static char keys[4096];
    struct pollfd fd = {.fd = fileno(tty_keys(tty)), .events = POLLIN};
    size_t used = 0;
    while (poll(&fd, 1, 0) > 0 && used + 1 < sizeof keys) {
        ssize_t n = read(fd.fd, keys + used, sizeof keys - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    keys[used] = 0;
    return keys;
}

void terminal_wait(struct tty *tty, double seconds)
{
    for (double end = clock_now() + seconds; clock_now() < end;) {
        struct pollfd fd = {.fd = tty_fd(tty), .events = POLLIN};
        poll(&fd, 1, 2);
        assert_int_equal(tty_read(tty, clock_now()), STATUS_OK);
    }
}

/*
 * test_soak_pty.c: the real program on a real pseudo-terminal, with random keys, mouse, pastes and
 * sizes, on a terminal that answers like xterm, like kitty or not at all. A watchdog asks for an
 * answer to Ctrl-L again and again; in the end the program is left or killed, and must have ended
 * in time, without a sanitizer's report, and with the terminal restored.
 *
 * SOAK: how many sequences; SEED: the first one's; JOBS: how many at a time; SLOW: what the limits
 * of time are multiplied by. SOAK=1 SEED=n plays one again and tells what it does.
 */
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>

#include "engine/image/image.h"
#include "engine/base/random.h"
#include "tests/lib/folder.h"
#include "tests/lib/pty.h"

enum { EVENTS = 40, PICTURES = 4 };

static struct pty pty;
static struct random dice;
static const char *failure; /* NULL: none yet */
static char log_[1 << 15];  /* what was done, to be shown */
static size_t seen;         /* of the output, for questions */
static char program[4096];
static double slow;
static int kind; /* of terminal */
enum { XTERM, KITTY, SILENT, KINDS };

static int roll(int sides)
{
    return (int)(random_u64(&dice) % (uint64_t)sides);
}

static void note(const char *format, ...)
{
    size_t used = strlen(log_);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(log_ + used, sizeof log_ - used, format, arguments);
    va_end(arguments);
}

/* ---- the terminal ------------------------------------------------------------------------- */

static const struct {
    const char *question, *answer[2];
} table[] = {
    {"\033[?2026$p", {"\033[?2026;2$y", "\033[?2026;2$y"}},
    {"\033_Gi=31", {NULL, "\033_Gi=31;OK\033\\"}},
    {"\033]11;?\033\\", {"\033]11;rgb:ffff/ffff/ffff\033\\", "\033]11;rgb:00/10/20\007"}},
    {"\033[16t", {"\033[6;20;10t", "\033[6;20;10t"}},
    {"\033[?1;1;0S", {"\033[?1;0;256S", NULL}},
    {"\033[c", {"\033[?62;4;22c", "\033[?62;22c"}},
    {"\033[5n", {"\033[0n", "\033[0n"}},
};

/* Answers the questions that have come whole. */
static void answer_questions(void)
{
    while (seen < pty.used) {
        const char *at = memchr(pty.output + seen, '\033', pty.used - seen);
        seen = at ? (size_t)(at - pty.output) : pty.used;
        size_t left = pty.used - seen;
        for (size_t i = 0; at && i < sizeof table / sizeof *table; i++) {
            size_t n = strlen(table[i].question);
            if (memcmp(at, table[i].question, n < left ? n : left) != 0)
                continue;
            if (left < n)
                return;
            const char *answer = kind == SILENT ? NULL : table[i].answer[kind];
            if (answer && (i < 6 || roll(16)))
                pty_type(&pty, answer);
        }
        seen += at != NULL;
    }
}

/* Reads and answers for so long. */
static void listen_for(double seconds)
{
    double end = pty_now() + seconds;
    do {
        if (pty.used > sizeof pty.output / 4) {
            size_t kept = sizeof pty.output / 16;
            memmove(pty.output, pty.output + pty.used - kept, kept);
            seen -= seen < pty.used - kept ? seen : pty.used - kept;
            pty.used = kept;
            pty.output[kept] = 0;
        }
        double left = end - pty_now();
        pty_read(&pty, left > 0.02 ? 0.02 : left > 0 ? left : 0);
        answer_questions();
    } while (pty_now() < end);
}

static bool has_ended(void)
{
    return pty.status != -1 || waitpid(pty.pid, &pty.status, WNOHANG) == pty.pid;
}

static bool ends_within(double seconds)
{
    for (double end = pty_now() + seconds; !has_ended() && pty_now() < end;)
        listen_for(0.02);
    listen_for(0.02);
    return has_ended();
}

static void type(const char *keys)
{
    double end = pty_now() + 10 * slow;
    while (*keys && !has_ended() && !failure) {
        ssize_t n = write(pty.fd, keys, strlen(keys));
        keys += n > 0 ? n : 0;
        if (n <= 0)
            listen_for(0.01);
        if (pty_now() > end)
            failure = "keys are not read";
    }
}

/* ---- what is done to it ------------------------------------------------------------------- */

static void press_key(void)
{
    static const char *const special[] = {
        "\033OA", "\033OB", "\033OC", "\033OD", "\033[A", "\033[B", "\033[5~", "\033[6~",
        "\033[H", "\033OF", "\033[3~", "\033[Z", "\033OP", "\033[1;2C", "\033[1;2D", "\177",
        "\r", "\t", "\033", "\022", "\023", "\027", "\024", "\025", "\003", "\032", "\303\244",
    };
    char key[2] = {(char)(' ' + roll(95)), 0};
    const char *keys = roll(2) ? special[roll(sizeof special / sizeof *special)] : key;
    note("key %02x%s; ", (unsigned char)keys[0], keys[0] == 27 ? keys + 1 : "");
    type(keys);
}

static void use_mouse(int rows, int columns)
{
    static const int buttons[] = {0, 0, 0, 0, 1, 2, 32, 35, 64, 65, 64, 65, 66, 4, 16, 128};
    int button = buttons[roll(sizeof buttons / sizeof *buttons)], y = roll(rows), x = roll(columns);
    int moves = roll(4) ? 0 : 1 + roll(6);
    char report[32];
    note("mouse %d at %d,%d moves %d; ", button, y, x, moves);
    snprintf(report, sizeof report, "\033[<%d;%d;%dM", button, x + 1, y + 1);
    if (roll(6) == 0) { /* in two halves */
        size_t cut = 2 + (size_t)roll((int)strlen(report) - 2);
        char half[32];
        snprintf(half, sizeof half, "%.*s", (int)cut, report);
        type(half);
        listen_for(1e-3 * roll(60));
        type(report + cut);
    } else {
        type(report);
    }
    for (int i = 0; i < moves; i++) {
        snprintf(report, sizeof report, "\033[<%d;%d;%dM", 32 + (button & 31), 1 + roll(columns),
                 1 + roll(rows));
        type(report);
    }
    if (button >= 64)
        return;
    if (roll(3))
        listen_for(1e-3 * (20 + roll(60)));
    snprintf(report, sizeof report, "\033[<%d;%d;%dm", button, x + 1, y + 1);
    type(report);
}

static void paste(void)
{
    static const char *const parts[] = {"/tmp/", "../",     "picture 1.png", "\r", "\303\266",
                                        "x",     "w=2",     "relu3_1",       " ",  ":",
                                        "\t",    "width",   "n",             "9",
                                        "picture\\ 2.png", "file:///tmp/a%20b.png", "'", "~/"};
    bool marked = roll(3) > 0; /* as terminals that know of pastes do */
    note(marked ? "paste " : "type fast ");
    type(marked ? "\033[200~" : "");
    for (int i = 3 + roll(20); i > 0; i--) {
        const char *part = parts[roll(sizeof parts / sizeof *parts)];
        note("%s", part[0] == '\r' ? "\\r" : part);
        type(part);
    }
    type(marked ? "\033[201~" : "");
    note("; ");
}

/* The wheel never lets go; a hand that drags goes far and fast. */
static void drag(int rows, int columns)
{
    char report[32];
    int y = 1 + roll(rows), x = 1 + roll(columns);
    note("drag from %d,%d; ", y - 1, x - 1);
    snprintf(report, sizeof report, "\033[<0;%d;%dM", x, y);
    type(report);
    for (int i = 2 + roll(60); i > 0; i--) {
        x += roll(9) - 4;
        y += roll(5) - 2;
        snprintf(report, sizeof report, "\033[<32;%d;%dM", x < 1 ? 1 : x, y < 1 ? 1 : y);
        type(report);
        if (roll(4) == 0)
            listen_for(1e-3 * roll(17));
    }
    snprintf(report, sizeof report, "\033[<0;%d;%dm", x < 1 ? 1 : x, y < 1 ? 1 : y);
    type(roll(8) ? report : "");
}

static void resize(int *rows, int *columns)
{
    bool small = roll(4) == 0;
    *rows = 1 + roll(small ? 12 : 100);
    *columns = 1 + roll(small ? 40 : 300);
    struct winsize size = {.ws_row = (unsigned short)*rows, .ws_col = (unsigned short)*columns};
    note("size %dx%d; ", *columns, *rows);
    ioctl(pty.fd, TIOCSWINSZ, &size);
}

/* Ctrl-L clears the screen, wherever one is; a half of something may have swallowed the first. */
static void watch(void)
{
    double limit = 2.0 * slow, asked = 0;
    listen_for(0.06); /* a lone Escape is over */
    for (char *at; (at = strstr(pty.output, "\033[2J"));)
        *at = ' ';
    double begin = pty_now();
    while (!has_ended() && !strstr(pty.output, "\033[2J")) {
        if (pty_now() > begin + limit) {
            failure = "a key was not answered";
            return;
        }
        if (pty_now() > asked + limit / 3) {
            type("\014");
            asked = pty_now();
        }
        listen_for(0.01);
    }
    note("answered in %.2f s; ", pty_now() - begin);
}

/* ---- the end ------------------------------------------------------------------------------ */

static void leave_by_keys(void)
{
    note("leave by q; ");
    for (int i = 0; i < 12 && !has_ended(); i++) {
        for (int k = 0; k < 3; k++) {
            type("\033");
            listen_for(0.12);
        }
        type("q");
        listen_for(0.2);
        type(i > 2 || roll(2) ? "n" : "y");
        if (ends_within(slow))
            break;
    }
    if (!ends_within(10 * slow))
        failure = "it could not be left";
    else if (!WIFEXITED(pty.status) || WEXITSTATUS(pty.status) > 1)
        failure = "left with a wrong status";
}

static void leave_by_signal(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGXCPU};
    int number = signals[roll(4)];
    note("signal %d; ", number);
    kill(pty.pid, number);
    if (!ends_within(10 * slow))
        failure = "a signal did not end it";
    else if (!WIFEXITED(pty.status) || WEXITSTATUS(pty.status) != 128 + number)
        failure = "a signal ended it with a wrong status";
}

/* A run goes on to its end, unseen; SIGTERM ends it as ever. */
static void leave_by_loss(bool gone)
{
    note(gone ? "closed; " : "signal 1; ");
    if (gone) {
        close(pty.slave);
        close(pty.fd);
        pty.fd = pty.slave = -1;
    } else {
        kill(pty.pid, SIGHUP);
    }
    for (double end = pty_now() + 2; !has_ended() && pty_now() < end; usleep(20000))
        if (!gone)
            listen_for(0);
    if (!has_ended())
        kill(pty.pid, SIGTERM);
    for (double end = pty_now() + 10 * slow; !has_ended() && pty_now() < end; usleep(20000))
        if (!gone)
            listen_for(0);
    if (!has_ended())
        failure = "it did not end after its terminal";
    else if (!WIFEXITED(pty.status))
        failure = "it crashed after its terminal";
}

static void check_restored(void)
{
    static const char *const bytes[] = {"\033[?1049l", "\033[?25h", "\033[?1000l"};
    if (!pty_same_modes(&pty))
        failure = "the terminal's modes were not restored";
    for (int i = 0; i < 3 && !failure; i++)
        if (!strstr(pty.output, bytes[i]))
            failure = "the screen was not restored";
}

static void check_reports(void)
{
    if (system("cat report.* >&2 2>/dev/null") == 0)
        failure = "a sanitizer reported";
}

/* ---- one sequence ------------------------------------------------------------------------- */

static bool make_pictures(void)
{
    struct image image = {0};
    struct diag diag;
    char name[32];
    for (int i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "picture %d.png", i);
        if (image_init(&image, 40 + 24 * i, 48, &diag) != STATUS_OK)
            return false;
        for (int k = 0; k < 3 * image.width * image.height; k++)
            image.rgb[k] = (float)(k * (i + 3) % 256);
        if (image_write(&image, name, NULL, FILE_KEEP, &diag) != STATUS_OK)
            return false;
        image_clear(&image);
    }
    return mkdir("folder", 0700) == 0;
}

static bool start(int rows, int columns)
{
    static const char *const starting[] = {"--start", "--overwrite"};
    char *const argv[] = {program, "--content", "picture 1.png", "--styles", "picture 2.png",
                          "--network", "random:16", "--width", "64", "--threads", "1",
                          "--iterations", "60", "--output", "out.png", "--timeout", "0.3",
                          (char *)starting[roll(2)], NULL};
    pid_t pid = pty_fork(&pty, roll(8) ? "xterm-256color" : "xterm", rows, columns);
    if (pid != 0)
        return pid > 0;
    setenv("HOME", ".", 1);
    setenv("XDG_STATE_HOME", "state", 1);
    setenv("ASAN_OPTIONS", "log_path=report:detect_leaks=1", 1);
    setenv("UBSAN_OPTIONS", "log_path=report:print_stacktrace=1", 1);
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv(program, argv);
    _exit(127);
}

static void play(int rows, int columns)
{
    for (int i = 0; i < EVENTS && !failure && !has_ended(); i++) {
        int what = roll(100);
        if (what < 50)
            press_key();
        else if (what < 74)
            use_mouse(rows, columns);
        else if (what < 80)
            drag(rows, columns);
        else if (what < 82)
            type(roll(2) ? "\033[I" : "\033[O"); /* the focus comes and goes */
        else if (what < 88)
            paste();
        else if (what < 94)
            resize(&rows, &columns);
        else
            watch();
        if (roll(2))
            listen_for(1e-3 * roll(60));
    }
    if (!failure && !has_ended())
        watch();
}

/* The process that has the run outlives the one that lent it the terminal, perhaps for good: if it
 * was left with a run that rests. */
static void end_host(pid_t host)
{
    double end = pty_now() + 10 * slow;
    kill(host, SIGTERM);
    while (kill(host, 0) == 0 && pty_now() < end)
        usleep(20000);
    if (kill(host, 0) != 0)
        return;
    kill(host, SIGKILL);
    usleep(200000);
    failure = failure ? failure : "the run's process did not end";
}

static void sequence(unsigned seed)
{
    int rows = 24, columns = 80, way;
    random_seed(&dice, seed);
    failure = NULL;
    log_[0] = 0;
    seen = 0;
    kind = roll(KINDS);
    if (roll(2))
        rows = 36, columns = 120;
    if (!make_pictures() || !start(rows, columns)) {
        failure = "it could not be started";
        return;
    }
    if (!pty_shows(&pty, "\033[?1049h", 10 * slow))
        failure = "no screen came";
    listen_for(0.3);
    pid_t host = pty_host(&pty);
    play(rows, columns);
    way = roll(10);
    if (!failure && has_ended()) {
        if (!WIFEXITED(pty.status) || WEXITSTATUS(pty.status) > 1)
            failure = "a key ended it with a wrong status";
    } else if (!failure) {
        way < 5 ? leave_by_keys() : way < 8 ? leave_by_signal() : leave_by_loss(way == 8);
    }
    listen_for(0.05);
    if (!failure && pty.fd >= 0)
        check_restored();
    if (host != pty.pid)
        end_host(host);
    check_reports();
}

/* In a folder of its own; whether nothing was wrong. */
static bool one(unsigned seed, bool tells)
{
    char work[400], command[500];
    snprintf(work, sizeof work, "%s/%u", folder, seed);
    if (mkdir(work, 0700) != 0 || chdir(work) != 0) {
        perror(work);
        return false;
    }
    sequence(seed);
    if (tells || failure)
        fprintf(stderr, "--- SEED=%u: %s: %s\n", seed, failure ? failure : "all is well", log_);
    if (failure && pty.fd >= 0)
        fprintf(stderr, "%.2000s\n", pty.used > 2000 ? pty.output + pty.used - 2000 : pty.output);
    pty_close(&pty);
    snprintf(command, sizeof command, "rm -rf '%s'", work);
    return chdir("/") == 0 && system(command) == 0 && !failure;
}

static int number(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text && *text ? atoi(text) : otherwise;
}

int main(void)
{
    int count = number("SOAK", 8), first = number("SEED", 1), jobs = number("JOBS", 2), failed = 0;
    const char *name = getenv("STRATA");
    char leaks[4096], options[4200];
    slow = number("SLOW", 5);
    if (!realpath(name ? name : "build/strata", program) || !realpath("tests/leaks.txt", leaks) ||
        make_folder(NULL) != 0)
        return 1;
    snprintf(options, sizeof options, "suppressions=%s:print_suppressions=0", leaks);
    setenv("LSAN_OPTIONS", options, 1);
    jobs = jobs < 1 ? 1 : jobs > count ? count : jobs;
    for (int j = 0; j < jobs; j++)
        if (fork() == 0) {
            int wrong = 0;
            for (int i = j; i < count; i += jobs)
                wrong += !one((unsigned)(first + i), count == 1);
            _exit(wrong < 255 ? wrong : 255);
        }
    for (int status; wait(&status) > 0;)
        failed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    remove_folder(NULL);
    printf("%d passed, %d failed\n", count - failed, failed);
    return failed > 0;
}

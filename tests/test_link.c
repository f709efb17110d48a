/*
 * test_link.c: pictures that change all the time, over bad and good links: keys are answered at
 * once, nothing queues, memory stays.
 */
#include "tests/lib/pixels.h"

#include <sys/resource.h>

enum { KEYS = 40, REDRAWN = 200 };

/* Types a key, answers it with a redrawn line as the desk would, waits until that has arrived. */
static double answer_a_key(struct stage *st)
{
    char line[REDRAWN + sizeof TERMINAL_MARK];
    unsigned marks = st->terminal->marks;
    double typed = clock_now();
    terminal_type(st->terminal, "j");
    do
        stage_step(st);
    while (!*terminal_keys(st->tty));
    memset(line, 'x', REDRAWN);
    memcpy(line + REDRAWN, TERMINAL_MARK, sizeof TERMINAL_MARK);
    pixels_finish_piece(st->preview);
    assert_int_equal(write(st->terminal->slave, line, REDRAWN + 5), REDRAWN + 5);
    while (st->terminal->marks == marks)
        stage_step(st);
    return st->terminal->marked - typed;
}

static int by_size(const void *a, const void *b)
{
    double d = *(const double *)a - *(const double *)b;
    return d < 0 ? -1 : d > 0;
}

/* A snapshot every 50 ms of a picture that never stays the same; subject as pixels_show. */
static void show_next(struct stage *st, const struct rect *box, int subject, int width, int height)
{
    static unsigned seed;
    static double shown;
    if (clock_now() < shown + 0.05)
        return;
    shown = clock_now();
    struct picture_of p = painting(width, height, seed++);
    pixels_show(st->preview, 0, box, subject, p.rgb, p.width, p.height);
    free(p.rgb);
}

/* moved: seconds between two moves over a picture that is seen in part; 0: none. */
static void keys_on_a_link(enum graphics_kind kind, double rate, double limit, double seconds,
                           double moved)
{
    struct script script = SLOW;
    struct rect box = {1, 1, 15, 40};
    double times[KEYS], start = clock_now();
    script.rate = rate;
    struct stage *st = stage_open(kind, script);
    int n = 0;
    while (clock_now() < start + seconds || n < KEYS) {
        show_next(st, &box, moved > 0 ? (int)((clock_now() - start) / moved) : 0, 400, 300);
        stage_step(st);
        if (n < KEYS && clock_now() > start + 1 + n * (seconds - 2) / KEYS)
            times[n++] = answer_a_key(st);
    }
    struct pixels_figures f = st->preview->figures;
    qsort(times, KEYS, sizeof *times, by_size);
    print_message("%s at %.0f kB/s: keys %.0f ms, 95 %% %.0f ms, most %.0f ms; %u pictures, last "
                  "%zu bytes, %d colours, 1/%d, %.1f s, rate %.0f\n",
                  graphics_word(kind), rate / 1000, 1e3 * times[KEYS / 2],
                  1e3 * times[KEYS * 19 / 20], 1e3 * times[KEYS - 1], f.pictures, f.bytes,
                  f.colours, f.shrink, st->preview->took, st->preview->pacing.rate);
    assert_true(f.pictures >= 1);
    assert_true(times[KEYS / 2] < limit);
    assert_true(f.bytes < 60000);
    stage_close(st);
}

static void keys_do_not_wait_behind_pictures(void **unused)
{
    (void)unused;
    keys_on_a_link(GRAPHICS_SIXEL, 10000, 0.1, 10, 0);
    keys_on_a_link(GRAPHICS_KITTY, 10000, 0.1, 10, 0);
    keys_on_a_link(GRAPHICS_SIXEL, 10000, 0.1, 10, 1.5);
}

static void nothing_queues(void **unused)
{
    (void)unused;
    struct stage *st = stage_open(GRAPHICS_SIXEL, SLOW);
    struct rect box = {1, 1, 15, 40};
    unsigned before = 0;
    for (double end = clock_now() + 6; clock_now() < end;) {
        show_next(st, &box, 0, 400, 300);
        stage_step(st);
    }
    /* After the last one was shown, the one under way and that last one arrive, no more. */
    before = st->preview->figures.pictures;
    stage_rest(st);
    assert_true(st->preview->figures.pictures <= before + 4); /* two refine it */
    stage_close(st);
}

static long resident(void)
{
    long pages = 0, ignored;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_int_equal(fscanf(file, "%ld %ld", &ignored, &pages), 2);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#ifdef __SANITIZE_ADDRESS__
enum { TELLING = 1000 }; /* AddressSanitizer keeps what is freed for a while */
#else
enum { TELLING = 0 };
#endif

/* FRAMES=10000 for the long run. */
static void many_pictures_take_no_more_memory(void **unused)
{
    (void)unused;
    const char *wish = getenv("FRAMES");
    int frames = wish ? atoi(wish) : 60;
    struct script script = FAST;
    struct rect box = {1, 1, 8, 20};
    script.forget = true;
    for (enum graphics_kind kind = GRAPHICS_CELLS; kind <= GRAPHICS_SIXEL; kind++) {
        struct stage *st = stage_open(kind, script);
        long first = 0;
        if (kind == GRAPHICS_CELLS) /* which cannot be hurried */
            frames /= 20;
        for (int i = 0; i < frames; i++) {
            struct picture_of p = painting(160 + i % 5, 120 - i % 7, (unsigned)i);
            pixels_show(st->preview, 0, &box, 0, p.rgb, p.width, p.height);
            pixels_lost(st->preview, 0); /* at once, whatever the interval */
            stage_run(st, (unsigned)i + 1);
            free(p.rgb);
            if (i == frames / 10)
                first = resident();
        }
        long last = resident();
        print_message("%s: %d pictures, %ld kB, at the end %ld kB\n", graphics_word(kind), frames,
                      first, last);
        assert_true(last - first < 4096 || frames < TELLING);
        frames = wish ? atoi(wish) : 60;
        stage_close(st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_do_not_wait_behind_pictures),
        cmocka_unit_test(nothing_queues),
        cmocka_unit_test(many_pictures_take_no_more_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

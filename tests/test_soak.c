/*
 * test_soak.c: random keys, clicks and sizes on a hidden screen, with a real worker behind it.
 * Whatever was typed, nothing crashes and the desk can be left. SOAK: how many sequences of 200.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/image/image.h"
#include "engine/base/random.h"
#include "tui/desk/desk.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"
#include "tests/lib/folder.h"

enum { KEYS = 200, PICTURES = 4 };

static struct desk_options options;
static struct random dice;

static int roll(int sides)
{
    return (int)(random_u64(&dice) % (uint64_t)sides);
}

/* Any key of the table, or any character at all. */
static int any_key(void)
{
    size_t count;
    const struct key_entry *table = keys_table(&count);
    if (roll(8) == 0)
        return roll(4) ? ' ' + roll(95) : 0xa0 + roll(0x3000);
    const char *keys = table[roll((int)count)].keys;
    const char *blank = strrchr(keys, ' ');
    return keys_code(blank && roll(2) ? blank + 1 : keys);
}

static bool one_step(struct desk *d)
{
    int rows, columns, kind = roll(40);
    static const char *const pastes[] = {"./picture 1.png", "folder", "/nowhere/job.ini", "'a\nb",
                                         "'picture 1.png' 'picture 2.png' picture\\ 3.png", "q"};
    term_size(&rows, &columns);
    if (kind == 0) {
        term_resize_hidden(5 + roll(96), 20 + roll(281));
        term_size(&rows, &columns);
        model_resize(desk_model(d), rows, columns);
        place_reset();
    } else if (kind < 5) {
        struct pointer p = {.kind = kind < 3 ? POINTER_PRESS : POINTER_WHEEL, .y = roll(rows),
                            .x = roll(columns), .clicks = 1 + roll(2)};
        p.wheel = kind < 3 ? 0 : 7 - 2 * kind;
        p.from_y = p.y;
        p.from_x = p.x;
        return desk_key(d, KEYCODE_MOUSE, &p);
    } else if (kind == 5) {
        return desk_paste(d, pastes[roll(6)]);
    } else if (!desk_key(d, any_key(), NULL)) {
        return false;
    }
    desk_draw(d);
    return true;
}

/* Some escapes, q, and n to whatever is asked. */
static bool can_be_left(struct desk *d)
{
    bool stays = true;
    term_resize_hidden(24, 80);
    model_resize(desk_model(d), 24, 80);
    for (int i = 0; i < 5 && stays; i++)
        stays = desk_key(d, KEYCODE_ESC, NULL);
    if (stays)
        stays = desk_key(d, 'q', NULL);
    if (stays)
        stays = desk_key(d, 'n', NULL);
    return !stays;
}

static void any_keys_leave_a_desk_that_can_be_left(void **state)
{
    (void)state;
    const char *wish = getenv("SOAK");
    int sequences = wish ? atoi(wish) : 8;
    for (int i = 0; i < sequences; i++) {
        struct desk *d = NULL;
        struct diag diag;
        random_seed(&dice, (uint64_t)i);
        assert_int_equal(desk_open(&d, &options, &diag), STATUS_OK);
        desk_draw(d);
        for (int k = 0; k < KEYS; k++)
            if (!one_step(d)) {
                desk_close(&d);
                assert_int_equal(desk_open(&d, &options, &diag), STATUS_OK);
            }
        if (!can_be_left(d))
            fail_msg("sequence %d cannot be left", i);
        desk_close(&d);
    }
}

/* Works in a folder of its own: some keys write files. */
static int prepare(void **state)
{
    struct diag diag;
    struct image image = {0};
    char name[32];
    if (make_folder(state) != 0 || chdir(folder) != 0)
        return -1;
    for (int i = 0; i < PICTURES; i++) {
        snprintf(name, sizeof name, "picture %d.png", i);
        if (image_init(&image, 24 + 8 * i, 24, &diag) != STATUS_OK)
            return -1;
        for (int k = 0; k < 3 * image.width * image.height; k++)
            image.rgb[k] = (float)(k * (i + 3) % 256);
        if (image_write(&image, name, NULL, FILE_KEEP, &diag) != STATUS_OK)
            return -1;
        image_clear(&image);
    }
    mkdir("folder", 0700);
    job_defaults(&options.job);
    strcpy(options.job.content, "picture 1.png");
    strcpy(options.job.network, "random:4");
    options.job.width = 16;
    options.job.threads = 1;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        snprintf(options.job.channel[i].style.path, JOB_PATH, "picture %d.png", i % PICTURES);
        options.job.channel[i].state = CHANNEL_ON;
    }
    if (term_open_hidden(24, 80, &diag) != STATUS_OK)
        return -1;
    draw_open(true, false);
    place_open(NULL, GRAPHICS_AUTO);
    return 0;
}

static int clean_up(void **state)
{
    char command[300];
    (void)state;
    place_close();
    term_close();
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_keys_leave_a_desk_that_can_be_left),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    return cmocka_run_group_tests(tests, prepare, clean_up);
}

/* pixels.c: see pixels.h. */
#include "tests/lib/pixels.h"

struct picture_of painting(int width, int height, unsigned seed)
{
    struct picture_of p = {width, height, malloc(3 * (size_t)(width * height))};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double u = x * 6.0 / width, v = y * 6.0 / height, s = seed;
            bool edge = fmod(x * 0.05 + y * 0.03 + s, 3.0) < 1.0;
            unsigned char *pixel = p.rgb + 3 * (y * width + x);
            pixel[0] = (unsigned char)(128 + 100 * sin(u + s) + (edge ? 20 : 0));
            pixel[1] = (unsigned char)(128 + 100 * sin(v * 1.3 + 2 * s) - (edge ? 20 : 0));
            pixel[2] = (unsigned char)(128 + 100 * sin(u * v * 0.3 - s));
        }
    return p;
}

struct stage *stage_open_cells(enum graphics_kind kind, struct script script,
                               int cell_width, int cell_height)
{
    struct stage *st = calloc(1, sizeof *st);
    struct graphics_environment around = {.term = "xterm", .utf8 = true, .rows = 24, .columns = 80};
    static char cell[32];
    snprintf(cell, sizeof cell, "\033[6;%d;%dt", cell_height, cell_width);
    script.cell = cell;
    st->terminal = terminal_begin(script);
    st->tty = terminal_tty(st->terminal, 1.0);
    struct graphics g = graphics_decide(kind, tty_answers(st->tty), &around);
    assert_int_equal(g.kind, kind);
    st->preview = pixels_open(st->tty, &g, CELLS_256);
    st->screen = screen_new(80, 24, cell_width, cell_height);
    return st;
}

struct stage *stage_open(enum graphics_kind kind, struct script script)
{
    return stage_open_cells(kind, script, 10, 20);
}

void stage_close(struct stage *st)
{
    pixels_close(&st->preview);
    tty_close(&st->tty);
    terminal_free(st->terminal);
    screen_free(st->screen);
    free(st);
}

void stage_step(struct stage *st)
{
    struct diag diag = {0};
    double now = clock_now(), wait = pixels_wait(st->preview, now);
    bool writing = pixels_wants_write(st->preview);
    struct pollfd fds[] = {{.fd = tty_fd(st->tty), .events = POLLIN},
                           {.fd = writing ? tty_out(st->tty) : -1, .events = POLLOUT}};
    poll(fds, 2, wait < 0 || wait > 0.02 ? 20 : (int)(wait * 1000) + 1);
    assert_int_equal(tty_read(st->tty, clock_now()), STATUS_OK);
    if (pixels_redraw(st->preview))
        pixels_finish_piece(st->preview);
    if (pixels_pump(st->preview, clock_now(), &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
}

void stage_turn(struct stage *st, double seconds)
{
    for (double end = clock_now() + seconds; clock_now() < end;)
        stage_step(st);
}

void stage_run(struct stage *st, unsigned pictures)
{
    double end = clock_now() + 20;
    while (st->preview->figures.pictures < pictures) {
        if (clock_now() > end)
            fail_msg("picture %u never arrived", pictures);
        stage_step(st);
    }
}

void stage_rest(struct stage *st)
{
    double end = clock_now() + 30;
    do {
        if (clock_now() > end)
            fail_msg("it never came to rest");
        stage_step(st);
    } while (pixels_wait(st->preview, clock_now()) >= 0);
}

void stage_look(struct stage *st)
{
    unsigned marks = st->terminal->marks;
    assert_int_equal(write(st->terminal->slave, TERMINAL_MARK, 5), 5);
    for (double end = clock_now() + 10; st->terminal->marks == marks && clock_now() < end;)
        usleep(1000);
    assert_true(st->terminal->marks > marks);
    screen_feed(st->screen, st->terminal->text + st->fed, st->terminal->size - st->fed);
    st->fed = st->terminal->size;
    if (st->screen->problem[0])
        fail_msg("%s", st->screen->problem);
}

void assert_shown(struct stage *st, const struct rect *box,
                  const struct picture_of *p, int step, double within)
{
    struct screen *s = st->screen;
    int cell_width = s->cell_width, cell_height = s->cell_height;
    struct scale_fit fit =
        scale_fit(p->width, p->height, box->width * cell_width, box->height * cell_height, step);
    struct rect part = pixels_part(st->preview, box, p->width, p->height);
    unsigned char *rgb = malloc(3 * (size_t)(fit.width * fit.height));
    scale_rgb(rgb, fit.width, fit.height, p->rgb, p->width, fit.source_height);
    int top = part.y * cell_height, left = part.x * cell_width;
    double sum = 0;
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            bool inside = y >= top && y < top + fit.height && x >= left && x < left + fit.width;
            const unsigned char *pixel = screen_at(s, y, x);
            for (int c = 0; c < 3; c++)
                if (inside)
                    sum += abs(pixel[c] - rgb[3 * ((y - top) * fit.width + x - left) + c]);
                else if (pixel[c] != SCREEN_BACKGROUND)
                    fail_msg("something was left at pixel %d,%d", x, y);
        }
    free(rgb);
    double mean = sum / (3.0 * fit.width * fit.height);
    if (!(mean <= within))
        fail_msg("the picture of %d×%d is off by %.2f levels", p->width, p->height, mean);
}

void assert_blank(struct stage *st)
{
    for (int i = 0; i < 3 * st->screen->width * st->screen->height; i++)
        if (st->screen->rgb[i] != SCREEN_BACKGROUND)
            fail_msg("something was left at pixel %d,%d", i / 3 % st->screen->width,
                     i / 3 / st->screen->width);
}

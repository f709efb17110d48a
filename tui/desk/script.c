/* script.c: see script.h. */
#include "tui/desk/script.h"

#include <math.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/desk/desk_private.h"
#include "tui/view/draw.h"
#include "tui/term/text.h"

static void dump(void)
{
    for (int y = 0; y < LINES; y++) {
        char line[4096] = "";
        for (int x = 0; x < COLS;) {
            cchar_t cell;
            wchar_t text[CCHARW_MAX + 1] = {0};
            attr_t attributes;
            short pair;
            if (mvin_wch(y, x, &cell) != OK ||
                getcchar(&cell, text, &attributes, &pair, NULL) != OK)
                break;
            int width = 1;
            for (int i = 0; text[i]; i++) {
                text_insert(line, sizeof line, strlen(line), (unsigned)text[i]);
                if (i == 0)
                    width = text_width((unsigned)text[0]);
            }
            x += width > 0 ? width : 1;
        }
        for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
            line[n - 1] = 0;
        puts(line);
    }
}

static void make_ramps(struct snapshot_picture *out, const struct model *m, int iteration, int blue)
{
    struct snapshot_window window = desk_window(m);
    struct snapshot_part p = snapshot_find_part(&window, 640, 480);
    int zoom = window.zoom > 0 ? window.zoom : 1, width = p.to_width * zoom;
    int height = p.to_height * zoom, n = width * height;
    *out = (struct snapshot_picture){.width = width, .height = height, .iteration = iteration,
                                     .whole_width = 640, .whole_height = 480, .window = window};
    out->rgb = mem_new(3 * (size_t)n);
    for (int i = 0; i < n; i++) {
        out->rgb[3 * i] = (unsigned char)(i % width * 255 / width);
        out->rgb[3 * i + 1] = (unsigned char)(i / width * 255 / height);
        out->rgb[3 * i + 2] = (unsigned char)blue;
    }
}

/* The snapshot that was asked for. */
static struct snapshot_look *make_look(const struct model *m)
{
    int number = m->compare.asked ? m->compare.asked : m->looking;
    if (number == 0)
        return NULL;
    struct snapshot_look *look = mem_new(sizeof *look);
    look->number = number;
    look->job = m->job;
    make_ramps(&look->picture, m, 10 * number, 0);
    return look;
}

/* A made-up run: falling losses, a picture of two ramps. */
static struct snapshot *fake_run(const struct model *m, enum snapshot_state state, int iteration)
{
    struct snapshot *s = snapshot_new();
    s->state = state;
    s->iteration = iteration;
    s->iterations = m->job.iterations;
    s->seconds = 0.047 * iteration;
    s->seconds_per_iteration = 0.047;
    s->seconds_left = 0.047 * (m->job.iterations - iteration);
    s->width = s->stage_width = 640;
    s->height = 480;
    s->memory = 132000000;
    s->planned = 151000000;
    s->handled = m->serial;
    snprintf(s->summary, sizeof s->summary,
             "strata16, 640x480 in two sizes, 300 iterations, 2 threads");
    model_job(m, &s->job);
    for (int i = 0; i <= iteration; i++) {
        struct losses l = {.content = 1.6e5 * (1.0 - exp(-i / 20.0)) + 1.0,
                           .style = 2e6 * exp(-i / 15.0) + 6e4,
                           .tv = 3e4 - 1e4 * exp(-i / 30.0)};
        for (int k = 0; k < STYLE_LAYER_COUNT; k++)
            l.style_layer[k] = l.style * (k + 1) / 15.0;
        losses_add_up(&l);
        snapshot_curve_add(&s->curve, i, &l);
        s->losses = l;
    }
    for (int k = 0; k < STYLE_LAYER_COUNT; k++)
        s->pull[k] = STYLE_LAYER_COUNT - k;
    make_ramps(&s->preview, m, iteration, 128);
    s->look = make_look(m);
    if (m->run) {
        s->kept_count = m->run->kept_count;
        memcpy(s->kept, m->run->kept, sizeof s->kept);
    }
    return s;
}

static bool set_state(struct desk *d, const char *rest)
{
    static const char *const names[] = {"opening", "running", "paused", "done", "stopped",
                                        "failed"};
    char name[16];
    int iteration = 0;
    if (sscanf(rest, "%15s %d", name, &iteration) < 1)
        return false;
    for (int i = 0; i < 6; i++)
        if (strcmp(names[i], name) == 0) {
            struct snapshot *s = fake_run(desk_model(d), (enum snapshot_state)i, iteration);
            desk_model(d)->started = true;
            model_take(desk_model(d), s);
            return true;
        }
    return false;
}

static bool keep(struct desk *d, const char *rest)
{
    struct model *m = desk_model(d);
    if (!m->run || m->run->kept_count == SNAPSHOT_KEPT_MAX)
        return false;
    struct snapshot_kept *k = &m->run->kept[m->run->kept_count++];
    *k = (struct snapshot_kept){m->run->kept_count, atoi(rest), m->run->losses.total, false};
    model_resize(m, m->layout.rows, m->layout.columns);
    return true;
}

static bool press_keys(struct desk *d, const char *names)
{
    while (*(names += strspn(names, " "))) {
        int code = keys_code(names);
        if (code == 0)
            return false;
        desk_key(d, code, NULL);
        names += strcspn(names, " ");
    }
    return true;
}

static bool type(struct desk *d, const char *text)
{
    unsigned code;
    while ((code = text_next(&text)))
        desk_key(d, (int)code, NULL);
    return true;
}

static bool click(struct desk *d, const char *rest, bool wheel)
{
    struct pointer p = {.kind = wheel ? POINTER_WHEEL : POINTER_PRESS, .clicks = 1};
    if (wheel ? sscanf(rest, "%d %d %d", &p.wheel, &p.y, &p.x) != 3
              : sscanf(rest, "%d %d %d", &p.y, &p.x, &p.clicks) < 2)
        return false;
    p.from_y = p.y;
    p.from_x = p.x;
    desk_key(d, KEYCODE_MOUSE, &p);
    return true;
}

/* A press, some moves, a release. */
static bool drag(struct desk *d, const char *rest)
{
    enum { MOVES = 4 };
    struct pointer p = {.clicks = 1};
    int y, x;
    if (sscanf(rest, "%d %d %d %d", &p.from_y, &p.from_x, &y, &x) != 4)
        return false;
    for (int i = 0; i <= MOVES + 1; i++) {
        int part = i > MOVES ? MOVES : i;
        p.kind = i == 0 ? POINTER_PRESS : i <= MOVES ? POINTER_DRAG : POINTER_RELEASE;
        p.y = p.from_y + (y - p.from_y) * part / MOVES;
        p.x = p.from_x + (x - p.from_x) * part / MOVES;
        desk_key(d, KEYCODE_MOUSE, &p);
    }
    return true;
}

static bool resize(struct desk *d, const char *rest)
{
    int rows, columns;
    if (sscanf(rest, "%dx%d", &columns, &rows) != 2 || rows < 1 || columns < 1)
        return false;
    term_resize_hidden(rows, columns);
    model_resize(desk_model(d), rows, columns);
    return true;
}

static bool play_line(struct desk *d, const char *line)
{
    size_t n = strcspn(line, " ");
    const char *rest = line + n + (line[n] != 0);
    if (n == 0 || line[0] == '#')
        return true;
    if (strncmp(line, "size", n) == 0)
        return resize(d, rest);
    if (strncmp(line, "key", n) == 0)
        return press_keys(d, rest);
    if (strncmp(line, "type", n) == 0)
        return type(d, rest);
    if (strncmp(line, "click", n) == 0 || strncmp(line, "wheel", n) == 0)
        return click(d, rest, line[0] == 'w');
    if (strncmp(line, "drag", n) == 0)
        return drag(d, rest);
    if (strncmp(line, "paste", n) == 0) {
        desk_paste(d, rest);
        return true;
    }
    if (strncmp(line, "state", n) == 0)
        return set_state(d, rest);
    if (strncmp(line, "kept", n) == 0)
        return keep(d, rest);
    if (strncmp(line, "dump", n) != 0)
        return false;
    desk_draw(d);
    dump();
    return true;
}

enum status script_play(const char *path, const struct desk_options *options, struct diag *diag)
{
    enum { MOST = 1 << 20 };
    struct desk *d = NULL;
    unsigned char *bytes;
    size_t size;
    int number = 0;
    TRY(file_read(&bytes, &size, path, MOST, diag));
    enum status status = desk_open(&d, options, diag);
    for (char *line = (char *)bytes, *next; status == STATUS_OK && *line; line = next) {
        size_t n = strcspn(line, "\n");
        next = line + n + (line[n] != 0);
        line[n] = 0;
        number++;
        if (!play_line(d, line))
            status = diag_set(diag, STATUS_USAGE, "%s:%d: %s is not understood", path, number,
                              line);
    }
    desk_close(&d);
    mem_free(bytes);
    return status;
}

/* draw.c: see draw.h. */
#include "tui/view/draw.h"

#include <math.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

#include "engine/base/utf8.h"
#include "tui/term/text.h"

struct ink_style {
    attr_t attributes;
    short pair;
};

static struct ink_style ink_styles[INK_COUNT];
static int caret_y, caret_x;

/* Colours are the terminal's own, on its own background. On a light one cyan, green and yellow can
 * hardly be read: there they are dark ones of the 256 or, of 8 colours, others. */
static const struct {
    short colour, light, light_256; /* -1: the terminal's foreground */
    attr_t with_colour, without;
} plan[INK_COUNT] = {
    [INK_PLAIN] = {-1, -1, -1, A_NORMAL, A_NORMAL},
    [INK_DIM] = {-1, -1, -1, A_DIM, A_DIM},
    [INK_STRONG] = {-1, -1, -1, A_BOLD, A_BOLD},
    [INK_ACCENT] = {COLOR_CYAN, COLOR_BLUE, 24, A_BOLD, A_BOLD},
    [INK_GOOD] = {COLOR_GREEN, COLOR_BLUE, 22, A_NORMAL, A_BOLD},
    [INK_WARN] = {COLOR_YELLOW, COLOR_MAGENTA, 94, A_NORMAL, A_BOLD},
    [INK_BAD] = {COLOR_RED, COLOR_RED, 124, A_BOLD, A_REVERSE},
    [INK_LEVEL] = {COLOR_CYAN, COLOR_BLUE, 24, A_NORMAL, A_NORMAL},
    [INK_CURSOR] = {-1, -1, -1, A_REVERSE, A_REVERSE},
};

void draw_open(bool colour, bool light)
{
    colour = colour && has_colors();
    if (colour) {
        start_color();
        use_default_colors();
    }
    for (int i = 0; i < INK_COUNT; i++) {
        bool own = colour && plan[i].colour >= 0;
        if (own)
            init_pair((short)(i + 1), !light          ? plan[i].colour
                                      : COLORS >= 256 ? plan[i].light_256
                                                      : plan[i].light, -1);
        ink_styles[i].attributes = colour ? plan[i].with_colour : plan[i].without;
        ink_styles[i].pair = own ? (short)(i + 1) : 0;
    }
    leaveok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    idlok(stdscr, FALSE);
}

void draw_begin(void)
{
    attr_set(A_NORMAL, 0, NULL);
    erase();
    caret_y = -1;
}

/* Curses has the terminal scroll what has moved by some lines, whatever idlok says, and pixels
 * beside it would go along, unknown to whoever has to wipe them. It finds nothing moved where only
 * one line is new at a time. */
static void refresh_by_lines(void)
{
    untouchwin(stdscr);
    for (int y = 0; y < LINES; y++) {
        touchline(stdscr, y, 1);
        wnoutrefresh(stdscr);
        doupdate();
    }
}

void draw_end(bool pixels)
{
    curs_set(0);
    if (caret_y >= 0)
        mvchgat(caret_y, caret_x, 1, A_REVERSE, 0, NULL);
    move(caret_y >= 0 ? caret_y : 0, caret_y >= 0 ? caret_x : 0);
    if (pixels && !is_cleared(curscr))
        refresh_by_lines();
    else
        refresh();
}

void draw_caret(int y, int x)
{
    if (y >= 0 && y < LINES && x >= 0 && x < COLS) {
        caret_y = y;
        caret_x = x;
    }
}

int draw_text(int y, int x, int width, enum ink ink, const char *text)
{
    wchar_t buffer[1024];
    int n = 0, used = 0;
    if (x < 0 || y < 0 || y >= LINES || x >= COLS)
        return 0;
    if (width > COLS - x)
        width = COLS - x;
    for (const char *next = text; n < 1023; text = next) {
        unsigned code = text_next(&next);
        if (!code || used + text_width(code) > width)
            break;
        buffer[n++] = (wchar_t)code;
        used += text_width(code);
    }
    attr_set(ink_styles[ink].attributes, ink_styles[ink].pair, NULL);
    mvaddnwstr(y, x, buffer, n);
    return used;
}

int draw_format(int y, int x, int width, enum ink ink, const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return draw_text(y, x, width, ink, text);
}

int draw_right(int y, int x, int width, enum ink ink, const char *text)
{
    int columns = text_columns(text);
    if (columns > width)
        columns = width;
    return draw_text(y, x + width - columns, columns, ink, text);
}

int draw_name(int y, int x, int width, enum ink ink, const char *name)
{
    char fitted[4096];
    text_fit(fitted, sizeof fitted, name, width);
    return draw_text(y, x, width, ink, fitted);
}

int draw_path(int y, int x, int width, enum ink ink, const char *path)
{
    char fitted[4096];
    text_fit_end(fitted, sizeof fitted, path, width);
    return draw_text(y, x, width, ink, fitted);
}

int draw_sentence(int y, int x, int width, enum ink ink, const char *text)
{
    const struct rect line = {y, x, 1, width};
    return draw_wrapped(&line, ink, text);
}

int draw_wrapped(const struct rect *r, enum ink ink, const char *text)
{
    char whole[4096], line[4096];
    const char *at = whole;
    size_t skip;
    int lines = 0;
    if (r->width < 1)
        return 0;
    text_shorten(whole, sizeof whole, text, r->height * r->width);
    for (; lines + 1 < r->height && text_columns(at) > r->width; lines++) {
        size_t n = text_line(at, r->width, &skip);
        snprintf(line, sizeof line, "%.*s", (int)n, at);
        draw_text(r->y + lines, r->x, r->width, ink, line);
        at += n + skip;
    }
    if (*at && r->height > 0)
        draw_name(r->y + lines++, r->x, r->width, ink, at);
    return lines;
}

void draw_mark(int y, int x, enum ink ink, const char *utf8, char ascii)
{
    char plain[2] = {ascii, 0};
    draw_text(y, x, 2, ink, text_shows(utf8) ? utf8 : plain);
}

void draw_cursor_line(int y, int x, int width)
{
    if (y >= 0 && y < LINES && x >= 0 && x < COLS)
        mvchgat(y, x, width, ink_styles[INK_CURSOR].attributes, ink_styles[INK_CURSOR].pair, NULL);
}

/* Frames */

static void edge(const struct rect *r, int y, const char *ends, const char *ascii)
{
    const char *bar = text_shows("─") ? "─" : "-";
    bool lines = text_shows(ends);
    char mark[8];
    for (int x = r->x + 1; x < r->x + r->width - 1; x++)
        draw_text(y, x, 1, INK_DIM, bar);
    snprintf(mark, sizeof mark, "%.3s", lines ? ends : ascii);
    mark[lines ? 3 : 1] = 0;
    draw_text(y, r->x, 1, INK_DIM, mark);
    draw_text(y, r->x + r->width - 1, 1, INK_DIM, lines ? ends + 3 : ascii + 1);
}

void draw_title(const struct rect *r, int y, const char *title, bool focused)
{
    if (!title[0] || r->width < 8)
        return;
    int used = draw_text(y, r->x + 3, r->width - 6, focused ? INK_ACCENT : INK_PLAIN, title);
    draw_text(y, r->x + 2, 1, INK_PLAIN, " ");
    draw_text(y, r->x + 3 + used, 1, INK_PLAIN, " ");
}

void draw_frame(const struct rect *r, const char *title, bool focused)
{
    if (r->height < 2 || r->width < 2)
        return;
    for (int y = r->y + 1; y < r->y + r->height - 1; y++) {
        draw_mark(y, r->x, INK_DIM, "│", '|');
        draw_mark(y, r->x + r->width - 1, INK_DIM, "│", '|');
    }
    bool round = text_shows("╭╮╰╯");
    edge(r, r->y, round ? "╭╮" : "┌┐", "++");
    edge(r, r->y + r->height - 1, round ? "╰╯" : "└┘", "++");
    draw_title(r, r->y, title, focused);
}

void draw_edge(const struct rect *frame, int y, const char *title, bool focused)
{
    edge(frame, y, "├┤", "++");
    draw_title(frame, y, title, focused);
}

/* Levels */

static double bounded(double v)
{
    return v > 0.0 ? v < 1.0 ? v : 1.0 : 0.0;
}

void draw_progress(int y, int x, int width, double fraction, enum ink ink)
{
    int filled = (int)(bounded(fraction) * width + 0.5);
    for (int i = 0; i < width; i++)
        draw_mark(y, x + i, i < filled ? ink : INK_DIM, i < filled ? "━" : "─",
                  i < filled ? '=' : '-');
}

void draw_fader(int y, int x, int width, double fraction, enum ink ink)
{
    int knob = (int)(bounded(fraction) * (width - 1) + 0.5);
    draw_progress(y, x, width, (double)knob / width, ink);
    draw_mark(y, x + knob, ink == INK_DIM ? INK_DIM : INK_STRONG, text_shows("●") ? "●" : "◆", 'O');
}

void draw_bar(int y, int x, int width, double fraction, enum ink ink)
{
    static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    int filled = (int)(bounded(fraction) * width * 8 + 0.5);
    bool fine = text_shows("█");
    for (int i = 0; i < width; i++) {
        int part = filled - 8 * i;
        part = part < 0 ? 0 : part > 8 ? 8 : part;
        draw_mark(y, x + i, ink, fine ? eighths[part] : part >= 4 ? "▒" : " ",
                  part >= 4 ? '#' : part > 0 ? '.' : ' ');
    }
}

/* The dot of column `column` of `columns`, counted from below, or -1. */
static int dot_at(const float *values, int count, int column, int columns, int dots)
{
    double at = columns > 1 ? (double)column * (count - 1) / (columns - 1) : 0.0;
    int before = (int)at, after = before + 1 < count ? before + 1 : before;
    double v = values[before] + (at - before) * (values[after] - values[before]);
    return isfinite(v) ? (int)(bounded(v) * (dots - 1) + 0.5) : -1;
}

static bool dot_is_set(const float *values, int count, int column, int columns, int dots, int dot)
{
    int here = dot_at(values, count, column, columns, dots);
    if (here < 0 || dots <= 4)
        return dot <= here;
    int before = column > 0 ? dot_at(values, count, column - 1, columns, dots) : here;
    if (before < 0 || before == here)
        return dot == here;
    return before < here ? dot > before && dot <= here : dot >= here && dot < before;
}

/* Where there is no braille: the five lines of a VT100. */
static void draw_lines(const struct rect *r, const float *values, int count, enum ink ink)
{
    static const char *const heights[] = {"⎽", "⎼", "─", "⎻", "⎺"};
    for (int x = 0; x < r->width; x++) {
        int dot = dot_at(values, count, x, r->width, 5 * r->height);
        if (dot >= 0)
            draw_mark(r->y + r->height - 1 - dot / 5, r->x + x, ink, heights[dot % 5], '-');
    }
}

void draw_curve(const struct rect *r, const float *values, int count, enum ink ink)
{
    static const unsigned char bits[2][4] = {{0x40, 4, 2, 1}, {0x80, 0x20, 0x10, 8}};
    int dots = 4 * r->height, columns = 2 * r->width;
    if (count < 1)
        return;
    if (!text_shows("⣿") && text_shows("⎺")) {
        draw_lines(r, values, count, ink);
        return;
    }
    for (int y = 0; y < r->height; y++)
        for (int x = 0; x < r->width; x++) {
            unsigned mask = 0;
            int high = 0;
            for (int i = 0; i < 8; i++) {
                int dot = 4 * (r->height - 1 - y) + i % 4;
                if (dot_is_set(values, count, 2 * x + i / 4, columns, dots, dot)) {
                    mask |= bits[i / 4][i % 4];
                    high = i % 4 > high ? i % 4 : high;
                }
            }
            if (!mask)
                continue;
            char braille[UTF8_SIZE];
            utf8_write(braille, 0x2800u + (unsigned)mask);
            draw_mark(r->y + y, r->x + x, ink, braille,
                      dots > 4 ? '*' : "_.-^"[high]);
        }
}

/* Pictures */

enum cells_colours draw_colours(void)
{
    return ink_styles[INK_ACCENT].pair ? cells_colours(COLORS) : CELLS_MONO;
}

/* The number of the pair of two colours, either of which may be in front: the terminal has few
 * pairs, and a cell can be shown in reverse. 0: it has too few. */
static int pair_of(int fore, int back, bool *reverse)
{
    static bool made[1 << 15];
    const int unused = COLORS == 256 ? 16 : 0; /* the first that pictures do not use */
    int low = fore < back ? fore : back, high = fore < back ? back : fore;
    int i = high < unused ? 0 : high - unused + 1, k = low < unused ? 0 : low - unused + 1;
    int pair = INK_COUNT + 1 + k + i * (i + 1) / 2;
    *reverse = fore < back;
    if (pair >= COLOR_PAIRS || pair >= (int)sizeof made)
        return 0;
    if (!made[pair])
        init_extended_pair(pair, high, low);
    made[pair] = true;
    return pair;
}

void draw_cells(const struct rect *r, const struct cell *cells)
{
    for (int y = r->y; y < r->y + r->height; y++)
        for (int x = r->x; x < r->x + r->width; x++, cells++) {
            wchar_t mark[2] = {(wchar_t)cells->character, 0};
            bool reverse = false;
            int pair = 0;
            cchar_t cell;
            if (y < 0 || y >= LINES || x < 0 || x >= COLS)
                continue;
            if (COLORS > 256)
                pair = alloc_pair(cells->fore, cells->back);
            else if (ink_styles[INK_ACCENT].pair)
                pair = pair_of(cells->fore, cells->back, &reverse);
            setcchar(&cell, mark, reverse ? A_REVERSE : A_NORMAL, 0, pair > 0 ? &pair : NULL);
            mvadd_wch(y, x, &cell);
        }
}

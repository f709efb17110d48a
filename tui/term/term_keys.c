/*
 * term_keys.c: see term.h: what is typed, pasted and pointed at, one event at a time. Reports of
 * the mouse, of the focus and of a paste come through the keys in one form (replies.h).
 */
#include <ncurses.h>

#include "engine/base/clock.h"
#include "tui/term/keycodes.h"
#include "tui/term/term_private.h"

enum { KEY_REPORT = KEY_MAX + 1 };

static const double double_click = 0.4; /* seconds between its two presses */

static const struct tty *tty;
static WINDOW *input; /* a pad: reading a key from a window would draw it */
static struct pointer last; /* the press before, or what is held now */
static double pressed;      /* when */
static bool held;

void term_keys_open(const struct tty *from)
{
    tty = from;
    input = newpad(1, 1);
    keypad(input, TRUE);
    nodelay(input, TRUE);
    define_key("\033[<", KEY_REPORT);
}

static void take_press(struct pointer *p)
{
    double now = clock_now();
    bool again = last.y == p->y && last.x == p->x && now - pressed < double_click;
    p->kind = POINTER_PRESS;
    p->clicks = again ? last.clicks % 2 + 1 : 1;
    last = *p;
    pressed = now;
    held = true;
}

/* Of the left button and the wheel only; false for anything else that moves or is pressed. */
static bool take_mouse(struct pointer *p, int button, bool down)
{
    enum { MOVED = 32, WHEEL = 64, BUTTONS = 128 + 64 + 3 };
    int which = button & BUTTONS;
    p->from_y = held ? last.y : p->y;
    p->from_x = held ? last.x : p->x;
    if ((which == WHEEL || which == WHEEL + 1) && down) {
        p->kind = POINTER_WHEEL;
        p->wheel = which == WHEEL ? -1 : 1;
        return true;
    }
    if (!down || which == 3) { /* the old form does not say of which button */
        p->kind = POINTER_RELEASE;
        bool ours = held;
        held = false;
        return ours && !(button & MOVED);
    }
    if (which != 0)
        return false;
    if (!(button & MOVED))
        take_press(p);
    else if (held)
        p->kind = POINTER_DRAG;
    return held;
}

/* The rest of a report, which is there as a whole: button ; column ; row M. The code of its key, or
 * 0. */
static int take_report(struct pointer *p)
{
    int v[3] = {0}, i = 0;
    wint_t c;
    while (wget_wch(input, &c) == OK && c != 'M' && c != 'm') {
        if (c == ';' && i < 2)
            i++;
        else if (c >= '0' && c <= '9' && v[i] < 10000)
            v[i] = 10 * v[i] + (int)(c - '0');
    }
    if (v[0] == REPLIES_PASTED)
        return KEYCODE_PASTE;
    if (v[0] == REPLIES_FOCUS_IN || v[0] == REPLIES_FOCUS_OUT)
        return v[0] == REPLIES_FOCUS_IN ? KEYCODE_FOCUS_IN : KEYCODE_FOCUS_OUT;
    *p = (struct pointer){.y = v[2] - 1, .x = v[1] - 1};
    return take_mouse(p, v[0], c == 'M') ? KEYCODE_MOUSE : 0;
}

int term_key(struct pointer *pointer)
{
    static const struct {
        int curses, code;
    } table[] = {
        {KEY_UP, KEYCODE_UP}, {KEY_DOWN, KEYCODE_DOWN}, {KEY_LEFT, KEYCODE_LEFT},
        {KEY_RIGHT, KEYCODE_RIGHT}, {KEY_SLEFT, KEYCODE_SHIFT_LEFT},
        {KEY_SRIGHT, KEYCODE_SHIFT_RIGHT}, {KEY_PPAGE, KEYCODE_PAGE_UP},
        {KEY_NPAGE, KEYCODE_PAGE_DOWN}, {KEY_HOME, KEYCODE_HOME}, {KEY_END, KEYCODE_END},
        {KEY_DC, KEYCODE_DELETE}, {KEY_BACKSPACE, KEYCODE_BACKSPACE}, {KEY_BTAB, KEYCODE_SHIFT_TAB},
        {KEY_IC, KEYCODE_INSERT},
        {KEY_ENTER, KEYCODE_ENTER}, {KEY_F(1), KEYCODE_F1}, {KEY_RESIZE, KEYCODE_RESIZE},
    };
    wint_t key;
    int kind;
    while ((kind = wget_wch(input, &key)) != ERR) {
        if (kind != KEY_CODE_YES)
            return key == '\n'                ? KEYCODE_ENTER
                   : key == 127 || key == 8 ? KEYCODE_BACKSPACE
                   : key == 0               ? KEYCODE_CTRL_SPACE
                                            : (int)key;
        int code = key == KEY_REPORT ? take_report(pointer) : 0;
        if (code)
            return code;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            if ((int)key == table[i].curses)
                return table[i].code;
    }
    return 0;
}

const char *term_pasted(void)
{
    return tty ? tty_pasted(tty) : "";
}

/*
 * keycodes.h: what the terminal module calls the keys that are no characters.
 */
#ifndef STRATA_KEYCODES_H
#define STRATA_KEYCODES_H

/* A key: a Unicode code point, a control character by its code (Ctrl-A is 1), or one of these. */
enum {
    KEYCODE_TAB = 9,
    KEYCODE_ENTER = 13,
    KEYCODE_ESC = 27,
    KEYCODE_SPECIAL = 0x110000,
    KEYCODE_UP = KEYCODE_SPECIAL,
    KEYCODE_DOWN,
    KEYCODE_LEFT,
    KEYCODE_RIGHT,
    KEYCODE_SHIFT_LEFT,
    KEYCODE_SHIFT_RIGHT,
    KEYCODE_PAGE_UP,
    KEYCODE_PAGE_DOWN,
    KEYCODE_HOME,
    KEYCODE_END,
    KEYCODE_DELETE,
    KEYCODE_BACKSPACE,
    KEYCODE_SHIFT_TAB,
    KEYCODE_INSERT,
    KEYCODE_CTRL_SPACE,
    KEYCODE_F1,
    KEYCODE_MOUSE,
    KEYCODE_PASTE, /* text was pasted */
    KEYCODE_FOCUS_IN,
    KEYCODE_FOCUS_OUT, /* the terminal's window got the keys, or lost them */
    KEYCODE_RESIZE
};

#endif

/*
 * pointer.h: what the mouse does, in cells. Plain data.
 */
#ifndef STRATA_POINTER_H
#define STRATA_POINTER_H

enum pointer_kind { POINTER_PRESS, POINTER_DRAG, POINTER_RELEASE, POINTER_WHEEL };

struct pointer {
    enum pointer_kind kind;
    int y, x;
    int wheel;          /* WHEEL: lines, -1 up, 1 down; else 0 */
    int clicks;         /* PRESS: 2 for the second at one place within a moment; else 1 */
    int from_y, from_x; /* DRAG, RELEASE: where the button went down; else y, x */
};

#endif

/* graphics.c: see graphics.h. */
#include "tui/pixels/graphics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tui/term/environment.h"
#include "tui/term/terminfo.h"
#include "tui/term/text.h"

#undef columns /* a macro of term.h */

/* VT340's cell, and Windows Terminal's for sixel whatever its font. */
enum { STANDARD_WIDTH = 10, STANDARD_HEIGHT = 20 };
enum { FEWEST_REGISTERS = 16, MOST_REGISTERS = 256 };

static const char *const words[] = {
#define X(name, word) [GRAPHICS_##name] = word,
    GRAPHICS_LIST(X)
#undef X
        [GRAPHICS_AUTO] = "auto",
};

const char *graphics_word(enum graphics_kind kind)
{
    return words[kind];
}

enum status graphics_parse(enum graphics_kind *out, const char *word, struct diag *diag)
{
    for (int i = 0; i <= GRAPHICS_AUTO; i++)
        if (strcmp(words[i], word) == 0) {
            *out = (enum graphics_kind)i;
            return STATUS_OK;
        }
    return diag_set(diag, STATUS_USAGE, "%s is none of auto, sixel, kitty, cells, ascii and none",
                    word);
}

static enum cells_colours read_colours(void)
{
    const char *more = environment_get("COLORTERM"), *none = environment_get("NO_COLOR");
    if ((none && *none) || terminfo_colours() < 8)
        return CELLS_MONO;
    if (more && (strcmp(more, "truecolor") == 0 || strcmp(more, "24bit") == 0))
        return CELLS_TRUE;
    return cells_colours(terminfo_colours());
}

struct graphics_environment graphics_environment_read(int fd)
{
    struct graphics_environment around = {
        .term = environment_get("TERM"),
        .tmux = environment_get("TMUX"),
        .sty = environment_get("STY"),
        .utf8 = text_utf8(),
        .colours = read_colours(),
    };
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
        around.rows = size.ws_row;
        around.columns = size.ws_col;
        around.pixel_width = size.ws_xpixel;
        around.pixel_height = size.ws_ypixel;
    }
    return around;
}

/* Does the window's size in pixels make sense? Some servers always say 640×480, some leave junk. */
static bool plausible(int width, int height)
{
    return width >= 4 && width <= 64 && height >= 6 && height <= 128 && height >= width &&
           height <= 4 * width;
}

static void decide_cell(struct graphics *g, const struct answers *answers,
                        const struct graphics_environment *around)
{
    if (answers->cell_width >= 2 && answers->cell_width <= 256 && answers->cell_height >= 4 &&
        answers->cell_height <= 256) {
        g->cell_width = answers->cell_width;
        g->cell_height = answers->cell_height;
        snprintf(g->why_cell, sizeof g->why_cell, "the terminal said so (CSI 16 t)");
        return;
    }
    int width = around->columns > 0 ? around->pixel_width / around->columns : 0;
    int height = around->rows > 0 ? around->pixel_height / around->rows : 0;
    bool invented = around->pixel_width == 640 && around->pixel_height == 480;
    if (plausible(width, height) && !invented) {
        g->cell_width = width;
        g->cell_height = height;
        snprintf(g->why_cell, sizeof g->why_cell, "from the window's size in pixels, %d×%d",
                 around->pixel_width, around->pixel_height);
        return;
    }
    g->cell_width = STANDARD_WIDTH;
    g->cell_height = STANDARD_HEIGHT;
    snprintf(g->why_cell, sizeof g->why_cell, "assumed: the terminal does not say (window %d×%d)",
             around->pixel_width, around->pixel_height);
}

static bool dumb(const char *term)
{
    return !term || !*term || strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0;
}

/* The best kind that everything known allows, and the reason. */
static enum graphics_kind best(char *why, size_t size, const struct answers *answers,
                               const struct graphics_environment *around)
{
    const char *silence = answers->attributes ? "it reports no attribute 4" : "it did not answer";
    /* zellij has kitty's protocol for terminals without sixel: where it answers for both, that one
     * is drawn in more of them. */
    bool zellij = strncmp(answers->name, "Zellij", 6) == 0;
    if (zellij && answers->kitty) {
        snprintf(why, size, "%s answered kitty's query", answers->name);
        return GRAPHICS_KITTY;
    }
    if (answers->sixel) {
        snprintf(why, size, "it reports attribute 4 (%s)", answers->da1);
        return GRAPHICS_SIXEL;
    }
    if (answers->kitty) {
        snprintf(why, size, "it answered kitty's query, and %s (%s)", silence, answers->da1);
        return GRAPHICS_KITTY;
    }
    if (dumb(around->term)) {
        snprintf(why, size, "TERM is %s", around->term && *around->term ? around->term : "not set");
        return GRAPHICS_ASCII;
    }
    if (!around->utf8) {
        snprintf(why, size, "the locale is not UTF-8, and %s", silence);
        return GRAPHICS_ASCII;
    }
    if (answers->attributes)
        snprintf(why, size, "%s (%s), nor kitty's protocol", silence, answers->da1);
    else
        snprintf(why, size, "%s", silence);
    return GRAPHICS_CELLS;
}

struct graphics graphics_decide(enum graphics_kind wanted, const struct answers *answers,
                                const struct graphics_environment *around)
{
    struct graphics g = {.rows = around->rows,
                         .columns = around->columns,
                         .synchronised = answers->synchronised,
                         .answers = answers->attributes};
    decide_cell(&g, answers, around);
    g.registers = answers->registers >= FEWEST_REGISTERS ? answers->registers : MOST_REGISTERS;
    if (g.registers > MOST_REGISTERS)
        g.registers = MOST_REGISTERS;
    g.kind = wanted == GRAPHICS_AUTO ? best(g.why, sizeof g.why, answers, around) : wanted;
    if (wanted != GRAPHICS_AUTO)
        snprintf(g.why, sizeof g.why, "--graphics %s", graphics_word(wanted));
    if (g.kind == GRAPHICS_CELLS && !around->utf8) {
        g.kind = GRAPHICS_ASCII;
        snprintf(g.why, sizeof g.why, "the locale is not UTF-8");
    }
    return g;
}

/* sheet.c: see sheet.h. Owns where boxes and words go, and the letters. */
#include "engine/image/sheet.h"

#include <math.h>
#include <string.h>

#include "engine/base/mem.h"
#include "engine/base/utf8.h"

/* A sheet is held whole. */
static const double most_pixels = 1 << 27;

enum { GLYPH_WIDTH = 5, GLYPH_HEIGHT = 9, PER_BAND = 12, FIRST = ' ', LAST = '~' };
enum { SCALE = 2, GAP = 12 };
enum { ADVANCE = (GLYPH_WIDTH + 1) * SCALE, LINE = (GLYPH_HEIGHT + 2) * SCALE };

/* From ' ' to '~', twelve in a band, nine rows each; the last two go below the line. */
static const char *const glyphs[] = {
    "        #    # #   # #    #   ##  #  ##     #      #   #               ",
    "        #    # #   # #   #### ##  # #  #    #     #     #     #     #  ",
    "        #    # #  ##### # #      #  #  #    #    #       #  # # #   #  ",
    "        #          # #   ###    #    ##          #       #   ###  #####",
    "        #         #####   # #  #    # # #        #       #  # # #   #  ",
    "                   # #  ####  #  ## #  #          #     #     #     #  ",
    "        #          # #    #   #  ##  ## #          #   #               ",
    "                                                                       ",
    "                                                                       ",
    "                      #  ###    #    ###  ####     #  #####  ###  #####",
    "                     #  #   #  ##   #   #     #   ##  #     #         #",
    "                     #  #  ##   #       #     #  # #  ####  #        # ",
    "       ###          #   # # #   #      #   ###  #  #      # ####    #  ",
    "                   #    ##  #   #     #       # #####     # #   #   #  ",
    "  #          ##    #    #   #   #    #        #    #  #   # #   #  #   ",
    "  #          ##   #      ###   ###  ##### ####     #   ###   ###   #   ",
    " #                                                                     ",
    "                                                                       ",
    " ###   ###                 #         #     ###   ###   ###  ####   ### ",
    "#   # #   #               #           #   #   # #   # #   # #   # #   #",
    "#   # #   #  ##    ##    #    #####    #      # # ### #   # #   # #    ",
    " ###   ####  ##    ##   #               #    #  # # # ##### ####  #    ",
    "#   #     #              #    #####    #    #   # ### #   # #   # #    ",
    "#   #     #  ##    ##     #           #         #     #   # #   # #   #",
    " ###   ###   ##    ##      #         #      #    #### #   # ####   ### ",
    "                    #                                                  ",
    "                   #                                                   ",
    "####  ##### #####  ###  #   #  ###    ### #   # #     #   # #   #  ### ",
    "#   # #     #     #   # #   #   #      #  #  #  #     ## ## ##  # #   #",
    "#   # #     #     #     #   #   #      #  # #   #     # # # ##  # #   #",
    "#   # ####  ####  #  ## #####   #      #  ##    #     # # # # # # #   #",
    "#   # #     #     #   # #   #   #      #  # #   #     #   # #  ## #   #",
    "#   # #     #     #   # #   #   #   #  #  #  #  #     #   # #  ## #   #",
    "####  ##### #      #### #   #  ###   ##   #   # ##### #   # #   #  ### ",
    "                                                                       ",
    "                                                                       ",
    "####   ###  ####   #### ##### #   # #   # #   # #   # #   # #####  ### ",
    "#   # #   # #   # #       #   #   # #   # #   # #   # #   #     #  #   ",
    "#   # #   # #   # #       #   #   # #   # #   #  # #   # #     #   #   ",
    "####  #   # ####   ###    #   #   # #   # # # #   #     #     #    #   ",
    "#     # # # # #       #   #   #   #  # #  # # #  # #    #    #     #   ",
    "#     #  #  #  #      #   #   #   #  # #  ## ## #   #   #   #      #   ",
    "#      ## # #   # ####    #    ###    #   #   # #   #   #   #####  ### ",
    "                                                                       ",
    "                                                                       ",
    "#      ###    #          #          #               #         ##       ",
    " #       #   # #          #         #               #        #         ",
    " #       #  #   #              ###  ####   ###   ####  ###  ####   ####",
    "  #      #                        # #   # #     #   # #   #  #    #   #",
    "   #     #                     #### #   # #     #   # #####  #    #   #",
    "   #     #                    #   # #   # #     #   # #      #    #   #",
    "    #  ###                     #### ####   ###   ####  ###   #     ####",
    "                  #####                                               #",
    "                                                                   ### ",
    "#       #      #  #      ##                                            ",
    "#                 #       #                                            ",
    "####   ##     ##  #  #    #   ## #  ####   ###  ####   #### # ##   ####",
    "#   #   #      #  # #     #   # # # #   # #   # #   # #   # ##    #    ",
    "#   #   #      #  ##      #   # # # #   # #   # #   # #   # #      ### ",
    "#   #   #      #  # #     #   # # # #   # #   # #   # #   # #         #",
    "#   #  ###     #  #  #   ###  # # # #   #  ###  ####   #### #     #### ",
    "            #  #                                #         #            ",
    "             ##                                 #         #            ",
    " #                                           #    #    #               ",
    " #                                          #     #     #              ",
    "####  #   # #   # #   # #   # #   # #####   #     #     #    #         ",
    " #    #   # #   # #   #  # #  #   #    #   #      #      #  # # #      ",
    " #    #   #  # #  # # #   #   #   #   #     #     #     #      #       ",
    " #    #   #  # #  # # #  # #  #   #  #      #     #     #              ",
    "  ##   ####   #    # #  #   #  #### #####    #    #    #               ",
    "                                  #                                    ",
    "                               ###                                     ",
};

struct sheet {
    struct sheet_spec spec;
    int rows, left, top; /* top left corner of the first box */
    int width, height;
    unsigned char *rgb; /* [height][width][3] */
};

/* ---- words -------------------------------------------------------------------------------- */

static void fill(struct sheet *s, int left, int top, int width, int height, unsigned char grey)
{
    for (int y = top; y < top + height; y++)
        memset(s->rgb + 3 * ((size_t)y * (size_t)s->width + (size_t)left), grey, 3 * (size_t)width);
}

static void put_letter(struct sheet *s, int left, int top, unsigned code)
{
    int place = (code < FIRST || code > LAST ? '?' : (int)code) - FIRST;
    const char *const *rows = &glyphs[place / PER_BAND * GLYPH_HEIGHT];
    int column = place % PER_BAND * (GLYPH_WIDTH + 1);
    for (int y = 0; y < GLYPH_HEIGHT; y++)
        for (int x = 0; x < GLYPH_WIDTH; x++)
            if (rows[y][column + x] != ' ')
                fill(s, left + x * SCALE, top + y * SCALE, SCALE, SCALE, 0);
}

/* How many bytes of text go into a line of so many letters: up to a blank or behind a comma where
 * there is one. *letters: how many these are; *next: where the line after begins. */
static const char *break_line(const char *text, int most, int *letters, const char **next)
{
    const char *end = text, *wish = NULL, *wish_next = NULL;
    int length, count = 0, wish_letters = 0;
    for (; *end && count < most; end += length, count++) {
        utf8_read(end, &length);
        if (count > 0 && (*end == ' ' || end[-1] == ',')) {
            wish = end;
            wish_next = *end == ' ' ? end + 1 : end;
            wish_letters = count;
        }
    }
    *letters = count;
    *next = *end == ' ' ? end + 1 : end;
    if (!*end || *end == ' ' || !wish)
        return end;
    *letters = wish_letters;
    *next = wish_next;
    return wish;
}

static int letters_in(int width)
{
    return width < ADVANCE ? 1 : width / ADVANCE;
}

int sheet_lines(const char *text, int width)
{
    int lines = 0, letters;
    for (; *text; lines++)
        break_line(text, letters_in(width), &letters, &text);
    return lines;
}

/* Within width, at most so many lines, each in its middle. */
static void put_text(struct sheet *s, int left, int top, int width, int lines, const char *text)
{
    for (int i = 0; i < lines && *text; i++) {
        int letters, length;
        const char *next, *end = break_line(text, letters_in(width), &letters, &next);
        int x = left + (width - letters * ADVANCE + SCALE) / 2;
        for (x = x < left ? left : x; text < end; text += length, x += ADVANCE)
            put_letter(s, x, top + i * LINE, utf8_read(text, &length));
        text = next;
    }
}

/* ---- the sheet ---------------------------------------------------------------------------- */

static int row_height(const struct sheet *s)
{
    return s->spec.height + (s->spec.lines ? s->spec.lines * LINE + SCALE : 0) + GAP;
}

/* Room for the longest heading of a row, as far as it is no wider than a box. */
static int headings_width(const struct sheet *s)
{
    int most = 0;
    for (int i = 0; s->spec.row && i < s->rows; i++) {
        int letters = 0, length;
        for (const char *c = s->spec.row[i]; *c; c += length, letters++)
            utf8_read(c, &length);
        most = letters > most ? letters : most;
    }
    int width = most * ADVANCE + GAP;
    return !s->spec.row ? 0 : width < s->spec.width ? width : s->spec.width;
}

static int headings_lines(const struct sheet *s)
{
    int most = 0;
    for (int i = 0; s->spec.column && i < s->spec.columns; i++) {
        int lines = sheet_lines(s->spec.column[i], s->spec.width);
        most = lines > most ? lines : most;
    }
    return most;
}

static void put_headings(struct sheet *s, int lines)
{
    const struct sheet_spec *spec = &s->spec;
    if (spec->title)
        put_text(s, GAP, GAP, s->width - 2 * GAP, 1, spec->title);
    for (int i = 0; spec->column && i < spec->columns; i++)
        put_text(s, s->left + i * (spec->width + GAP), s->top - lines * LINE, spec->width, lines,
                 spec->column[i]);
    for (int i = 0; spec->row && i < s->rows; i++) {
        int width = s->left - 2 * GAP, tall = sheet_lines(spec->row[i], width);
        int top = s->top + i * row_height(s) + (spec->height - tall * LINE) / 2;
        put_text(s, GAP, top < s->top ? s->top : top, width, spec->height / LINE, spec->row[i]);
    }
}

enum status sheet_open(struct sheet **out, const struct sheet_spec *spec, struct diag *diag)
{
    struct sheet *s = mem_new(sizeof *s);
    s->spec = *spec;
    s->rows = (spec->count + spec->columns - 1) / spec->columns;
    int headings = headings_width(s), lines = headings_lines(s);
    s->left = GAP + (headings ? headings + GAP : 0);
    s->top = GAP + (spec->title ? LINE + GAP : 0) + lines * LINE;
    double width = s->left + spec->columns * (spec->width + (double)GAP);
    double height = s->top + s->rows * (double)row_height(s);
    enum status status = STATUS_OK;
    if (width * height > most_pixels)
        status = diag_set(diag, STATUS_RANGE, "a sheet of %.0f×%.0f pixels is too large", width,
                          height);
    s->width = (int)fmin(width, 1e9);
    s->height = (int)fmin(height, 1e9);
    if (status == STATUS_OK)
        status = mem_big(&s->rgb, mem_product(3, (size_t)s->width, (size_t)s->height),
                         "the contact sheet", diag);
    if (status != STATUS_OK) {
        sheet_close(&s);
        return status;
    }
    fill(s, 0, 0, s->width, s->height, 255);
    put_headings(s, lines);
    *out = s;
    return STATUS_OK;
}

void sheet_close(struct sheet **sheet)
{
    if (!*sheet)
        return;
    mem_free((*sheet)->rgb);
    mem_free(*sheet);
    *sheet = NULL;
}

static void put_picture(struct sheet *s, int left, int top, const struct image *picture)
{
    size_t plane = (size_t)picture->width * (size_t)picture->height;
    left += (s->spec.width - picture->width) / 2;
    top += (s->spec.height - picture->height) / 2;
    for (size_t i = 0; i < plane; i++) {
        size_t y = (size_t)top + i / (size_t)picture->width;
        size_t x = (size_t)left + i % (size_t)picture->width;
        for (size_t c = 0; c < 3; c++)
            s->rgb[3 * (y * (size_t)s->width + x) + c] =
                (unsigned char)lrintf(fminf(fmaxf(picture->rgb[c * plane + i], 0.0f), 255.0f));
    }
}

void sheet_put(struct sheet *s, int box, const struct image *picture, const char *caption,
               const char *why)
{
    const struct sheet_spec *spec = &s->spec;
    int left = s->left + box % spec->columns * (spec->width + GAP);
    int top = s->top + box / spec->columns * row_height(s);
    if (picture) {
        put_picture(s, left, top, picture);
    } else {
        int most = (spec->height - GAP) / LINE, lines = sheet_lines(why, spec->width - GAP);
        lines = lines < most ? lines : most;
        fill(s, left, top, spec->width, spec->height, 208);
        put_text(s, left + GAP / 2, top + (spec->height - lines * LINE) / 2, spec->width - GAP,
                 lines, why);
    }
    put_text(s, left, top + spec->height + SCALE, spec->width, spec->lines, caption);
}

enum status sheet_write(const struct sheet *s, const char *path, struct diag *diag)
{
    unsigned char *bytes;
    size_t size;
    TRY(image_png_bytes(&bytes, &size, s->rgb, s->width, s->height, diag));
    enum status status = file_write(path, bytes, size, FILE_OVERWRITE, diag);
    mem_free(bytes);
    return status;
}

enum status sheet_read(struct image *out, const char *path, int width, int height,
                       struct diag *diag)
{
    struct image_head head;
    struct image_part part;
    TRY(image_inspect(&head, path, diag));
    double scale = fmin(1.0, fmin((double)width / head.width, (double)height / head.height));
    struct image_request request = {.to_width = (int)fmax(1.0, floor(head.width * scale)),
                                    .to_height = (int)fmax(1.0, floor(head.height * scale))};
    TRY(image_read_part(&part, path, &head, &request, diag));
    enum status status =
        image_part_resize(out, &part, request.to_width, request.to_height, diag);
    image_clear(&part.image);
    return status;
}

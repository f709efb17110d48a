/* cells.c: see cells.h. */
#include "tui/pixels/cells.h"

#include <chafa.h>
#include <string.h>

#include "engine/base/mem.h"
#include "tui/term/text.h"

static const ChafaCanvasMode modes[] = {
    [CELLS_MONO] = CHAFA_CANVAS_MODE_FGBG,      [CELLS_8] = CHAFA_CANVAS_MODE_INDEXED_8,
    [CELLS_16] = CHAFA_CANVAS_MODE_INDEXED_16,  [CELLS_256] = CHAFA_CANVAS_MODE_INDEXED_240,
    [CELLS_TRUE] = CHAFA_CANVAS_MODE_TRUECOLOR,
};

/* Quadrants are worth it only where there are colours enough for their edges, and where the font
 * has them. */
static ChafaSymbolMap *symbol_map(enum cells_colours colours, bool ascii)
{
    ChafaSymbolTags tags = CHAFA_SYMBOL_TAG_SPACE;
    if (ascii)
        tags |= CHAFA_SYMBOL_TAG_ASCII;
    else
        tags |= CHAFA_SYMBOL_TAG_SOLID | CHAFA_SYMBOL_TAG_HALF;
    if (!ascii && colours >= CELLS_256 && text_shows("▚"))
        tags |= CHAFA_SYMBOL_TAG_QUAD;
    ChafaSymbolMap *map = chafa_symbol_map_new();
    chafa_symbol_map_add_by_tags(map, tags);
    return map;
}

static ChafaCanvas *new_canvas(int columns, int rows, enum cells_colours colours, bool ascii)
{
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    ChafaSymbolMap *map = symbol_map(colours, ascii);
    chafa_canvas_config_set_geometry(config, columns, rows);
    chafa_canvas_config_set_canvas_mode(config, modes[colours]);
    chafa_canvas_config_set_symbol_map(config, map);
    chafa_canvas_config_set_fg_only_enabled(config, ascii);
    chafa_canvas_config_set_dither_mode(config, colours < CELLS_TRUE ? CHAFA_DITHER_MODE_ORDERED
                                                                     : CHAFA_DITHER_MODE_NONE);
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_symbol_map_unref(map);
    chafa_canvas_config_unref(config);
    return canvas;
}

/* libchafa (1.12) slants pictures whose rows are no multiple of four bytes. */
static unsigned char *add_alpha(const unsigned char *rgb, int width, int height)
{
    size_t n = (size_t)width * (size_t)height;
    unsigned char *rgba = mem_new(4 * n);
    for (size_t i = 0; i < n; i++) {
        memcpy(rgba + 4 * i, rgb + 3 * i, 3);
        rgba[4 * i + 3] = 255;
    }
    return rgba;
}

void cells_draw(struct cell *out, int columns, int rows, enum cells_colours colours, bool ascii,
                const unsigned char *rgb, int width, int height)
{
    chafa_set_n_threads(1); /* the others compute */
    ChafaCanvas *canvas = new_canvas(columns, rows, colours, ascii);
    unsigned char *rgba = add_alpha(rgb, width, height);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, rgba, width, height,
                                 4 * width);
    mem_free(rgba);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++, out++) {
            gint fore, back;
            chafa_canvas_get_raw_colors_at(canvas, x, y, &fore, &back);
            *out = (struct cell){chafa_canvas_get_char_at(canvas, x, y), fore, back};
            if (colours == CELLS_MONO)
                out->fore = out->back = CELL_DEFAULT;
            if (out->character == 0)
                out->character = ' ';
        }
    chafa_canvas_unref(canvas);
}

enum cells_colours cells_colours(int colours)
{
    return colours > 256    ? CELLS_TRUE
           : colours == 256 ? CELLS_256
           : colours >= 16  ? CELLS_16
           : colours >= 8   ? CELLS_8
                            : CELLS_MONO;
}

int cells_cost(enum cells_colours colours)
{
    static const int bytes[] = {
        [CELLS_MONO] = 2, [CELLS_8] = 8, [CELLS_16] = 8, [CELLS_256] = 18, [CELLS_TRUE] = 36};
    return bytes[colours];
}

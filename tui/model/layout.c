/* layout.c: see layout.h. */
#include "tui/model/layout.h"

enum { LAYERS = 5, LOSS_MIN = 5, RUN_ROWS = 3, ONE_COLUMN = 72, COLUMN_MIN = 46, PICTURE_MIN = 26 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* Panes of the given heights, one below the other in a frame; those of height 0 have no border. */
static void stack(struct layout *l, const struct rect *frame, const enum pane *panes,
                  const int *heights, int count)
{
    int y = frame->y + 1;
    for (int i = 0; i < count; i++)
        if (heights[i] > 0) {
            l->pane[panes[i]] = (struct rect){y, frame->x + 2, heights[i], frame->width - 4};
            y += heights[i] + 1;
        }
}

/* Layers, job and loss share the left column; the loss curves leave first, then the job. */
static void left_column(struct layout *l, enum pane focus, int settings, int wanted)
{
    static const enum pane panes[] = {PANE_LAYERS, PANE_JOB, PANE_LOSS};
    int space = l->frame[0].height - 4, job = 2, loss = LOSS_MIN;
    bool job_focus = focus == PANE_JOB, loss_focus = focus == PANE_LOSS;
    l->layer_rows = space >= LAYERS * 4 + 24 ? 4 : space >= LAYERS * 3 + 16 ? 3 : 2;
    while (l->layer_rows > 1 &&
           space < LAYERS * l->layer_rows + job + loss + 3 * job_focus + 3 * loss_focus)
        l->layer_rows--;
    space -= LAYERS * l->layer_rows;
    if (space < job + loss) {
        job = job_focus ? space + 1 : 0;
        loss = job_focus ? 0 : space + 1;
    } else if (space < 12) {
        job = job_focus ? space - loss : job;
        loss = space - job;
    } else {
        job = least(settings, space - most(loss, space < 24 ? space * 6 / 10 : space * 45 / 100));
        loss = space - job;
        if (wanted > 0) {
            loss = most(LOSS_MIN, least(wanted, space - 2));
            job = space - loss;
        }
    }
    if (loss <= 0 && job <= 0)
        l->frame[0].height = least(l->frame[0].height, LAYERS * l->layer_rows + 2);
    int heights[] = {LAYERS * l->layer_rows, job, loss};
    stack(l, &l->frame[0], panes, heights, 3);
}

static void right_column(struct layout *l, enum pane focus, int snapshots, int wanted)
{
    static const enum pane panes[] = {PANE_PREVIEW, PANE_RUN, PANE_SNAPSHOTS};
    int space = l->frame[1].height - 4, run = RUN_ROWS, list = 2;
    if (space < 12) {
        run = space >= 8 ? RUN_ROWS : 0;
        list = focus == PANE_SNAPSHOTS ? 2 : 0;
        space += (run == 0) + (list == 0);
    } else if (wanted > 0) {
        list = most(2, least(wanted, space - run - 6));
    } else if (focus == PANE_SNAPSHOTS || space >= 24) {
        list = least(most(snapshots, 2), space >= 24 ? space / 5 : 6);
    }
    int heights[] = {space - run - list, run, list};
    stack(l, &l->frame[1], panes, heights, 3);
}

struct layout layout_make(int rows, int columns, enum pane focus, int settings, int snapshots,
                          const int *moved)
{
    static const int none[LAYOUT_EDGES];
    struct layout l = {.rows = rows, .columns = columns};
    l.too_small = rows < LAYOUT_MIN_ROWS || columns < LAYOUT_MIN_COLUMNS;
    if (l.too_small)
        return l;
    bool one = columns < ONE_COLUMN, right = focus == PANE_PREVIEW || focus == PANE_SNAPSHOTS;
    moved = moved ? moved : none;
    int width = one ? columns : most(COLUMN_MIN, least(76, columns * 42 / 100));
    if (!one && moved[LAYOUT_COLUMNS] > 0)
        width = most(COLUMN_MIN, least(moved[LAYOUT_COLUMNS], columns - PICTURE_MIN));
    l.header = (struct rect){0, 0, 1, columns};
    l.message = (struct rect){rows - 2, 0, 1, columns};
    l.hints = (struct rect){rows - 1, 0, 1, columns};
    l.full = (struct rect){1, 0, rows - 3, columns};
    l.inside = (struct rect){2, 2, rows - 5, columns - 4};
    if (!one || !right) {
        l.frame[0] = (struct rect){1, 0, rows - 3, width};
        left_column(&l, focus, settings, moved[LAYOUT_LOSS]);
    }
    if (!one || right) {
        int x = one ? 0 : width;
        l.frame[1] = (struct rect){1, x, rows - 3, columns - x};
        right_column(&l, focus, snapshots, moved[LAYOUT_SNAPSHOTS]);
    }
    return l;
}

struct rect layout_thumb(const struct layout *l, int index)
{
    enum { WIDTH = 7, HEIGHT = 3, WIDE = 54 };
    const struct rect *layers = &l->pane[PANE_LAYERS], *job = &l->pane[PANE_JOB];
    struct rect thumb = {0};
    if (l->too_small || layers->width < WIDE || l->layer_rows < HEIGHT)
        return thumb;
    if (index < LAYOUT_CONTENT)
        thumb = (struct rect){layers->y + index * l->layer_rows, layers->x, HEIGHT, WIDTH};
    else if (job->height >= HEIGHT)
        thumb = (struct rect){job->y, job->x + job->width - WIDTH, HEIGHT, WIDTH};
    return thumb;
}

struct rect layout_compared(const struct layout *l, bool beside, int i)
{
    const struct rect *r = &l->inside;
    int half = (r->width - 1) / 2;
    if (!beside)
        return (struct rect){r->y + 1, r->x, r->height - 1, r->width};
    return (struct rect){r->y + 1, r->x + i * (r->width - half), r->height - 1, half};
}

enum layout_edge layout_edge_at(const struct layout *l, int y, int x)
{
    const struct rect *left = &l->frame[0], *right = &l->frame[1];
    bool between = left->height > 0 && right->height > 0 && y > left->y &&
                   y < left->y + left->height - 1;
    if (between && (x == right->x || x == right->x - 1))
        return LAYOUT_COLUMNS;
    if (l->pane[PANE_LOSS].height > 0 && l->pane[PANE_JOB].height > 0 &&
        y == l->pane[PANE_LOSS].y - 1 && x < left->x + left->width)
        return LAYOUT_LOSS;
    if (l->pane[PANE_SNAPSHOTS].height > 0 && y == l->pane[PANE_SNAPSHOTS].y - 1 && x >= right->x)
        return LAYOUT_SNAPSHOTS;
    return LAYOUT_EDGES;
}

int layout_edge_to(const struct layout *l, enum layout_edge edge, int y, int x)
{
    const struct rect *loss = &l->pane[PANE_LOSS], *list = &l->pane[PANE_SNAPSHOTS];
    int to = edge == LAYOUT_COLUMNS ? x
             : edge == LAYOUT_LOSS  ? loss->y + loss->height - 1 - y
                                    : list->y + list->height - 1 - y;
    return most(1, to);
}

/* Of a width at which names can be read, and as high as such pictures are in cells. */
static void fit_tiles(struct layout_files *f)
{
    enum { NARROW = 19, WIDE = 24, ROOMY = 100 };
    const struct rect *r = &f->list;
    f->columns = most(1, r->width / (r->width < ROOMY ? NARROW : WIDE));
    for (;; f->columns--) {
        f->tile.width = r->width / f->columns;
        f->rows = most(1, r->height / most(5, f->tile.width * 2 / 5 + 1));
        if (f->rows * f->columns <= LAYOUT_TILES || f->columns == 1)
            break;
    }
    f->rows = least(f->rows, LAYOUT_TILES);
    f->tile.height = r->height / f->rows;
    f->tile.y = r->y;
    f->tile.x = r->x;
}

struct layout_files layout_files(const struct layout *l, bool grid)
{
    enum { WITH_PICTURE = 66 };
    struct rect in = {l->full.y + 1, l->full.x + 2, l->full.height - 2, l->full.width - 4};
    struct layout_files f = {.first = {in.y, in.x, 1, in.width},
                             .list = {in.y + 1, in.x, in.height - 1, in.width}};
    if (grid) {
        fit_tiles(&f);
        return f;
    }
    if (in.width >= WITH_PICTURE) {
        f.list.width = in.width * 58 / 100;
        f.picture = (struct rect){in.y + 1, in.x + f.list.width + 1, in.height - 2,
                                  in.width - f.list.width - 1};
    }
    f.rows = f.list.height;
    f.columns = 1;
    return f;
}

/* How wide a picture of usual shape is in such a tile. */
static int seen_width(const struct rect *r, int columns, int count)
{
    int rows = (count + columns - 1) / columns;
    return least(r->width / columns - 1, (r->height / rows - 1) * 3);
}

struct layout_files layout_variations(const struct layout *l, int count)
{
    struct rect in = l->inside;
    struct layout_files f = {.first = {in.y, in.x, 1, in.width}, .columns = 1};
    f.list = (struct rect){in.y + 1, in.x, in.height - 1, in.width};
    for (int columns = 2; columns <= count; columns++)
        if (seen_width(&f.list, columns, count) > seen_width(&f.list, f.columns, count))
            f.columns = columns;
    f.rows = (count + f.columns - 1) / f.columns;
    f.tile = (struct rect){f.list.y, f.list.x, f.list.height / f.rows, f.list.width / f.columns};
    return f;
}

struct rect layout_tile(const struct layout_files *f, int index)
{
    int row = index / f->columns, column = index % f->columns;
    return (struct rect){f->tile.y + row * f->tile.height, f->tile.x + column * f->tile.width,
                         f->tile.height - 1, f->tile.width - 1};
}

enum pane layout_hit(const struct layout *layout, int y, int x)
{
    for (int i = 0; i < PANE_COUNT; i++)
        if (rect_holds(&layout->pane[i], y, x))
            return (enum pane)i;
    return PANE_COUNT;
}

int layout_scroll(int first, int cursor, int shown, int count)
{
    if (cursor < first)
        first = cursor;
    if (cursor >= first + shown)
        first = cursor - shown + 1;
    return most(0, least(first, count - shown));
}

/* screen.c: see screen.h. */
#include "tests/lib/screen.h"

struct screen *screen_new(int columns, int rows, int cell_width, int cell_height)
{
    struct screen *s = calloc(1, sizeof *s);
    s->columns = columns;
    s->rows = rows;
    s->cell_width = cell_width;
    s->cell_height = cell_height;
    s->width = columns * cell_width;
    s->height = rows * cell_height;
    s->rgb = malloc(3 * (size_t)(s->width * s->height));
    memset(s->rgb, SCREEN_BACKGROUND, 3 * (size_t)(s->width * s->height));
    return s;
}

void screen_free(struct screen *s)
{
    free(s->rgb);
    free(s);
}

unsigned char *screen_at(struct screen *s, int y, int x)
{
    return s->rgb + 3 * ((size_t)y * (size_t)s->width + (size_t)x);
}

void screen_fill(struct screen *s, int y, int x, int height, int width)
{
    for (int v = y; v < y + height && v < s->height; v++)
        for (int u = x; u < x + width && u < s->width; u++)
            memset(screen_at(s, v, u), SCREEN_BACKGROUND, 3);
}

int screen_number(const char **at)
{
    char *end;
    long value = strtol(*at, &end, 10);
    *at = end;
    return (int)value;
}

const char *screen_sixel_raster(struct screen *s, struct screen_sixel *p,
                                const char *at)
{
    p->left = s->x * s->cell_width;
    p->top = s->y * s->cell_height;
    if (*at == '"') {
        at++;
        int v[4];
        for (int i = 0; i < 4; i++, at += *at == ';')
            v[i] = screen_number(&at);
        p->width = v[2];
        p->height = v[3];
        if (v[0] != 1 || v[1] != 1)
            SCREEN_PROBLEM(s, "aspect %d:%d", v[0], v[1]);
    }
    if (p->width < 1 || p->height < 1 || p->height % 6)
        SCREEN_PROBLEM(s, "raster attributes %d×%d", p->width, p->height);
    if (p->left + p->width > s->width || p->top + p->height > s->height - s->cell_height)
        SCREEN_PROBLEM(s, "%d×%d at row %d, column %d leaves the screen", p->width, p->height, s->y,
                       s->x);
    return at;
}

const char *screen_sixel_register(struct screen *s, struct screen_sixel *p,
                                  const char *at)
{
    p->register_ = screen_number(&at);
    if (p->register_ < 0 || p->register_ > 255) {
        SCREEN_PROBLEM(s, "register %d", p->register_);
    } else if (*at == ';') {
        int v[4];
        for (int i = 0; i < 4 && *at == ';'; i++) {
            at++;
            v[i] = screen_number(&at);
        }
        if (v[0] != 2)
            SCREEN_PROBLEM(s, "colour space %d", v[0]);
        for (int c = 0; c < 3; c++)
            p->colour[p->register_][c] = (unsigned char)((v[c + 1] * 255 + 50) / 100);
        p->colours += !p->defined[p->register_];
        p->defined[p->register_] = true;
    } else if (!p->defined[p->register_]) {
        SCREEN_PROBLEM(s, "register %d is used and not defined", p->register_);
    }
    return at;
}

void screen_sixel_column(struct screen *s, struct screen_sixel *p, int bits)
{
    for (int bit = 0; bit < 6; bit++) {
        if (!(bits >> bit & 1))
            continue;
        if (p->x >= p->width || p->y + bit >= p->height || p->register_ < 0) {
            SCREEN_PROBLEM(s, "a pixel at %d,%d of %d×%d", p->x, p->y + bit, p->width, p->height);
            continue;
        }
        memcpy(screen_at(s, p->top + p->y + bit, p->left + p->x), p->colour[p->register_], 3);
        p->painted[(p->y + bit) * p->width + p->x] = true;
    }
    p->x++;
}

void screen_sixel_paint(struct screen *s, struct screen_sixel *p, const char *at,
                        const char *end)
{
    while (at < end && !s->problem[0]) {
        int repeat = 1;
        if (*at == '#') {
            at = screen_sixel_register(s, p, at + 1);
            continue;
        }
        if (*at == '!') {
            at++;
            repeat = screen_number(&at);
        }
        char c = *at++;
        if (c == '$' || c == '-') {
            p->x = 0;
            p->y += c == '-' ? 6 : 0;
        } else if (c >= '?' && c <= '~') {
            for (int i = 0; i < repeat; i++)
                screen_sixel_column(s, p, c - '?');
        } else {
            SCREEN_PROBLEM(s, "byte %d in sixel", c);
        }
    }
}

void screen_sixel(struct screen *s, const char *at, const char *end)
{
    struct screen_sixel p = {.register_ = -1};
    at = screen_sixel_raster(s, &p, at);
    if (end > at && end[-1] == '-')
        SCREEN_PROBLEM(s, "ends with a graphics newline");
    p.painted = calloc((size_t)(p.width * p.height + 1), sizeof *p.painted);
    screen_sixel_paint(s, &p, at, end);
    for (int i = 0; i < p.width * p.height; i++)
        if (!p.painted[i])
            SCREEN_PROBLEM(s, "pixel %d,%d of %d×%d is missing", i % p.width, i / p.width, p.width,
                           p.height);
    free(p.painted);
    if (p.colours > s->most_colours)
        s->most_colours = p.colours;
    s->pictures++;
    s->x = s->columns - 1; /* wherever it is afterwards, nobody may rely on it */
}

int screen_key(const char *control, const char *key, int standard)
{
    const char *at = control;
    size_t n = strlen(key);
    for (; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, key, n) == 0 && at[n] == '=')
            return at[n + 1] >= 'A' && at[n + 1] != '-' ? at[n + 1] : atoi(at + n + 1);
    return standard;
}

void screen_remove(struct screen *s, int id)
{
    for (int i = 0; i < SCREEN_IDS; i++)
        if (s->kitty[i].id == id && id != 0) {
            screen_fill(s, s->kitty[i].y, s->kitty[i].x, s->kitty[i].height, s->kitty[i].width);
            s->kitty[i].id = 0;
        }
}

size_t screen_unbase64(unsigned char *out, const char *in, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = 0;
    unsigned long value = 0;
    int bits = 0;
    for (size_t i = 0; i < n && in[i] != '='; i++) {
        const char *d = strchr(digits, in[i]);
        if (!d || !in[i])
            return 0;
        value = value << 6 | (unsigned long)(d - digits);
        bits += 6;
        if (bits >= 8)
            out[size++] = (unsigned char)(value >> (bits -= 8));
    }
    return size;
}

void screen_place(struct screen *s)
{
    char path[] = "/tmp/strata-kitty-XXXXXX";
    unsigned char *png = malloc(s->payload_size + 1);
    size_t n = screen_unbase64(png, s->payload, s->payload_size);
    struct image image = {0};
    struct diag diag = {0};
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, png, n) != (ssize_t)n || image_read(&image, path, &diag) != STATUS_OK)
        SCREEN_PROBLEM(s, "kitty: %.150s", diag.text);
    close(fd);
    unlink(path);
    free(png);
    s->payload_size = 0;
    int id = screen_key(s->control, "i", 0), slot = -1;
    if (screen_key(s->control, "f", 0) != 100 || id == 0 || screen_key(s->control, "q", 0) != 2)
        SCREEN_PROBLEM(s, "kitty: %.150s", s->control);
    screen_remove(s, id);
    int columns = screen_key(s->control, "c", 0), rows = screen_key(s->control, "r", 0);
    int width = columns ? columns * s->cell_width : image.width;
    int height = rows ? rows * s->cell_height : image.height;
    int top = s->y * s->cell_height, left = s->x * s->cell_width;
    if (left + width > s->width || top + height > s->height)
        SCREEN_PROBLEM(s, "kitty: %d×%d leaves the screen", width, height);
    size_t plane = (size_t)image.width * (size_t)image.height;
    for (int y = 0; y < height && !s->problem[0]; y++)
        for (int x = 0; x < width; x++)
            for (size_t c = 0; c < 3; c++)
                screen_at(s, top + y, left + x)[c] =
                    (unsigned char)image
                        .rgb[c * plane + (size_t)(y * image.height / height) * (size_t)image.width +
                             (size_t)(x * image.width / width)];
    for (int i = 0; i < SCREEN_IDS && slot < 0; i++)
        if (!s->kitty[i].id)
            slot = i;
    s->kitty[slot].id = id;
    s->kitty[slot].y = top;
    s->kitty[slot].x = left;
    s->kitty[slot].height = height;
    s->kitty[slot].width = width;
    s->pictures++;
    image_clear(&image);
}

void screen_kitty(struct screen *s, const char *at, const char *end)
{
    char control[256];
    const char *semicolon = memchr(at, ';', (size_t)(end - at));
    size_t n = (size_t)((semicolon ? semicolon : end) - at);
    snprintf(control, sizeof control, "%.*s", (int)n, at);
    if (screen_key(control, "a", 0) == 'd') {
        screen_remove(s, screen_key(control, "i", 0));
        s->deleted++;
        return;
    }
    if (screen_key(control, "a", 0) == 'q')
        return;
    size_t size = semicolon ? (size_t)(end - semicolon - 1) : 0;
    bool more = screen_key(control, "m", 0) == 1;
    if (size > 4096 || (more && size % 4))
        SCREEN_PROBLEM(s, "kitty: a chunk of %zu bytes", size);
    if (screen_key(control, "a", 0) == 'T') {
        if (s->payload_size > 0)
            SCREEN_PROBLEM(s, "kitty: a picture begins within another");
        snprintf(s->control, sizeof s->control, "%s", control);
    }
    if (s->payload_size + size > sizeof s->payload) {
        SCREEN_PROBLEM(s, "kitty: too long");
        return;
    }
    if (size > 0)
        memcpy(s->payload + s->payload_size, semicolon + 1, size);
    s->payload_size += size;
    if (!more && size == 0)
        s->payload_size = 0; /* broken off */
    else if (!more)
        screen_place(s);
}

const char *screen_control(struct screen *s, const char *at, const char *end)
{
    const char *body = at;
    while (at < end && (*at < 0x40 || *at > 0x7e))
        at++;
    if (at == end)
        return end;
    if (*at == 'H') {
        s->y = screen_number(&body) - 1;
        body += *body == ';';
        s->x = screen_number(&body) - 1;
        s->y = s->y < 0 ? 0 : s->y;
        s->x = s->x < 0 ? 0 : s->x;
    } else if (*at == 'J') {
        screen_fill(s, 0, 0, s->height, s->width);
    } else if (strncmp(body, "?2026", 5) == 0) {
        s->synchronised = *at == 'h';
    }
    return at + 1;
}

const char *screen_string(const char *at, const char *end)
{
    for (; at + 1 < end; at++)
        if (at[0] == '\033')
            return at[1] == '\\' ? at : NULL;
    return NULL;
}

void screen_feed(struct screen *s, const char *at, size_t size)
{
    const char *end = at + size;
    while (at < end && !s->problem[0]) {
        if (*at != '\033') {
            if (s->x >= s->columns || s->y >= s->rows)
                SCREEN_PROBLEM(s, "text beyond the screen");
            else if (*at >= ' ')
                screen_fill(s, s->y * s->cell_height, s->x++ * s->cell_width, s->cell_height,
                            s->cell_width);
            at++;
            continue;
        }
        if (at + 1 == end)
            break;
        char kind = at[1];
        at += 2;
        if (kind == '7') {
            s->saved_y = s->y;
            s->saved_x = s->x;
        } else if (kind == '8') {
            s->y = s->saved_y;
            s->x = s->saved_x;
        } else if (kind == '[') {
            at = screen_control(s, at, end);
        } else if (kind == 'P' || kind == '_') {
            const char *string = screen_string(at, end);
            if (!string) {
                SCREEN_PROBLEM(s, "a string without an end");
                break;
            }
            if ((size_t)(string - at) > s->longest)
                s->longest = (size_t)(string - at);
            const char *q = kind == 'P' ? memchr(at, 'q', (size_t)(string - at)) : NULL;
            if (q)
                screen_sixel(s, q + 1, string);
            else if (kind == '_' && *at == 'G')
                screen_kitty(s, at + 1, string);
            at = string + 2;
        }
    }
}

/* cli_compare.c: `strata compare A.png B.png ...`: pictures beside each other on one sheet, and
 * what the jobs inside them differ in. */
#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/text_buffer.h"
#include "engine/base/utf8.h"
#include "engine/image/sheet.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_terminal.h"
#include "tui/cli/compare_rows.h"
#include "tui/term/tty.h"

enum { OUTPUT, OVERWRITE, COLUMNS, SIDE, CAPTION, GRAPHICS, TIMEOUT };

static const struct args_option options[] = {
    [OUTPUT] = {"output", 'o', ARGS_VALUE, "FILE.png",
                "where the sheet goes (compare.png, or the next free number)"},
    [OVERWRITE] = {"overwrite", 0, ARGS_FLAG, "", "replace what is there"},
    [COLUMNS] = {"columns", 0, ARGS_VALUE, "N", "pictures in a row"},
    [SIDE] = {"side", 0, ARGS_VALUE, "N", "pixels of a picture's width, at most"},
    [CAPTION] = {"caption", 0, ARGS_VALUE, "TEXT",
                 "below a picture instead of what its job differs in; once for each, in their "
                 "order"},
    [GRAPHICS] = {"graphics", 0, ARGS_VALUE, "auto|sixel|kitty|cells|ascii|none",
                  "how the sheet is shown, also where --output is given; auto: on a terminal, "
                  "where it is not (auto)"},
    [TIMEOUT] = {"timeout", 0, ARGS_VALUE, "SECONDS",
                 "how long to wait for the terminal's answers (1)"},
};

const struct args_option *cli_compare_options(int *count)
{
    *count = sizeof options / sizeof *options;
    return options;
}

enum { MOST = 1000, MOST_LINES = 6 };

struct compare {
    const char *path[MOST], *caption[MOST];
    int count, captions;
    bool named, overwrite; /* named: the output was */
    char output[JOB_PATH];
    int columns, side; /* 0: as it looks best */
    struct cli_terminal terminal;
    struct compared *picture;
    struct compare_row *row;
    int rows;
};

static enum status number(int *out, const char *text, int most, struct diag *diag)
{
    char end;
    if (sscanf(text, "%d%c", out, &end) == 1 && *out >= 1 && *out <= most)
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "%s is not a whole number from 1 to %d", text, most);
}

static enum status read_option(void *context, int option, const char *value, struct diag *diag)
{
    struct compare *s = context;
    enum status status = STATUS_OK;
    switch (option) {
    case OUTPUT:
        s->named = true;
        status = file_join(s->output, sizeof s->output, "", value, diag);
        break;
    case OVERWRITE: s->overwrite = true; break;
    case COLUMNS: status = number(&s->columns, value, MOST, diag); break;
    case SIDE: status = number(&s->side, value, 4096, diag); break;
    case CAPTION:
        if (s->captions == MOST)
            return diag_set(diag, STATUS_USAGE, "there are more captions than pictures can be");
        s->caption[s->captions++] = value;
        break;
    case GRAPHICS: status = graphics_parse(&s->terminal.wanted, value, diag); break;
    case TIMEOUT: status = tty_parse_deadline(&s->terminal.timeout, value, diag); break;
    case ARGS_WORD:
        if (s->count == MOST)
            return diag_set(diag, STATUS_USAGE, "%s is one picture too many; %d can be compared",
                            value, MOST);
        s->path[s->count++] = value;
        return STATUS_OK;
    }
    return status == STATUS_OK ? status
                               : diag_prefix(diag, status, "--%s", options[option].name);
}

/* Where the sheet goes; what is there stays, unless it was said otherwise. */
static enum status choose_output(struct compare *s, struct diag *diag)
{
    for (int n = 1; !s->named; n++) {
        file_numbered(s->output, sizeof s->output, "compare.png", n);
        if (access(s->output, F_OK) != 0)
            break;
    }
    if (!file_has_ending(s->output, ".png"))
        return diag_set(diag, STATUS_OUTPUT, "%s: a sheet is a PNG; name one that ends so",
                        s->output);
    for (int i = 0; i < s->count; i++)
        if (file_same(s->path[i], s->output))
            return diag_set(diag, STATUS_OUTPUT, "%s is one of the pictures to compare", s->output);
    return file_check_output(s->output, s->overwrite ? FILE_OVERWRITE : FILE_KEEP, diag);
}

/* ---- the sheet ---------------------------------------------------------------------------- */

/* "b.png: relu1_1 blank, style_weight 900 and 5 more": the first of the settings that differ. */
static void add_caption(struct text_buffer *text, const struct compare *s, int picture, int told,
                        int settings)
{
    int number = 0;
    text_buffer_add(text, "%s", file_name(s->path[picture]));
    for (int i = 0; i < s->rows && number < told; i++)
        if (s->row[i].setting && *s->row[i].cell[picture])
            text_buffer_add(text, "%s%s %s", number++ ? ", " : ": ", s->row[i].name,
                            s->row[i].cell[picture]);
    if (told < settings)
        text_buffer_add(text, told ? " and %d more" : ": %d settings", settings - told);
}

/* As many of them as fit. */
static char *caption(const struct compare *s, int picture, int width)
{
    struct text_buffer text = {0};
    int settings = 0;
    for (int i = 0; i < s->rows; i++)
        settings += s->row[i].setting && *s->row[i].cell[picture];
    for (int told = settings; told >= 0; told--) {
        text_buffer_clear(&text);
        add_caption(&text, s, picture, told, settings);
        if (sheet_lines(text.text, width) <= MOST_LINES)
            break;
    }
    return text.text;
}

static enum status put_pictures(struct sheet *sheet, const struct sheet_spec *spec,
                                const struct compare *s, char **captions, struct diag *diag)
{
    for (int i = 0; i < s->count; i++) {
        struct image small = {0};
        TRY(sheet_read(&small, s->path[i], spec->width, spec->height, diag));
        sheet_put(sheet, i, &small, captions[i], "");
        image_clear(&small);
    }
    return STATUS_OK;
}

static void shape(struct sheet_spec *spec, const struct compare *s)
{
    double tall = 0.0;
    int columns = s->count <= 4 ? s->count : (int)ceil(sqrt(1.3 * s->count));
    int side = s->side ? s->side : s->count <= 4 ? 480 : s->count <= 16 ? 320 : 224;
    columns = s->columns ? s->columns : columns;
    for (int i = 0; i < s->count; i++)
        tall = fmax(tall, (double)s->picture[i].height / s->picture[i].width);
    *spec = (struct sheet_spec){.columns = columns < s->count ? columns : s->count,
                                .count = s->count,
                                .width = side,
                                .height = (int)ceil(side * fmin(tall, 2.0))};
}

static enum status write_sheet(const struct compare *s, struct diag *diag)
{
    struct sheet_spec spec;
    struct sheet *sheet = NULL;
    char **captions = mem_new((size_t)s->count * sizeof *captions);
    shape(&spec, s);
    for (int i = 0; i < s->count; i++) {
        captions[i] = s->captions ? mem_text(s->caption[i]) : caption(s, i, spec.width);
        int lines = sheet_lines(captions[i], spec.width);
        lines = lines < MOST_LINES ? lines : MOST_LINES;
        spec.lines = lines > spec.lines ? lines : spec.lines;
    }
    enum status status = sheet_open(&sheet, &spec, diag);
    if (status == STATUS_OK)
        status = put_pictures(sheet, &spec, s, captions, diag);
    if (status == STATUS_OK)
        status = sheet_write(sheet, s->output, diag);
    sheet_close(&sheet);
    for (int i = 0; i < s->count; i++)
        mem_free(captions[i]);
    mem_free(captions);
    return status;
}

/* ---- the table ---------------------------------------------------------------------------- */

static int letters(const char *text)
{
    int count = 0, length;
    for (; *text; text += length, count++)
        utf8_read(text, &length);
    return count;
}

static void print_cell(const char *text, int width)
{
    printf("%s%*s", text, width - letters(text) + 2, "");
}

static int column_width(const struct compare *s, int picture, const char *name)
{
    int most = letters(name);
    for (int i = 0; i < s->rows; i++) {
        int width = letters(s->row[i].cell[picture]);
        most = width > most ? width : most;
    }
    return most;
}

/* As many pictures as fit into a line, and again for the next ones. Returns the first of these. */
static int print_part(const struct compare *s, int first, int columns)
{
    char name[4 * JOB_PATH];
    int head = 0, used, end = first;
    for (int i = 0; i < s->rows; i++)
        head = letters(s->row[i].name) > head ? letters(s->row[i].name) : head;
    print_cell("", head);
    for (used = head + 2; end < s->count; end++) {
        diag_clean(name, sizeof name, file_name(s->path[end]));
        int width = column_width(s, end, name);
        if (end > first && used + width > columns)
            break;
        print_cell(name, width);
        used += width + 2;
    }
    puts("");
    for (int i = 0; i < s->rows; i++) {
        print_cell(s->row[i].name, head);
        for (int k = first; k < end; k++) {
            diag_clean(name, sizeof name, file_name(s->path[k]));
            print_cell(*s->row[i].cell[k] ? s->row[i].cell[k] : "-", column_width(s, k, name));
        }
        puts("");
    }
    return end;
}

static void print_table(const struct compare *s)
{
    int settings = 0, jobs = 0;
    for (int i = 0; i < s->rows; i++)
        settings += s->row[i].setting;
    for (int i = 0; i < s->count; i++)
        jobs += s->picture[i].has_job;
    for (int first = 0; s->rows > 0 && first < s->count;) {
        first = print_part(s, first, s->terminal.present ? s->terminal.around.columns : INT_MAX);
        puts("");
    }
    if (jobs < 2)
        printf("%s\n", jobs ? "one alone of these has a job inside" : "none of these has a job "
                                                                       "inside");
    else if (settings == 0)
        puts("their jobs are the same");
}

/* ---- all ---------------------------------------------------------------------------------- */

static enum status compare(struct compare *s, struct diag *diag)
{
    char output[4 * JOB_PATH];
    s->picture = mem_new((size_t)s->count * sizeof *s->picture);
    for (int i = 0; i < s->count; i++)
        TRY(compare_rows_read(&s->picture[i], s->path[i], diag));
    TRY(choose_output(s, diag));
    compare_rows(&s->row, &s->rows, s->picture, s->count);
    TRY(write_sheet(s, diag));
    cli_terminal_ask(&s->terminal);
    bool wanted = s->terminal.wanted != GRAPHICS_AUTO;
    print_table(s);
    diag_clean(output, sizeof output, s->output);
    printf("%s: %d pictures\n", output, s->count);
    fflush(stdout);
    if (wanted || (s->terminal.present && !s->named))
        return cli_terminal_show(&s->terminal, s->output, diag);
    return STATUS_OK;
}

int cli_compare(int argc, char **argv)
{
    static struct compare s;
    struct diag diag;
    struct args args = {.command = "compare", .words = argv, .count = argc, .options = options,
                        .option_count = sizeof options / sizeof *options};
    omp_set_num_threads(1);
    s.terminal.wanted = GRAPHICS_AUTO;
    s.terminal.timeout = TTY_DEADLINE;
    enum status status = args_read(&args, read_option, &s, &diag);
    if (status == STATUS_OK && s.count < 2)
        status = diag_set(&diag, STATUS_USAGE,
                          "compare needs two pictures or more: strata compare A.png B.png");
    else if (status == STATUS_OK && s.captions && s.captions != s.count)
        status = diag_set(&diag, STATUS_USAGE, "--caption: %d given, there are %d pictures",
                          s.captions, s.count);
    if (status == STATUS_OK)
        status = compare(&s, &diag);
    compare_rows_clear(&s.row, &s.rows);
    mem_free(s.picture);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

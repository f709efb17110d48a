/* cli_sweep_state.c: see cli_sweep.h. */
#include "tui/cli/cli_sweep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/sheet.h"
#include "tui/cli/cli.h"

/* ---- what is painted ---------------------------------------------------------------------- */

void cli_sweep_look(struct cli_sweep *s)
{
    struct job *job = mem_new(sizeof *job);
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        sweep_job(job, s->sweep, i);
        painted_look(&s->painted[i], job);
    }
    mem_free(job);
}

bool cli_sweep_wanted(const struct cli_sweep *s, int run)
{
    enum painted_state state = s->painted[run].state;
    return s->chosen[run] && state != PAINTED_DONE && (state != PAINTED_OTHER || s->overwrite);
}

int cli_sweep_tell_others(const struct cli_sweep *s)
{
    int count = 0;
    struct diag diag;
    struct job *job = mem_new(sizeof *job);
    for (int i = 0; i < sweep_count(s->sweep) && !s->overwrite; i++) {
        if (!s->chosen[i] || s->painted[i].state != PAINTED_OTHER)
            continue;
        sweep_job(job, s->sweep, i);
        diag_set(&diag, STATUS_OUTPUT,
                 "%s exists and was not painted by this job; --overwrite replaces it", job->output);
        cli_fail(&diag);
        count++;
    }
    mem_free(job);
    return count;
}

static int count_done(const struct cli_sweep *s)
{
    int done = 0;
    for (int i = 0; i < sweep_count(s->sweep); i++)
        done += s->painted[i].state == PAINTED_DONE;
    return done;
}

enum status cli_sweep_folder(const struct cli_sweep *s, struct diag *diag)
{
    char below[JOB_PATH + 2];
    snprintf(below, sizeof below, "%s/", sweep_folder(s->sweep));
    return *sweep_folder(s->sweep) ? file_make_folders(below, 0777, diag) : STATUS_OK;
}

enum status cli_sweep_own(char out[JOB_PATH], const struct cli_sweep *s, const char *name,
                          struct diag *diag)
{
    char own[JOB_PATH];
    TRY(file_join(own, sizeof own, sweep_folder(s->sweep), ".sweep/", diag));
    TRY(file_make_folders(own, 0777, diag));
    return file_join(out, JOB_PATH, own, name, diag);
}

/* ---- the contact sheet -------------------------------------------------------------------- */

static void add_setting(struct text_buffer *out, const struct cli_sweep *s, int run, int setting)
{
    char value[SWEEP_NAME];
    sweep_print_value(value, s->sweep, run, setting);
    text_buffer_add(out, "%s%s %s", out->used ? ", " : "", sweep_setting(s->sweep, setting), value);
}

static const char *reason(const struct cli_sweep *s, int run)
{
    if (s->why[run])
        return s->why[run];
    switch (s->painted[run].state) {
    case PAINTED_EARLY: return "not finished";
    case PAINTED_OTHER: return "another job's picture is there";
    case PAINTED_MISSING: case PAINTED_DONE: break;
    }
    return "not painted yet";
}

/* Texts of a sheet: captions or, of a grid of two settings, headings. */
struct words {
    int count;
    char **text;
};

static struct words make_words(int count)
{
    return (struct words){count, mem_new((size_t)(count > 0 ? count : 1) * sizeof(char *))};
}

static void free_words(struct words *words)
{
    for (int i = 0; i < words->count; i++)
        mem_free(words->text[i]);
    mem_free(words->text);
}

/* Of one setting: its values, from the runs that have them. */
static struct words headings(const struct cli_sweep *s, int setting, int step)
{
    struct words words = make_words(sweep_values(s->sweep, setting));
    for (int i = 0; i < words.count; i++) {
        struct text_buffer text = {0};
        add_setting(&text, s, i * step, setting);
        words.text[i] = text.text;
    }
    return words;
}

static struct words captions(const struct cli_sweep *s)
{
    struct words words = make_words(sweep_count(s->sweep));
    for (int i = 0; i < words.count; i++) {
        struct text_buffer text = {0};
        for (int k = 0; k < sweep_settings(s->sweep); k++)
            add_setting(&text, s, i, k);
        words.text[i] = text.text;
    }
    return words;
}

/* The tallest picture that there is, over its width. */
static double tallest(const struct cli_sweep *s)
{
    double most = 0.0;
    struct job *job = mem_new(sizeof *job);
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        int width, height;
        if (s->painted[i].state != PAINTED_DONE)
            continue;
        sweep_job(job, s->sweep, i);
        if (image_probe(&width, &height, job->output, NULL) == STATUS_OK)
            most = fmax(most, (double)height / width);
    }
    mem_free(job);
    return most > 0.0 ? fmin(most, 2.0) : 0.75;
}

static void put_runs(struct sheet *sheet, const struct sheet_spec *spec, const struct cli_sweep *s,
                     const struct words *words)
{
    struct job *job = mem_new(sizeof *job);
    for (int i = 0; i < spec->count; i++) {
        struct image small = {0};
        struct diag diag;
        const char *why = reason(s, i), *caption = words->count ? words->text[i] : "";
        sweep_job(job, s->sweep, i);
        if (s->painted[i].state == PAINTED_DONE &&
            sheet_read(&small, job->output, spec->width, spec->height, &diag) != STATUS_OK)
            why = diag.text;
        sheet_put(sheet, i, small.rgb ? &small : NULL, caption, why);
        image_clear(&small);
    }
    mem_free(job);
}

static enum status write_sheet(const struct cli_sweep *s, const char *path, struct diag *diag)
{
    enum { MOST_LINES = 6 };
    int count = sweep_count(s->sweep), side = count <= 40 ? 256 : count <= 200 ? 192
                                              : count <= 1000 ? 128 : 64;
    bool table = sweep_mode(s->sweep) == SWEEP_GRID && sweep_settings(s->sweep) == 2;
    int across = table        ? sweep_values(s->sweep, 1)
                 : count <= 4 ? count
                              : (int)ceil(sqrt(1.3 * count));
    struct words column = table ? headings(s, 1, 1) : make_words(0);
    struct words row = table ? headings(s, 0, across) : make_words(0);
    struct words caption = table ? make_words(0) : captions(s);
    char title[JOB_PATH + 64];
    snprintf(title, sizeof title, "%s, %d of %d painted", file_name(s->path), count_done(s),
             count);
    struct sheet_spec spec = {.columns = across < count ? across : count,
                              .count = count,
                              .width = side,
                              .height = (int)ceil(side * tallest(s)),
                              .title = title,
                              .column = table ? (const char *const *)column.text : NULL,
                              .row = table ? (const char *const *)row.text : NULL};
    for (int i = 0; i < caption.count && spec.lines < MOST_LINES; i++) {
        int lines = sheet_lines(caption.text[i], side);
        lines = lines < MOST_LINES ? lines : MOST_LINES;
        spec.lines = lines > spec.lines ? lines : spec.lines;
    }
    struct sheet *sheet = NULL;
    enum status status = sheet_open(&sheet, &spec, diag);
    if (status == STATUS_OK) {
        put_runs(sheet, &spec, s, &caption);
        status = sheet_write(sheet, path, diag);
    }
    sheet_close(&sheet);
    free_words(&column);
    free_words(&row);
    free_words(&caption);
    return status;
}

/* ---- the table ---------------------------------------------------------------------------- */

/* A field as RFC 4180 has it, behind a comma unless it is the first of its line. */
static void put_field(struct text_buffer *out, const char *text)
{
    bool first = out->used == 0 || out->text[out->used - 1] == '\n';
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;
    text_buffer_add(out, "%s%s", first ? "" : ",", quoted ? "\"" : "");
    for (; *text; text++)
        text_buffer_add(out, *text == '"' ? "\"\"" : "%c", *text);
    text_buffer_add(out, "%s", quoted ? "\"" : "");
}

/* With so many digits, which are those that a picture keeps of it. */
static void put_number(struct text_buffer *out, double value, int digits)
{
    char text[32] = "";
    if (isfinite(value))
        snprintf(text, sizeof text, "%.*g", digits, value);
    put_field(out, text);
}

static void put_line(struct text_buffer *out, const struct cli_sweep *s, int run,
                     const struct job *job)
{
    const struct painted *painted = &s->painted[run];
    bool done = painted->state == PAINTED_DONE;
    put_field(out, sweep_name(s->sweep, run));
    for (int k = 0; k < sweep_settings(s->sweep); k++)
        put_field(out, sweep_value(s->sweep, run, k));
    put_number(out, done ? painted->seconds : NAN, 3);
    put_number(out, done ? job->iterations : NAN, 9);
    for (int i = 0; i < LOSSES_SERIES; i++)
        put_number(out, done ? losses_value(&painted->losses, i) : NAN, 9);
    put_field(out, done ? "done" : reason(s, run));
    text_buffer_add(out, "\n");
}

static enum status write_table(const struct cli_sweep *s, const char *path, struct diag *diag)
{
    struct text_buffer out = {0};
    struct job *job = mem_new(sizeof *job);
    put_field(&out, "name");
    for (int k = 0; k < sweep_settings(s->sweep); k++)
        put_field(&out, sweep_setting(s->sweep, k));
    put_field(&out, "seconds");
    put_field(&out, sweep_settings(s->sweep) == 1 && strcmp(sweep_setting(s->sweep, 0),
                                                            "iterations") == 0
                        ? "iterations_done" : "iterations");
    for (int i = 0; i < LOSSES_SERIES; i++)
        put_field(&out, losses_name(i));
    put_field(&out, "state");
    text_buffer_add(&out, "\n");
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        sweep_job(job, s->sweep, i);
        put_line(&out, s, i, job);
    }
    enum status status = file_write(path, out.text, out.used, FILE_OVERWRITE, diag);
    mem_free(job);
    text_buffer_clear(&out);
    return status;
}

enum status cli_sweep_write(const struct cli_sweep *s, bool quiet, struct diag *diag)
{
    char sheet[JOB_PATH], table[JOB_PATH], clean[2][4 * JOB_PATH];
    const char *folder = sweep_folder(s->sweep);
    TRY(file_join(sheet, sizeof sheet, folder, "sheet.png", diag));
    TRY(file_join(table, sizeof table, folder, "losses.csv", diag));
    TRY(cli_sweep_folder(s, diag));
    TRY(write_table(s, table, diag));
    TRY(write_sheet(s, sheet, diag));
    diag_clean(clean[0], sizeof clean[0], sheet);
    diag_clean(clean[1], sizeof clean[1], table);
    if (!quiet)
        printf("%s and %s: %d of %d painted\n", clean[0], clean[1], count_done(s),
               sweep_count(s->sweep));
    return STATUS_OK;
}

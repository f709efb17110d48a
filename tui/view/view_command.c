/*
 * view_command.c: the line for the shell that paints the job, from border to border, so that it can
 * be selected by hand: lines end between words, with the shell's backslash.
 */
#include <stdio.h>

#include "engine/base/file.h"
#include "tui/model/command_line.h"
#include "tui/view/draw.h"
#include "tui/view/view.h"

static void title(const struct model *m, char *out, size_t size)
{
    (void)m;
    snprintf(out, size, "The same from the shell");
}

/* From line `first` on; returns the line of the screen below. */
static int draw_words(const char *text, int first, int y, int rows, int columns)
{
    char line[4 * JOB_PATH];
    for (int i = 0; *text && i < first + rows; i++) {
        const char *end = command_line_break(text, columns - 2), *begin = text;
        bool between = *end == ' ';
        text = end + between;
        if (i < first)
            continue;
        snprintf(line, sizeof line, "%.*s%s", (int)(end - begin), begin, between ? " \\" : "");
        int used = draw_text(y, 0, columns, INK_STRONG, line);
        for (; used < columns; used++) /* no border beside it */
            draw_text(y, used, 1, INK_PLAIN, " ");
        y++;
    }
    return y;
}

static void draw(const struct model *m, const struct rect *r)
{
    enum { WITH_WORDS = 12 };
    int y = r->y, end = r->y + r->height;
    char text[JOB_PATH + 80] = "Select it by hand where the clipboard has not got it: "
                               "mostly with shift.";
    if (r->height >= WITH_WORDS) {
        draw_name(y, r->x, r->width, INK_DIM, text);
        y += 2;
    }
    y = draw_words(m->line ? m->line : "", m->first_line, y, end - y, m->layout.columns) + 1;
    if (m->line_file[0] && y < end) {
        snprintf(text, sizeof text, "%s was written: options cannot say all of this job",
                 file_name(m->line_file));
        draw_name(y++, r->x, r->width, INK_DIM, text);
    }
    if (m->started && !job_equal(&m->job, &m->start_job) && y < end)
        draw_name(y, r->x, r->width, INK_DIM,
                  "as the job is now; what was changed on the way is in the saved picture");
}

static bool mouse(const struct model *m, const struct rect *area, const struct pointer *at,
                  struct act *out)
{
    (void)m, (void)area;
    *out = (struct act){.action = at->wheel < 0 ? ACTION_COMMAND_UP : ACTION_COMMAND_DOWN};
    return at->wheel != 0;
}

const struct view_ops view_command = {.title = title, .draw = draw, .mouse = mouse};

/*
 * cli_runs.c: `strata runs`: which runs there are and what they take; and `strata resume`: going on
 * with one, or listing those that can go on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/host/budget.h"
#include "engine/rundir/rundir.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_terminal.h"
#include "tui/cli/paint.h"
#include "tui/cli/print_picture.h"
#include "tui/pixels/scale.h"
#include "tui/term/text.h"

/* ---- the list ----------------------------------------------------------------------------- */

enum { THUMB_COLUMNS = 24, THUMB_ROWS = 7, THUMB_SIDE = 512, LINE = 2 * JOB_PATH };

static void print_state(char out[120], const struct rundir_entry *e)
{
    char host[64];
    diag_clean(host, sizeof host, e->host);
    switch (e->state) {
    case RUNDIR_RUNNING:
        snprintf(out, 120, "running, process %ld on %s", e->pid, host[0] ? host : "this machine");
        break;
    case RUNDIR_UNFINISHED:
        snprintf(out, 120, "unfinished%s%s", host[0] ? ", ended without warning on " : "", host);
        break;
    case RUNDIR_FINISHED:
        snprintf(out, 120, "%s", e->iteration < e->iterations ? "ended by hand" : "finished");
        break;
    case RUNDIR_DAMAGED: snprintf(out, 120, "damaged"); break;
    }
}

static void print_entry(const struct rundir_entry *e)
{
    char line[LINE], clean[2 * LINE], state[120], size[16], when[40];
    struct tm changed;
    strftime(when, sizeof when, "%Y-%m-%d %H:%M", localtime_r(&e->changed, &changed));
    text_size(size, (double)e->bytes);
    print_state(state, e);
    snprintf(line, sizeof line, "%s  %d/%d  %s  %s  %s", file_name(e->path), e->iteration,
             e->iterations, when, size, state);
    diag_clean(clean, sizeof clean, line);
    puts(clean);
    if (e->state == RUNDIR_DAMAGED)
        return;
    snprintf(line, sizeof line, "    %.*s -> %.*s", LINE / 2 - 20, file_name(e->content),
             LINE / 2 - 20, e->output);
    diag_clean(clean, sizeof clean, line);
    puts(clean);
}

/* latest.png in a few cells; a picture that cannot be shown is left out. */
static void print_thumb(const struct cli_terminal *terminal, const char *folder)
{
    char path[JOB_PATH];
    struct image image = {0};
    unsigned char *rgb;
    int width, height;
    if (!terminal->present ||
        file_join(path, sizeof path, folder, "latest.png", NULL) != STATUS_OK ||
        cli_terminal_read(&image, path, THUMB_SIDE, NULL) != STATUS_OK)
        return;
    if (scale_image(&rgb, &width, &height, &image, image.width, image.height, NULL) == STATUS_OK) {
        print_picture(&terminal->graphics, terminal->around.colours, rgb, width, height,
                      THUMB_COLUMNS, THUMB_ROWS, NULL);
        mem_free(rgb);
    }
    image_clear(&image);
}

/* Those in one of the states; pictures: with what they look like. */
static enum status list_runs(unsigned states, const struct cli_terminal *terminal,
                             struct diag *diag)
{
    struct rundir_entry *list;
    int count, shown = 0;
    char size[16], limit[BUDGET_TEXT];
    double bytes = 0;
    TRY(rundir_list(&list, &count, diag));
    for (int i = 0; i < count; i++) {
        bytes += (double)list[i].bytes;
        if (!(states >> list[i].state & 1))
            continue;
        if (terminal)
            print_thumb(terminal, list[i].path);
        print_entry(&list[i]);
        shown++;
    }
    mem_free(list);
    text_size(size, bytes);
    budget_print_bytes(limit, RUNDIR_LIMIT);
    if (shown == 0)
        puts(count == 0 ? "there is no run" : "there is no unfinished run");
    else if (!terminal)
        printf("%d runs, %s; when they take more than %s, finished ones go, the oldest first\n",
               count, size, limit);
    return STATUS_OK;
}

/* ---- strata runs -------------------------------------------------------------------------- */

enum { RUNS_PRUNE, RUNS_REMOVE };

struct runs_words {
    const char *prune, *remove;
};

static enum status take_runs_word(void *context, int option, const char *value, struct diag *diag)
{
    struct runs_words *words = context;
    if (option == ARGS_WORD)
        return diag_set(diag, STATUS_USAGE, "runs takes no word like %s; strata resume %s goes on "
                        "with a run", value, value);
    *(option == RUNS_PRUNE ? &words->prune : &words->remove) = value;
    return STATUS_OK;
}

static enum status prune(const char *text, struct diag *diag)
{
    uint64_t limit;
    int removed;
    size_t left;
    char size[16];
    if (!budget_parse_size(&limit, text))
        return diag_set(diag, STATUS_USAGE, "--prune %s is no size; 0, 500M or 4G is", text);
    TRY(rundir_prune(&removed, &left, (size_t)limit, diag));
    text_size(size, (double)left);
    printf("%d finished run%s removed; the rest takes %s\n", removed, removed == 1 ? "" : "s",
           size);
    return STATUS_OK;
}

static enum status remove_run(const char *word, struct diag *diag)
{
    char path[JOB_PATH], clean[2 * JOB_PATH];
    struct rundir *dir;
    TRY(rundir_find(path, word, ~0u, diag));
    TRY(rundir_open(&dir, path, diag));
    rundir_discard(&dir);
    diag_clean(clean, sizeof clean, path);
    printf("%s removed\n", clean);
    return STATUS_OK;
}

static const struct args_option runs_options[] = {
    [RUNS_PRUNE] = {"prune", 0, ARGS_VALUE, "SIZE",
                    "remove the oldest finished runs beyond that, 500M or 0"},
    [RUNS_REMOVE] = {"remove", 0, ARGS_VALUE, "RUN", "remove that run, whatever its state"}};

const struct args_option *cli_runs_options(int *count)
{
    *count = sizeof runs_options / sizeof *runs_options;
    return runs_options;
}

int cli_runs(int argc, char **argv)
{
    struct diag diag;
    struct runs_words words = {NULL, NULL};
    struct args args = {.command = "runs", .words = argv, .count = argc, .options = runs_options,
                        .option_count = sizeof runs_options / sizeof *runs_options};
    enum status status = args_read(&args, take_runs_word, &words, &diag);
    if (status == STATUS_OK && words.prune)
        status = prune(words.prune, &diag);
    if (status == STATUS_OK && words.remove)
        status = remove_run(words.remove, &diag);
    if (status == STATUS_OK && !words.prune && !words.remove)
        status = list_runs(~0u, NULL, &diag);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

/* ---- strata resume ------------------------------------------------------------------------ */

enum { RESUME_LIST, RESUME_PROGRESS, RESUME_PRINT, RESUME_SECONDS };

struct resume_words {
    const char *run;
    bool list;
    const char *options[8]; /* those that are passed on, for options_parse */
    int count;
};

static enum status take_resume_word(void *context, int option, const char *value,
                                    struct diag *diag)
{
    static const char *const passed[] = {[RESUME_PROGRESS] = "--progress",
                                         [RESUME_PRINT] = "--print-iterations",
                                         [RESUME_SECONDS] = "--checkpoint-seconds"};
    struct resume_words *words = context;
    if (option == ARGS_WORD && words->run)
        return diag_set(diag, STATUS_USAGE, "resume goes on with one run; %s is one too many",
                        value);
    if (option == ARGS_WORD)
        words->run = value;
    else if (option == RESUME_LIST)
        words->list = true;
    else if (words->count + 2 <= 7) {
        words->options[words->count++] = passed[option];
        words->options[words->count++] = value;
    }
    return STATUS_OK;
}

/* How progress is told is read by the words of `strata run`. */
static enum status read_options(struct options *out, const struct resume_words *words,
                                struct diag *diag)
{
    char *argv[12] = {"run", "--content", "x", "--output", "x.png"};
    int argc = 5;
    for (int i = 0; i < words->count; i++)
        argv[argc++] = (char *)words->options[i];
    return options_parse(out, argc, argv, OPTIONS_RUN, diag);
}

static const struct args_option resume_options[] = {
    [RESUME_LIST] = {"list", 0, ARGS_FLAG, "", "list the runs that can go on"},
    [RESUME_PROGRESS] = {"progress", 0, ARGS_VALUE, "auto|bar|plain|json",
                         "how progress is told (auto)"},
    [RESUME_PRINT] = {"print-iterations", 0, ARGS_VALUE, "N",
                      "a plain line every so many iterations"},
    [RESUME_SECONDS] = {"checkpoint-seconds", 0, ARGS_VALUE, "S",
                        "how often the run's state is saved (30)"}};

const struct args_option *cli_resume_options(int *count)
{
    *count = sizeof resume_options / sizeof *resume_options;
    return resume_options;
}

int cli_resume(int argc, char **argv)
{
    static struct options options;
    const unsigned unfinished = 1u << RUNDIR_UNFINISHED;
    char path[JOB_PATH];
    struct diag diag;
    struct cli_terminal terminal = {.command = "resume", .wanted = GRAPHICS_AUTO, .timeout = 1.0};
    struct resume_words words = {.run = NULL};
    struct args args = {.command = "resume", .words = argv, .count = argc,
                        .options = resume_options,
                        .option_count = sizeof resume_options / sizeof *resume_options};
    enum status status = args_read(&args, take_resume_word, &words, &diag);
    if (status == STATUS_OK && words.list) {
        cli_terminal_ask(&terminal);
        status = list_runs(unfinished, &terminal, &diag);
        return status == STATUS_OK ? 0 : cli_fail(&diag);
    }
    if (status == STATUS_OK)
        status = read_options(&options, &words, &diag);
    if (status == STATUS_OK)
        status = rundir_find(path, words.run ? words.run : "", unfinished, &diag);
    return status == STATUS_OK ? paint(&options, path) : cli_fail(&diag);
}

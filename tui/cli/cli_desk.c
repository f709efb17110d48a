/*
 * cli_desk.c: `strata`, `strata JOB.ini`, `strata PHOTO.jpg STYLE.jpg`, `strata FOLDER`: the
 * workbench; `strata attach`: one that runs already.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir.h"
#include "tui/attach/client.h"
#include "tui/attach/server.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_config.h"
#include "tui/desk/desk.h"
#include "tui/view/draw.h"
#include "tui/cli/options.h"
#include "tui/cli/shipped.h"
#include "tui/view/place.h"
#include "tui/desk/script.h"
#include "tui/term/term.h"
#include "tui/term/tty.h"

/* The first thing that is wrong with the settings' file. */
static void note_problem(void *context, const char *sentence)
{
    struct desk_options *o = context;
    if (!o->config_problem[0])
        snprintf(o->config_problem, sizeof o->config_problem, "%s", sentence);
}

/* A script has none. */
static void read_config(struct desk_options *o)
{
    if (!o->fake)
        cli_config_read(&o->config, o->config_path, note_problem, o);
}

/* Does it say neither what to paint nor where to look, nor want more than to be opened? */
static bool says_nothing(const struct options *o)
{
    bool pulls = o->job.blend_count > 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        pulls |= o->job.channel[i].state != CHANNEL_OFF;
    return !o->job_path[0] && !o->folder[0] && !o->job.content[0] && !pulls &&
           !o->detach && !o->script[0];
}

/* The same words with the demo before them. The output, if they name none, is in the working
 * directory, since the demo's own folder may belong to the system. */
static enum status take_demo(struct options *o, char *demo, int argc, char **argv,
                             struct diag *diag)
{
    char **words = mem_new((size_t)(argc + 2) * sizeof *words);
    bool named = o->job.output[0] != 0;
    words[0] = argv[0];
    words[1] = demo;
    memcpy(words + 2, argv + 1, (size_t)argc * sizeof *words);
    enum status status = options_parse(o, argc + 1, words, OPTIONS_DESK, diag);
    mem_free(words);
    if (status != STATUS_OK || named)
        return status;
    char name[JOB_PATH];
    snprintf(name, sizeof name, "%s", file_name(o->job.output));
    memcpy(o->job.output, name, sizeof name);
    o->made_up = true;
    return STATUS_OK;
}

/* Where nothing is named to be painted, the demo. */
static enum status read_options(struct desk_options *out, struct options *o, int argc, char **argv,
                                struct diag *diag)
{
    char demo[JOB_PATH];
    TRY(options_parse(o, argc, argv, OPTIONS_DESK, diag));
    bool nothing = says_nothing(o) && shipped_find(demo, "demo.ini");
    if (nothing)
        TRY(take_demo(o, demo, argc, argv, diag));
    out->job = o->job;
    memcpy(out->folder, o->folder, sizeof out->folder);
    out->overwrite = o->overwrite;
    out->trusted = o->trust_paths;
    memcpy(out->latest, o->latest, sizeof out->latest);
    out->start = o->start;
    out->fake = o->script[0] != 0;
    read_config(out);
    out->announce = -1;
    out->graphics = o->graphics;
    out->timeout = o->timeout;
    out->checkpoint_seconds = o->checkpoint_seconds;
    memcpy(out->run_dir, o->run_dir, sizeof out->run_dir);
    if (o->detach)
        out->start = true;
    if (out->fake || !dirs_path(out->places, sizeof out->places, DIRS_STATE, "places"))
        out->places[0] = 0;
    if (!shipped_find(out->presets[PRESETS_SHIPPED], "presets"))
        out->presets[PRESETS_SHIPPED][0] = 0;
    if (!out->fake)
        shipped_own_presets(out->presets[PRESETS_OWN]);
    out->made_up = o->made_up;
    out->welcome = nothing;
    if (nothing)
        config_job(&out->config, &out->job, &o->job);
    else
        snprintf(out->path, sizeof out->path, "%s", o->job_path);
    return STATUS_OK;
}

/* With a script: a screen that nobody sees, in this process. */
static int play(const struct options *o, const struct desk_options *desk_options)
{
    struct diag diag;
    const char *no_colour = getenv("NO_COLOR");
    if (term_open_hidden(24, 80, &diag) != STATUS_OK)
        return cli_fail(&diag);
    draw_open(!no_colour || !no_colour[0], false);
    place_open(term_tty(), o->graphics);
    enum status status = script_play(o->script, desk_options, &diag);
    place_close();
    term_close();
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

/* ---- two processes ------------------------------------------------------------------------ */

/* The workbench, in a session of its own, so that it outlives the terminal that is lent to it.
 * connection: who lends the first one or, to `detach`, waits to be told that the run has begun. */
static int host(int connection, bool detach, struct desk_options *o)
{
    struct diag diag;
    struct desk *desk = NULL;
    bool read_only;
    setsid();
    /* They are of one terminal, and count more than what a later one says of itself. */
    unsetenv("LINES");
    unsetenv("COLUMNS");
    term_catch(desk_wake_fd());
    struct server *server = server_open(detach ? -1 : connection);
    enum status status = STATUS_OK;
    int result = 0;
    if (!detach && server_take(server) != SERVER_GUEST)
        return 1;
    if (!detach)
        status = desk_take_terminal(server, o->timeout, o->graphics, &o->config, &read_only,
                                    &diag);
    o->server = server;
    o->detach = detach;
    o->announce = detach ? connection : -1;
    if (status == STATUS_OK)
        status = desk_open(&desk, o, &diag);
    if (status == STATUS_OK)
        result = desk_loop(desk);
    place_close();
    term_close();
    if (status != STATUS_OK)
        result = cli_fail(&diag);
    fflush(stdout);
    desk_close(&desk);
    server_close(&server, result);
    return result;
}

/* The process that has the terminal lends it to one that has the run: only so can the run go on
 * without it, and come back on another. */
static int part(struct desk_options *o, bool detach)
{
    struct diag diag;
    int ends[2];
    if (wire_pair(ends, &diag) != STATUS_OK)
        return cli_fail(&diag);
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        diag_set(&diag, STATUS_LIBRARY, "no process can be made for the run: %s", strerror(errno));
        return cli_fail(&diag);
    }
    close(ends[child == 0 ? 0 : 1]);
    if (child == 0)
        exit(host(ends[1], detach, o));
    return detach ? client_await(ends[0]) : client_lend(ends[0], child, false);
}

/* Before a process is made for it. */
static enum status check_terminal(struct diag *diag)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE,
                    "the workbench needs a terminal; `strata run` paints without one");
}

int cli_desk(int argc, char **argv)
{
    static struct desk_options desk_options;
    static struct options options;
    struct diag diag;
    enum status status = read_options(&desk_options, &options, argc, argv, &diag);
    if (status == STATUS_OK && options.script[0])
        return play(&options, &desk_options);
    if (status == STATUS_OK && !options.detach)
        status = check_terminal(&diag);
    return status == STATUS_OK ? part(&desk_options, options.detach) : cli_fail(&diag);
}

/* ---- strata attach ------------------------------------------------------------------------ */

enum { ATTACH_READ_ONLY, ATTACH_GRAPHICS };

struct attach_words {
    const char *run;
    bool read_only;
};

static enum status take_attach_word(void *context, int option, const char *value,
                                    struct diag *diag)
{
    struct attach_words *words = context;
    if (option == ATTACH_READ_ONLY)
        words->read_only = true;
    else if (words->run)
        return diag_set(diag, STATUS_USAGE, "attach looks at one run; %s is one too many", value);
    else
        words->run = value;
    return STATUS_OK;
}

/* The newest that runs; else the newest that could go on; or the one that is named. */
static enum status find_run(char path[JOB_PATH], const char *word, struct diag *diag)
{
    if (word || rundir_find(path, "", 1u << RUNDIR_RUNNING, diag) != STATUS_OK)
        return rundir_find(path, word ? word : "", 1u << RUNDIR_UNFINISHED, diag);
    return STATUS_OK;
}

static const struct args_option known[] = {
    [ATTACH_READ_ONLY] = {"read-only", 0, ARGS_FLAG, "", "look, and change nothing"}};

const struct args_option *cli_attach_options(int *count)
{
    *count = sizeof known / sizeof *known;
    return known;
}

int cli_attach(int argc, char **argv)
{
    static struct desk_options desk_options;
    static struct rundir_entry entry;
    struct attach_words words = {NULL, false};
    struct args args = {.command = "attach", .words = argv, .count = argc, .options = known,
                        .option_count = sizeof known / sizeof *known};
    char path[JOB_PATH];
    int connection;
    struct diag diag;
    enum status status = args_read(&args, take_attach_word, &words, &diag);
    if (status == STATUS_OK)
        status = check_terminal(&diag);
    if (status == STATUS_OK)
        status = find_run(path, words.run, &diag);
    if (status == STATUS_OK && rundir_look(&entry, path) && entry.state == RUNDIR_RUNNING) {
        status = wire_connect(&connection, path, &diag);
        if (status == STATUS_OK)
            return client_lend(connection, 0, words.read_only);
    }
    if (status != STATUS_OK)
        return cli_fail(&diag);
    read_config(&desk_options);
    job_defaults(&desk_options.job);
    memcpy(desk_options.job.content, entry.content, JOB_PATH);
    memcpy(desk_options.job.output, entry.output, JOB_PATH);
    desk_options.announce = -1;
    desk_options.graphics = GRAPHICS_AUTO;
    desk_options.timeout = TTY_DEADLINE;
    memcpy(desk_options.resume, path, sizeof path);
    return part(&desk_options, false);
}

/* cli_desk.c: `strata`, `strata JOB.ini`, `strata PHOTO.jpg STYLE.jpg`: the workbench. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/dirs.h"
#include "tui/cli/cli.h"
#include "tui/desk/desk.h"
#include "tui/desk/draw.h"
#include "tui/cli/options.h"
#include "tui/desk/place.h"
#include "tui/desk/script.h"
#include "tui/term/term.h"

/* The demo job: beside the build folder, or where `make install` puts it. */
static bool find_demo(char out[JOB_PATH])
{
    static const char *const places[] = {"/../assets/demo.ini", "/../share/strata/demo.ini"};
    char program[JOB_PATH];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return false;
    program[n] = 0;
    char *slash = strrchr(program, '/');
    if (slash)
        *slash = 0;
    for (int i = 0; i < 2; i++) {
        char path[JOB_PATH + 64];
        snprintf(path, sizeof path, "%s%s", program, places[i]);
        char *real = realpath(path, NULL);
        bool found = real && strlen(real) < JOB_PATH;
        if (found)
            strcpy(out, real);
        free(real);
        if (found)
            return true;
    }
    return false;
}

/* Without a word on the command line: the demo, with an output in the working directory, since the
 * demo's own folder may belong to the system. */
static enum status read_options(struct desk_options *out, struct options *o, int argc, char **argv,
                                struct diag *diag)
{
    char demo[JOB_PATH], *with_demo[] = {argv[0], demo, NULL};
    bool nothing = argc == 1 && find_demo(demo);
    TRY(options_parse(o, nothing ? 2 : argc, nothing ? with_demo : argv, OPTIONS_DESK, diag));
    out->job = o->job;
    out->overwrite = o->overwrite;
    memcpy(out->latest, o->latest, sizeof out->latest);
    out->start = o->start;
    out->fake = o->script[0] != 0;
    if (out->fake || !dirs_path(out->places, sizeof out->places, DIRS_STATE, "places"))
        out->places[0] = 0;
    if (!nothing) {
        snprintf(out->path, sizeof out->path, "%s", o->job_path);
        out->made_up = o->made_up;
        return STATUS_OK;
    }
    const char *name = file_name(o->job.output);
    memset(out->job.output, 0, sizeof out->job.output);
    snprintf(out->job.output, JOB_PATH, "%s", name);
    out->made_up = out->welcome = true;
    return STATUS_OK;
}

int cli_desk(int argc, char **argv)
{
    static struct desk_options desk_options;
    static struct options options;
    struct diag diag;
    struct desk *desk = NULL;
    int result = 0;
    enum status status = read_options(&desk_options, &options, argc, argv, &diag);
    if (status == STATUS_OK && options.help) {
        options_help(stdout);
        return 0;
    }
    if (status == STATUS_OK)
        status = options.script[0] ? term_open_hidden(24, 80, &diag)
                                   : term_open(desk_wake_fd(), options.timeout, &diag);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    const char *no_colour = getenv("NO_COLOR");
    draw_open(!no_colour || !no_colour[0]);
    place_open(term_tty(), options.graphics);
    status = options.script[0] ? script_play(options.script, &desk_options, &diag)
                               : desk_open(&desk, &desk_options, &diag);
    if (desk)
        result = desk_loop(desk);
    place_close();
    term_close();
    desk_close(&desk);
    return status == STATUS_OK ? result : cli_fail(&diag);
}

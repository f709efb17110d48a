/*
 * cli_doctor.c: `strata doctor`: what this terminal, this processor and this installation can do,
 * what was found out how, and a test picture. What could be better is marked and explained.
 */
#include <chafa.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sixel.h>

#include "engine/base/mem.h"
#include "engine/host/logout.h"
#include "engine/run/bench.h"
#include "engine/rundir/rundir.h"
#include "engine/net/network.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_config.h"
#include "tui/cli/cli_terminal.h"
#include "tui/cli/print_picture.h"
#include "tui/term/outside.h"
#include "tui/term/terminfo.h"

static void line(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *name, const char *format, ...)
{
    char text[DIAG_TEXT], clean[DIAG_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    diag_clean(clean, sizeof clean, text);
    printf("  %-12s %s\n", name, clean);
}

static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? value : "not set";
}

static void report_terminal(const struct cli_terminal *terminal)
{
    const struct answers *a = &terminal->answers;
    const struct graphics_environment *around = &terminal->around;
    static const char *const colours[] = {"none", "8", "16", "256", "24 bits"};
    static const char *const notices[] = {[OUTSIDE_BELL] = "the bell", [OUTSIDE_OSC_9] = "OSC 9",
                                          [OUTSIDE_OSC_99] = "OSC 99",
                                          [OUTSIDE_OSC_777] = "OSC 777"};
    puts("Terminal");
    line("TERM", "%s", value_of("TERM"));
    line("inside", "%s",
         around->tmux  ? "tmux, whose own answers count"
         : around->sty ? "GNU screen, which is not asked: it shows no pictures"
                       : "neither tmux nor screen, as far as one can see");
    if (!terminal->present)
        line("answers", "none: stdout is no terminal");
    else if (a->attributes)
        line("answers", "after %.0f ms; it is %s, attributes %s", 1e3 * terminal->answered,
             a->name[0] ? a->name : "nameless", a->da1);
    else
        line("answers", "none within %g s; a slow link may need --timeout", terminal->timeout);
    line("size", "%d×%d cells of %d×%d pixels: %s", around->columns, around->rows,
         terminal->graphics.cell_width, terminal->graphics.cell_height,
         terminal->graphics.why_cell);
    line("locale", "%s",
         around->utf8 ? "UTF-8" : "not UTF-8: set LC_CTYPE or LANG for pictures in cells");
    line("colours", "%s (terminfo, COLORTERM, NO_COLOR)", colours[around->colours]);
    if (a->background)
        line("background", "%s (OSC 11)", a->light > 0.5 ? "light" : "dark");
    struct outside_can can = outside_find(a->name);
    line("outside", "%s; %s; a run's end is told by %s",
         can.title ? "title and clipboard" : "no title, no clipboard",
         can.progress ? "a progress bar" : "no progress bar that it is known for",
         notices[can.form]);
}

static void report_pictures(const struct cli_terminal *terminal)
{
    const struct graphics *g = &terminal->graphics;
    puts("Pictures");
    line("drawn as", "%s: %s", graphics_word(g->kind), g->why);
    if (strncmp(terminal->answers.name, "XTerm(", 6) == 0 && !terminal->answers.sixel)
        line("better", "xterm -ti vt340 -xrm 'XTerm*decTerminalID: vt340' draws in pixels (sixel)");
    if (g->kind == GRAPHICS_SIXEL)
        line("colours", "%d%s", g->registers,
             terminal->answers.registers ? "" : ", assumed: the terminal does not say");
    line("at once", "%s",
         g->synchronised ? "yes, by synchronised output (mode 2026)"
                         : "no synchronised output (mode 2026)");
    line("paced by", "%s", g->answers ? "the terminal's answers" : "the clock: it does not answer");
    line("libraries", "libsixel %s, chafa %d.%d.%d, %s", LIBSIXEL_VERSION, CHAFA_MAJOR_VERSION,
         CHAFA_MINOR_VERSION, CHAFA_MICRO_VERSION, terminfo_version());
}

/* A value of /proc's files: what follows name and a colon. */
static void proc_value(char *out, size_t size, const char *path, const char *name)
{
    char text[512];
    FILE *file = fopen(path, "r");
    snprintf(out, size, "unknown");
    while (file && fgets(text, sizeof text, file)) {
        char *colon = strchr(text, ':');
        if (strncmp(text, name, strlen(name)) != 0 || !colon)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        snprintf(out, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    if (file)
        fclose(file);
}

static bool report_processor(void)
{
    enum { SIDE = 512, ITERATIONS = 3 };
    struct bench bench;
    struct job job;
    struct diag diag;
    char model[128], available[64], total[64];
    proc_value(model, sizeof model, "/proc/cpuinfo", "model name");
    proc_value(available, sizeof available, "/proc/meminfo", "MemAvailable");
    proc_value(total, sizeof total, "/proc/meminfo", "MemTotal");
    puts("Processor");
    line("model", "%s", model);
    line("memory", "%ld MB free of %ld MB", strtol(available, NULL, 10) / 1024,
         strtol(total, NULL, 10) / 1024);
    job_defaults(&job);
    if (bench_measure(&bench, &job, SIDE, SIDE, ITERATIONS, NULL, NULL, &diag) != STATUS_OK) {
        line("oneDNN", "%s", diag.text);
        return false;
    }
    line("oneDNN", "%s on %s", bench.onednn_version, bench.cpu_isa);
    line("threads", "%d, a core each; %ld processors are there (--threads says otherwise)",
         bench.threads, sysconf(_SC_NPROCESSORS_ONLN));
    line("plan", "%s: %.0f ms for an iteration of %s at %d×%d", bench.plan,
         1e3 * bench.seconds_per_iteration, job.network, SIDE, SIDE);
    return true;
}

static void tell_problem(void *context, const char *sentence)
{
    (void)context;
    line("", "%s", sentence);
}

static void report_settings(void)
{
    char path[JOB_PATH];
    struct config *config = mem_new(sizeof *config);
    int set = 0;
    puts("Settings");
    cli_config_read(config, path, tell_problem, NULL);
    for (int i = 0; i < config_count(); i++)
        set += config->value[i] != NULL;
    if (!path[0])
        line("file", "no place for it: neither XDG_CONFIG_HOME nor HOME is set");
    else
        line("file", "%s: %d set%s", path, set,
             access(path, F_OK) == 0 ? "" : ", as it is not there; the workbench writes it (,)");
    config_clear(config);
    mem_free(config);
}

/* Where runs keep their state, and what becomes of one that is left. */
static void report_runs(void)
{
    char root[JOB_PATH];
    struct diag diag;
    struct rundir_entry *list = NULL;
    int count = 0;
    const struct passwd *user = getpwuid(geteuid());
    static const char *const words[] = {
        [LOGOUT_STAYS] = "what you leave behind goes on, as far as systemd is concerned",
        [LOGOUT_LINGER] = "systemd ends what users leave behind, but not yours (you linger)",
        [LOGOUT_ENDS] = ("systemd ends what you leave behind, runs too: have `loginctl "
                         "enable-linger` said, and start with `systemd-run --user --scope "
                         "strata`")};
    puts("Runs");
    if (rundir_root(root, &diag) != STATUS_OK || rundir_list(&list, &count, &diag) != STATUS_OK)
        line("kept in", "%s", diag.text);
    else
        line("kept in", "%s: %d of them; `strata runs` lists them", root, count);
    line("at logout", "%s", words[logout_find("", user ? user->pw_name : "")]);
    mem_free(list);
}

static bool report_network(void)
{
    struct network *network;
    struct diag diag;
    puts("Network");
    if (network_open(&network, "strata16", &diag) != STATUS_OK) {
        line("strata16", "%s", diag.text);
        return false;
    }
    line(network->name, "%d layers, %d to %d channels; %s", network->layer_count,
         network->conv[0].out, network->conv[network->layer_count - 1].out, network->source);
    network_close(&network);
    return true;
}

/* Hues from left to right, light to dark from top to bottom, a grey ramp, and a frame of one
 * pixel, which shows whether the picture lies where it should. */
static void draw_test(unsigned char *rgb, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, rgb += 3) {
            bool frame = x == 0 || y == 0 || x == width - 1 || y == height - 1;
            int hue = 6 * 255 * x / width, light = 255 - 255 * y / height;
            for (int c = 0; c < 3; c++) {
                int d = abs((hue + 510 * (3 - c)) % 1530 - 765) - 255;
                int level = d < 0 ? 0 : d > 255 ? 255 : d;
                level = y > height * 3 / 4 ? 255 * x / width : level * light / 255;
                rgb[c] = (unsigned char)(frame ? 255 : level);
            }
        }
}

int cli_doctor(int argc, char **argv)
{
    enum { WIDTH = 240, HEIGHT = 60 };
    static unsigned char test[HEIGHT * WIDTH * 3];
    struct diag diag;
    struct cli_terminal terminal;
    enum status status = cli_terminal_parse(&terminal, argc, argv, &diag);
    if (status == STATUS_OK && terminal.argument)
        status = diag_set(&diag, STATUS_USAGE, "doctor takes no argument %s", terminal.argument);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    cli_terminal_ask(&terminal);
    report_terminal(&terminal);
    report_pictures(&terminal);
    report_settings();
    report_runs();
    bool well = report_processor();
    well &= report_network();
    if (terminal.present && terminal.graphics.kind != GRAPHICS_NONE) {
        printf("Test picture: hues from left to right, darker downwards, greys, a white frame\n");
        draw_test(test, WIDTH, HEIGHT);
        status = print_picture(&terminal.graphics, terminal.around.colours, test, WIDTH, HEIGHT, 60,
                               6, &diag);
    }
    if (status != STATUS_OK)
        return cli_fail(&diag);
    return well ? 0 : 1;
}

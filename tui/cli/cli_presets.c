/* cli_presets.c: `strata presets`: what --preset takes, with what each does. */
#include <stdio.h>

#include "engine/base/args.h"
#include "tui/cli/cli.h"
#include "tui/cli/shipped.h"
#include "tui/model/command_line.h"
#include "tui/model/presets.h"

/* A name in front, and behind it as many lines as the sentence takes. */
static void print_preset(const struct preset *preset)
{
    enum { NAME = 14, LINE = 64 };
    const char *line = preset->line;
    printf("  %-*s", NAME, preset->name);
    do {
        const char *end = command_line_break(line, LINE);
        printf("%.*s\n%*s", (int)(end - line), line, *end ? NAME + 2 : 0, "");
        line = end + (*end == ' ');
    } while (*line);
}

/* False: there are none. */
static bool print_folder(const char *title, const char *folder)
{
    struct preset *presets;
    int count;
    presets_read(&presets, &count, folder);
    if (count > 0)
        puts(title);
    for (int i = 0; i < count; i++)
        print_preset(&presets[i]);
    bool any = count > 0;
    presets_clear(&presets, &count);
    return any;
}

static enum status refuse(void *context, int option, const char *value, struct diag *diag)
{
    (void)context;
    (void)option;
    return diag_set(diag, STATUS_USAGE, "presets takes no %s; strata --preset NAME PHOTO starts "
                    "from one", value);
}

const struct args_option *cli_presets_options(int *count)
{
    *count = 0;
    return NULL;
}

int cli_presets(int argc, char **argv)
{
    struct diag diag;
    char folder[JOB_PATH];
    struct args args = {.command = "presets", .words = argv, .count = argc};
    if (args_read(&args, refuse, NULL, &diag) != STATUS_OK)
        return cli_fail(&diag);
    bool any = shipped_find(folder, "presets") && print_folder("Presets:", folder);
    shipped_own_presets(folder);
    any |= folder[0] && print_folder("Your own:", folder);
    if (!any) {
        diag_set(&diag, STATUS_INPUT, "no presets are installed, and you have none");
        return cli_fail(&diag);
    }
    puts("strata --preset NAME PHOTO.jpg begins with one, strata run --preset NAME PHOTO.jpg "
         "paints.");
    return 0;
}

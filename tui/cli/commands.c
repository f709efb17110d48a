/* commands.c: see commands.h. */
#include "tui/cli/commands.h"

#include <stddef.h>
#include <string.h>

#include "tui/cli/cli.h"
#include "tui/cli/cli_terminal.h"
#include "tui/cli/options.h"

static const struct args_option *of_desk(int *count)
{
    return options_list(count, OPTIONS_DESK);
}

static const struct args_option *of_run(int *count)
{
    return options_list(count, OPTIONS_RUN);
}

static const struct args_option *of_eval(int *count)
{
    return options_list(count, OPTIONS_EVAL);
}

static const struct args_option *of_original(int *count)
{
    return options_list(count, OPTIONS_ORIGINAL);
}

static const struct command all[] = {
    {"", cli_desk, "[JOB.ini | OUTPUT.png | CONTENT STYLE... | FOLDER] [OPTIONS]",
     "the workbench", COMMAND_FILES, of_desk, "workbench"},
    {"run", cli_run, "[JOB.ini... | OUTPUT.png | CONTENT STYLE...] [OPTIONS]",
     "paint a picture without a screen", COMMAND_FILES, of_run, NULL},
    {"sweep", cli_sweep, "SWEEP.ini [OPTIONS] [-- SBATCH OPTIONS]",
     "paint many variations from one file", COMMAND_FILES, cli_sweep_options, "sweep"},
    {"attach", cli_attach, "[RUN] [--read-only]",
     "look at a run that goes on without a terminal, and steer it", COMMAND_RUNS,
     cli_attach_options, NULL},
    {"resume", cli_resume, "[RUN] [OPTIONS]", "go on with a run that was ended", COMMAND_RUNS,
     cli_resume_options, NULL},
    {"runs", cli_runs, "[OPTIONS]", "what there is to go on with and to look back at",
     COMMAND_NOTHING, cli_runs_options, NULL},
    {"eval", cli_eval, "[JOB.ini] --image PICTURE.png [OPTIONS]",
     "the losses of a picture as it is saved, and their gradient", COMMAND_FILES, of_eval, NULL},
    {"show", cli_show, "PICTURE [OPTIONS]", "draw a picture in this terminal", COMMAND_FILES,
     cli_terminal_options, NULL},
    {"compare", cli_compare, "A.png B.png... [OPTIONS]",
     "pictures on one sheet, and what their jobs and losses differ in", COMMAND_FILES,
     cli_compare_options, NULL},
    {"presets", cli_presets, "", "jobs to begin with, and what each teaches", COMMAND_NOTHING,
     cli_presets_options, NULL},
    {"doctor", cli_doctor, "[OPTIONS]",
     "what this terminal, processor and installation can do", COMMAND_NOTHING,
     cli_terminal_options, NULL},
    {"weights", cli_weights, "list | info NETWORK | fetch NAME | import FILE",
     "networks from elsewhere", COMMAND_NETWORKS, NULL, NULL},
    {"neural-style", cli_neural_style,
     "--content F --styles F... --output F [OPTIONS]",
     "paint by the command lines of neural_style.py; strata run's options work too",
     COMMAND_FILES, of_original, NULL},
    {"bench", cli_bench, "[OPTIONS]", "how fast an iteration is here", COMMAND_NOTHING,
     cli_bench_options, NULL},
    {"help", NULL, "[COMMAND | TOPIC]", "how to use a command, or read about a topic",
     COMMAND_TOPICS, NULL, NULL},
};

const struct command *commands(int *count)
{
    *count = sizeof all / sizeof *all;
    return all;
}

const struct command *commands_find(const char *name)
{
    for (size_t i = 1; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, all[i].name) == 0)
            return &all[i];
    return NULL;
}

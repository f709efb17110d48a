/* cli_sweep.c: `strata sweep`: many variations of a picture from one file. */
#include "tui/cli/cli_sweep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/cli/cli.h"

enum { PRINT, SLURM, SHEET, ALL, OVERWRITE, ONLY, THREADS, BESIDE, PACK, PROGRESS };

static const struct args_option options[] = {
    [PRINT] = {"print", 0, ARGS_FLAG, "", "print a strata run line for each run that is missing"},
    [SLURM] = {"slurm", 0, ARGS_FLAG, "", "submit the missing ones as one array, and watch it; "
               "what is behind -- goes to sbatch"},
    [SHEET] = {"sheet", 0, ARGS_FLAG, "", "write sheet and table of what is there, paint nothing"},
    [ALL] = {"all", 0, ARGS_FLAG, "", "with --print: each run, missing or not"},
    [OVERWRITE] = {"overwrite", 0, ARGS_FLAG, "", "replace pictures of other jobs"},
    [ONLY] = {"only", 0, ARGS_VALUE, "1-4,7", "only these runs, without sheet and table"},
    [THREADS] = {"threads", 0, ARGS_VALUE, "N", "cores to use in all"},
    [BESIDE] = {"beside", 0, ARGS_VALUE, "N", "runs at once, instead of as many as is quick"},
    [PACK] = {"pack", 0, ARGS_VALUE, "N", "with --slurm: so many runs are one task of the array"},
    [PROGRESS] = {"progress", 0, ARGS_VALUE, "auto|bar|plain|json", "how progress is told (auto)"},
};

const struct args_option *cli_sweep_options(int *count)
{
    *count = sizeof options / sizeof *options;
    return options;
}

static enum status number(int *out, const char *text, struct diag *diag)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < 1 || value > SWEEP_MOST)
        return diag_set(diag, STATUS_USAGE, "%s is not a whole number from 1 to %d", text,
                        SWEEP_MOST);
    *out = (int)value;
    return STATUS_OK;
}

static enum status read_progress(struct cli_sweep *s, const char *value, struct diag *diag)
{
    static const char *const names[] = {"auto", "bar", "plain", "json"};
    for (int i = 0; i < 4; i++)
        if (strcmp(value, names[i]) == 0) {
            s->progress = (enum progress_style)i;
            return STATUS_OK;
        }
    return diag_set(diag, STATUS_USAGE, "%s is none of auto, bar, plain, json", value);
}

static enum status read_option(void *context, int option, const char *value, struct diag *diag)
{
    struct cli_sweep *s = context;
    enum status status = STATUS_OK;
    switch (option) {
    case PRINT: s->print = true; break;
    case SLURM: s->slurm = true; break;
    case SHEET: s->sheet = true; break;
    case ALL: s->all = true; break;
    case OVERWRITE: s->overwrite = true; break;
    case ONLY: s->only = value; break;
    case THREADS: status = number(&s->threads, value, diag); break;
    case BESIDE: status = number(&s->beside, value, diag); break;
    case PACK: status = number(&s->pack, value, diag); break;
    case PROGRESS: status = read_progress(s, value, diag); break;
    case ARGS_WORD:
        if (s->path[0])
            return diag_set(diag, STATUS_USAGE, "%s is one word too many; a sweep is one file, and "
                            "options of sbatch stand behind --slurm --", value);
        return file_join(s->path, sizeof s->path, "", value, diag);
    }
    return status == STATUS_OK ? status
                               : diag_prefix(diag, status, "--%s", options[option].name);
}

/* What stands behind -- is sbatch's. */
static enum status read_words(struct cli_sweep *s, int argc, char **argv, struct diag *diag)
{
    int count = 1;
    while (count < argc && strcmp(argv[count], "--") != 0)
        count++;
    s->extra = argv + count + 1;
    s->extra_count = count < argc ? argc - count - 1 : 0;
    struct args args = {.command = "sweep", .words = argv, .count = count, .options = options,
                        .option_count = sizeof options / sizeof *options};
    TRY(args_read(&args, read_option, s, diag));
    if (!s->path[0])
        return diag_set(diag, STATUS_USAGE, "sweep needs a file; strata sweep --help shows one");
    if (s->print + s->slurm + s->sheet > 1)
        return diag_set(diag, STATUS_USAGE, "--print, --slurm and --sheet exclude each other");
    if (s->extra_count > 0 && !s->slurm)
        return diag_set(diag, STATUS_USAGE, "%s stands behind --, as options of sbatch do, and "
                        "--slurm is not given", s->extra[0]);
    return STATUS_OK;
}

/* "1-4,7", counted from 1. */
static enum status choose(struct cli_sweep *s, struct diag *diag)
{
    int count = sweep_count(s->sweep);
    for (int i = 0; i < count && !s->only; i++)
        s->chosen[i] = true;
    for (const char *at = s->only; at && *at;) {
        char *end;
        long first = strtol(at, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        if (!isdigit((unsigned char)*at) || (*end && *end != ',') || first < 1 || last < first ||
            first > count)
            return diag_set(diag, STATUS_USAGE, "--only %s is not such as 1-4,7, of runs 1 to %d",
                            s->only, count);
        for (long i = first; i <= last && i <= count; i++)
            s->chosen[i - 1] = true;
        at = *end ? end + 1 : end;
    }
    return STATUS_OK;
}

static int act(struct cli_sweep *s)
{
    struct diag diag;
    if (s->print)
        return cli_sweep_print(s);
    if (s->slurm)
        return cli_sweep_slurm(s);
    if (!s->sheet)
        return cli_sweep_queue(s);
    cli_sweep_look(s);
    enum status status = cli_sweep_write(s, s->progress == PROGRESS_JSON, &diag);
    return status == STATUS_OK ? 0 : cli_fail(&diag);
}

int cli_sweep(int argc, char **argv)
{
    static struct cli_sweep s;
    struct diag diag;
    int code = 0, count = 0;
    enum status status = read_words(&s, argc, argv, &diag);
    if (status == STATUS_OK)
        status = sweep_read(&s.sweep, s.path, &diag);
    if (status == STATUS_OK) {
        count = sweep_count(s.sweep);
        s.chosen = mem_new((size_t)count * sizeof *s.chosen);
        s.painted = mem_new((size_t)count * sizeof *s.painted);
        s.why = mem_new((size_t)count * sizeof *s.why);
        status = choose(&s, &diag);
    }
    code = status == STATUS_OK ? act(&s) : cli_fail(&diag);
    for (int i = 0; i < count; i++)
        mem_free(s.why[i]);
    mem_free(s.why);
    mem_free(s.painted);
    mem_free(s.chosen);
    sweep_close(&s.sweep);
    return code;
}

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

enum { PRINT, SLURM, SHEET, ALL, OVERWRITE, ONLY, THREADS, BESIDE, PACK, PROGRESS, HELP };

static const struct args_option options[] = {
    [PRINT] = {"print", 0, ARGS_FLAG},         [SLURM] = {"slurm", 0, ARGS_FLAG},
    [SHEET] = {"sheet", 0, ARGS_FLAG},         [ALL] = {"all", 0, ARGS_FLAG},
    [OVERWRITE] = {"overwrite", 0, ARGS_FLAG}, [ONLY] = {"only", 0, ARGS_VALUE},
    [THREADS] = {"threads", 0, ARGS_VALUE},    [BESIDE] = {"beside", 0, ARGS_VALUE},
    [PACK] = {"pack", 0, ARGS_VALUE},          [PROGRESS] = {"progress", 0, ARGS_VALUE},
    [HELP] = {"help", 'h', ARGS_FLAG},
};

static void help(void)
{
    fputs("strata sweep SWEEP.ini [OPTIONS]: many variations of a picture from one file\n"
          "\n"
          "A sweep file is a job file with a section [sweep]:\n"
          "\n"
          "    [sweep]\n"
          "    job = exp2.ini               ; what does not vary; or [job] and [channel ...]\n"
          "    content = quay.jpg \"my cat.jpg\"\n"
          "    relu3_1.weight = 0.5..8*2    ; 0.5 1 2 4 8; 0..1+0.25 goes by a step, 1..4 by ones\n"
          "    relu1_1.style = night.jpg blank none\n"
          "    blanks = 0..4                ; so many layers are blank, from relu1_1 on\n"
          "    mode = grid                  ; all combinations; zip: the first with the first;\n"
          "                                 ; random: count = 20 of them, random_seed = 1, and\n"
          "                                 ; 0..1 is any number between, 0.5..8* any by factors\n"
          "    output = folder              ; or a name with {} in it; else named as the file\n"
          "\n"
          "Every key of [job] and of a channel can vary. What is painted already is not painted\n"
          "again. At the end sheet.png and losses.csv are in the folder.\n"
          "\n"
          "  --print        prints a `strata run` line for each run that is missing (--all: each)\n"
          "  --slurm [-- SBATCH OPTIONS]   submits the missing ones as one array, and watches it\n"
          "  --pack N       so many runs are one task of the array\n"
          "  --sheet        writes sheet and table of what is there, paints nothing\n"
          "  --only 1-4,7   only these runs, without sheet and table\n"
          "  --overwrite    replaces pictures of other jobs\n"
          "  --threads N    cores to use in all\n"
          "  --beside N     runs at once, instead of as many as is quick\n"
          "  --progress auto|bar|plain|json\n",
          stdout);
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
    case HELP: s->help = true; break;
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
    if (s->help)
        return STATUS_OK;
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
    if (status == STATUS_OK && s.help) {
        help();
        return 0;
    }
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

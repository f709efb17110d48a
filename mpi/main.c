/* main.c: strata-mpi: one picture painted by several processes. Options and job are read by each of
 * them; what they print comes from the first. */
#include <locale.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/args.h"
#include "engine/base/mem.h"
#include "engine/host/cores.h"
#include "engine/host/waiting.h"
#include "engine/rundir/autosave.h"
#include "mpi/spread.h"
#include "mpi/watch.h"

static volatile sig_atomic_t caught;

static void catch(int number)
{
    caught = number;
}

/* ---- options ------------------------------------------------------------------------------ */

enum own { OWN_RUN_DIR, OWN_RESUME, OWN_OVERWRITE, OWN_ANEW, OWN_STATS, OWN_PROGRESS, OWN_SECONDS,
           OWN_PRINT, OWN_HELP, OWN_COUNT };

static const struct {
    const char *name, *value, *help;
} own_options[OWN_COUNT] = {
    [OWN_RUN_DIR] = {"run-dir", "DIR", "where the state is kept, which all machines must see; else "
                     "below ~/.local/state/strata/runs"},
    [OWN_RESUME] = {"resume", "RUN", "go on with that run; the same command does so, too"},
    [OWN_OVERWRITE] = {"overwrite", "", "replace what exists"},
    [OWN_ANEW] = {"anew", "", "begin anew, although a run of this very job is unfinished"},
    [OWN_STATS] = {"stats", "", "at the end: bytes that were sent, seconds in MPI"},
    [OWN_PROGRESS] = {"progress", "plain|json", "how progress is told"},
    [OWN_SECONDS] = {"checkpoint-seconds", "S", "how often the state is saved (30)"},
    [OWN_PRINT] = {"print-iterations", "N", "a plain line every so many iterations"},
    [OWN_HELP] = {"help", "", "this list"},
};

enum pass { PASS_JOB, PASS_SCHEDULE, PASS_REST };

struct parser {
    struct spread_options *options;
    struct job_lists lists;
    enum pass pass;
    bool help, named; /* a job was */
};

static enum status number(double *out, const char *value, double low, double high,
                          struct diag *diag)
{
    char *end;
    *out = strtod(value, &end);
    if (end != value && !*end && *out >= low && *out <= high)
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "%s is not a number from %g to %g", value, low, high);
}

static enum status take_own(struct parser *p, int option, const char *value, struct diag *diag)
{
    struct spread_options *o = p->options;
    double n;
    switch ((enum own)option) {
    case OWN_RUN_DIR: return file_join(o->run_dir, JOB_PATH, "", value, diag);
    case OWN_RESUME: return file_join(o->resume, JOB_PATH, "", value, diag);
    case OWN_OVERWRITE: o->overwrite = true; return STATUS_OK;
    case OWN_ANEW: o->anew = true; return STATUS_OK;
    case OWN_STATS: o->stats = true; return STATUS_OK;
    case OWN_PROGRESS:
        o->json = strcmp(value, "json") == 0;
        if (!o->json && strcmp(value, "plain") != 0)
            return diag_set(diag, STATUS_USAGE, "%s is none of plain|json", value);
        return STATUS_OK;
    case OWN_SECONDS: return number(&o->checkpoint_seconds, value, 0.01, 1e6, diag);
    case OWN_PRINT:
        TRY(number(&n, value, 1, 1e7, diag));
        o->print_iterations = (int)n;
        return STATUS_OK;
    case OWN_HELP: p->help = true; return STATUS_OK;
    case OWN_COUNT: break;
    }
    return STATUS_OK;
}

static enum status take_word(struct parser *p, const char *word, struct diag *diag)
{
    if (p->pass != PASS_JOB)
        return STATUS_OK;
    if (p->named)
        return diag_set(diag, STATUS_USAGE, "%s is one job too many; pictures are named with "
                        "--content and --styles", word);
    p->named = true;
    return job_read(&p->options->job, word, diag);
}

static enum status take(void *context, int option, const char *value, struct diag *diag)
{
    struct parser *p = context;
    size_t count;
    const struct job_key *keys = job_keys(&count);
    enum status status = STATUS_OK;
    char name[ARGS_MAX_NAME];
    if (option == ARGS_WORD)
        return take_word(p, value, diag);
    if (option < (int)count) {
        const struct job_key *key = &keys[option];
        enum pass pass = strcmp(key->name, "schedule") == 0 ? PASS_SCHEDULE : PASS_REST;
        if (p->pass == pass)
            status = job_set(&p->options->job, &p->lists, key,
                             key->kind == JOB_FLAG ? "true" : value, "", diag);
        args_print_name(name, key->name);
    } else {
        status = take_own(p, option - (int)count, value, diag);
        args_print_name(name, own_options[option - (int)count].name);
    }
    return status == STATUS_OK ? status : diag_prefix(diag, status, "--%s", name);
}

static enum status read_words(struct parser *p, enum pass pass, int count, char **words,
                              struct diag *diag)
{
    enum { MOST = 64 };
    struct args_option list[MOST];
    size_t n;
    const struct job_key *keys = job_keys(&n);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct args_option){keys[i].name, 0,
                                       keys[i].kind == JOB_FLAG   ? ARGS_FLAG
                                       : keys[i].kind == JOB_LIST ? ARGS_LIST
                                                                  : ARGS_VALUE,
                                       "", keys[i].help, false};
    for (int i = 0; i < OWN_COUNT; i++)
        list[n + (size_t)i] = (struct args_option){
            own_options[i].name, 0, own_options[i].value[0] ? ARGS_VALUE : ARGS_FLAG,
            own_options[i].value, own_options[i].help, false};
    struct args args = {.command = "strata-mpi", .words = words, .count = count, .options = list,
                        .option_count = (int)n + OWN_COUNT};
    p->pass = pass;
    return args_read(&args, take, p, diag);
}

/* What the run to go on with was asked for. */
static enum status read_resumed(struct spread_options *o, struct diag *diag)
{
    char folder[JOB_PATH], path[JOB_PATH];
    TRY(rundir_find(folder, o->resume, 1u << RUNDIR_UNFINISHED, diag));
    TRY(file_join(path, sizeof path, folder, "job.ini", diag));
    return job_read(&o->job, path, diag);
}

static enum status parse(struct parser *p, int argc, char **argv, struct diag *diag)
{
    struct spread_options *o = p->options;
    job_defaults(&o->job);
    o->checkpoint_seconds = AUTOSAVE_SECONDS;
    p->help = args_want_help(argc, argv);
    if (p->help)
        return STATUS_OK;
    TRY(read_words(p, PASS_JOB, argc, argv, diag));
    if (o->resume[0])
        TRY(read_resumed(o, diag));
    TRY(read_words(p, PASS_SCHEDULE, argc, argv, diag));
    TRY(read_words(p, PASS_REST, argc, argv, diag));
    TRY(job_resolve(&o->job, &p->lists, diag));
    if (!o->job.output[0] && o->job.content[0])
        job_name_output(&o->job);
    if (o->job.edits[0])
        return diag_set(diag, STATUS_USAGE, "strata-mpi makes no edits on the way: leave out the "
                        "job's sections [edit N]");
    return job_validate(&o->job, diag);
}

static void help(void)
{
    printf("strata-mpi paints one picture by several processes, each of which has a part of its "
           "rows.\n\n  mpirun -n 4 strata-mpi JOB.ini [OPTIONS]\n  srun strata-mpi JOB.ini "
           "[OPTIONS]\n\nOptions besides the keys of a job (strata run --help):\n");
    for (int i = 0; i < OWN_COUNT; i++)
        printf("  --%-20s %s%s%s\n", own_options[i].name, own_options[i].value,
               own_options[i].value[0] ? ": " : "", own_options[i].help);
}

/* ---- threads ------------------------------------------------------------------------------ */

/* As many as Slurm gives, or as there are cores for this process; those that may run on the same
 * ones share them. All compute with as many as the one that has fewest, for algorithms are chosen
 * by that. */
static int threads_of(struct ranks *world, int asked)
{
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    char list[RANKS_WORD] = "";
    cores_list(list, "");
    int own = cores_usable("") / ranks_here(world, list);
    if (asked > 0 || (slurm && atoi(slurm) > 0))
        own = asked > 0 ? asked : atoi(slurm);
    int *all = mem_new((size_t)world->count * sizeof *all);
    ranks_collect(world, all, &own, sizeof own);
    for (int k = 0; k < world->count; k++)
        own = all[k] < own ? all[k] : own;
    mem_free(all);
    return own > 0 ? own : 1;
}

/* ------------------------------------------------------------------------------------------- */

static int fail(const struct ranks *world, const struct diag *diag)
{
    if (world->rank == 0)
        fprintf(stderr, "strata-mpi: %s\n", diag->text);
    return diag_exit_status(diag->status);
}

static int run(int argc, char **argv)
{
    static struct spread_options options;
    static struct parser parser;
    static struct ranks_traffic traffic;
    static struct ranks world;
    struct diag diag = {STATUS_OK, ""};
    ranks_begin(&world, &traffic);
    parser.options = &options;
    options.caught = &caught;
    enum status status = ranks_agree(&world, parse(&parser, argc, argv, &diag), &diag);
    if (status == STATUS_OK && parser.help) {
        if (world.rank == 0)
            help();
        return 0;
    }
    if (status == STATUS_OK) {
        options.job.threads = threads_of(&world, options.job.threads);
        if (!watch_begin(&world) && world.rank == 0)
            fprintf(stderr, "strata-mpi: the processes have no TCP connections to each other: one "
                    "that dies may be waited for\n");
        status = spread_run(&options, &world, &diag);
        watch_end(&world);
    }
    int result = status == STATUS_OK                        ? 0
                 : status == STATUS_STOPPED && caught ? (fail(&world, &diag), 128 + caught)
                                                            : fail(&world, &diag);
    ranks_close(&world);
    return result;
}

int main(int argc, char **argv)
{
    struct sigaction action = {0};
    int level;
    waiting_choose(argv);
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    action.sa_handler = catch;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int result = run(argc, argv);
    MPI_Finalize();
    return result;
}

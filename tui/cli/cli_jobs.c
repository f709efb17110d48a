/* cli_jobs.c: see cli_jobs.h. */
#include "tui/cli/cli_jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "engine/rundir/rundir.h"
#include "tui/cli/cli.h"
#include "tui/cli/options.h"
#include "tui/cli/queue_progress.h"

enum { NAME = 64 };

/* What one of them is painted with. */
struct entry {
    char name[NAME]; /* that its state is kept under */
    bool sound;
};

struct jobs {
    const char **word; /* as they were named */
    int count;
    struct job *job;
    struct entry *entry;
    struct options first; /* of the first that is sound: what concerns the call is in all of them */
    bool any;             /* there is one */
    struct queue_progress progress;
};

bool cli_jobs_named(int argc, char **argv)
{
    const char **word = mem_new((size_t)argc * sizeof *word);
    int count = options_words(word, argc, argv, OPTIONS_RUN), files = 0, jobs = 0;
    for (int i = 0; i < count; i++) {
        files += file_has_ending(word[i], ".ini");
        jobs += file_has_ending(word[i], ".ini .png");
    }
    mem_free(word);
    return count > 1 && files > 0 && jobs == count && !args_want_help(argc, argv);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* What a run of its own has, and a queue does not. */
static enum status check_options(const struct options *o, struct diag *diag)
{
    const char *name = o->checkpoint_output[0] ? "checkpoint-output"
                       : o->run_dir[0]         ? "run-dir"
                       : o->progress_write     ? "progress-write"
                       : o->progress_plot      ? "progress-plot"
                       : o->print_iterations   ? "print-iterations"
                       : o->anew               ? "anew"
                                               : NULL;
    if (!name)
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "--%s is for one job, and several are named", name);
}

/* An output that is a folder gets a picture of the job's name. */
static enum status place_output(struct job *job, const char *word, struct diag *diag)
{
    struct stat info;
    size_t n = strlen(job->output);
    char folder[JOB_PATH + 2], name[JOB_PATH + 8];
    bool is_folder = stat(job->output, &info) == 0 && S_ISDIR(info.st_mode);
    if (n == 0 || (!is_folder && job->output[n - 1] != '/'))
        return STATUS_OK;
    snprintf(folder, sizeof folder, "%s%s", job->output, job->output[n - 1] == '/' ? "" : "/");
    word = file_name(word);
    snprintf(name, sizeof name, "%.*s.png", file_stem(word), word);
    TRY(file_make_folders(folder, 0777, diag));
    return file_join(job->output, sizeof job->output, folder, name, diag);
}

/* The command line as if only the i-th job were named. */
static enum status read_job(struct jobs *s, int i, int argc, char **argv, struct diag *diag)
{
    static struct options o;
    char **words = mem_new((size_t)argc * sizeof *words);
    int count = 0;
    for (int k = 0; k < argc; k++) {
        bool other = false;
        for (int n = 0; n < s->count; n++)
            other = other || (n != i && argv[k] == s->word[n]);
        if (!other)
            words[count++] = argv[k];
    }
    enum status status = options_parse(&o, count, words, OPTIONS_RUN, diag);
    if (status == STATUS_OK)
        status = job_validate(&o.job, diag);
    if (status == STATUS_OK)
        status = place_output(&o.job, s->word[i], diag);
    mem_free(words);
    if (status != STATUS_OK)
        return status;
    s->job[i] = o.job;
    s->entry[i].sound = true;
    if (!s->any)
        s->first = o;
    s->any = true;
    return STATUS_OK;
}

/* From where the picture goes, so that the same job finds its state again. */
static void name_entry(struct entry *entry, const struct job *job)
{
    char *real = realpath(job->content, NULL);
    uint64_t key = hash_add(HASH_START, job->output, strlen(job->output));
    if (real)
        key = hash_add(key, real, strlen(real));
    free(real);
    snprintf(entry->name, sizeof entry->name, "queue-%016" PRIx64, key);
}

/* Those that cannot be read have failed; the others go on. */
static void read_jobs(struct jobs *s, struct queue_end *ends, int argc, char **argv)
{
    for (int i = 0; i < s->count; i++) {
        ends[i].run = i;
        if (read_job(s, i, argc, argv, &ends[i].diag) == STATUS_OK)
            name_entry(&s->entry[i], &s->job[i]);
    }
}

static enum status check_outputs(const struct jobs *s, struct diag *diag)
{
    for (int i = 0; i < s->count; i++)
        for (int k = 0; k < i; k++)
            if (s->entry[i].sound && s->entry[k].sound &&
                strcmp(s->job[i].output, s->job[k].output) == 0)
                return diag_set(diag, STATUS_USAGE,
                                "%s and %s would both be written to %s; give each job an output "
                                "of its own", s->word[k], s->word[i], s->job[i].output);
    return STATUS_OK;
}

/* ---- painting ----------------------------------------------------------------------------- */

static enum status paint(struct jobs *s, struct diag *diag)
{
    char keep[JOB_PATH];
    int count = 0, *runs = mem_new((size_t)s->count * sizeof *runs);
    const char **names = mem_new((size_t)s->count * sizeof *names);
    for (int i = 0; i < s->count; i++) {
        names[i] = s->entry[i].name;
        if (s->entry[i].sound)
            runs[count++] = i;
    }
    if (rundir_root(keep, NULL) != STATUS_OK)
        keep[0] = 0;
    struct queue_options options = {
        .jobs = s->job,
        .names = names,
        .runs = runs,
        .count = count,
        .cores = s->first.job.threads,
        .overwrite = s->first.overwrite,
        .keep = keep,
        .keep_seconds = s->first.checkpoint_seconds,
    };
    enum status status = queue_progress_paint(&s->progress, &options, NULL, NULL, diag);
    mem_free(names);
    mem_free(runs);
    return status;
}

static enum status paint_all(struct jobs *s, int argc, char **argv, struct diag *diag)
{
    struct queue_end *ends = mem_new((size_t)s->count * sizeof *ends);
    read_jobs(s, ends, argc, argv);
    enum status status = check_outputs(s, diag);
    if (status == STATUS_OK && s->any)
        status = check_options(&s->first, diag);
    s->progress.style = s->first.progress;
    s->progress.name = s->word;
    s->progress.runs = s->progress.count = s->count;
    queue_progress_begin(&s->progress);
    for (int i = 0; i < s->count && status == STATUS_OK; i++)
        if (!s->entry[i].sound)
            queue_progress_tell(&s->progress, &ends[i]);
    mem_free(ends);
    if (status == STATUS_OK && s->any)
        status = paint(s, diag);
    return status;
}

int cli_jobs(int argc, char **argv)
{
    static struct jobs s;
    struct diag diag;
    s.word = mem_new((size_t)argc * sizeof *s.word);
    s.count = options_words(s.word, argc, argv, OPTIONS_RUN);
    s.job = mem_new((size_t)s.count * sizeof *s.job);
    s.entry = mem_new((size_t)s.count * sizeof *s.entry);
    enum status status = paint_all(&s, argc, argv, &diag);
    mem_free(s.entry);
    mem_free(s.job);
    mem_free(s.word);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    if (s.progress.failed > 0) {
        diag_set(&diag, STATUS_IO, "%d of %d jobs failed, %d are painted", s.progress.failed,
                 s.count, s.progress.finished);
        cli_fail(&diag);
    }
    return queue_progress_status(&s.progress);
}

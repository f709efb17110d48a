/*
 * cli_sweep_slurm.c: see cli_sweep.h. The runs that are missing as one array of jobs, whose tasks
 * are `strata sweep --only` of some runs each. What is painted is seen in the outputs and whether
 * there is an array in its name, so nothing is written down that could be out of date.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_sweep.h"
#include "tui/cli/command.h"
#include "tui/cli/stop.h"
#include "tui/model/command_line.h"

enum { ARRAY_NAME = 32, ARRAY_ID = 32, POLL_SECONDS = 2 };

struct array {
    struct cli_sweep *s;
    char name[ARRAY_NAME]; /* of the jobs */
    char id[ARRAY_ID];     /* "" if there is none */
    char logs[JOB_PATH];   /* their folder */
    int pack;
};

/* ---- one that is there -------------------------------------------------------------------- */

static void name_array(struct array *a)
{
    char *real = realpath(a->s->path, NULL);
    const char *path = real ? real : a->s->path;
    unsigned long long key = hash_add(HASH_START, path, strlen(path));
    snprintf(a->name, sizeof a->name, "strata-%016llx", key);
    free(real);
}

/* *id: of the array under that name which waits or runs, or "". */
static enum status find_array(struct array *a, struct diag *diag)
{
    struct text_buffer out = {0};
    const char *words[] = {"squeue", "--noheader", "--me", "--name", a->name, "--format=%F", NULL};
    TRY(command_run(words, &out, diag));
    const char *text = text_buffer_get(&out);
    size_t n = strspn(text, "0123456789");
    snprintf(a->id, sizeof a->id, "%.*s", (int)n, text);
    text_buffer_clear(&out);
    return STATUS_OK;
}

/* ---- a new one ---------------------------------------------------------------------------- */

/* About how long a run takes: as those that are painted took, or by its size on one core. */
static double seconds_each(const struct cli_sweep *s)
{
    double sum = 0.0, rate = 5e-7; /* seconds for a pixel and an iteration, strata16 in float32 */
    int count = 0, width = 640, height = 480;
    for (int i = 0; i < sweep_count(s->sweep); i++)
        if (s->painted[i].state == PAINTED_DONE && s->painted[i].seconds > 0.0) {
            sum += s->painted[i].seconds;
            count++;
        }
    if (count > 0)
        return sum / count;
    struct job *job = mem_new(sizeof *job);
    sweep_job(job, s->sweep, 0);
    image_probe(&width, &height, job->content, NULL);
    double scale = job->width > 0 ? (double)job->width / width : 1.0;
    double seconds = rate * width * height * scale * scale * job->iterations;
    mem_free(job);
    return seconds;
}

/* The most tasks that an array may have here. */
static int most_tasks(void)
{
    struct text_buffer out = {0};
    const char *words[] = {"scontrol", "show", "config", NULL};
    int most = 1001; /* Slurm's own */
    if (command_run(words, &out, NULL) == STATUS_OK) {
        const char *at = strstr(out.text, "MaxArraySize");
        if (at)
            sscanf(at, "MaxArraySize = %d", &most);
    }
    text_buffer_clear(&out);
    return most > 1 ? most - 1 : 1;
}

/* So many runs that a task takes minutes, and no more tasks than there may be. */
static int choose_pack(const struct cli_sweep *s)
{
    static const double task_seconds = 120.0;
    int count = sweep_count(s->sweep), most = most_tasks();
    double fit = task_seconds / (seconds_each(s) + 0.1);
    int pack = s->pack > 0 ? s->pack : fit < 1.0 ? 1 : fit > count ? count : (int)fit;
    int least = (count + most - 1) / most;
    return pack > least ? pack : least;
}

static bool block_wanted(const struct array *a, int block)
{
    for (int i = block * a->pack; i < (block + 1) * a->pack && i < sweep_count(a->s->sweep); i++)
        if (cli_sweep_wanted(a->s, i))
            return true;
    return false;
}

/* "1-3,7", counted from 1: the tasks in which something is missing. */
static void put_blocks(struct text_buffer *out, const struct array *a)
{
    int count = (sweep_count(a->s->sweep) + a->pack - 1) / a->pack;
    for (int i = 0, last; i < count; i = last + 1) {
        last = i;
        if (!block_wanted(a, i))
            continue;
        while (last + 1 < count && block_wanted(a, last + 1))
            last++;
        text_buffer_add(out, out->used ? ",%d" : "%d", i + 1);
        if (last > i)
            text_buffer_add(out, "-%d", last + 1);
    }
}

static enum status write_script(char path[JOB_PATH], const struct array *a, struct diag *diag)
{
    struct text_buffer text = {0};
    char program[JOB_PATH] = "strata";
    char *sweep = realpath(a->s->path, NULL);
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 6] = 0;
    text_buffer_add(&text,
                    "#!/bin/bash\n"
                    "# One task of a sweep: runs (N - 1) * %d + 1 to N * %d.\n"
                    "last=$((SLURM_ARRAY_TASK_ID * %d))\n"
                    "exec ", a->pack, a->pack, a->pack);
    command_line_quote(&text, program);
    text_buffer_add(&text, " sweep ");
    command_line_quote(&text, sweep ? sweep : a->s->path);
    text_buffer_add(&text,
                    " --only $((last - %d))-$last --progress plain%s \\\n"
                    "    --threads \"${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\"\n",
                    a->pack - 1, a->s->overwrite ? " --overwrite" : "");
    free(sweep);
    enum status status = file_join(path, JOB_PATH, a->logs, "task.sh", diag);
    if (status == STATUS_OK)
        status = file_write(path, text.text, text.used, FILE_OVERWRITE, diag);
    text_buffer_clear(&text);
    return status;
}

static enum status submit(struct array *a, struct diag *diag)
{
    enum { OWN = 12 };
    char script[JOB_PATH], log[JOB_PATH + 32];
    struct text_buffer blocks = {0}, out = {0};
    int extra = a->s->extra_count, count = 0;
    a->pack = choose_pack(a->s);
    TRY(write_script(script, a, diag));
    put_blocks(&blocks, a);
    bool plain = !strchr(a->logs, '%') && !strchr(a->logs, '\\');
    snprintf(log, sizeof log, plain ? "%s/%%A_%%a.log" : "/dev/null", a->logs);
    const char **words = mem_new((size_t)(OWN + extra + 2) * sizeof *words);
    const char *own[] = {"sbatch", "--parsable", "--job-name", a->name, "--array", blocks.text,
                         "--signal=B:TERM@60", "--requeue", "--open-mode=append", "--output", log};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        words[count++] = own[i];
    for (int i = 0; i < extra; i++)
        words[count++] = a->s->extra[i];
    words[count] = script;
    enum status status = command_run(words, &out, diag);
    const char *text = text_buffer_get(&out);
    snprintf(a->id, sizeof a->id, "%.*s", (int)strspn(text, "0123456789"), text);
    if (status == STATUS_OK && !a->id[0])
        status = diag_set(diag, STATUS_IO, "sbatch did not say which job it is: %s", text);
    if (status == STATUS_OK)
        printf("submitted array %s, tasks %s of %d runs each\n", a->id, blocks.text, a->pack);
    mem_free(words);
    text_buffer_clear(&out);
    text_buffer_clear(&blocks);
    return status;
}

/* ---- watching ----------------------------------------------------------------------------- */

struct tasks {
    bool over;
    int running, waiting;
    char reason[64]; /* why one waits */
};

/* A controller that does not answer is asked again: only its word ends the watch. */
static void look(struct tasks *out, const struct array *a)
{
    struct text_buffer text = {0};
    struct diag diag;
    const char *words[] = {"squeue", "--noheader", "--array", "--jobs", a->id, "--format=%T %r",
                           NULL};
    *out = (struct tasks){.over = false};
    if (command_run(words, &text, &diag) != STATUS_OK) {
        out->over = strstr(diag.text, "Invalid job id") != NULL;
        return;
    }
    char *rest = text.text, *line;
    while (rest && (line = strsep(&rest, "\n"))) {
        char state[32] = "", reason[64] = "";
        if (sscanf(line, "%31s %63[^\n]", state, reason) < 1)
            continue;
        bool waits = strcmp(state, "PENDING") == 0;
        out->running += !waits;
        out->waiting += waits;
        if (waits)
            snprintf(out->reason, sizeof out->reason, "%s", reason);
    }
    out->over = out->running + out->waiting == 0;
    text_buffer_clear(&text);
}

static int count_outputs(const struct cli_sweep *s)
{
    int count = 0;
    struct job *job = mem_new(sizeof *job);
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        sweep_job(job, s->sweep, i);
        count += access(job->output, F_OK) == 0;
    }
    mem_free(job);
    return count;
}

static void say(const struct array *a, const struct tasks *tasks, char before[240])
{
    char line[240];
    snprintf(line, sizeof line, "array %s: %d of %d painted, %d tasks run, %d wait%s%s", a->id,
             count_outputs(a->s), sweep_count(a->s->sweep), tasks->running, tasks->waiting,
             tasks->running == 0 && tasks->reason[0] ? ": " : "",
             tasks->running == 0 ? tasks->reason : "");
    if (strcmp(line, before) != 0)
        puts(line);
    fflush(stdout);
    memcpy(before, line, sizeof line);
}

/* Until the array is over; false: a signal came first. */
static bool watch(const struct array *a)
{
    char said[240] = "";
    struct tasks tasks;
    stop_catch("strata: no longer watching; the array goes on, and the same command watches it "
               "again\n", "strata: ending\n");
    for (look(&tasks, a); !tasks.over; look(&tasks, a)) {
        if (tasks.running + tasks.waiting > 0)
            say(a, &tasks, said);
        if (!stop_signal())
            nanosleep(&(struct timespec){POLL_SECONDS, 0}, NULL);
        if (stop_signal())
            return false;
    }
    return true;
}

/* ---- what became of it -------------------------------------------------------------------- */

/* The newest line in the logs of a run's task that says why it failed; mem_free, or NULL. */
static char *find_sentence(const struct array *a, int run)
{
    char path[JOB_PATH], name[64], begin[SWEEP_NAME + 16];
    unsigned char *text;
    size_t size;
    char *found = NULL;
    snprintf(name, sizeof name, "%s_%d.log", a->id, run / a->pack + 1);
    snprintf(begin, sizeof begin, "strata: %s: ", sweep_name(a->s->sweep, run));
    if (file_join(path, sizeof path, a->logs, name, NULL) != STATUS_OK ||
        file_read(&text, &size, path, 1 << 20, NULL) != STATUS_OK)
        return NULL;
    for (char *at = (char *)text; (at = strstr(at, begin)); at += strlen(begin)) {
        char *sentence = at + strlen(begin);
        mem_free(found);
        found = mem_text(sentence);
        found[strcspn(found, "\n")] = 0;
    }
    mem_free(text);
    return found;
}

/* The state in which Slurm left a task, "FAILED", "NODE_FAIL"; "" if it does not know any more. */
static void find_state(char out[32], const struct array *a, int task)
{
    char id[ARRAY_ID + 16];
    struct text_buffer text = {0};
    snprintf(id, sizeof id, "%s_%d", a->id, task);
    const char *accounts[] = {"sacct", "-n", "-X", "-P", "-j", id, "-o", "State", NULL};
    const char *control[] = {"scontrol", "--oneliner", "show", "job", id, NULL};
    *out = 0;
    if (command_run(accounts, &text, NULL) != STATUS_OK ||
        sscanf(text_buffer_get(&text), "%31[A-Z_]", out) != 1) {
        text_buffer_clear(&text);
        const char *at = command_run(control, &text, NULL) == STATUS_OK
                             ? strstr(text_buffer_get(&text), "JobState=") : NULL;
        if (at)
            sscanf(at, "JobState=%31[A-Z_]", out);
    }
    text_buffer_clear(&text);
}

static void find_reasons(const struct array *a)
{
    int task = 0;
    char state[32] = "", words[96];
    for (int i = 0; i < sweep_count(a->s->sweep); i++) {
        if (!cli_sweep_wanted(a->s, i))
            continue;
        if (task != i / a->pack + 1)
            find_state(state, a, task = i / a->pack + 1);
        snprintf(words, sizeof words, "task %s_%d: %s", a->id, task,
                 *state ? state : "Slurm does not know any more");
        char *sentence = find_sentence(a, i);
        a->s->why[i] = sentence ? sentence : mem_text(words);
    }
}

static int report(const struct array *a)
{
    struct cli_sweep *s = a->s;
    struct diag diag;
    int missing = 0;
    cli_sweep_look(s);
    if (a->id[0] && a->pack > 0)
        find_reasons(a);
    for (int i = 0; i < sweep_count(s->sweep); i++) {
        if (!cli_sweep_wanted(s, i))
            continue;
        missing++;
        diag_set(&diag, STATUS_IO, "%s: %s", sweep_name(s->sweep, i),
                 s->why[i] ? s->why[i] : "not painted");
        cli_fail(&diag);
    }
    if (cli_sweep_write(s, false, &diag) != STATUS_OK)
        return cli_fail(&diag);
    if (missing == 0)
        return 0;
    diag_set(&diag, STATUS_IO, "%d of %d runs are missing; the same command submits these again",
             missing, sweep_count(s->sweep));
    return cli_fail(&diag);
}

static enum status prepare(struct array *a, struct diag *diag)
{
    char below[JOB_PATH + 2], logs[JOB_PATH];
    TRY(cli_sweep_folder(a->s, diag));
    TRY(cli_sweep_own(logs, a->s, "slurm", diag));
    snprintf(below, sizeof below, "%s/", logs);
    TRY(file_make_folders(below, 0777, diag));
    char *real = realpath(logs, NULL);
    TRY(file_join(a->logs, JOB_PATH - 64, "", real ? real : logs, diag));
    free(real);
    return STATUS_OK;
}

int cli_sweep_slurm(struct cli_sweep *s)
{
    struct diag diag;
    struct array a = {.s = s};
    bool wanted = false;
    name_array(&a);
    enum status status = prepare(&a, &diag);
    if (status == STATUS_OK)
        status = find_array(&a, &diag);
    cli_sweep_look(s);
    int others = cli_sweep_tell_others(s);
    for (int i = 0; i < sweep_count(s->sweep); i++)
        wanted |= cli_sweep_wanted(s, i);
    if (status == STATUS_OK && a.id[0])
        printf("array %s of this sweep is there already\n", a.id);
    else if (status == STATUS_OK && wanted)
        status = submit(&a, &diag);
    fflush(stdout);
    if (status != STATUS_OK)
        return cli_fail(&diag);
    if (a.id[0] && !watch(&a))
        return 128 + stop_signal();
    int code = report(&a);
    return code ? code : others > 0;
}

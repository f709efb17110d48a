/* options.c: see options.h. */
#include "tui/cli/options_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/host/cores.h"
#include "engine/rundir/autosave.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_config.h"
#include "tui/cli/neural_style.h"
#include "tui/cli/shipped.h"
#include "tui/term/tty.h"

/* Which subcommands take an option. */
enum {
    FOR_RUN = 1 << OPTIONS_RUN,
    FOR_EVAL = 1 << OPTIONS_EVAL,
    FOR_DESK = 1 << OPTIONS_DESK,
    FOR_ALL = FOR_RUN | FOR_EVAL | FOR_DESK
};

enum own_kind {
    OWN_FLAG,
    OWN_PATH,
    OWN_COUNT,
    OWN_PROGRESS,
    OWN_GRAPHICS,
    OWN_SECONDS,
    OWN_INTERVAL
};

/* The options that are no keys of a job. */
static const struct own_option {
    const char *name;
    enum own_kind kind;
    size_t offset;
    unsigned takers; /* FOR_… */
    const char *value, *help;
} own_options[] = {
    {"overwrite", OWN_FLAG, offsetof(struct options, overwrite), FOR_ALL, "",
     "replace what exists"},
    {"trust-paths", OWN_FLAG, offsetof(struct options, trust_paths), FOR_ALL, "",
     "a job inside a PNG may read files outside the PNG's folder"},
    {"checkpoint-output", OWN_PATH, offsetof(struct options, checkpoint_output), FOR_RUN, "FMT",
     "pictures on the way: a name with {} or %d for the iteration"},
    {"checkpoint-iterations", OWN_COUNT, offsetof(struct options, checkpoint_iterations), FOR_RUN,
     "N", "one every so many iterations"},
    {"print-iterations", OWN_COUNT, offsetof(struct options, print_iterations), FOR_RUN, "N",
     "a plain line every so many iterations"},
    {"run-dir", OWN_PATH, offsetof(struct options, run_dir), FOR_RUN | FOR_DESK, "DIR",
     "where the run's state is kept; else below ~/.local/state/strata/runs"},
    {"checkpoint-seconds", OWN_INTERVAL, offsetof(struct options, checkpoint_seconds),
     FOR_RUN | FOR_DESK, "S", "how often that is saved (30)"},
    {"preset", OWN_PATH, offsetof(struct options, preset), FOR_RUN | FOR_DESK, "NAME",
     "begin with a preset, see strata presets"},
    {"anew", OWN_FLAG, offsetof(struct options, anew), FOR_RUN, "",
     "begin anew, although a run of this very job is unfinished"},
    {"progress-write", OWN_FLAG, offsetof(struct options, progress_write), FOR_RUN, "",
     "the losses as a table beside the output"},
    {"progress-plot", OWN_FLAG, offsetof(struct options, progress_plot), FOR_RUN, "",
     "their curves as a PNG beside the output"},
    {"progress", OWN_PROGRESS, offsetof(struct options, progress), FOR_RUN, "auto|bar|plain|json",
     "how progress is told (auto)"},
    {"image", OWN_PATH, offsetof(struct options, image), FOR_EVAL, "FILE",
     "the picture to measure"},
    {"grad", OWN_PATH, offsetof(struct options, grad), FOR_EVAL, "G.npy",
     "its gradient, float32"},
    {"json", OWN_FLAG, offsetof(struct options, json), FOR_EVAL, "", "print JSON"},
    {"start", OWN_FLAG, offsetof(struct options, start), FOR_DESK, "", "run at once"},
    {"detach", OWN_FLAG, offsetof(struct options, detach), FOR_DESK, "",
     "run at once without a terminal; strata attach looks at it"},
    {"script", OWN_PATH, offsetof(struct options, script), FOR_DESK, "FILE",
     "play keys from a file, print the screen"},
    {"latest", OWN_PATH, offsetof(struct options, latest), FOR_DESK, "FILE.png",
     "the picture so far, rewritten every few seconds"},
    {"graphics", OWN_GRAPHICS, offsetof(struct options, graphics), FOR_DESK,
     "auto|sixel|kitty|cells|ascii|none", "how pictures are drawn (auto)"},
    {"timeout", OWN_SECONDS, offsetof(struct options, timeout), FOR_DESK, "SECONDS",
     "how long to wait for the terminal's answers (1)"},
};

enum { OWN_COUNT_OF = sizeof own_options / sizeof *own_options };

/* ---- parsing ------------------------------------------------------------------------------ */

enum { MAX_OPTIONS = 64 };

/* Those that are typed most have a letter, too. */
static char letter_of(const char *name)
{
    static const char *const names[] = {"output", "width", "iterations", "network"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return *name;
    return 0;
}

/* What stands for the value of a key in help. */
static const char *value_of(const struct job_key *key)
{
    switch (key->kind) {
    case JOB_FILE: return "FILE";
    case JOB_NAME: return strcmp(key->name, "network") == 0 ? "NETWORK" : "WORD|FILE";
    case JOB_INTEGER:
    case JOB_SEED: return "N";
    case JOB_SIZE: return "SIZE";
    case JOB_REAL: return "X";
    case JOB_FLAG: return "";
    case JOB_CHOICE: return key->choices;
    case JOB_PYRAMID: return "off|auto|N";
    case JOB_LIST:
        return strcmp(key->name, "styles") == 0        ? "FILE..."
               : strcmp(key->name, "style_crops") == 0 ? "CROP..."
                                                       : "X...";
    }
    return "";
}

/* Every key of a job, then the others: what an option's place in the list means. */
static int list_options(struct args_option list[MAX_OPTIONS], enum options_for use)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    bool original = use == OPTIONS_ORIGINAL;
    unsigned taker = 1u << (original ? OPTIONS_RUN : use);
    assert(count + OWN_COUNT_OF <= MAX_OPTIONS);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct args_option){keys[i].name, letter_of(keys[i].name),
                                       keys[i].kind == JOB_FLAG   ? ARGS_FLAG
                                       : keys[i].kind == JOB_LIST ? ARGS_LIST
                                                                  : ARGS_VALUE,
                                       value_of(&keys[i]), keys[i].help,
                                       original && !neural_style_has(keys[i].name)};
    for (size_t i = 0; i < OWN_COUNT_OF; i++)
        list[count + i] = (struct args_option){own_options[i].name, 0,
                                               !(own_options[i].takers & taker)  ? ARGS_OTHER
                                               : own_options[i].kind == OWN_FLAG ? ARGS_FLAG
                                                                                 : ARGS_VALUE,
                                               own_options[i].value, own_options[i].help,
                                               original && !neural_style_has(own_options[i].name)};
    return (int)count + OWN_COUNT_OF;
}

const struct args_option *options_list(int *count, enum options_for use)
{
    static struct args_option list[OPTIONS_ORIGINAL + 1][MAX_OPTIONS];
    *count = list_options(list[use], use);
    return list[use];
}

static enum status set_own(struct options_parser *p, const struct own_option *own,
                           const char *value)
{
    void *at = (char *)p->options + own->offset;
    static const char *const styles[] = {"auto", "bar", "plain", "json"};
    char *end;
    long number;
    switch (own->kind) {
    case OWN_FLAG: *(bool *)at = true; return STATUS_OK;
    case OWN_PATH: return file_join(at, JOB_PATH, "", value, p->diag);
    case OWN_COUNT:
        number = strtol(value, &end, 10);
        if (end == value || *end || number < 1 || number > 10000000)
            return diag_set(p->diag, STATUS_USAGE, "%s is not a whole number from 1 to 10000000",
                            value);
        *(int *)at = (int)number;
        return STATUS_OK;
    case OWN_PROGRESS:
        for (int i = 0; i < 4; i++)
            if (strcmp(value, styles[i]) == 0) {
                *(enum progress_style *)at = (enum progress_style)i;
                return STATUS_OK;
            }
        return diag_set(p->diag, STATUS_USAGE, "%s is none of %s", value, own->value);
    case OWN_GRAPHICS: return graphics_parse(at, value, p->diag);
    case OWN_SECONDS: return tty_parse_deadline(at, value, p->diag);
    case OWN_INTERVAL:
        *(double *)at = strtod(value, &end);
        if (end == value || *end || !(*(double *)at >= 0.01 && *(double *)at <= 1e6))
            return diag_set(p->diag, STATUS_USAGE, "%s is not a number of seconds from 0.01 to "
                            "1000000", value);
        return STATUS_OK;
    }
    return STATUS_OK;
}

static enum status set_key(struct options_parser *p, const struct job_key *key, const char *value)
{
    p->named |= options_key_bit(key);
    if (p->pass != (strcmp(key->name, "schedule") == 0 ? PASS_SCHEDULE : PASS_REST))
        return STATUS_OK;
    return job_set(&p->options->job, &p->lists, key, value, "", p->diag);
}

/* One value of the option at that place of the list. */
static enum status set_option(struct options_parser *p, int option, const char *value)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    bool is_key = option < (int)count;
    char name[ARGS_MAX_NAME];
    enum status status;
    if (is_key)
        status = set_key(p, &keys[option], keys[option].kind == JOB_FLAG ? "true" : value);
    else
        status = set_own(p, &own_options[option - (int)count], value);
    args_print_name(name, is_key ? keys[option].name : own_options[option - (int)count].name);
    return status == STATUS_OK ? status : diag_prefix(p->diag, status, "--%s", name);
}

static enum status take_bare(struct options_parser *p, const char *word)
{
    if (p->bare_count == 1 + JOB_MAX_STYLES)
        return diag_set(p->diag, STATUS_USAGE, "%s is one style too many; there are at most %d",
                        word, JOB_MAX_STYLES);
    p->bare[p->bare_count++] = word;
    return STATUS_OK;
}

static enum status take_word(void *context, int option, const char *value, struct diag *diag)
{
    struct options_parser *p = context;
    (void)diag;
    if (option != ARGS_WORD)
        return set_option(p, option, value);
    return p->pass == PASS_JOB ? take_bare(p, value) : STATUS_OK;
}

static enum status read_words(struct options_parser *p, enum options_pass pass)
{
    static const char *const commands[] = {"run", "eval", "the workbench", "neural-style"};
    struct args_option list[MAX_OPTIONS];
    struct args args = {.command = commands[p->use], .words = p->words, .count = p->count,
                        .options = list, .option_count = list_options(list, p->use)};
    p->pass = pass;
    return args_read(&args, take_word, p, p->diag);
}

struct words {
    const char **word;
    int count;
};

static enum status collect(void *context, int option, const char *value, struct diag *diag)
{
    struct words *words = context;
    (void)diag;
    if (option == ARGS_WORD)
        words->word[words->count++] = value;
    return STATUS_OK;
}

int options_words(const char **out, int argc, char **argv, enum options_for use)
{
    struct words words = {.word = out};
    struct args_option list[MAX_OPTIONS];
    struct args args = {.command = "", .words = argv, .count = argc, .options = list,
                        .option_count = list_options(list, use)};
    return args_read(&args, collect, &words, NULL) == STATUS_OK ? words.count : 0;
}

static enum status check(struct options *o, enum options_for use, struct diag *diag)
{
    char path[JOB_PATH];
    if (use == OPTIONS_EVAL && !o->image[0])
        return diag_set(diag, STATUS_USAGE, "eval needs --image, the picture to measure");
    bool nameless = use == OPTIONS_RUN || (use == OPTIONS_DESK && !o->job_path[0]);
    if (nameless && !o->job.output[0] && o->job.content[0]) {
        job_name_output(&o->job);
        o->made_up = true;
    }
    if ((o->checkpoint_output[0] != 0) != (o->checkpoint_iterations > 0))
        return diag_set(diag, STATUS_USAGE,
                        "--checkpoint-output and --checkpoint-iterations are needed together");
    if (o->checkpoint_output[0])
        return options_checkpoint_path(path, sizeof path, o->checkpoint_output, 1, diag);
    return STATUS_OK;
}

/* What neural_style.py begins with. Which network that is, the caller decides, if none is named. */
static enum status begin_original(struct options_parser *p)
{
    struct options *o = p->options;
    if (p->bare_count > 0)
        return diag_set(p->diag, STATUS_USAGE,
                        "%s stands behind no option; neural-style takes pictures behind --content "
                        "and --styles only",
                        p->bare[0]);
    o->original = true;
    o->job.network[0] = 0;
    return job_set(&o->job, &p->lists, job_find_key("schedule"), "classic", "", p->diag);
}

/* What acts on the styles together; a list of the wrong length is named as its option is. */
static enum status resolve(struct options_parser *p)
{
    enum status status = job_resolve(&p->options->job, &p->lists, p->diag);
    char name[ARGS_MAX_NAME], option[ARGS_MAX_NAME], rest[DIAG_TEXT];
    size_t n = status == STATUS_OK ? 0 : strcspn(p->diag->text, ":");
    if (n == 0 || n >= sizeof name)
        return status;
    snprintf(name, sizeof name, "%.*s", (int)n, p->diag->text);
    if (!job_find_key(name))
        return status;
    args_print_name(option, name);
    strcpy(rest, p->diag->text + n);
    return diag_set(p->diag, status, "--%s%s", option, rest);
}

/* Threads beyond two a core only wait for each other, so that many make a run many times slower. */
static void limit_threads(struct job *job)
{
    int cores = cores_usable(""), most = 2 * cores;
    if (job->threads <= most)
        return;
    cli_note("%d threads would wait for each other on %d core%s; %d compute", job->threads, cores,
             cores == 1 ? "" : "s", cores);
    job->threads = cores;
}

/* A PNG may come from anybody: what only its job names elsewhere is not read unasked. */
static enum status check_paths(const struct options_parser *p)
{
    const struct options *o = p->options;
    const struct job_key *key;
    char path[JOB_PATH], first[JOB_PATH] = "";
    int count = 0;
    if (!file_has_ending(o->job_path, ".png") || o->trust_paths)
        return STATUS_OK;
    for (int i = 0; job_input(path, &o->job, i, &key); i++) {
        bool replaced = p->use == OPTIONS_EVAL && strcmp(key->name, "initial") == 0;
        if (replaced || !*path || p->named & options_key_bit(key) ||
            !job_input_outside(path, o->job_path))
            continue;
        if (count++ == 0)
            strcpy(first, path);
    }
    if (count == 0)
        return STATUS_OK;
    char others[40] = "";
    if (count > 1)
        snprintf(others, sizeof others, ", and %d more", count - 1);
    return diag_set(p->diag, STATUS_USAGE,
                    "the job in %s reads a file outside its folder, %s%s; allow it with "
                    "--trust-paths, or name your own with --content and --styles",
                    o->job_path, first, others);
}

/* The content that was named stays; the picture is not called as the preset's is. */
static enum status apply_preset(struct options_parser *p)
{
    struct options *o = p->options;
    char content[JOB_PATH];
    if (!o->preset[0])
        return STATUS_OK;
    if (o->job_path[0])
        return diag_set(p->diag, STATUS_USAGE, "%s is a job and --preset %s another; name a "
                        "picture beside a preset", o->job_path, o->preset);
    memcpy(content, o->job.content, sizeof content);
    TRY(shipped_apply_preset(&o->job, o->preset, p->diag));
    if (content[0])
        memcpy(o->job.content, content, sizeof content);
    o->job.output[0] = 0;
    return STATUS_OK;
}

enum status options_parse(struct options *out, int argc, char **argv, enum options_for use,
                          struct diag *diag)
{
    static struct options_parser p;
    memset(&p, 0, sizeof p);
    memset(out, 0, sizeof *out);
    out->graphics = GRAPHICS_AUTO;
    out->timeout = TTY_DEADLINE;
    out->checkpoint_seconds = AUTOSAVE_SECONDS;
    p.options = out;
    p.words = argv;
    p.count = argc;
    p.use = use;
    p.diag = diag;
    job_defaults(&out->job);
    TRY(read_words(&p, PASS_JOB));
    TRY(use == OPTIONS_ORIGINAL ? begin_original(&p) : options_read_bare(&p));
    if (use != OPTIONS_EVAL && use != OPTIONS_ORIGINAL)
        cli_config_job(out->job_path[0] ? NULL : &out->job, use == OPTIONS_RUN);
    TRY(apply_preset(&p));
    TRY(read_words(&p, PASS_SCHEDULE));
    TRY(read_words(&p, PASS_REST));
    if (use == OPTIONS_ORIGINAL)
        p.lists.blend = p.lists.style_count > 0;
    TRY(resolve(&p));
    limit_threads(&out->job);
    options_note(&p);
    if (use == OPTIONS_ORIGINAL && out->job.initial_noiseblend >= 0.0 &&
        out->job.initial_noiseblend < 1.0 && strcmp(out->job.initial, "noise") == 0)
        strcpy(out->job.initial, "content");
    enum status status = check_paths(&p);
    if (use != OPTIONS_DESK)
        TRY(status);
    else if (status == STATUS_OK)
        out->trust_paths = true;
    return check(out, use, diag);
}

/* A place for a number in a name: from `at` to `end`, so many digits. */
struct place {
    const char *at, *end;
    int digits;
};

/* Is there one at c: {}, {0}, {:05}, {0:05d}, {:d} or %d, %05d, %i; with `words` also %s? */
static bool read_place(struct place *out, const char *c, bool words)
{
    const char *at = c + 1;
    bool brace = *c == '{';
    if (!brace && *c != '%')
        return false;
    if (brace && *at == '0')
        at++;
    bool form = brace && *at == ':';
    at += form;
    size_t n = !brace || form ? strspn(at, "0123456789") : 0;
    *out = (struct place){c, at + n + 1, n ? atoi(at) : 1};
    if (n > 3)
        return false;
    if (brace && form && at[n] == 'd')
        out->end++;
    return brace ? out->end[-1] == '}' : at[n] == 'd' || at[n] == 'i' || (words && at[n] == 's');
}

static bool find_place(struct place *out, const char *pattern, bool words)
{
    for (const char *c = pattern; *c; c++)
        if (read_place(out, c, words))
            return true;
    return false;
}

enum status options_checkpoint_path(char *out, size_t size, const char *pattern, int iteration,
                                    struct diag *diag)
{
    struct place place, other;
    bool words = !find_place(&place, pattern, false);
    if (!find_place(&place, pattern, words) || place.digits > 12 ||
        find_place(&other, place.end, words))
        return diag_set(diag, STATUS_USAGE,
                        "--checkpoint-output %s must hold one {} or %%d for the iteration",
                        pattern);
    int n = snprintf(out, size, "%.*s%0*d%s", (int)(place.at - pattern), pattern, place.digits,
                     iteration, place.end);
    if (n < 0 || (size_t)n >= size)
        return diag_set(diag, STATUS_RANGE, "--checkpoint-output %s is too long", pattern);
    return STATUS_OK;
}

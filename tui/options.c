/* options.c: see options.h. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "../engine/file.h"

enum { MAX_NAME = 64 };

enum own_kind { OWN_FLAG, OWN_PATH, OWN_COUNT, OWN_PROGRESS };

/* The options that are no keys of a job. */
static const struct own_option {
    const char *name;
    enum own_kind kind;
    size_t offset;
    int uses; /* bits of enum options_for */
    const char *value, *help;
} own_options[] = {
    {"overwrite", OWN_FLAG, offsetof(struct options, overwrite), 3, "", "replace what exists"},
    {"checkpoint-output", OWN_PATH, offsetof(struct options, checkpoint_output), 1, "FMT",
     "pictures on the way: a name with {} or %d for the iteration"},
    {"checkpoint-iterations", OWN_COUNT, offsetof(struct options, checkpoint_iterations), 1, "N",
     "one every so many iterations"},
    {"print-iterations", OWN_COUNT, offsetof(struct options, print_iterations), 1, "N",
     "a plain line every so many iterations"},
    {"progress-write", OWN_FLAG, offsetof(struct options, progress_write), 1, "",
     "the losses as a table beside the output"},
    {"progress-plot", OWN_FLAG, offsetof(struct options, progress_plot), 1, "",
     "their curves as a PNG beside the output"},
    {"progress", OWN_PROGRESS, offsetof(struct options, progress), 1, "auto|bar|plain|json",
     "how progress is told"},
    {"image", OWN_PATH, offsetof(struct options, image), 2, "F", "eval: the picture to measure"},
    {"grad", OWN_PATH, offsetof(struct options, grad), 2, "G.npy", "eval: its gradient, float32"},
    {"json", OWN_FLAG, offsetof(struct options, json), 2, "", "eval: print JSON"},
    {"help", OWN_FLAG, offsetof(struct options, help), 3, "", "this list"},
};

enum { OWN_COUNT_OF = sizeof own_options / sizeof *own_options };

static const struct own_option *find_own(const char *name)
{
    for (int i = 0; i < OWN_COUNT_OF; i++)
        if (strcmp(own_options[i].name, name) == 0)
            return &own_options[i];
    return NULL;
}

/* The key of a job for an option's name, or NULL. */
static const struct job_key *find_key(const char *name)
{
    char key[MAX_NAME];
    if (strlen(name) >= sizeof key || strchr(name, '_'))
        return NULL;
    strcpy(key, name);
    for (char *c = key; *c; c++)
        *c = *c == '-' ? '_' : *c;
    return job_find_key(key);
}

/* ---- what was meant ----------------------------------------------------------------------- */

/* Levenshtein's distance of two short names. */
static int distance(const char *a, const char *b)
{
    int row[MAX_NAME + 1], n = (int)strlen(b);
    if (n > MAX_NAME || strlen(a) > MAX_NAME)
        return MAX_NAME;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; *a; a++, i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = diagonal + (*a != b[j - 1]);
            diagonal = row[j];
            int shift = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            row[j] = change < shift ? change : shift;
        }
    }
    return row[n];
}

static void consider(char best[MAX_NAME], int *least, const char *wrong, const char *name)
{
    char option[MAX_NAME];
    snprintf(option, sizeof option, "%s", name);
    for (char *c = option; *c; c++)
        *c = *c == '_' ? '-' : *c;
    int d = distance(wrong, option);
    if (d < *least) {
        *least = d;
        strcpy(best, option);
    }
}

static enum status unknown(const char *name, struct diag *diag)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    char best[MAX_NAME] = "";
    int least = 4;
    for (size_t i = 0; i < count; i++)
        consider(best, &least, name, keys[i].name);
    for (int i = 0; i < OWN_COUNT_OF; i++)
        consider(best, &least, name, own_options[i].name);
    if (!best[0])
        return diag_set(diag, STATUS_USAGE, "there is no option --%s; strata --help lists them",
                        name);
    return diag_set(diag, STATUS_USAGE, "there is no option --%s; did you mean --%s?", name, best);
}

/* ---- parsing ------------------------------------------------------------------------------ */

struct parser {
    struct options *options;
    struct job_lists lists;
    char **words;
    int count, at;
    enum options_for use;
    bool schedule_pass;
    struct diag *diag;
};

static bool is_option(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

static enum status set_own(struct parser *p, const struct own_option *own, const char *value)
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
            return diag_set(p->diag, STATUS_USAGE, "--%s: %s is not a number from 1 to 10000000",
                            own->name, value);
        *(int *)at = (int)number;
        return STATUS_OK;
    case OWN_PROGRESS:
        for (int i = 0; i < 4; i++)
            if (strcmp(value, styles[i]) == 0) {
                *(enum progress_style *)at = (enum progress_style)i;
                return STATUS_OK;
            }
        return diag_set(p->diag, STATUS_USAGE, "--progress: %s is none of %s", value, own->value);
    }
    return STATUS_OK;
}

static enum status set_key(struct parser *p, const struct job_key *key, const char *value)
{
    bool schedule = !key->in_lists && key->offset == offsetof(struct job, schedule);
    if (schedule != p->schedule_pass)
        return STATUS_OK;
    enum status status =
        job_set(&p->options->job, &p->lists, key, value, "", p->diag);
    if (status != STATUS_OK)
        diag_prefix(p->diag, "--%s", p->words[p->at] + 2);
    return status;
}

/* The option at p->at with its values; leaves p->at on the last word of it. */
static enum status read_option(struct parser *p)
{
    char name[MAX_NAME];
    const char *word = p->words[p->at] + 2, *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    const struct own_option *own = find_own(name);
    const struct job_key *key = find_key(name);
    if (length >= sizeof name || (!own && !key))
        return unknown(name, p->diag);
    if (own && !(own->uses & 1 << p->use))
        return diag_set(p->diag, STATUS_USAGE, "--%s is not an option of %s", name,
                        p->use == OPTIONS_RUN ? "run" : "eval");
    bool flag = own ? own->kind == OWN_FLAG : key->kind == JOB_FLAG;
    bool list = key && key->kind == JOB_LIST;
    if (flag && equals)
        return diag_set(p->diag, STATUS_USAGE, "--%s takes no value", name);
    if (flag)
        return own ? set_own(p, own, "") : set_key(p, key, "true");
    if (!equals && (p->at + 1 == p->count || is_option(p->words[p->at + 1])))
        return diag_set(p->diag, STATUS_USAGE, "--%s needs a value", name);
    if (equals)
        return own ? set_own(p, own, equals + 1) : set_key(p, key, equals + 1);
    do {
        const char *value = p->words[p->at + 1];
        TRY(own ? set_own(p, own, value) : set_key(p, key, value));
        p->at++;
    } while (list && p->at + 1 < p->count && !is_option(p->words[p->at + 1]));
    return STATUS_OK;
}

/* One pass over the words: the schedule, or everything else. */
static enum status read_words(struct parser *p, bool schedule_pass)
{
    bool has_job = false;
    p->schedule_pass = schedule_pass;
    for (p->at = 1; p->at < p->count; p->at++) {
        const char *word = p->words[p->at];
        if (is_option(word) && word[2])
            TRY(read_option(p));
        else if (has_job || is_option(word))
            return diag_set(p->diag, STATUS_USAGE, "%s stands alone; a job file comes first, and "
                                                   "every value behind its option",
                            word);
        else
            has_job = true;
    }
    return STATUS_OK;
}

/* The job file: the one word that is neither an option nor behind one, the first if at all. */
static const char *job_word(int argc, char **argv)
{
    return argc > 1 && !is_option(argv[1]) ? argv[1] : NULL;
}

static enum status check(const struct options *o, enum options_for use, struct diag *diag)
{
    char path[JOB_PATH];
    if (use == OPTIONS_EVAL && !o->image[0])
        return diag_set(diag, STATUS_USAGE, "eval needs --image, the picture to measure");
    if (use == OPTIONS_RUN && !o->job.output[0])
        return diag_set(diag, STATUS_USAGE, "there is no output; name one with --output");
    if ((o->checkpoint_output[0] != 0) != (o->checkpoint_iterations > 0))
        return diag_set(diag, STATUS_USAGE,
                        "--checkpoint-output and --checkpoint-iterations are needed together");
    if (o->checkpoint_output[0])
        return options_checkpoint_path(path, sizeof path, o->checkpoint_output, 1, diag);
    return STATUS_OK;
}

enum status options_parse(struct options *out, int argc, char **argv, enum options_for use,
                          struct diag *diag)
{
    static struct parser p;
    const char *job = job_word(argc, argv);
    memset(&p, 0, sizeof p);
    memset(out, 0, sizeof *out);
    p.options = out;
    p.words = argv;
    p.count = argc;
    p.use = use;
    p.diag = diag;
    job_defaults(&out->job);
    for (int i = 1; i < argc; i++)
        out->help |= strcmp(argv[i], "--help") == 0;
    if (out->help)
        return STATUS_OK;
    if (job)
        TRY(job_read(&out->job, job, diag));
    TRY(read_words(&p, true));
    TRY(read_words(&p, false));
    TRY(job_resolve(&out->job, &p.lists, diag));
    return check(out, use, diag);
}

enum status options_checkpoint_path(char *out, size_t size, const char *pattern, int iteration,
                                    struct diag *diag)
{
    const char *place = strstr(pattern, "{}"), *behind = place ? place + 2 : NULL;
    int digits = 1;
    if (!place && (place = strchr(pattern, '%'))) {
        char *end;
        digits = (int)strtoul(place + 1, &end, 10);
        behind = *end == 'd' && place[1] != '-' && place[1] != '+' && place[1] != ' ' ? end + 1
                                                                                      : NULL;
    }
    if (!behind || digits < 0 || digits > 12 || strstr(behind, "{}") || strchr(behind, '%'))
        return diag_set(diag, STATUS_USAGE,
                        "--checkpoint-output %s must hold one {} or %%d for the iteration", pattern);
    int n = snprintf(out, size, "%.*s%0*d%s", (int)(place - pattern), pattern, digits, iteration,
                     behind);
    if (n < 0 || (size_t)n >= size)
        return diag_set(diag, STATUS_RANGE, "--checkpoint-output %s is too long", pattern);
    return STATUS_OK;
}

void options_help(FILE *out)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct job job;
    job_defaults(&job);
    for (size_t i = 0; i < count; i++) {
        char name[MAX_NAME], value[JOB_PATH] = "";
        snprintf(name, sizeof name, "%s", keys[i].name);
        for (char *c = name; *c; c++)
            *c = *c == '_' ? '-' : *c;
        if (!keys[i].in_lists && keys[i].kind != JOB_FLAG && job.initial_noiseblend < 0.0 &&
            keys[i].offset != offsetof(struct job, initial_noiseblend))
            job_print_value(value, sizeof value, &job, &keys[i]);
        fprintf(out, "  --%-23s %s%s", name, keys[i].choices, *keys[i].choices ? ": " : "");
        fprintf(out, value[0] ? "%s (%s)\n" : "%s\n", keys[i].help, value);
    }
    for (int i = 0; i < OWN_COUNT_OF; i++)
        fprintf(out, "  --%-23s %s%s%s\n", own_options[i].name, own_options[i].value,
                *own_options[i].value ? ": " : "", own_options[i].help);
}

/* options.c: see options.h. */
#include "tui/cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/image/image.h"
#include "engine/base/mem.h"
#include "tui/term/tty.h"

enum { MAX_NAME = 64 };

enum own_kind { OWN_FLAG, OWN_PATH, OWN_COUNT, OWN_PROGRESS, OWN_GRAPHICS, OWN_SECONDS };

/* The options that are no keys of a job. */
static const struct own_option {
    const char *name;
    enum own_kind kind;
    size_t offset;
    int uses; /* bits of enum options_for */
    const char *value, *help;
} own_options[] = {
    {"overwrite", OWN_FLAG, offsetof(struct options, overwrite), 7, "", "replace what exists"},
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
    {"start", OWN_FLAG, offsetof(struct options, start), 4, "", "workbench: run at once"},
    {"script", OWN_PATH, offsetof(struct options, script), 4, "F",
     "workbench: play keys from a file, print the screen"},
    {"latest", OWN_PATH, offsetof(struct options, latest), 4, "F.png",
     "workbench: the picture so far, rewritten every few seconds"},
    {"graphics", OWN_GRAPHICS, offsetof(struct options, graphics), 4,
     "auto|sixel|kitty|cells|ascii|none", "workbench: how pictures are drawn"},
    {"timeout", OWN_SECONDS, offsetof(struct options, timeout), 4, "SECONDS",
     "workbench: how long to wait for the terminal's answers (1)"},
    {"help", OWN_FLAG, offsetof(struct options, help), 7, "", "this list"},
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

/* The option's name for a key's. */
static void option_name(char out[MAX_NAME], const char *key)
{
    snprintf(out, MAX_NAME, "%s", key);
    for (char *c = out; *c; c++)
        *c = *c == '_' ? '-' : *c;
}

static void consider(char best[MAX_NAME], int *least, const char *wrong, const char *name)
{
    char option[MAX_NAME];
    option_name(option, name);
    size_t length = strlen(wrong);
    bool beginning = length > 2 && strncmp(option, wrong, length) == 0;
    int d = beginning ? 1 : distance(wrong, option);
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
    int least = 1 + ((int)strlen(name) + 2) / 3; /* a third of the letters may be wrong */
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

/* Each goes over all the words: the job file, then the schedule, then what is named besides. */
enum pass { PASS_JOB, PASS_SCHEDULE, PASS_REST };

struct parser {
    struct options *options;
    struct job_lists lists;
    char **words;
    int count, at;
    enum options_for use;
    enum pass pass;
    const char *bare[1 + JOB_MAX_STYLES]; /* the words that are neither options nor behind one */
    int bare_count;
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
    }
    return STATUS_OK;
}

static enum status set_key(struct parser *p, const struct job_key *key, const char *value)
{
    if (p->pass != (strcmp(key->name, "schedule") == 0 ? PASS_SCHEDULE : PASS_REST))
        return STATUS_OK;
    return job_set(&p->options->job, &p->lists, key, value, "", p->diag);
}

/* One value of the option that is own's or key's. */
static enum status set(struct parser *p, const struct own_option *own, const struct job_key *key,
                       const char *value)
{
    enum status status = own ? set_own(p, own, value) : set_key(p, key, value);
    char name[MAX_NAME];
    option_name(name, own ? own->name : key->name);
    return status == STATUS_OK ? status : diag_prefix(p->diag, status, "--%s", name);
}

/* The option at p->at with its values; leaves p->at on the last word of it. */
static enum status read_option(struct parser *p)
{
    static const char *const for_whom[] = {"run", "eval", "the workbench"};
    char name[MAX_NAME];
    const char *word = p->words[p->at] + 2, *equals = strchr(word, '=');
    const char *next = p->at + 1 < p->count ? p->words[p->at + 1] : "--";
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name), word);
    const struct own_option *own = find_own(name);
    const struct job_key *key = find_key(name);
    if (!own && !key)
        return unknown(name, p->diag);
    if (own && !(own->uses & 1 << p->use))
        return diag_set(p->diag, STATUS_USAGE, "--%s is not an option of %s", name,
                        for_whom[p->use]);
    bool flag = own ? own->kind == OWN_FLAG : key->kind == JOB_FLAG;
    if (flag && equals)
        return diag_set(p->diag, STATUS_USAGE, "--%s takes no value", name);
    if (flag)
        return set(p, own, key, "true");
    if (equals ? !equals[1] : is_option(next) || !*next)
        return diag_set(p->diag, STATUS_USAGE, "--%s needs a value", name);
    if (equals)
        return set(p, own, key, equals + 1);
    bool list = key && key->kind == JOB_LIST;
    do {
        TRY(set(p, own, key, p->words[++p->at]));
    } while (list && p->at + 1 < p->count && !is_option(p->words[p->at + 1]));
    return STATUS_OK;
}

static enum status read_words(struct parser *p, enum pass pass)
{
    p->pass = pass;
    for (p->at = 1; p->at < p->count; p->at++) {
        const char *word = p->words[p->at];
        if (is_option(word) && word[2])
            TRY(read_option(p));
        else if (word[0] == '-')
            return diag_set(p->diag, STATUS_USAGE,
                            "there is no option %s; options are words behind two dashes", word);
        else if (pass == PASS_JOB && p->bare_count == 1 + JOB_MAX_STYLES)
            return diag_set(p->diag, STATUS_USAGE, "%s is one style too many; there are at most %d",
                            word, JOB_MAX_STYLES);
        else if (pass == PASS_JOB)
            p->bare[p->bare_count++] = word;
    }
    return STATUS_OK;
}

/* Is path a picture without a job, not even a damaged one? */
static bool is_picture(const char *path)
{
    struct diag diag;
    char *text;
    int width, height;
    char endings[IMAGE_WORDS];
    if (!file_has_ending(path, image_endings(endings)))
        return false;
    if (!file_has_ending(path, ".png"))
        return access(path, F_OK) == 0;
    if (image_read_job(&text, path, &diag) == STATUS_OK) {
        mem_free(text);
        return false;
    }
    return strstr(diag.text, "holds no job") &&
           image_probe(&width, &height, path, NULL) == STATUS_OK;
}

/* Can path be neither a job nor a picture? Then a sentence of what to do instead. */
static enum status check_bare(const char *path, struct diag *diag)
{
    static const char others[] =
        ".gif .webp .bmp .tif .tiff .heic .avif .svg .jxl";
    struct stat info;
    char words[IMAGE_WORDS];
    if (file_has_ending(path, others) && !file_has_ending(path, image_endings(words)))
        return diag_set(diag, STATUS_USAGE,
                        "%s: pictures are read and written as %s; convert it, and name the output "
                        "with --output",
                        path, image_names(words));
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return diag_set(diag, STATUS_USAGE,
                        "%s is a folder; name a picture in it, or start strata there without a "
                        "word and choose one with c",
                        path);
    return STATUS_OK;
}

/* What stands behind no option: a job, or the content and its styles. */
static enum status read_bare(struct parser *p)
{
    const struct job_key *content = job_find_key("content"), *styles = job_find_key("styles");
    const char *first = p->bare[0];
    for (int i = 0; i < p->bare_count; i++)
        TRY(check_bare(p->bare[i], p->diag));
    if (p->bare_count > 0 && !is_picture(first)) {
        char endings[IMAGE_WORDS];
        bool named_so = file_has_ending(first, image_endings(endings));
        if (p->bare_count > 1 && named_so && access(first, F_OK) != 0)
            return diag_set(p->diag, STATUS_INPUT, "cannot read %s: %s", first, strerror(errno));
        if (p->bare_count > 1)
            return diag_set(p->diag, STATUS_USAGE,
                            "%s and %s stand behind no option: one job can, or a content picture "
                            "and its styles",
                            first, p->bare[1]);
        snprintf(p->options->job_path, JOB_PATH, "%s", first);
        return job_read(&p->options->job, first, p->diag);
    }
    for (int i = 0; i < p->bare_count; i++) {
        const char *word = p->bare[i];
        if (i > 0 && !job_is_word(styles, word) && access(word, F_OK) != 0)
            return diag_set(p->diag, STATUS_USAGE,
                            "there is no %s to be a style, as what stands behind the content is; "
                            "the output is named with --output",
                            word);
        TRY(job_set(&p->options->job, &p->lists, i ? styles : content, word, "", p->diag));
    }
    return STATUS_OK;
}

static enum status check(struct options *o, enum options_for use, struct diag *diag)
{
    char path[JOB_PATH];
    if (use == OPTIONS_EVAL && !o->image[0])
        return diag_set(diag, STATUS_USAGE, "eval needs --image, the picture to measure");
    bool nameless = use == OPTIONS_RUN || (use == OPTIONS_DESK && !o->job_path[0]);
    if (use == OPTIONS_RUN && !o->job.content[0] && !o->job.output[0])
        return diag_set(diag, STATUS_USAGE,
                        "there is no content; strata run CONTENT.jpg STYLE.jpg --output OUT.png "
                        "paints");
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

enum status options_parse(struct options *out, int argc, char **argv, enum options_for use,
                          struct diag *diag)
{
    static struct parser p;
    memset(&p, 0, sizeof p);
    memset(out, 0, sizeof *out);
    out->graphics = GRAPHICS_AUTO;
    out->timeout = TTY_DEADLINE;
    p.options = out;
    p.words = argv;
    p.count = argc;
    p.use = use;
    p.diag = diag;
    job_defaults(&out->job);
    for (int i = 1; i < argc; i++)
        out->help |= strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    if (out->help)
        return STATUS_OK;
    TRY(read_words(&p, PASS_JOB));
    TRY(read_bare(&p));
    TRY(read_words(&p, PASS_SCHEDULE));
    TRY(read_words(&p, PASS_REST));
    TRY(job_resolve(&out->job, &p.lists, diag));
    return check(out, use, diag);
}

/* The next {}, %d or %05d in pattern: where it begins, its end and its digits; NULL if none. */
static const char *find_place(const char *pattern, const char **end, int *digits)
{
    for (const char *c = pattern; *c; c++) {
        size_t n = *c == '%' ? strspn(c + 1, "0123456789") : 0;
        if (strncmp(c, "{}", 2) != 0 && (*c != '%' || c[n + 1] != 'd' || n > 3))
            continue;
        *end = c + n + 2;
        *digits = n ? atoi(c + 1) : 1;
        return c;
    }
    return NULL;
}

enum status options_checkpoint_path(char *out, size_t size, const char *pattern, int iteration,
                                    struct diag *diag)
{
    const char *end, *other;
    int digits, n;
    const char *place = find_place(pattern, &end, &digits);
    if (!place || digits > 12 || find_place(end, &other, &n))
        return diag_set(diag, STATUS_USAGE,
                        "--checkpoint-output %s must hold one {} or %%d for the iteration",
                        pattern);
    n = snprintf(out, size, "%.*s%0*d%s", (int)(place - pattern), pattern, digits, iteration, end);
    if (n < 0 || (size_t)n >= size)
        return diag_set(diag, STATUS_RANGE, "--checkpoint-output %s is too long", pattern);
    return STATUS_OK;
}

/* ---- help --------------------------------------------------------------------------------- */

void options_help(FILE *out)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct job job;
    job_defaults(&job);
    for (size_t i = 0; i < count; i++) {
        const struct job_key *key = &keys[i];
        char name[MAX_NAME], standard[JOB_PATH] = "";
        option_name(name, key->name);
        if (key->kind != JOB_FLAG)
            job_print_value(standard, sizeof standard, &job, key);
        fprintf(out, "  --%-23s %s%s%s", name, key->choices, *key->choices ? ": " : "", key->help);
        if (*standard)
            fprintf(out, " (%s)", standard);
        fputc('\n', out);
    }
    for (int i = 0; i < OWN_COUNT_OF; i++)
        fprintf(out, "  --%-23s %s%s%s\n", own_options[i].name, own_options[i].value,
                *own_options[i].value ? ": " : "", own_options[i].help);
}

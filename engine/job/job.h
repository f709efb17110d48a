/*
 * job.h: what to make: pictures, channels, parameters, output. Job files (INI) in and out, and one
 * table of keys that the command line, the job file and the workbench share. Plain data: a struct
 * job is copied with =. Knows nothing of image and weight contents; opens no picture.
 */
#ifndef STRATA_JOB_H
#define STRATA_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/diag.h"
#include "engine/net/layer.h" /* names, of layers and networks, and nothing else */

enum { JOB_PATH = 1024, JOB_MAX_STYLES = 16, JOB_MAX_ITERATIONS = 10000000 };
enum { JOB_EDITS = 16 << 10 }; /* bytes for the text of all of a job's edits */

/* X(NAME, name): what a channel pulls towards: its picture; white; the network's mean colour, which
 * pulls towards nothing in particular; the content, which keeps what is there; it does not pull. */
#define CHANNEL_LIST(X) X(ON, on) X(BLANK, blank) X(GREY, grey) X(CONTENT, content) X(OFF, off)

enum channel_state {
#define X(NAME, name) CHANNEL_##NAME,
    CHANNEL_LIST(X)
#undef X
    CHANNEL_STATES
};

enum job_pooling { POOLING_MAX, POOLING_AVG };
enum job_schedule { SCHEDULE_FAST, SCHEDULE_CLASSIC };
/* X(NAME, name): how a picture is optimised; the name as it is written, and optimizer_<name>. */
#define OPTIMIZER_LIST(X) X(ADAM, adam) X(LBFGS, lbfgs)

enum job_optimizer {
#define X(NAME, name) OPTIMIZER_##NAME,
    OPTIMIZER_LIST(X)
#undef X
    OPTIMIZER_COUNT
};

enum job_precision { PRECISION_AUTO, PRECISION_FP32, PRECISION_BF16 };
enum job_convolution { CONVOLUTION_AUTO, CONVOLUTION_DIRECT };
enum { PYRAMID_OFF = 1, PYRAMID_AUTO = 0 }; /* else the number of sizes */

/* Which part of a picture is used: a fraction of each side, around a centre. {1, .5, .5} is all. */
struct crop {
    double size; /* 0 < size <= 1 */
    double x, y; /* centre as a fraction of the picture; moved inwards where needed */
};

/* A style picture as it is used: file, part of it, width relative to the content's. */
struct style {
    char path[JOB_PATH]; /* usable from the working directory; "" if none */
    struct crop crop;
    double scale; /* of the content's width, > 0 */
};

struct channel {
    struct style style;
    double weight; /* w_l of the style loss, >= 0 */
    enum channel_state state;
};

struct job {
    char content[JOB_PATH], output[JOB_PATH];
    char network[JOB_PATH];          /* a name, random:…, or a path */
    char initial[JOB_PATH];          /* the words content or noise, or a path */
    int width;                       /* 0: the content's own */
    int iterations;
    double content_weight, content_weight_blend, style_weight, tv_weight;
    double learning_rate, beta1, beta2, eps;
    double initial_noiseblend;       /* 0 no noise … 1 all; below 0: 1 for initial noise, else 0 */
    bool preserve_colors;
    enum job_pooling pooling;
    enum job_schedule schedule;
    enum job_optimizer optimizer;
    enum job_precision precision;
    enum job_convolution convolution;
    int pyramid;                     /* PYRAMID_OFF, PYRAMID_AUTO or 2…8 sizes */
    uint64_t seed;
    int threads;                     /* 0: as many as this process may use */
    uint64_t memory;                 /* bytes that this process may have; 0: what there is */
    struct channel channel[STYLE_LAYER_COUNT];
    /* blend_count > 0: instead of the channels' own pictures every layer that is on is pulled by
     * all of these at once; blend_weight sums to 1. */
    int blend_count;
    struct style blend[JOB_MAX_STYLES];
    double blend_weight[JOB_MAX_STYLES];
    /* What is changed while it is painted, as in a job file (see job_edits_apply), paths as above.
     * edits_lost > 0: what was changed before that iteration is not known, the rest of the job is
     * what was in force then. */
    char edits[JOB_EDITS];
    int edits_lost;
    char painted[512]; /* how a run computed, and what losses it came to; no setting */
};

/* The defaults of --schedule fast; strata16, five channels without a picture. */
void job_defaults(struct job *job);

/* "blank"; static. */
const char *job_state_name(enum channel_state state);

/* The state of that name; false if there is none. */
bool job_find_state(enum channel_state *out, const char *name);

/* A word that stands in the place of a style's path: blank, grey, content, or none for off. False
 * for a path. */
bool job_find_style_word(enum channel_state *out, const char *word);

enum job_kind {
    JOB_FILE,    /* a path */
    JOB_NAME,    /* a word or a path */
    JOB_INTEGER,
    JOB_SEED,    /* 64 bits */
    JOB_SIZE,    /* auto, or bytes: 400M, 1.5G */
    JOB_REAL,
    JOB_FLAG,    /* true or false */
    JOB_CHOICE,
    JOB_PYRAMID, /* off, auto or a number */
    JOB_LIST     /* several values, see struct job_lists */
};

/* One key of section [job]; the option of the same name has - for _. */
struct job_key {
    const char *name; /* "style_weight" */
    enum job_kind kind;
    size_t offset;       /* in struct job, or in struct job_lists for what is resolved at the end */
    bool in_lists;
    bool at_start;       /* a run that is under way does not see it change */
    double low, high;    /* for numbers, inclusive */
    const char *choices; /* "max|avg" for JOB_CHOICE, in the order of the enumeration */
    const char *help;    /* one line, for --help and the workbench */
};

/* All keys, *count of them; static. */
const struct job_key *job_keys(size_t *count);
const struct job_key *job_find_key(const char *name); /* NULL if there is none */

/* The first key in which a and b differ that takes a new start of a run to change (the content, for
 * one); NULL if what they differ in, weights and styles and such, may change under way. */
const struct job_key *job_restart_key(const struct job *a, const struct job *b);

/* The same in every setting, channel, style and edit; paths as they are written. */
bool job_equal(const struct job *a, const struct job *b);

/* What makes `after` of `before`, in words, as much as size bytes hold: "content quay.jpg, relu2_1
 * relu3_1 blank, relu4_1 night.jpg 1/4 weight 1 → 0.5, style_weight 500 → 200"; "" if they are
 * equal. */
void job_differences(char *out, size_t size, const struct job *before, const struct job *after);

/* "coast.jpg with night.jpg and more". */
void job_title(char *out, size_t size, const struct job *job);

/* Sets all keys of that kind to from's values. */
void job_keep_start(struct job *job, const struct job *from);

/* What acts on the styles together, collected until all of a source is read. Zeroed is empty. */
struct job_lists {
    int style_count, scale_count, crop_count, weight_count;
    char style[JOB_MAX_STYLES][JOB_PATH]; /* a word, see job_find_style_word, or a path */
    double scale[JOB_MAX_STYLES];
    struct crop crop[JOB_MAX_STYLES];
    double weight[JOB_MAX_STYLES];
    double layer_exp; /* 0: not given */
    bool blend;
};

/* Sets one key from text; folder is what a relative path starts from ("" is the working
 * directory). A list takes one more item with each call. schedule also sets what it stands for
 * (style_weight, iterations, optimizer, learning_rate, initial, pyramid): set it first, so that
 * what is named besides wins. STATUS_USAGE, STATUS_RANGE: nothing was set, and the sentence ("12x
 * is not a number") leaves it to the caller to say where. */
enum status job_set(struct job *job, struct job_lists *lists, const struct job_key *key,
                    const char *value, const char *folder, struct diag *diag);

/* Is text one of the words that stand for themselves under this key (noise, strata16, blank, …)
 * rather than a path? */
bool job_is_word(const struct job_key *key, const char *text);

/* Applies what was collected: one style or five go to the channels, any other number, or blend,
 * acts on every layer. */
enum status job_resolve(struct job *job, const struct job_lists *lists, struct diag *diag);

/* The value of a key as text, as job_set takes it; "" if it is not set, and for in_lists. */
void job_print_value(char *out, size_t size, const struct job *job, const struct job_key *key);

/* "1/8", "0.125", "1/8@0.3,0.6" -> crop, and back. */
enum status job_parse_crop(struct crop *out, const char *text, struct diag *diag);
void job_print_crop(char out[96], const struct crop *crop);

/* The shortest text that strtod reads back as value. */
void job_print_real(char out[32], double value);

/* A job from the text of a job file. name is what sentences call it ("exp2.ini"); they give the
 * line. Unknown sections and keys are refused, keys that are missing keep their defaults, and what
 * a channel's section says wins over the lists of [job]. In paths %XX is a byte; the items of a
 * list are parted by commas, crops also by blanks. */
enum status job_parse(struct job *out, const char *text, const char *name, const char *folder,
                      struct diag *diag);

/* The same over a job that is there: what the text does not say stays. */
enum status job_parse_over(struct job *job, const char *text, const char *name,
                           const char *folder, struct diag *diag);

/* A job from a file: NAME.ini, or a PNG that image_write has put a job into. Such a PNG may come
 * from anybody: it does not say where to write, its output is the PNG itself. An output that would
 * lie beside a job in a folder that this user cannot write to, or below /usr, where jobs that are
 * installed lie, is in the working directory instead. */
enum status job_read(struct job *out, const char *path, struct diag *diag);

/* What is left of path below folder, as both are written, or NULL, also where that would not be
 * read as path again. */
const char *job_below(const char *folder, const char *path);

/* The i-th of the files that a job and its edits read, from 0 on, and the key that names it; ""
 * where none is named, false after the last. */
bool job_input(char out[JOB_PATH], const struct job *job, int i, const struct job_key **key);

/* A job inside a picture may come from anybody: is path elsewhere than in that picture's folder or
 * below? Goes by the names alone. */
bool job_input_outside(const char *path, const char *picture);

/* The output that the content's name makes, in the working directory: "coast-strata.png". */
void job_name_output(struct job *job);

/* The text of the job file, every key of it, paths relative to folder where they lie under it.
 * On the heap (mem_free). job_parse of it with that folder gives an equal job. */
char *job_print(const struct job *job, const char *folder);

/* ---- edits -------------------------------------------------------------------------------- */

/*
 * A job says what a run begins with, and its edits what changes on the way: sections [edit 137],
 * in order, each made before that iteration. They name what may change while a run is under way,
 * keys of [job] and relu2_1.style, .crop, .scale, .weight and .state. A second section of the same
 * iteration was made after the run had ended there with what the first one says.
 *
 * Makes those of the iterations behind `after` and up to `upto`.
 */
void job_edits_apply(struct job *job, const char *edits, int after, int upto);

/* How many sections there are of an iteration; makes one of them, or says that there is none. */
int job_edits_count(const char *edits, int iteration);
bool job_edits_step(struct job *job, const char *edits, int iteration, int number);

/* The next iteration behind `after` that has edits; -1: none. */
int job_edits_next(const char *edits, int after);

/* Forgets those up to that iteration, which are made. */
void job_edits_drop(struct job *job, int upto);

/* Those behind `after` leave alone what differs between before and job; the number of values. */
int job_edits_yield(struct job *job, const struct job *before, int after);

/* How many values they change, from which iteration to which. */
int job_edits_lines(const char *edits, int *first, int *last);

/* now is in force at that iteration of a run that began with start: start->edits say so from now
 * on, in place of what they said of this iteration, unless `apart`; now->edits say what comes
 * later. False: there are too many, so that start begins here. */
bool job_edits_record(struct job *start, int iteration, const struct job *now, bool apart);

/* What can be said without opening a picture: content named, a style for each layer that is on, at
 * least one that is not off, nothing that is not built yet. */
enum status job_validate(const struct job *job, struct diag *diag);

#endif

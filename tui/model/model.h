/*
 * model.h: all that the workbench knows: the job with its history of edits, what the run was last
 * seen doing, focus, browser, prompt, question. Plain data. Actions go in; commands to the worker,
 * requests to the disk and to the desk come out. Opens no file; knows nothing of curses and
 * threads.
 */
#ifndef STRATA_MODEL_H
#define STRATA_MODEL_H

#include "engine/job/job.h"
#include "engine/worker/worker.h" /* struct command, and nothing that acts */
#include "tui/model/browser.h"
#include "tui/model/config.h"
#include "tui/model/disk.h"
#include "tui/model/keys.h"
#include "tui/model/layout.h"
#include "tui/model/palette.h"
#include "tui/model/presets.h"
#include "tui/model/tree.h"
#include "tui/model/variations.h"

enum { MODEL_HISTORY = 100, MODEL_OUTBOX = 8, PROMPT_HISTORY = 20, MODEL_NO_LAYER = -1,
       MODEL_DISK = 8 };

/* X(OVERLAY, CONTEXT, view): what may cover the desk, as PANE_LIST. */
#define OVERLAY_LIST(X)                                                                            \
    X(FULL, FULL, full) X(COMPARE, COMPARE, compare) X(CROP, CROP, crop)                           \
    X(FILES, FILES, files) X(RUNS, RUNS, runs) X(TREE, TREE, tree)                                 \
    X(PALETTE, SEARCH, palette) X(COMMAND, COMMAND, command) X(CONFIG, CONFIG, config)             \
    X(VARIATIONS, VARIATIONS, variations)

enum overlay {
    OVERLAY_NONE,
#define X(overlay, context, view) OVERLAY_##overlay,
    OVERLAY_LIST(X)
#undef X
};

enum preview_kind { PREVIEW_RESULT, PREVIEW_CONTENT, PREVIEW_SNAPSHOT, PREVIEW_KINDS };

/* How closely pictures are looked at in what covers the desk, see snapshot_window; grabbed: where
 * the middle was when a hand took hold of the picture. */
struct zoom {
    int scale;
    double x, y, grabbed_x, grabbed_y;
};

/* One of two pictures that are compared. */
enum compared { COMPARED_RESULT, COMPARED_CONTENT, COMPARED_FILE, COMPARED_SNAPSHOT };
enum compare_mode { COMPARE_BESIDE, COMPARE_WIPE, COMPARE_BLINK, COMPARE_MODES };

struct compare_side {
    enum compared of;
    int number;                 /* SNAPSHOT: of which */
    struct snapshot_look *look; /* SNAPSHOT: what came of it, owned, or NULL */
    const struct snapshot_picture *still; /* CONTENT, FILE: lent by the desk; NULL: not there yet */
};

struct compare {
    struct compare_side side[2];
    enum compare_mode mode;
    double wipe;  /* where the second picture begins, from 0 to 1 */
    bool second;  /* BLINK shows it now */
    int asked;    /* the number of the snapshot that is on its way, or 0 */
    char path[JOB_PATH], label[64]; /* FILE, and what it is called */
};

/* What the browser's choice is for. */
enum choice { CHOICE_LAYER, CHOICE_LAYERS, CHOICE_SETTING, CHOICE_OPEN };

enum prompt_kind { PROMPT_NONE, PROMPT_SET, PROMPT_WEIGHT, PROMPT_SAVE, PROMPT_SAVE_JOB,
                   PROMPT_SAVE_KEPT, PROMPT_NAME, PROMPT_FILTER, PROMPT_CONFIG };

struct prompt {
    enum prompt_kind kind;
    char label[64];
    char text[JOB_PATH];
    size_t at;                              /* cursor, in bytes */
    size_t selected; /* so many bytes at the end are replaced by the next character */
    char candidates[JOB_PATH];              /* what Tab found, or "" */
    char past[PROMPT_HISTORY][JOB_PATH / 4]; /* newest first */
    int past_count, past_at;                /* -1: the line being typed */
};

/* What a question is about; model_answer.c says what may be answered. */
enum question { QUESTION_NONE, QUESTION_QUIT, QUESTION_QUIT_KEPT, QUESTION_QUIT_EDITS,
                QUESTION_TRUST, QUESTION_START, QUESTION_SAVE, QUESTION_SAVE_JOB, QUESTION_OPEN,
                QUESTION_REMOVE,
                QUESTION_PASTED, QUESTION_PASTED_PAINTED, /* a picture; one that holds its job */
                QUESTION_PASTED_FEW, QUESTION_PASTED_FIVE, QUESTION_PASTED_SIX,
                QUESTION_PASTED_JOB, QUESTION_GO, QUESTION_FORGET };

struct message {
    enum { MESSAGE_NONE, MESSAGE_HINT, MESSAGE_DONE, MESSAGE_ERROR } kind;
    char text[DIAG_TEXT];
};

/* What the desk is to do besides handing on commands. */
enum request {
    REQUEST_START = 1,       /* open the worker with start_job, start_mode */
    REQUEST_QUIT = 2,        /* leave; nothing is saved */
    REQUEST_QUIT_SAVING = 4, /* leave; stop the run, save its picture and snapshots */
    REQUEST_DETACH = 8,      /* give the terminal back; the run goes on */
    REQUEST_SUSPEND = 16,
    REQUEST_REDRAW = 32,
    REQUEST_RESUME = 128,    /* go on with the run in model.resume_path */
    REQUEST_GO_OVER = 256,   /* give the terminal to the process that has that run */
    REQUEST_COPY = 512,      /* the text model.copied to the terminal's clipboard */
    REQUEST_CONFIG = 1024,   /* model.config has changed: it is to hold */
    REQUEST_CLOSE_RUN = 64,  /* the run under way is given up: another job was opened */
};

/* What an answer of the disk is for. */
enum purpose {
    PURPOSE_START,    /* the run may write its picture? */
    PURPOSE_SAVE,     /* and this one may be written? */
    PURPOSE_SAVE_JOB,
    PURPOSE_QUIT,     /* leave when the job is saved */
    PURPOSE_OPEN,     /* another job */
    PURPOSE_PICTURE,  /* the browser's choice */
    PURPOSE_MARKED,   /* those that are marked in it */
    PURPOSE_TYPED,    /* the path that was typed there */
    PURPOSE_PASTED,   /* what was pasted on the desk */
    PURPOSE_LIST,     /* the browser's folder, and */
    PURPOSE_DETAILS,  /* sizes and dates in it */
    PURPOSE_PLACES,
    PURPOSE_RUNS,     /* to choose from */
    PURPOSE_OFFER,    /* whether there is something to go on with */
    PURPOSE_TREE,     /* the history */
    PURPOSE_NODE,     /* the job of a picture in it */
    PURPOSE_CONFIG,
    PURPOSE_COMPLETE, /* a path in the prompt, or */
    PURPOSE_COMPLETE_FILE, /* in the browser */
    PURPOSE_COMMAND,  /* the job, for a line for the shell */
    PURPOSE_INPUT,    /* a file that a typed line names */
    PURPOSE_PRESETS,  /* the user's own */
    PURPOSE_PRESET_SAVED,
    PURPOSE_COUNT
};

/* An action with what a mouse, a script or a typed character adds to it. */
struct act {
    enum action action;
    int index;        /* of a layer, pane, line */
    double x, y;      /* a fader's fraction, a place in a picture */
    unsigned typed;   /* ACTION_TYPE: the code point */
    const char *text; /* ACTION_PASTE: what was pasted; lent */
};

/* Jobs before and after the present one. */
struct history {
    struct job *entry; /* [MODEL_HISTORY + 1] */
    int count, at;       /* entry[at] is the present job */
    int accepted;        /* entry[accepted] is the last that the run took */
    unsigned serial;     /* of the last CMD_JOB */
    int kind, last_kind; /* edits of the same kind in a row are one; 0: none */
};

struct model {
    struct job job; /* as edited; without solo */
    struct history history;
    char path[JOB_PATH];   /* the file that the job was read from, "" if none */
    struct job saved_job;  /* as last read or saved */
    bool own_output;       /* the output's name was made up here */
    char painted[JOB_PATH]; /* the picture that the job came in, "" if none */
    char guard[JOB_PATH];   /* such a picture, whose job's files elsewhere are not opened before the
                             * user says so; "" if none */
    char written[JOB_PATH]; /* may be replaced without asking: it was allowed, or this run's picture
                             * was saved there under a name of its own */

    int solo, swap; /* a layer, or MODEL_NO_LAYER */

    enum pane focus;
    enum overlay overlay, covered; /* covered: what the palette was called from */
    int layer, setting, kept; /* under the cursor */
    int first_setting, first_kept, first_file; /* first lines shown */
    bool recent; /* loss curves show the recent half */
    struct layout layout;
    int moved[LAYOUT_EDGES]; /* edges of panes, see layout_make */

    struct zoom zoom;
    struct compare compare;
    enum preview_kind preview;
    int every;         /* iterations between previews, 0: by time */

    struct snapshot *run;           /* the newest, owned; NULL: nothing was started */
    struct snapshot_picture result; /* the newest preview */
    struct snapshot_look *look;     /* the snapshot that is compared with; NULL: none */
    int looking;         /* the number that was asked for */
    unsigned anew;       /* serial of the last command that made it another run, or 0 */
    unsigned returning;  /* serial of a CMD_RETURN on its way, or 0 */
    unsigned saving;     /* serial of a CMD_SAVE on its way, of saving_path */
    char saving_path[JOB_PATH];
    unsigned told_seen;  /* of the run's sentences */

    const struct snapshot_picture *still; /* model_still's, lent by the desk; NULL: not there yet */
    char still_problem[DIAG_TEXT];        /* why it never will be, or "" */
    /* Of the layers' pictures and the content, for layout_thumb; lent likewise. */
    const struct snapshot_picture *thumb[LAYOUT_THUMBS];

    /* Of the browser's grid, for layout_tile; lent likewise; or it cannot be read. */
    const struct snapshot_picture *tile[LAYOUT_TILES];
    bool tile_failed[LAYOUT_TILES];

    bool demo; /* nothing was opened by the user: the job shows what there is */
    struct browser browser;
    char places[JOB_PATH]; /* the file that keeps the browser's places, "" if none */
    char *old_places;      /* what it said at the start; never NULL; mem_free */
    struct rundir_entry *runs; /* [run_count]; owned */
    int run_count, run_at;
    char resume_path[JOB_PATH];

    struct tree tree;
    char parent[HISTORY_ID]; /* what the next picture comes from in the history, "" if nothing */
    bool beside;             /* the job comes from there: a taken output is not asked about */
    int return_to;           /* the snapshot to go to once the run is taken up, or 0 */

    struct variations variations;

    struct palette palette;
    struct preset_list presets[PRESETS_FOLDERS];
    char last_preset[PRESETS_NAME]; /* that was applied, or "" */

    char *line; /* for the shell, of OVERLAY_COMMAND; owned */
    int first_line;           /* shown */
    char line_file[JOB_PATH]; /* the job file that was written for it, or "", and what it says */
    struct job line_job;

    enum choice choice;
    const struct job_key *choice_key; /* CHOICE_SETTING */
    struct prompt prompt;
    enum question question;
    char question_path[JOB_PATH], question_beside[JOB_PATH]; /* and a free name beside it */
    int question_number;
    char no_answer[16]; /* the key that was typed for one, or "" */
    struct message message;

    char *copied; /* REQUEST_COPY; owned */

    struct config config;        /* the user's settings, as they hold */
    struct config config_file;   /* as the file has them, and */
    struct config config_written; /* on their way to it */
    char config_path[JOB_PATH];  /* "": there is no place for it */
    int config_at, first_config; /* the entry under the cursor; the first line shown */
    bool new_key;                /* the next key becomes that of the action under the cursor */

    bool started; /* the worker is there */
    bool resuming; /* and is to say which job it goes on with */
    struct job start_job; /* what the run began with */
    bool adopting; /* the job that is committed is in force already */
    int followed; /* the iteration of the run whose edits the job has; -1: none */
    enum file_overwrite start_mode;
    struct command outbox[MODEL_OUTBOX + 1]; /* oldest first */
    int outbox_count;
    unsigned requests, serial;

    struct disk_request disk[MODEL_DISK]; /* to be handed on, oldest first */
    int disk_count;
    unsigned disk_serial;
    unsigned awaited[PURPOSE_COUNT]; /* the serial of the last request of that purpose */
    struct job writing_job;          /* as it is on its way to a file */
};

/* Opens the browser on folder, for the content as long as that is not the user's, else for the
 * layer under the cursor; and for the styles of a job that has none. */
void model_browse_folder(struct model *model, const char *folder);
void model_browse_styles(struct model *model);

/* What Enter would do in the browser. */
void model_files_sentence(const struct model *model, char *out, size_t size);

/* A run that is on the disk is taken up: started, with a job that is not known yet. */
void model_resume(struct model *model);

/* Says what the first keys are, with the demo. */
void model_welcome(struct model *model);

/* Asks the disk whether there are runs to go on with: they are offered, all or in a line. */
void model_offer_runs(struct model *model, bool all);

/* What presets take as the one painting: the one under the cursor, or of the next layer that has
 * one; NULL: there is none. */
const struct style *model_painting(const struct model *model);

/* Presets lie in folder, "" if there is none of that kind: they are asked for. */
void model_read_presets(struct model *model, enum presets_of of, const char *folder);

/* A model of the given job, read from path ("" if from nowhere). Large: on the heap. */
struct model *model_new(const struct job *job, const char *path);
void model_free(struct model **model);

/* Does what an action says: the only way in for keys and mouse. */
void model_apply(struct model *model, const struct act *act);

/* Where keys go now. */
enum context model_context(const struct model *model);

void model_resize(struct model *model, int rows, int columns);

/* Takes a snapshot over: model and message follow it. */
void model_take(struct model *model, struct snapshot *snapshot);

/* Takes an answer of the disk over. */
void model_take_answer(struct model *model, struct disk_answer *answer);

/* The path of the picture file that is to be seen now, or NULL. */
const char *model_still(const struct model *model);

/* Can the file at path be shown as a picture, as far as its name says? */
bool model_shows_picture(const struct model *model, const char *path);

/* A small one of the same, which is quicker to read, or NULL. */
const char *model_still_small(const struct model *model);

/* A picture that is compared, or NULL: not there yet; the file in which it lies, or NULL; and its
 * name. */
const struct snapshot_picture *model_compared(const struct model *model, int side);
const char *model_compared_path(const struct model *model, int side);
void model_compared_name(const struct model *model, int side, char out[DIAG_TEXT]);

/* What made the second of the first, as far as their jobs say, or "". */
void model_compared_jobs(const struct model *model, char out[DIAG_TEXT]);

/* The snapshots' pictures were made for another window, or are not needed. */
void model_forget_looks(struct model *model);

/* Asks the worker for the snapshots' pictures that are to be seen and not there. */
void model_ask_looks(struct model *model);

/* The part of a picture that is seen at this zoom, as fractions of it: left, top, width, height. */
void model_seen(const struct model *model, const struct snapshot_picture *picture, double out[4]);

/* What the time brings: blinking. Seconds between two of its steps, below 0: none. */
double model_tick_seconds(const struct model *model);

/* The picture that the preview shows, or NULL: none yet. */
const struct snapshot_picture *model_picture(const struct model *model);

/* May path be opened? Not what only a job in a picture names elsewhere, see model->guard. */
bool model_may_open(const struct model *model, const char *path);

/* The job has come from path: if that is a picture, its files elsewhere are asked about. */
void model_guard(struct model *model, const char *path);

/* The job that is to be in force: with solo. */
void model_job(const struct model *model, struct job *out);

/* A key of that name was typed that does nothing here. */
void model_idle_key(struct model *model, const char *name);

/* Says a sentence in the line of messages; {undo} in its format is the key of that action. */
void model_say(struct model *model, int kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Names of the keys that differ between the job and the one in force and take a new start. */
bool model_needs_restart(const struct model *model, char *names, size_t size);

/* Is a run under way, so that leaving would lose something? */
bool model_running(const struct model *model);

/* How many snapshots are in no file? */
int model_unsaved_kept(const struct model *model);

/* The text of the question, and its answers ("y replace   n keep both"). */
void model_question(const struct model *model, char text[DIAG_TEXT], char answers[200]);

/* The settings of the job pane: those keys of job_keys that are one value. */
int model_setting_count(void);
const struct job_key *model_setting(int index);

/* How many snapshots the run keeps. */
int model_kept_count(const struct model *model);

/* Sets what a line says, "style_weight 200" or "crop 1/4@0.3,0.6" (of the layer under the cursor).
 * false: a message says what is wrong with it. */
bool model_set(struct model *model, const char *line);

/* The job that variation `index` paints, without edits. */
void model_variation(const struct model *model, int index, struct job *out);

/* How many settings differ from their file. */
int model_config_unsaved(const struct model *model);

/* What a layer does, in a few words. */
const char *model_layer_role(int layer);

/* A fader's fraction of its way for a weight, and back. */
double model_fader(double weight);
double model_fader_weight(double fraction);

/* The layer's share of the style loss, below 0 if unknown. */
double model_share(const struct model *model, int layer);

/* Its share of the sum of the layers' pulls on the picture, see objective_pulls, with the weights
 * that the desk has now; below 0 if it is not known. */
double model_pull(const struct model *model, int layer);

#endif

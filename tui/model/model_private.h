/*
 * model_private.h: what the files of the model share, the lower before the higher:
 *     model.c           the data, and what can be read from it
 *     model_look.c      which pictures are to be seen
 *     model_send.c      commands to the worker
 *     model_history.c   edits, undo and redo
 *     model_edits.c     what the job changes while it is painted
 *     model_browse.c    the browser, opened and moved
 *     model_words.c     what can be typed behind a colon, and its present value
 *     model_layers.c, model_presets.c, model_settings.c    edits of the job
 *     model_run.c, model_save.c           the run, and files
 *     model_zoom.c, model_compare.c       looking closely, looking at two pictures
 *     model_quit.c                        leaving
 *     model_copy.c                        the job as a line for the shell
 *     model_runs.c, model_tree.c          the list of runs, the history
 *     model_variations.c                  other values, seen before they are taken
 *     model_config.c    the user's settings
 *     model_marks.c     several pictures at once
 *     model_files.c                       choices
 *     model_paths.c, model_filelist.c     typed paths, the browser's actions
 *     model_paste.c, model_answer.c    what is pasted, questions
 *     model_palette.c                     help and palette
 *     model_command.c, model_prompt.c     typed lines
 *     model_take.c      what worker and disk bring
 *     model_apply.c     the way of an action into all this
 */
#ifndef STRATA_MODEL_PRIVATE_H
#define STRATA_MODEL_PRIVATE_H

#include "engine/base/nearest.h"
#include "tui/model/model.h"

/* ---- model.c ------------------------------------------------------------------------------ */

/* Is it one of the job pane's lines? */
bool model_is_setting(const struct job_key *key);

/* The layout fits the focus, lists show their cursors. */
void model_update_layout(struct model *m);

/* The picture that is shown as the result before a run has one: path, if that is a PNG. */
void model_shows(struct model *m, const char *path);
void model_close_overlay(struct model *m);
/* How many files the job names that may not be opened, and the first of them. */
int model_guarded(const struct model *m, char first[JOB_PATH]);

/* Says that edits belong to the job, if any do. */
void model_say_edits(struct model *m);

void model_prompt_open(struct model *m, enum prompt_kind kind, const char *label, const char *text);
/* beside: the free name that an answer may choose instead of path. */
void model_ask(struct model *m, enum question question, const char *path, const char *beside,
               int number);

/* One more request to the disk, to be filled in; its answer comes to model_take_answer. */
struct disk_request *model_disk(struct model *m, enum disk_kind kind, enum purpose purpose,
                                const char *path);

/* ---- model_send.c ------------------------------------------------------------------------- */

/* What may be done with a file at path: this run's own may be replaced. */
enum file_overwrite model_mode(const struct model *m, const char *path);

/* Sends command `kind` with the job in force; returns where to fill in the rest. NULL if too many
 * wait already: a message says so and nothing was sent. */
struct command *model_send(struct model *m, enum command_kind kind);
void model_send_job(struct model *m);
/* Sends `kind`, of snapshot `number`; its serial, 0 if it could not be sent. */
unsigned model_send_number(struct model *m, enum command_kind kind, int number);
/* Once it has answered, path may be replaced without asking. */
void model_send_save(struct model *m, const char *path, int number);
/* Command `serial`, unless it is 0, goes on from elsewhere. */
void model_another_run(struct model *m, unsigned serial);
/* Answers to what was sent to an earlier worker are ignored. */
void model_forget_answers(struct model *m);

/* ---- model_history.c ---------------------------------------------------------------------- */

/* After m->job was changed. kind: edits of the same kind in a row are undone as one, 0 is alone.
 * Tells the worker. */
void model_commit(struct model *m, int kind);
/* The job in force refused the last edits: back to the last that was accepted. */
void model_refused(struct model *m);
void model_history_reset(struct model *m);

/* ---- model_edits.c ------------------------------------------------------------------------ */

/* The run has come to that snapshot: the edits that it has made are seen on the desk. */
void model_follow(struct model *m, const struct snapshot *snapshot);
/* The job is that in force at an iteration of a run; what edits say of later ones is to come. */
void model_taken_up(struct model *m, const struct job *job, const char *edits, int iteration);
/* That, of a snapshot that the run went back to; can be undone. */
void model_adopt(struct model *m, const struct job *job, const char *edits, int iteration);
/* The desk's job becomes what a new start begins with: the job of the run under way with its edits,
 * if nothing else was changed. False: it had edits, and they are left out. */
bool model_began(const struct model *m, struct job *job);
/* That start is on its way. */
void model_begin_again(struct model *m, const struct job *job);
/* "off": drops the job's edits; "last": makes them at once; "": says what there is. */
void model_edits_word(struct model *m, const char *word);

/* ---- model_browse.c ----------------------------------------------------------------------- */

/* Opens the browser where `path` lies or, later, where the last choice was made. */
void model_browse(struct model *m, enum browser_kind kind, enum choice choice, const char *path);
/* Another folder in it, with the cursor on name (NULL: on the first entry). */
void model_list(struct model *m, const char *folder, const char *name);
void model_parent(struct model *m);
void model_next_place(struct model *m);

/* ---- model_words.c ------------------------------------------------------------------------ */

/* X(NAME, word, another word for it, arguments, help): what can be typed behind a colon besides
 * settings and presets. Arguments in brackets may be left out; longer words before shorter ones
 * that they begin with. */
#define COMMAND_LIST(X)                                                                            \
    X(PRESET_SAVE, "preset save", "", "NAME",                                                      \
      "keep layers and weights as a preset; \"NAME with pictures\": their pictures, too")          \
    X(PRESET_DELETE, "preset delete", "", "NAME", "remove a preset of your own")                   \
    X(PRESET, "preset", "", "[NAME]", "set a preset, or list them")                                \
    X(SET, "set", "", "NAME VALUE", "a setting, as without set")                                   \
    X(EDITS, "edits", "", "[off|last]",                                                            \
      "what the job changes while it is painted: said, dropped, or made at once")                  \
    X(WRITE_QUIT, "wq", "", "", "save the picture, or the job where there is none, and leave")     \
    X(WRITE, "w", "write", "[NAME]", "save the picture; the job, if NAME ends in .ini")            \
    X(QUIT_NOW, "q!", "quit!", "", "leave at once; nothing is saved")                              \
    X(QUIT, "q", "quit", "", "leave; asks while something would be lost")                          \
    X(OPEN, "e", "edit", "[FILE]", "open a job, or a picture that holds its job")                  \
    X(HELP, "help", "h", "[WORD]", "search keys, settings, presets and commands")

enum command_word {
#define X(name, ...) COMMAND_##name,
    COMMAND_LIST(X)
#undef X
};

struct model_command {
    enum command_word command;
    const char *word, *other; /* other may be "" */
    const char *arguments, *help;
};
const struct model_command *model_commands(int *count);

/* What belongs to the layer under the cursor and has no key of its own in the job. */
struct model_layer_setting {
    const char *name, *help, *choices;
};
const struct model_layer_setting *model_layer_settings(int *count);
const struct model_layer_setting *model_find_layer_setting(const char *name); /* or NULL */

/* The present value of a setting, "" if it has none; false: there is no such setting. */
bool model_print_value(const struct model *m, const char *name, char *out, size_t size);

/* Which setting, command or preset was meant by a word that is none. */
void model_find_nearest(const struct model *m, struct nearest *nearest, const char *word);

/* ---- model_presets.c ---------------------------------------------------------------------- */

/* Built in first, then the shipped ones, then the user's own. */
int model_preset_count(const struct model *m);
const char *model_preset_name(const struct model *m, int index);
const char *model_preset_group(const struct model *m, int index); /* its heading */
const char *model_preset_line(const struct model *m, int index); /* what it does */
int model_find_preset(const struct model *m, const char *name); /* -1: there is none */

/* false: a message says why not. */
bool model_apply_preset(struct model *m, int index);
bool model_save_preset(struct model *m, const char *name, bool pictures);
bool model_delete_preset(struct model *m, const char *name);
void model_preset_saved(struct model *m, const struct disk_answer *answer);
void model_take_presets(struct model *m, struct disk_answer *answer);

/* ---- model_layers.c, model_settings.c ----------------------------------------------------- */

void model_select_layer(struct model *m, int layer);
void model_set_fader(struct model *m, int layer, double fraction);
void model_step_fader(struct model *m, int layer, double steps);
void model_centre_crop(struct model *m, double x, double y);
void model_set_layer_picture(struct model *m, int layer, const char *path);
/* The same as a part of an edit, which the caller commits. */
void model_put_layer_picture(struct model *m, int layer, const char *path);

bool model_set_path(struct model *m, const struct job_key *key, const char *path);
void model_setting_line(struct model *m, int line);
/* "name value", "name=value" into its parts, either of which may be "". */
void model_split_line(const char *line, char name[64], char value[JOB_PATH]);
/* Opens the prompt with a setting and its present value. */
void model_type_setting(struct model *m, const char *name);

/* ---- model_run.c, model_save.c ------------------------------------------------------------ */

void model_start(struct model *m);
void model_want_start(struct model *m);
void model_start_checked(struct model *m, const struct disk_answer *answer);
/* The run under way is given up, and nothing of it stays on the desk. */
void model_leave_run(struct model *m);
/* Back to a snapshot of the run under way. */
void model_return_to(struct model *m, int number);
/* Says so if there is none. */
bool model_needs_run(struct model *m);
/* What a content picture's name makes of the output's: "coast-strata.png". */
void model_name_output(struct model *m);
void model_kept_line(struct model *m, int line);

/* Saves the picture, or kept `number`, as path; asks before a file is replaced. */
void model_save(struct model *m, const char *path, int number);
void model_save_checked(struct model *m, const struct disk_answer *answer);
void model_save_job(struct model *m, const char *path, enum file_overwrite mode);
void model_quit_saving_job(struct model *m);
void model_job_saved(struct model *m, const struct disk_answer *answer);

/* The job's own file, or its output's name with another ending. */
void model_job_file_name(const struct model *m, char out[JOB_PATH]);

/* ---- model_quit.c ------------------------------------------------------------------------- */

void model_want_quit(struct model *m);
/* Without a question. */
void model_save_and_quit(struct model *m);

/* ---- model_copy.c ------------------------------------------------------------------------- */

/* The job as a line for the shell. */
void model_show_command(struct model *m);
void model_command_written(struct model *m, const struct disk_answer *answer);

/* ---- model_zoom.c, model_compare.c -------------------------------------------------------- */

void model_zoom_action(struct model *m, enum zoom_action action);
void model_zoom_at(struct model *m, int step, double x, double y);
void model_grab(struct model *m);
void model_pan(struct model *m, double x, double y);
void model_full_action(struct model *m, enum full_action action);
void model_flip(struct model *m, int step);
/* By fourths of what is seen; nothing where all is. */
void model_move_zoomed(struct model *m, int across, int down);

void model_open_compare(struct model *m);
void model_compare_action(struct model *m, enum compare_action action);
void model_wipe_to(struct model *m, double x);
/* A look that has come, if it is one of those that are compared: then it is taken over. */
bool model_take_compared(struct model *m, struct snapshot_look **look);

/* ---- model_runs.c ------------------------------------------------------------------------- */

void model_open_runs(struct model *m);
void model_take_runs(struct model *m, struct disk_answer *answer);
void model_remove_run(struct model *m, const char *path);
void model_runs_line(struct model *m, int line);
void model_list_action(struct model *m, enum list_action action);
/* The run in that directory is to be gone on with. False, with a message: one is under way here. */
bool model_take_up(struct model *m, const char *run_dir);

/* ---- model_tree.c ------------------------------------------------------------------------- */

void model_open_tree(struct model *m);
/* There is another picture in the history. */
void model_tree_changed(struct model *m);
void model_take_tree(struct model *m, struct disk_answer *answer);
/* The job of a picture was read, after the question about the run, if one was asked. */
void model_gone_to(struct model *m, const struct disk_answer *answer);
void model_go_confirmed(struct model *m);
/* The picture in question gets a name, goes from the history. */
void model_name_node(struct model *m, const char *name);
void model_forget_node(struct model *m);
void model_tree_line(struct model *m, int line);
void model_tree_action(struct model *m, enum tree_action action);

/* ---- model_variations.c ------------------------------------------------------------------- */

/* Opens those of "weight", "crop", "state", of the layer under the cursor, or of a setting; of what
 * the cursor is on. */
void model_vary(struct model *m, const char *name);
void model_vary_at_cursor(struct model *m);
void model_vary_action(struct model *m, enum vary_action action);
void model_vary_tile(struct model *m, int index);

/* ---- model_config.c ----------------------------------------------------------------------- */

void model_toggle_mouse(struct model *m);
/* The value that was typed for the setting under the cursor, the key that was pressed for it.
 * false: a message says what is wrong. */
bool model_set_config(struct model *m, const char *value);
void model_take_key(struct model *m, unsigned code);
void model_config_saved(struct model *m, const struct disk_answer *answer);

/* ---- model_marks.c ------------------------------------------------------------------------ */

/* For several places at once; lent. */
struct model_pictures {
    const char *content; /* NULL: stays */
    const char (*style)[JOB_PATH];
    int styles;
    int first; /* the layer that gets the first; MODEL_NO_LAYER: all of them if it is one */
};

/* As one edit, and says what was done. */
void model_set_pictures(struct model *m, const struct model_pictures *pictures);

/* Marks the picture under the cursor, or takes its mark away; path. */
void model_mark(struct model *m);
void model_mark_path(struct model *m, const char *path);
/* Marks those that are listed, in their order, until no more can be used. */
void model_mark_all(struct model *m);
/* Takes what is marked, when the disk has read it. */
void model_choose_marked(struct model *m);
void model_marked_checked(struct model *m, const struct disk_answer *answer);

/* ---- model_paths.c ------------------------------------------------------------------------ */

/* The path that stands in place of the filter: opened, completed. */
void model_open_typed(struct model *m);
void model_typed_found(struct model *m, const struct disk_answer *answer);
void model_complete_typed(struct model *m);
void model_typed_completed(struct model *m, const struct disk_answer *answer);

/* ---- model_palette.c ---------------------------------------------------------------------- */

/* query NULL: help, of where it is called from; else a search. kind PALETTE_KINDS: among all. */
void model_open_palette(struct model *m, const char *query, enum palette_kind kind);
void model_type_query(struct model *m, unsigned code);
void model_palette_line(struct model *m, int entry);

/* ---- model_files.c, model_filelist.c, model_paste.c, model_answer.c, model_command.c,
 * model_prompt.c ----------------------------------------------------------------------------- */

/* Carries a typed line out; false: a message says what is wrong with it. */
bool model_carry_out(struct model *m, const char *line);
void model_input_checked(struct model *m, const struct disk_answer *answer);

/* confirmed: what a run would lose was asked about. Else it opens only while the browser is open.
 */
void model_load(struct model *m, const char *path, bool confirmed);
void model_loaded(struct model *m, const struct disk_answer *answer);
void model_picture_chosen(struct model *m, const struct disk_answer *answer);
void model_type_filter(struct model *m, unsigned code);
void model_files_pointer(struct model *m, const struct act *act);
/* The next choice begins where path lies. */
void model_remember_folder(struct model *m, const char *path);
/* path is chosen in the browser. */
void model_choose_file(struct model *m, const char *path);
/* Opens a job, after a question if a run would be lost. */
void model_open_job(struct model *m, const char *path);

void model_type_prompt(struct model *m, unsigned code);
void model_paste(struct model *m, const char *text);
void model_pasted_found(struct model *m, const struct disk_answer *answer);
void model_question_pasted(const struct model *m, char *text, size_t size);
void model_answer_pasted(struct model *m, enum answer_action action);
void model_completed(struct model *m, const struct disk_answer *answer);

/* ---- actions: one function for each list of keys.h ---------------------------------------- */

void model_run_action(struct model *m, enum run_action action);
void model_rate_action(struct model *m, enum rate_action action);
void model_kept_action(struct model *m, enum kept_action action);
void model_history_action(struct model *m, enum history_action action);
void model_save_action(struct model *m, enum save_action action);
void model_extent_action(struct model *m, enum extent_action action);
void model_channel_action(struct model *m, enum channel_action action);
void model_layer_action(struct model *m, enum layer_action action);
void model_crop_action(struct model *m, enum crop_action action);
void model_job_action(struct model *m, enum job_action action);
void model_files_action(struct model *m, enum files_action action);
void model_prompt_action(struct model *m, enum prompt_action action);
void model_answer_action(struct model *m, enum answer_action action);
void model_help_action(struct model *m, enum help_action action);
void model_search_action(struct model *m, enum search_action action);
void model_command_action(struct model *m, enum command_action action);
void model_config_action(struct model *m, enum config_action action);

/* A layer's pull with the weight that it has on the desk; 0: not known, or none. */
double model_pull_now(const struct model *model, int layer);

/* All five pull alike, together as strongly as before; all faders at 1. */
void model_balance(struct model *model);
void model_original(struct model *model);

#endif

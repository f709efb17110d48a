/*
 * model_private.h: what the files of the model, model*.c, share. Nobody else includes it.
 */
#ifndef STRATA_MODEL_PRIVATE_H
#define STRATA_MODEL_PRIVATE_H

#include "tui/desk/model.h"

/* Edits: after m->job was changed. kind: edits of the same kind in a row are undone as one, 0 is
 * alone. Tells the worker. */
void model_commit(struct model *m, int kind);
/* The job in force refused the last edits: back to the last that was accepted. */
void model_refused(struct model *m);
/* The job becomes another one that is in force already (a snapshot's); can be undone. */
void model_adopt(struct model *m, const struct job *job);
void model_history_reset(struct model *m);

/* Each does what an action says, or returns false if it is none of its. */
bool model_layer_action(struct model *m, const struct act *act);
bool model_job_action(struct model *m, const struct act *act);
bool model_run_action(struct model *m, const struct act *act);
bool model_files_action(struct model *m, const struct act *act);
bool model_prompt_action(struct model *m, const struct act *act);

/* Opens the browser where `path` lies or, later, where the last choice was made. */
void model_browse(struct model *m, enum browser_kind kind, enum choice choice, const char *path);
void model_set_layer_picture(struct model *m, int layer, const char *path);
void model_load(struct model *m, const char *path);

void model_prompt_open(struct model *m, enum prompt_kind kind, const char *label, const char *text);
void model_ask(struct model *m, enum question question, const char *path, int number);

/* The picture that is shown as the result before a run has one: path, if that is a PNG. */
void model_shows(struct model *m, const char *path);

/* Nothing that was said to an earlier worker, or that it said, is of interest any more. */
void model_forget_answers(struct model *m);

/* Sends command `kind` with the job in force; returns where to fill in the rest. NULL if too many
 * wait already: a message says so and nothing was sent. */
struct command *model_send(struct model *m, enum command_kind kind);
void model_send_job(struct model *m);

/* Command `serial`, unless it is 0, goes on from elsewhere. */
void model_another_run(struct model *m, unsigned serial);
/* Sends `kind`, of snapshot `number`; its serial, 0 if it could not be sent. */
unsigned model_send_number(struct model *m, enum command_kind kind, int number);
/* Once it has answered, path may be replaced without asking. */
void model_send_save(struct model *m, const char *path, int number);

/* Saves the picture, or kept `number`, as path; asks before a file is replaced. */
void model_save(struct model *m, const char *path, int number);
void model_save_job(struct model *m, const char *path, enum file_overwrite mode);
void model_quit(struct model *m);

/* What a content picture's name makes of the output's: "coast-strata.png". */
void model_name_output(struct model *m);
/* path with a number before its ending so that it is free: out.png -> out-2.png. */
void model_free_name(char out[JOB_PATH], const char *path);

/* Sees to it that the layout fits the focus and lists show their cursors. */
void model_settle(struct model *m);

#endif

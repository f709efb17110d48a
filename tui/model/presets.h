/*
 * presets.h: presets in files, those that come with strata and the user's own: job files in a
 * folder, to be laid over any job. Reads and makes such files; knows nothing of models.
 */
#ifndef STRATA_PRESETS_H
#define STRATA_PRESETS_H

#include "engine/job/job.h"

enum { PRESETS_NAME = 40, PRESETS_LINE = 120 };

struct preset {
    char name[PRESETS_NAME]; /* the file's, without .ini */
    char line[PRESETS_LINE]; /* what it does: its first line, if that is a remark */
    char *text;              /* of the job file; owned */
};

/* Where they come from. Own ones say only how layers and weights stand; shipped ones are whole
 * jobs. */
enum presets_of { PRESETS_SHIPPED, PRESETS_OWN, PRESETS_FOLDERS };

struct preset_list {
    char folder[JOB_PATH]; /* "": there is none */
    struct preset *preset; /* [count]; owned */
    int count;
};

/* Those in folder, by name: *count of them at *out. No folder is none. */
void presets_read(struct preset **out, int *count, const char *folder);
void presets_clear(struct preset **presets, int *count);

/* Can it be the name of a file and be typed? */
bool presets_can_be(const char *name);

/* FOLDER/NAME.ini */
enum status presets_path(char out[JOB_PATH], const char *folder, const char *name,
                         struct diag *diag);

/* What is no preset's matter is in job as it was before: what belongs to one machine, and content,
 * output and width if there was a content. */
void presets_leave(struct job *job, const struct job *before);

/* The job's layers, weights and schedule as such a file's text, with a remark of what it does on
 * its first line; with the layers' pictures, or with none. On the heap, mem_free. */
char *presets_print(const struct job *job, const char *folder, bool pictures);

#endif

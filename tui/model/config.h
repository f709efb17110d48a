/*
 * config.h: the user's settings, config.ini: a table of what there is, with meaning and standard;
 * values, checked; text in and out. The keys that it gives to actions are those of keys.h. Plain
 * data; opens no file; knows nothing of what a setting does.
 */
#ifndef STRATA_CONFIG_H
#define STRATA_CONFIG_H

#include "engine/job/job.h"
#include "tui/model/keys.h"

/* X(NAME, name, choices, standard, help): section [desk]. Without choices a text of its own. */
#define CONFIG_DESK_LIST(X)                                                                        \
    X(GRAPHICS, graphics, "auto|sixel|kitty|cells|ascii|none", "auto",                             \
      "how pictures are drawn; auto asks the terminal")                                            \
    X(MARKS, marks, "auto|all|lines|ascii", "auto",                                                \
      "frames and curves: all of Unicode, lines for narrow fonts, ascii")                          \
    X(BACKGROUND, background, "auto|light|dark", "auto",                                           \
      "what the terminal's background is taken for; auto asks it")                                 \
    X(MOUSE, mouse, "on|off", "on", "off leaves it to the terminal, to select text with")          \
    X(TITLE, title, "on|off", "on",                                                                \
      "the window's title and progress bar tell how far the run is")                               \
    X(NOTIFY, notify, "off|bell|notify", "off",                                                    \
      "tells the end of a run while another window has the keys")                                  \
    X(PREVIEW, preview, "", "auto", "iterations between previews; auto: as the link allows")       \
    X(HISTORY, history, "", "1G", "the most that the history takes on the disk, or off")           \
    X(FOLDERS, folders, "", "", "where the file browser leads first: folders, parted by commas")

enum {
#define X(NAME, ...) CONFIG_##NAME,
    CONFIG_DESK_LIST(X)
#undef X
    CONFIG_DESK_COUNT, /* behind these: defaults of a job, then keys */
    CONFIG_MOST = 400
};

enum config_section { CONFIG_DESK, CONFIG_DEFAULTS, CONFIG_KEYS, CONFIG_SECTIONS };

struct config_entry {
    enum config_section section;
    char name[32];
    const char *choices;         /* "on|off", or "" */
    const char *standard;        /* what holds where nothing is set; "" if that is nothing */
    const char *help;
    const struct job_key *job;   /* DEFAULTS */
    const struct key_entry *key; /* KEYS */
};

/* Zeroed: nothing is set. */
struct config {
    char *value[CONFIG_MOST]; /* owned; NULL: the standard */
    char *kept; /* lines of a file that were not understood, each behind its [section], if it has
                 * one, and a tab; owned, NULL if none */
};

int config_count(void);
void config_entry(struct config_entry *out, int index);
const char *config_section_name(enum config_section section); /* "desk" */

/* The entry of that name; -1: there is none. */
int config_find(enum config_section section, const char *name);

/* The entries as the lines of a list, with a title above each section and an empty line between
 * them. The entry at a line: below 0 for a title (-1 - section), and CONFIG_NO_ENTRY. */
enum { CONFIG_NO_ENTRY = -100 };
int config_lines(void);
int config_line(int line);
int config_line_of(int index);

/* What is set, or "". */
const char *config_set_value(const struct config *config, int index);

/* What holds, for the entries of [desk]; lent until it is set anew. */
const char *config_value(const struct config *config, int index);
bool config_is(const struct config *config, int index, const char *value);

/* Sets a value; the standard one, or NULL, sets nothing. A key that clashes with another is
 * refused. STATUS_USAGE, STATUS_RANGE: nothing was set. */
enum status config_set(struct config *config, int index, const char *text, struct diag *diag);

/* Is the same set? */
bool config_same(const struct config *a, const struct config *b, int index);

/* The folder at place i, from 0 on, ~ resolved; false behind the last. */
bool config_folder(const struct config *config, int i, char out[JOB_PATH]);
int config_preview(const struct config *config);        /* 0: auto */

/* Sets in job what is set in [defaults], but for what `said`, unless it is NULL, says besides the
 * standard. */
void config_job(const struct config *config, struct job *job, const struct job *said);

void config_copy(struct config *out, const struct config *from);
void config_clear(struct config *config);

/* Text of config.ini, called name in sentences. Each line that is wrong is told; the rest counts.
 * The table of keys follows. */
typedef void config_tell(void *context, const char *sentence);
void config_parse(struct config *out, const char *text, const char *name, config_tell *tell,
                  void *context);

/* The text of config.ini, with all that there is and its meaning; mem_free. */
char *config_print(const struct config *config);

#endif

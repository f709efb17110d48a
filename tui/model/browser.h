/*
 * browser.h: the state of the file browser: a folder's entries, those that pass the filter, the
 * cursor, marks, places to jump to. Plain data; what is read from the disk, by browser_list and
 * browser_find_details on any thread, is given to it. Names are read at once, sizes and dates only
 * of what is shown, so that a folder of 10,000 files opens without a pause. Knows no screens.
 */
#ifndef STRATA_BROWSER_H
#define STRATA_BROWSER_H

#include <stdbool.h>
#include <time.h>

#include "engine/job/job.h"

enum browser_kind { BROWSER_PICTURES, BROWSER_JOBS, BROWSER_NETWORKS, BROWSER_KINDS };

enum { BROWSER_PLACES = 12, BROWSER_MARKS = 6 }; /* the content and five layers */

struct browser_details {
    bool failed;     /* they cannot be known */
    long long bytes; /* of a file */
    time_t time;
    int width, height; /* of a picture; 0: it is none */
};

struct browser_entry {
    char *name;
    bool folder;
    bool asked, known; /* the details: asked for, and there */
    struct browser_details details;
};

/* A folder as it was read. Zeroed is empty. */
struct browser_listing {
    char folder[JOB_PATH];   /* from the root, links resolved */
    char problem[DIAG_TEXT]; /* why it cannot be read, or "" */
    struct browser_entry *entry; /* [count], in order: folders, then by name */
    int count;
};

struct browser {
    enum browser_kind kind;
    char folder[JOB_PATH];
    char filter[JOB_PATH]; /* or a path, see paths_begins */
    bool hidden; /* hidden files are shown */
    bool grid;   /* as small pictures */
    char chosen[BROWSER_KINDS][JOB_PATH]; /* where the last choice was made, "": none was */
    struct browser_entry *entry;
    int entry_count;
    bool reading;        /* another folder was asked for */
    unsigned generation; /* grows with each folder */
    int *match; /* [entry_count] indices of the entries that pass the filter, the best first */
    int match_count, cursor;
    char problem[DIAG_TEXT]; /* why the folder cannot be read, or "" */
    char mark[BROWSER_MARKS][JOB_PATH]; /* paths, in the order in which they were marked */
    int mark_count;
    char place[BROWSER_PLACES][JOB_PATH]; /* bookmarks: folders, most recent first */
    int place_count;
};

/* The entries of folder ("" is the working directory) that may be chosen, or entered. A folder that
 * cannot be read is a problem, not an end: its parent can be entered. browser_listing_clear it. */
void browser_list(struct browser_listing *out, enum browser_kind kind, const char *folder);
void browser_listing_clear(struct browser_listing *listing);
void browser_find_details(struct browser_details *out, const char *folder, const char *name);

/* Shows a listing, which is taken over, with the cursor on `name` if that is there, else on the
 * first entry. The filter is cleared. */
void browser_take(struct browser *browser, struct browser_listing *listing, const char *name);

/* names: one behind the other, then an empty one; details: of each of them. */
void browser_take_details(struct browser *browser, const char *names,
                          const struct browser_details *details);

/* Frees the entries; places stay. */
void browser_close(struct browser *browser);

/* Places are kept without repeats; the newest goes first. */
void browser_add_place(struct browser *browser, const char *folder);

/* Places of an earlier session, one a line, and for the next one (mem_free). */
void browser_parse_places(struct browser *browser, const char *text);
char *browser_print_places(const struct browser *browser);

/* The cursor goes to the best; without a filter it stays with its entry. A path filters nothing. */
void browser_filter(struct browser *browser, const char *filter);
void browser_toggle_hidden(struct browser *browser);
void browser_move(struct browser *browser, int lines);

/* The folder above, and the name of this one in it; false at the root. */
bool browser_parent(const struct browser *browser, char folder[JOB_PATH], char name[JOB_PATH]);

/* The place after the folder that is shown, NULL if there is none. Lent. */
const char *browser_next_place(const struct browser *browser);

/* The entry at line i of what passes the filter; NULL beyond it. */
struct browser_entry *browser_line(const struct browser *browser, int i);

/* The path of the entry at line i, and of the one under the cursor; false if there is none. */
bool browser_line_path(const struct browser *browser, int i, char out[JOB_PATH], bool *folder);
bool browser_path(const struct browser *browser, char out[JOB_PATH], bool *folder);

/* Marks path, or takes its mark away; false: no more than `most` can be marked. */
bool browser_mark(struct browser *browser, const char *path, int most);

/* The number of line i's mark, from 1; 0: it has none. */
int browser_marked(const struct browser *browser, int i);

#endif

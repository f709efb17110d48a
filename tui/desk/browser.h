/*
 * browser.h: the state of the file browser: a folder's entries, those that pass the filter, the
 * cursor, places to jump to. Plain data; reads names at once, sizes and dates only of what is
 * shown, so that a folder of 10,000 files opens without a pause. Knows nothing of screens.
 */
#ifndef STRATA_BROWSER_H
#define STRATA_BROWSER_H

#include <stdbool.h>
#include <time.h>

#include "engine/job/job.h"

enum browser_kind { BROWSER_PICTURES, BROWSER_JOBS, BROWSER_NETWORKS };

enum { BROWSER_PLACES = 12, BROWSER_FILTER = 128 };

struct browser_entry {
    char *name;
    bool folder;
    bool looked;     /* size and time are known */
    bool failed;     /* they cannot be */
    long long bytes; /* of a file */
    time_t time;
};

struct browser {
    enum browser_kind kind;
    char folder[JOB_PATH];
    char filter[BROWSER_FILTER];
    bool hidden; /* hidden files are shown */
    bool chosen; /* something was chosen in this folder: the next choice begins here */
    struct browser_entry *entry;
    int entry_count;
    int *match; /* [entry_count] indices of the entries that pass the filter */
    int match_count, cursor;
    char problem[DIAG_TEXT]; /* why the folder cannot be read, or "" */
    char place[BROWSER_PLACES][JOB_PATH]; /* bookmarks: folders, most recent first */
    int place_count;
};

/* Shows a folder ("" is the working directory), with the cursor on `name` if that is there; NULL:
 * on the first entry. The filter is cleared. A folder that cannot be read is a problem, not an end:
 * its parent can be entered. */
void browser_open(struct browser *browser, const char *folder, const char *name);

/* Frees the entries; places stay. */
void browser_close(struct browser *browser);

/* Places are kept without repeats; the newest goes first. */
void browser_add_place(struct browser *browser, const char *folder);

/* Places from an earlier session, one a line, and for the next one: a file of ours whose folder is
 * made if need be. What cannot be read or written is no loss. */
void browser_read_places(struct browser *browser, const char *path);
void browser_write_places(const struct browser *browser, const char *path);

void browser_filter(struct browser *browser, const char *filter);
void browser_toggle_hidden(struct browser *browser);
void browser_parent(struct browser *browser);
void browser_next_place(struct browser *browser);
void browser_move(struct browser *browser, int lines);

/* The entry at line i of what passes the filter, with size and time; NULL beyond it. */
struct browser_entry *browser_look(struct browser *browser, int i);

/* The path of the entry under the cursor; false if there is none. */
bool browser_path(const struct browser *browser, char out[JOB_PATH], bool *folder);

#endif

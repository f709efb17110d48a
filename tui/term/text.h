/*
 * text.h: text of any origin made fit for cells: cleaned of what a terminal would obey, measured in
 * columns, cut where it is too long. Knows nothing of curses.
 */
#ifndef STRATA_TEXT_H
#define STRATA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Does the locale that setlocale has chosen write UTF-8? */
bool text_utf8(void);

/* Has the terminal's font these marks of ours? In UTF-8 the lines that every VT100 draws, and all
 * the rest unless the terminal is known for narrow fonts (the Linux console, xterm).
 * STRATA_MARKS=all, lines or ascii says it for sure, else text_use_marks. */
bool text_shows(const char *marks);

/* The name that the terminal gave itself, "XTerm(379)" or "": known where ssh has not handed
 * XTERM_VERSION on. */
void text_know_terminal(const char *name);

/* "all", "lines" or "ascii"; anything else: what is known of the terminal. */
void text_use_marks(const char *word);

/* Arrows of a sentence that the font lacks become "->". */
void text_plain_arrows(char *text);

/* The code point at *s, which moves on behind it; what is no UTF-8, or does not show in this
 * locale, is '?'. 0 at the end. */
unsigned text_next(const char **s);

/* The columns that a code point takes: 0, 1 or 2. */
int text_width(unsigned code);

/* The columns that text takes. */
int text_columns(const char *text);

/* Copies text, cleaned, cut to columns by leaving out its middle, so that a file's ending stays. */
void text_fit(char *out, size_t size, const char *text, int columns);

/* The same, by leaving out its beginning: for paths. */
void text_fit_end(char *out, size_t size, const char *text, int columns);

/* A sentence made to take at most columns by shortening the paths in it to …/name; what is too long
 * even then is as it comes out. */
void text_shorten(char *out, size_t size, const char *text, int columns);

/* How many bytes of text fill a line of columns: up to a blank, which ends it, where there is one;
 * *skip: those of the blanks behind it. 0 at the end. */
size_t text_line(const char *text, int columns, size_t *skip);

/* Appends a code point as UTF-8 if it fits; at: a byte index. Returns the bytes it took. */
int text_insert(char *text, size_t size, size_t at, unsigned code);

/* "812 B", "3.4 kB", "12 MB", right for 7 columns. */
void text_size(char out[16], double bytes);

#endif

/*
 * diag.h: what went wrong, as a code for programs and one sentence for people.
 * Owns the list of status codes and the making of the sentence; knows nothing else of strata.
 */
#ifndef STRATA_DIAG_H
#define STRATA_DIAG_H

/* X(NAME, exit status of the program, meaning) */
#define STATUS_LIST(X)                                                                           \
    X(OK, 0, "done")                                                                             \
    X(USAGE, 2, "an option, a key or its value is not understood")                               \
    X(INPUT, 2, "a file to be read is missing, unreadable or not what it should be")             \
    X(RANGE, 2, "a number or a size lies outside what is possible")                              \
    X(OUTPUT, 2, "the place for the result cannot be used; nothing was computed yet")            \
    X(IO, 1, "writing failed on the way")                                                        \
    X(NETWORK, 1, "nothing came over the network")                                               \
    X(MEMORY, 1, "not enough memory")                                                            \
    X(DIVERGED, 1, "the loss is no longer a finite number")                                      \
    X(STOPPED, 130, "ended on request before it was done")                                       \
    X(LIBRARY, 1, "a library refused what it should be able to do")

enum status {
#define X(name, code, meaning) STATUS_##name,
    STATUS_LIST(X)
#undef X
};

#define DIAG_TEXT 400

struct diag {
    enum status status;
    char text[DIAG_TEXT]; /* one sentence, printable on any terminal, no newline */
};

/* Fills diag (which may be NULL) and returns status, so that a failing function ends in one line.
 * The sentence says which file, option, line or number it is about and what would help. Control
 * characters, which file names and metadata may hold, are written as \xNN; a sentence that is too
 * long loses its middle. */
enum status diag_set(struct diag *diag, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts a formatted "prefix: " before the sentence that is there, the way to add "job.ini:7", and
 * returns status. */
enum status diag_prefix(struct diag *diag, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same cleaning for any text that goes to a terminal: copies text to out, size bytes with the
 * final zero. Bytes that are not printable become \xNN; valid UTF-8 beyond ASCII stays, except
 * C1 controls and direction overrides. */
void diag_clean(char *out, unsigned long size, const char *text);

/* The exit status a program ends with. */
int diag_exit_status(enum status status);

/* Hands a failure on; only while the calling function owns nothing. */
#define TRY(expression)                                                                          \
    do {                                                                                         \
        enum status try_status = (expression);                                                   \
        if (try_status != STATUS_OK)                                                             \
            return try_status;                                                                   \
    } while (0)

#endif

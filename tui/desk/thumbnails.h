/*
 * thumbnails.h: pictures from files, small enough for the screen, decoded on one niced thread of
 * their own so that no key waits for them, and only where that takes little memory. The last are
 * kept, up to 16 MB. Knows nothing of screens and runs.
 */
#ifndef STRATA_THUMBNAILS_H
#define STRATA_THUMBNAILS_H

#include "engine/worker/snapshot.h"

struct thumbnails;

/* wake runs on that thread when a picture has come; it may do no more than write a byte to
 * a pipe. STATUS_LIBRARY if there can be no thread. */
enum status thumbnails_open(struct thumbnails **out, void (*wake)(void *context), void *context,
                            struct diag *diag);

/* Waits for the picture under way; NULL inside is fine. */
void thumbnails_close(struct thumbnails **thumbnails);

/* Around a round of thumbnails_get, which asks for all that is to be seen now. What the round
 * before has asked for and this one does not is not read any more. */
void thumbnails_begin(struct thumbnails *thumbnails);
void thumbnails_end(struct thumbnails *thumbnails);

/* What a window shows of the picture at path: lent until the next round begins. NULL: not
 * decoded yet, or it cannot be, and then *problem, lent likewise, says why (else it is NULL). They
 * are read in the order of the calls. A file that has changed is read anew. */
const struct snapshot_picture *thumbnails_get(struct thumbnails *thumbnails, const char *path,
                                              const struct snapshot_window *window,
                                              const char **problem);

#endif

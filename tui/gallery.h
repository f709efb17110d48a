/*
 * gallery.h: pictures from files, small enough for the screen, decoded on a thread of their own so
 * that no key waits for them, and only where that takes little memory. Keeps the last few. Knows
 * nothing of screens and runs.
 */
#ifndef STRATA_GALLERY_H
#define STRATA_GALLERY_H

#include "../engine/snapshot.h"

struct gallery;

/* wake runs on the gallery's thread when a picture has come; it may do no more than write a byte to
 * a pipe. STATUS_LIBRARY if there can be no thread. */
enum status gallery_open(struct gallery **out, void (*wake)(void *context), void *context,
                         struct diag *diag);

/* Waits for the picture under way; NULL inside is fine. */
void gallery_close(struct gallery **gallery);

/* The picture at path, within width × height pixels: lent, until ten others have been asked for;
 * NULL: not there yet, or never, and then *problem, lent likewise, says why (else it is NULL). Only
 * the last path asked for is worked on. A file that has changed is read anew. */
const struct snapshot_picture *gallery_get(struct gallery *gallery, const char *path, int width,
                                           int height, const char **problem);

#endif

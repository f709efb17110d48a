/*
 * catalogue.h: the networks that can be fetched: where they are published, under which licence, and
 * by what their files are known. Data and look-ups only.
 */
#ifndef STRATA_CATALOGUE_H
#define STRATA_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "weights/import/digest.h"

enum { CATALOGUE_MIRRORS = 3 };

struct catalogue_entry {
    const char *name, *title;
    const char *source, *licence; /* as the weights file will have them */
    const char *file;             /* what the published file is called */
    size_t size;                  /* of that file, bytes; 0: not known to us */
    int about;                    /* then, megabytes; for people */
    const char *sha256;           /* its first digits where only they are published; "" if none */
    const char *md5;              /* "" if not known; only asked where sha256 is "" */
    bool caffe;                   /* see convert_options */
    const char *mirrors[CATALOGUE_MIRRORS]; /* NULL behind the last */
};

const struct catalogue_entry *catalogue_list(size_t *count);

/* By the network's name, or NULL. */
const struct catalogue_entry *catalogue_find(const char *name);

/* By the published file's checksums, or NULL. */
const struct catalogue_entry *catalogue_match(const struct digest *digest);

/* Is a fetched file what the entry says? STATUS_INPUT names what differs; from: its address. */
enum status catalogue_check(const struct catalogue_entry *entry, const struct digest *digest,
                            const char *from, struct diag *diag);

/* How sure a match makes one: "SHA-256 abdb…", "SHA-256 begins dcbb9e9d", "only MD5 …". */
void catalogue_describe(char *out, size_t size, const struct catalogue_entry *entry);

#endif

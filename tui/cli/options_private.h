/* options_private.h: private to options*.c: a command line while it is read. */
#ifndef STRATA_OPTIONS_PRIVATE_H
#define STRATA_OPTIONS_PRIVATE_H

#include "tui/cli/options.h"

/* Each goes over all the words: the job file, then the schedule, then what is named besides. */
enum options_pass { PASS_JOB, PASS_SCHEDULE, PASS_REST };

struct options_parser {
    struct options *options;
    struct job_lists lists;
    char **words;
    int count;
    enum options_for use;
    enum options_pass pass;
    uint64_t named; /* keys, by place in the table */
    const char *bare[1 + JOB_MAX_STYLES]; /* the words that are neither options nor behind one */
    int bare_count;
    struct diag *diag;
};

uint64_t options_key_bit(const struct job_key *key); /* of options_parser.named */

/* Says what a user may not have meant, once all has been read. */
void options_note(const struct options_parser *p);

/* Takes what stands behind no option: a job, the content and its styles, or a folder. */
enum status options_read_bare(struct options_parser *p);

#endif

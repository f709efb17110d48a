/*
 * topics.h: the texts of docs/, which lie inside the program: `strata help memory` prints one, the
 * man pages are put together from them. Their Markdown is kept small: # and ## headings,
 * paragraphs, lists of "- ", lines that are indented by four or begin with | as they are, **bold**,
 * `code` and [text](link).
 */
#ifndef STRATA_TOPICS_H
#define STRATA_TOPICS_H

#include <stdbool.h>
#include <stdio.h>

struct topic {
    const char *name;    /* "memory", of docs/memory.md */
    const char *summary; /* begins small, no full stop */
    const char *text;
};

/* All, *count; static. */
const struct topic *topics(int *count);
const struct topic *topics_find(const char *name); /* NULL: there is none */

/* For a terminal of 80 columns. */
void topics_print(FILE *out, const struct topic *topic);

/* The paragraphs of all topics in which a word begins with this one, large or small; how many. */
int topics_search(FILE *out, const char *word);

/* As sections of a man page; without its first heading if that is the page's own. */
void topics_roff(FILE *out, const struct topic *topic, bool headed);

/* text with its marks as roff's; a line of its own. */
void topics_roff_line(FILE *out, const char *text);

#endif

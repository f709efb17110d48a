/*
 * source.h: what a style layer is pulled towards, as a picture: a part of a style picture at the
 * sizes that are asked for, or what stands for one: white, the network's mean, the content. Reads
 * files; knows no features. Private to targets.
 */
#ifndef STRATA_SOURCE_H
#define STRATA_SOURCE_H

#include <stdbool.h>

#include "engine/image/image.h"
#include "engine/job/job.h"
#include "engine/net/picture.h"
#include "engine/style/targets.h"

/* Shared by the targets of several jobs; looked at, read and computed when first needed. Zeroed but
 * for kind and style it is new. */
struct source {
    int users;
    enum channel_state kind; /* CHANNEL_ON: the picture of style; else what stands for it */
    struct style style;
    struct image_head head; /* width 0: not looked at yet */
    struct image_request crop;
    struct image picture[TARGETS_MOST_SIZES]; /* cropped, at the sizes planned, or empty */
    int read;                                 /* how many of them there are */
    float *gram[STYLE_LAYER_COUNT]; /* at the size that the targets are for, or NULL */
};

/* Of a channel or a blend: a style without a path is white. */
enum channel_state source_kind(enum channel_state state, const struct style *style);

/* Would it be the same source? */
bool source_is(const struct source *source, enum channel_state kind, const struct style *style);

/* Looks at the head of its file, if it has one and that was not done. */
enum status source_inspect(struct source *source, struct diag *diag);

/* The size at which the network gets to see it beside a content of this size. */
void source_size(double *wide, double *high, const struct source *source, int width, int height);

/* What is to be read of it for contents up to this width. */
struct image_request source_request(const struct source *source, int width);

/* What prepare takes from outside the source. */
struct source_view {
    int width, height;           /* the content's */
    const struct content_source *content;
    const float *mean;           /* R, G, B: the network's */
    const int *plan;             /* the content's widths to come, so that a file is read once */
    int sizes;
};

/* The picture as the network gets to see it; for image_clear. */
enum status source_prepare(struct image *out, struct source *source,
                           const struct source_view *view, struct diag *diag);

/* The same by rows as they are read, of which `most` are kept; picture_stream_close it. */
enum status source_stream(struct picture_stream *out, const struct source *source,
                          const struct source_view *view, int most, struct diag *diag);

/* Bytes that this takes beside a content of that width. */
size_t source_stream_need(const struct source *source, int width, int most);

/* Frees its pictures and Gram matrices. */
void source_clear_grams(struct source *source);
void source_close(struct source *source);

#endif

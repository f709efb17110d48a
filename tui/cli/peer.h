/*
 * peer.h: the same objective in PyTorch, where it is installed, for comparing speeds: a Python
 * program (peer.py) in a process of its own that runs an iteration when it is told to.
 */
#ifndef STRATA_PEER_H
#define STRATA_PEER_H

#include <stdbool.h>

#include "engine/base/diag.h"
#include "engine/net/network.h"

enum peer_precision { PEER_FP32, PEER_BF16, PEER_PRECISIONS };

struct peer;

/* A network of that network's widths with random weights. STATUS_INPUT if there is no python3 with
 * PyTorch: looked for in PATH, then /usr/bin. */
enum status peer_open(struct peer **out, const struct network *network, int width, int height,
                      int threads, struct diag *diag);
void peer_close(struct peer **peer);

/* "PyTorch 1.13.1", "libopenblas.so.0": lent. */
const char *peer_name(const struct peer *peer);
const char *peer_blas(const struct peer *peer);

/* In bfloat16 only where this processor computes with it. */
bool peer_has(const struct peer *peer, enum peer_precision precision);

/* Seconds of one iteration, after another one that brings its data into the caches. */
enum status peer_iterate(double *seconds, struct peer *peer, enum peer_precision precision,
                         struct diag *diag);

#endif

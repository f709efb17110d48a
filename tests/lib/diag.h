/* diag.h: the sentence of the last call that a test made, and calls that must succeed. */
#ifndef TESTS_LIB_DIAG_H
#define TESTS_LIB_DIAG_H

#include "engine/base/diag.h"

extern struct diag diag;

#endif

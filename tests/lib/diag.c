/* diag.c: see diag.h. */
#include "tests/lib/diag.h"

struct diag diag;

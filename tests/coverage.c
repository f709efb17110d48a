/* coverage.c: in a build for `make coverage` processes that end by _exit count, too: linked with
 * --wrap=_exit. */
#include "tests/coverage.h"

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

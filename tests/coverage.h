/* coverage.h: names that the linker and gcc's runtime give, see coverage.c. */
#ifndef STRATA_TESTS_COVERAGE_H
#define STRATA_TESTS_COVERAGE_H

#include <stdbool.h>

_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
void __gcov_dump(void);
bool __wrap_confine_to(const char *folder);

#endif

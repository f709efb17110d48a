/* fuzz_job.c: job files: what is accepted is printed and parsed again, and must be equal. */
#include <string.h>

#include "engine/base/mem.h"
#include "engine/job/job.h"
#include "tests/fuzz/fuzz.h"

static void parse_and_print(const char *text, const char *folder)
{
    static struct job job, again;
    struct diag diag = {0};
    if (fuzz_said(job_parse(&job, text, "job.ini", folder, &diag), &diag) != STATUS_OK)
        return;
    (void)fuzz_said(job_validate(&job, &diag), &diag);
    char *printed = job_print(&job, folder);
    if (job_parse(&again, printed, "printed.ini", folder, &diag) != STATUS_OK ||
        !job_equal(&job, &again)) {
        fprintf(stderr, "in folder \"%s\":\n%s\n%s\n", folder, printed, diag.text);
        CLAIM(!"a job comes back equal");
    }
    mem_free(printed);
}

void fuzz_job_text(const char *text)
{
    parse_and_print(text, "");
    parse_and_print(text, "assets");
    parse_and_print(text, "/home/strata");
}

void fuzz_job(const unsigned char *bytes, size_t size)
{
    char *text = mem_new(size + 1);
    memcpy(text, bytes, size);
    fuzz_job_text(text);
    mem_free(text);
}

/* cli_sweep_print.c: see cli_sweep.h. A job file for each run and the line that paints it, for
 * whatever runs lines: parallel, xargs, HyperQueue. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/cli/cli.h"
#include "tui/cli/cli_sweep.h"
#include "tui/model/command_line.h"

/* The same job in the same place is left as it is, so that who reads it now is not disturbed. */
static enum status write_job(const char *path, const struct job *job, struct diag *diag)
{
    char folder[JOB_PATH];
    unsigned char *there = NULL;
    size_t size;
    TRY(file_folder(folder, sizeof folder, path, diag));
    char *text = job_print(job, folder);
    bool same = file_read(&there, &size, path, 1 << 20, NULL) == STATUS_OK &&
                strcmp((char *)there, text) == 0;
    enum status status = same ? STATUS_OK
                              : file_write(path, text, strlen(text), FILE_OVERWRITE, diag);
    mem_free(there);
    mem_free(text);
    return status;
}

static enum status print_run(const struct cli_sweep *s, int run, struct job *job,
                             struct diag *diag)
{
    char folder[JOB_PATH], path[JOB_PATH], name[SWEEP_NAME + 8];
    struct text_buffer line = {0};
    snprintf(name, sizeof name, "%s.ini", sweep_name(s->sweep, run));
    TRY(cli_sweep_own(folder, s, "jobs/", diag));
    TRY(file_make_folders(folder, 0777, diag));
    TRY(file_join(path, sizeof path, folder, name, diag));
    sweep_job(job, s->sweep, run);
    TRY(write_job(path, job, diag));
    text_buffer_add(&line, "strata run ");
    command_line_quote(&line, path);
    if (s->overwrite)
        text_buffer_add(&line, " --overwrite");
    puts(line.text);
    text_buffer_clear(&line);
    return STATUS_OK;
}

int cli_sweep_print(struct cli_sweep *s)
{
    struct diag diag;
    enum status status = cli_sweep_folder(s, &diag);
    struct job *job = mem_new(sizeof *job);
    cli_sweep_look(s);
    int others = s->all ? 0 : cli_sweep_tell_others(s);
    for (int i = 0; i < sweep_count(s->sweep) && status == STATUS_OK; i++)
        if (s->all ? s->chosen[i] : cli_sweep_wanted(s, i))
            status = print_run(s, i, job, &diag);
    mem_free(job);
    return status != STATUS_OK ? cli_fail(&diag) : others > 0;
}

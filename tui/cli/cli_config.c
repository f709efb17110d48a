/* cli_config.c: see cli_config.h. */
#include "tui/cli/cli_config.h"

#include <stdio.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"

void cli_config_read(struct config *out, char path[JOB_PATH], config_tell *tell, void *context)
{
    enum { MOST = 1 << 17 };
    unsigned char *text;
    size_t size;
    struct diag diag;
    config_clear(out);
    if (!dirs_path(path, JOB_PATH, DIRS_CONFIG, "config.ini"))
        path[0] = 0;
    if (!path[0] || access(path, F_OK) != 0)
        return;
    if (file_read(&text, &size, path, MOST, &diag) != STATUS_OK) {
        if (tell)
            tell(context, diag.text);
        return;
    }
    config_parse(out, (char *)text, path, tell, context);
    mem_free(text);
}

static void say(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "strata: %s\n", sentence);
}

void cli_config_job(struct job *job, bool aloud)
{
    struct config *config = mem_new(sizeof *config);
    char path[JOB_PATH];
    cli_config_read(config, path, aloud ? say : NULL, NULL);
    if (job)
        config_job(config, job, NULL);
    config_clear(config);
    mem_free(config);
}

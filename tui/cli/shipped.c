/* shipped.c: see shipped.h. */
#include "tui/cli/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/dirs.h"
#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/presets.h"

bool shipped_find(char out[JOB_PATH], const char *name)
{
    static const char *const places[] = {"/../assets/", "/../share/strata/"};
    char program[JOB_PATH];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return false;
    program[n] = 0;
    char *slash = strrchr(program, '/');
    if (slash)
        *slash = 0;
    for (int i = 0; i < 2; i++) {
        char path[2 * JOB_PATH];
        snprintf(path, sizeof path, "%s%s%s", program, places[i], name);
        char *real = realpath(path, NULL);
        bool found = real && strlen(real) < JOB_PATH;
        if (found)
            strcpy(out, real);
        free(real);
        if (found)
            return true;
    }
    return false;
}

void shipped_own_presets(char out[JOB_PATH])
{
    if (!dirs_path(out, JOB_PATH, DIRS_CONFIG, "presets"))
        out[0] = 0;
}

static bool find_preset(char out[JOB_PATH], const char *name)
{
    char own[JOB_PATH], file[PRESETS_NAME + 16];
    if (!presets_can_be(name))
        return false;
    shipped_own_presets(own);
    if (own[0] && presets_path(out, own, name, NULL) == STATUS_OK && access(out, F_OK) == 0)
        return true;
    snprintf(file, sizeof file, "presets/%s.ini", name);
    if (shipped_find(out, file))
        return true;
    snprintf(file, sizeof file, "%s.ini", name);
    return shipped_find(out, file);
}

enum status shipped_apply_preset(struct job *job, const char *name, struct diag *diag)
{
    enum { MOST = 1 << 16 };
    char path[JOB_PATH], folder[JOB_PATH];
    unsigned char *text;
    size_t size;
    if (!find_preset(path, name))
        return diag_set(diag, STATUS_USAGE, "there is no preset %s; strata presets lists them",
                        name);
    TRY(file_folder(folder, sizeof folder, path, diag));
    TRY(file_read(&text, &size, path, MOST, diag));
    enum status status = job_parse_over(job, (char *)text, path, folder, diag);
    mem_free(text);
    return status;
}

/* options_bare.c: see options_private.h. What the words of a command line mean that stand behind no
 * option, and what to do instead where they can mean nothing. */
#include "tui/cli/options_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/image/image.h"

static bool is_named_picture(const char *path)
{
    char endings[IMAGE_WORDS];
    return file_has_ending(path, image_endings(endings));
}

/* Is path a picture without a job, not even a damaged one? */
static bool is_picture(const char *path)
{
    struct diag diag;
    char *text;
    int width, height;
    if (!is_named_picture(path))
        return false;
    if (!file_has_ending(path, ".png"))
        return access(path, F_OK) == 0;
    if (image_read_job(&text, path, &diag) == STATUS_OK) {
        mem_free(text);
        return false;
    }
    return strstr(diag.text, "holds no job") &&
           image_probe(&width, &height, path, NULL) == STATUS_OK;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Can path be neither a job nor a picture? Then a sentence of what to do instead. */
static enum status check_bare(const char *path, struct diag *diag)
{
    static const char others[] = ".gif .webp .bmp .tif .tiff .heic .avif .svg .jxl";
    char words[IMAGE_WORDS];
    if (file_has_ending(path, others) && !is_named_picture(path))
        return diag_set(diag, STATUS_USAGE,
                        "%s: pictures are read as %s; convert it, and name the output with "
                        "--output",
                        path, image_names(words));
    if (is_folder(path))
        return diag_set(diag, STATUS_USAGE,
                        "%s is a folder; name a picture in it, or strata %s lets you choose one",
                        path, path);
    return STATUS_OK;
}

/* Why a word cannot be a picture, in short; NULL: it may be one. */
static const char *reason_against(const char *word, bool style)
{
    if (style && job_is_word(job_find_key("styles"), word))
        return NULL;
    if (access(word, F_OK) != 0)
        return "not there";
    if (is_folder(word))
        return "a folder";
    return is_named_picture(word) ? NULL : "no picture";
}

/* Where several pictures are named, all are told that cannot be taken; one alone gets a sentence of
 * its own later. */
static enum status check_pictures(const struct options_parser *p)
{
    char list[DIAG_TEXT] = "";
    int count = 0;
    if (p->bare_count < 2 || !is_named_picture(p->bare[0]))
        return STATUS_OK;
    for (int i = 0; i < p->bare_count; i++) {
        const char *reason = reason_against(p->bare[i], i > 0);
        size_t used = strlen(list);
        if (reason)
            snprintf(list + used, sizeof list - used, "%s%s (%s)", count++ ? ", " : "", p->bare[i],
                     reason);
    }
    if (count < 2)
        return STATUS_OK;
    return diag_set(p->diag, STATUS_INPUT, "%d of these cannot be taken: %s", count, list);
}

/* A job, or a picture with one in it that stands alone. */
static enum status read_job(struct options_parser *p)
{
    const char *job = p->bare[0], *next = p->bare_count > 1 ? p->bare[1] : NULL;
    if (next && is_picture(next))
        return diag_set(p->diag, STATUS_USAGE,
                        "%s is a job and names its pictures; others are named behind --content and "
                        "--styles: %s --content %s",
                        job, job, next);
    if (next)
        return diag_set(p->diag, STATUS_USAGE,
                        "%s and %s stand behind no option: one job can, or a content picture and "
                        "its styles",
                        job, next);
    snprintf(p->options->job_path, JOB_PATH, "%s", job);
    return job_read(&p->options->job, job, p->diag);
}

/* A content, and behind it styles. */
static enum status read_pictures(struct options_parser *p)
{
    const struct job_key *content = job_find_key("content"), *styles = job_find_key("styles");
    for (int i = 0; i < p->bare_count; i++) {
        const char *word = p->bare[i];
        if (i > 0 && !job_is_word(styles, word) && access(word, F_OK) != 0 && !strstr(word, "://"))
            return diag_set(p->diag, STATUS_USAGE,
                            "there is no file %s; pictures behind the content are styles, and "
                            "--output names the result",
                            word);
        TRY(job_set(&p->options->job, &p->lists, i ? styles : content, word, "", p->diag));
    }
    return STATUS_OK;
}

enum status options_read_bare(struct options_parser *p)
{
    const char *first = p->bare[0];
    if (p->bare_count == 1 && p->use == OPTIONS_DESK && is_folder(first)) {
        snprintf(p->options->folder, JOB_PATH, "%s", first);
        return STATUS_OK;
    }
    TRY(check_pictures(p));
    for (int i = 0; i < p->bare_count; i++)
        TRY(check_bare(p->bare[i], p->diag));
    int width, height;
    bool styled = p->bare_count > 1 && is_named_picture(first); /* then it is no job */
    if (styled)
        TRY(image_probe(&width, &height, first, p->diag));
    return p->bare_count > 0 && !styled && !is_picture(first) ? read_job(p) : read_pictures(p);
}

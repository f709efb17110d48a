/* presets.c: see presets.h. */
#include "tui/model/presets.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/text_buffer.h"

enum { MOST = 200, MOST_BYTES = 1 << 16 };

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct preset *)a)->name, ((const struct preset *)b)->name);
}

bool presets_can_be(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= PRESETS_NAME || name[0] == '.' || name[0] == '-')
        return false;
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c) && (unsigned char)*c < 128)
            return false;
    return true;
}

enum status presets_path(char out[JOB_PATH], const char *folder, const char *name,
                         struct diag *diag)
{
    char file[PRESETS_NAME + 8];
    snprintf(file, sizeof file, "%s.ini", name);
    return file_join(out, JOB_PATH, folder, file, diag);
}

/* The remark on the first line, or "". */
static void read_line(char out[PRESETS_LINE], const char *text)
{
    out[0] = 0;
    if (*text != ';' && *text != '#')
        return;
    text += 1 + strspn(text + 1, " ");
    size_t n = strcspn(text, "\r\n");
    char *line = mem_new(n + 1);
    snprintf(line, n + 1, "%s", text);
    diag_clean(out, PRESETS_LINE, line);
    mem_free(line);
}

/* The file of that name in folder, if it is one of a preset. */
static bool read_one(struct preset *out, const char *folder, const char *file)
{
    unsigned char *text;
    size_t size;
    char path[JOB_PATH];
    int stem = file_stem(file);
    if (!file_has_ending(file, ".ini") || stem >= PRESETS_NAME)
        return false;
    snprintf(out->name, sizeof out->name, "%.*s", stem, file);
    if (!presets_can_be(out->name) || presets_path(path, folder, out->name, NULL) != STATUS_OK ||
        file_read(&text, &size, path, MOST_BYTES, NULL) != STATUS_OK)
        return false;
    out->text = (char *)text; /* file_read ends it with a NUL */
    read_line(out->line, out->text);
    return true;
}

void presets_read(struct preset **out, int *count, const char *folder)
{
    DIR *open = opendir(folder);
    *out = mem_new(MOST * sizeof **out);
    *count = 0;
    for (struct dirent *d; open && *count < MOST && (d = readdir(open));)
        *count += read_one(&(*out)[*count], folder, d->d_name);
    if (open)
        closedir(open);
    qsort(*out, (size_t)*count, sizeof **out, by_name);
}

void presets_clear(struct preset **presets, int *count)
{
    for (int i = 0; i < *count; i++)
        mem_free((*presets)[i].text);
    mem_free(*presets);
    *presets = NULL;
    *count = 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* "1/8", "blank" of each layer, then the weights that people know. */
static void print_line(struct text_buffer *out, const struct job *job, bool pictures)
{
    char crop[96], weight[32];
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        const struct channel *c = &job->channel[i];
        job_print_crop(crop, &c->style.crop);
        crop[strcspn(crop, "@")] = 0;
        job_print_real(weight, c->weight);
        text_buffer_add(out, "%s%s", i ? ", " : "; ",
                        c->state == CHANNEL_ON ? crop : job_state_name(c->state));
        if (c->weight != 1.0 && c->state != CHANNEL_OFF)
            text_buffer_add(out, " at %s", weight);
    }
    job_print_real(weight, job->style_weight);
    text_buffer_add(out, "; style weight %s%s\n", weight, pictures ? "; with its pictures" : "");
}

/* What belongs to one picture, or one machine, and so to no preset: names of keys and fields. */
#define OF_PICTURE(X) X(content) X(output) X(width)
#define OF_MACHINE(X) X(network) X(seed) X(precision) X(convolution) X(threads) X(memory)

void presets_leave(struct job *job, const struct job *before)
{
#define X(field) memcpy(&job->field, &before->field, sizeof job->field);
    OF_MACHINE(X)
    if (before->content[0]) {
        OF_PICTURE(X)
    }
#undef X
}

static bool is_kept(const struct job *job, const char *name, bool pictures)
{
#define X(field) #field,
    static const char *const never[] = {OF_PICTURE(X) OF_MACHINE(X)};
#undef X
    static const char *const of_pictures[] = {"blend", "styles", "style", "style_blend_weights",
                                              "style_scales", "style_crops"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcmp(name, never[i]) == 0)
            return false;
    for (size_t i = 0; !pictures && i < sizeof of_pictures / sizeof *of_pictures; i++)
        if (strcmp(name, of_pictures[i]) == 0)
            return false;
    return strcmp(name, "initial") != 0 || job_is_word(job_find_key("initial"), job->initial);
}

char *presets_print(const struct job *job, const char *folder, bool pictures)
{
    struct text_buffer out = {0};
    char *whole = job_print(job, folder), name[64];
    bool section = false;
    print_line(&out, job, pictures);
    for (const char *line = whole; *line;) {
        int n = (int)strcspn(line, "\n");
        if (*line == '[')
            section = strncmp(line, "[job]", 5) == 0 || strncmp(line, "[channel ", 9) == 0;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " \n"), line);
        if (section && *line != ';' && is_kept(job, name, pictures))
            text_buffer_add(&out, "%.*s\n", n, line);
        line += n + (line[n] != 0);
    }
    mem_free(whole);
    char *text = mem_text(text_buffer_get(&out));
    text_buffer_clear(&out);
    return text;
}

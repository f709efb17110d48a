/*
 * cli_neural_style.c: `strata neural-style`: the command lines of anishathalye/neural-style's
 * neural_style.py, with its defaults and the names of its files. docs/neural-style.md says what
 * differs.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/net/network.h"
#include "tui/cli/cli.h"
#include "tui/cli/neural_style.h"
#include "tui/cli/paint.h"

static enum status check_named(const struct options *o, struct diag *diag)
{
    char list[64] = "";
    const struct job *job = &o->job;
    const bool missing[] = {!job->content[0], job->blend_count == 0, !job->output[0]};
    static const char *const names[] = {"--content", "--styles", "--output"};
    for (int i = 0; i < 3; i++)
        if (missing[i])
            snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", *list ? ", " : "",
                     names[i]);
    if (!*list)
        return STATUS_OK;
    return diag_set(diag, STATUS_USAGE, "these are missing: %s; strata neural-style --content "
                                        "F --styles F... --output F [OPTIONS]", list);
}

/* The name that the file's network has, or would have, among those that were imported. */
static void name_of(char *out, size_t size, const char *file)
{
    const char *name = file_name(file);
    snprintf(out, size, "%.*s", file_stem(name), name);
    for (char *c = out; *c; c++)
        *c = *c == '.' || *c == ':' ? '-' : *c;
}

static bool is_here(const char *name)
{
    char path[PATH_MAX];
    return network_path(path, sizeof path, name, NULL) == STATUS_OK && access(path, F_OK) == 0;
}

/* Once for each such file: it lies among the networks then. */
static enum status import(const char *file, const char *name, struct diag *diag)
{
    char place[PATH_MAX];
    TRY(network_path(place, sizeof place, name, diag));
    TRY(file_make_folders(place, 0777, diag));
    cli_note("%s is imported first, once: strata weights import %s -o %s", file, file, place);
    char *words[] = {"weights", "import", (char *)file, "-o", place, NULL};
    int status = cli_weights(5, words);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    if (status == 0)
        return STATUS_OK;
    return diag_set(diag, STATUS_INPUT, "%s could not be imported, so it cannot paint", file);
}

/* The default is the original's file, if it is here in any form, else the network that is built in.
 * One that is named is taken, imported, or missed. */
static enum status find_network(struct job *job, struct diag *diag)
{
    static const char standard[] = "imagenet-vgg-verydeep-19.mat";
    char name[NAME_MAX + 1];
    bool named = job->network[0] != 0;
    if (!named)
        strcpy(job->network, standard);
    if (job_is_word(job_find_key("network"), job->network) ||
        file_has_ending(job->network, ".safetensors"))
        return STATUS_OK;
    name_of(name, sizeof name, job->network);
    bool there = access(job->network, F_OK) == 0;
    bool is_standard = strcmp(file_name(job->network), standard) == 0;
    if (!is_here(name) && !(is_standard && is_here("vgg19")) && !there && !named) {
        cli_note("%s is not here, strata16 paints instead; `strata weights fetch vgg19` brings it",
                 standard);
        snprintf(name, sizeof name, "strata16");
    } else if (!is_here(name) && is_standard && is_here("vgg19")) {
        snprintf(name, sizeof name, "vgg19");
    } else if (!is_here(name) && there) {
        TRY(import(job->network, name, diag));
    } else if (!is_here(name)) {
        return STATUS_OK; /* network_open says what is missing */
    }
    memset(job->network, 0, sizeof job->network);
    snprintf(job->network, JOB_PATH, "%s", name);
    return STATUS_OK;
}

int cli_neural_style(int argc, char **argv)
{
    static struct options options;
    struct diag diag;
    enum status status = options_parse(&options, argc, argv, OPTIONS_ORIGINAL, &diag);
    if (status == STATUS_OK)
        status = check_named(&options, &diag);
    if (status == STATUS_OK)
        status = find_network(&options.job, &diag);
    if (status == STATUS_OK)
        status = job_validate(&options.job, &diag);
    return status == STATUS_OK ? paint(&options, "") : cli_fail(&diag);
}

/*
 * command_fetch.c: `strata weights fetch`: downloads a published file, checks that it is the one it
 * should be, and imports it. What came of an interrupted download lies beside the networks as
 * FILE.part, and the next fetch goes on from there.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "weights/cli/command.h"
#include "weights/import/download.h"

struct fetch {
    struct catalogue_entry entry; /* of the catalogue, or made of the command line */
    const char *published[CATALOGUE_MIRRORS + 1]; /* its mirrors, whatever --mirror says */
    const char *what, *mirror, *sha256, *name;
    bool overwrite, as_is;
    int seconds; /* patience */
    struct digest digest; /* of what came */
    char place[PATH_MAX], part[PATH_MAX];
};

enum { MIRROR, SHA256, NAME, PATIENCE, AS_IS, OVERWRITE };

static const struct args_option options[] = {
    [MIRROR] = {"mirror", 0, ARGS_VALUE},     [SHA256] = {"sha256", 0, ARGS_VALUE},
    [NAME] = {"name", 0, ARGS_VALUE},         [PATIENCE] = {"patience", 0, ARGS_VALUE},
    [AS_IS] = {"as-is", 0, ARGS_FLAG},        [OVERWRITE] = {"overwrite", 0, ARGS_FLAG},
};

static enum status set_patience(struct fetch *f, const char *text, struct diag *diag)
{
    char *end;
    long seconds = strtol(text, &end, 10);
    if (*end || seconds < 1 || seconds > 3600)
        return diag_set(diag, STATUS_USAGE, "--patience %s is no number of seconds, 1 to 3600",
                        text);
    f->seconds = (int)seconds;
    return STATUS_OK;
}

static enum status set_option(void *context, int option, const char *value, struct diag *diag)
{
    struct fetch *f = context;
    switch (option) {
    case MIRROR: f->mirror = value; break;
    case SHA256: f->sha256 = value; break;
    case NAME: f->name = value; break;
    case PATIENCE: return set_patience(f, value, diag);
    case AS_IS: f->as_is = true; break;
    case OVERWRITE: f->overwrite = true; break;
    default:
        if (f->what)
            return diag_set(diag, STATUS_USAGE, "fetch takes one name or address; %s is one too "
                            "many", value);
        f->what = value;
    }
    return STATUS_OK;
}

static enum status parse(struct fetch *f, int count, char **words, struct diag *diag)
{
    struct args args = {.command = "fetch", .words = words, .count = count, .options = options,
                        .option_count = sizeof options / sizeof *options};
    f->seconds = 30;
    TRY(args_read(&args, set_option, f, diag));
    return f->what ? STATUS_OK
                   : diag_set(diag, STATUS_USAGE,
                              "fetch needs a name: `strata weights list` shows what there is");
}

/* An address that is in no catalogue: whoever names it answers for it, and for its checksum. */
static enum status describe_address(struct fetch *f, struct diag *diag)
{
    static char file[NAME_MAX + 1], name[NAME_MAX + 1];
    const char *slash = strrchr(f->what, '/');
    size_t length = strcspn(slash + 1, "?#");
    if (!f->sha256 || strlen(f->sha256) != 64 ||
        strspn(f->sha256, "0123456789abcdef") != strlen(f->sha256))
        return diag_set(diag, STATUS_USAGE,
                        "an address needs --sha256, 64 digits 0-9 a-f: the checksum that its "
                        "publisher gives, or that sha256sum prints where the file is known");
    if (length == 0 || length > NAME_MAX)
        return diag_set(diag, STATUS_USAGE, "%s does not end with the name of a file", f->what);
    memcpy(file, slash + 1, length);
    file[length] = 0;
    command_name(name, sizeof name, file);
    f->entry = (struct catalogue_entry){.name = f->name ? f->name : name,
                                        .title = "",
                                        .source = f->what,
                                        .licence = "unknown",
                                        .file = file,
                                        .sha256 = f->sha256,
                                        .md5 = "",
                                        .mirrors = {f->what}};
    return STATUS_OK;
}

static enum status describe(struct fetch *f, struct diag *diag)
{
    const struct catalogue_entry *entry = catalogue_find(f->what);
    if (strncmp(f->what, "http://", 7) == 0 || strncmp(f->what, "https://", 8) == 0)
        return describe_address(f, diag);
    if (f->sha256)
        return diag_set(diag, STATUS_USAGE, "--sha256 goes with an address; %s has its checksum",
                        f->what);
    if (!entry)
        return diag_set(diag, STATUS_USAGE,
                        "there is no %s to fetch; `strata weights list` shows what there is",
                        f->what);
    f->entry = *entry;
    if (f->name)
        f->entry.name = f->name;
    return STATUS_OK;
}

/* The address of the published file on a mirror of the user's: a folder, or the file itself. */
static enum status use_mirror(struct fetch *f, struct diag *diag)
{
    static char url[PATH_MAX];
    size_t length = strlen(f->mirror);
    bool folder = length > 0 && f->mirror[length - 1] == '/';
    int n = snprintf(url, sizeof url, "%s%s", f->mirror, folder ? f->entry.file : "");
    if (n < 0 || (size_t)n >= sizeof url)
        return diag_set(diag, STATUS_RANGE, "--mirror %s is too long", f->mirror);
    memset(f->entry.mirrors, 0, sizeof f->entry.mirrors);
    f->entry.mirrors[0] = url;
    return STATUS_OK;
}

static void print_plan(const struct fetch *f)
{
    char check[160];
    catalogue_describe(check, sizeof check, &f->entry);
    command_print(f->entry.name, f->entry.title);
    command_print("  source", f->entry.source);
    command_print("  licence", f->entry.licence);
    if (f->entry.size)
        printf("  size      %.1f MB\n", (double)f->entry.size / 1e6);
    command_print("  checksum", check);
    fflush(stdout);
}

/* From one mirror: a part of an earlier attempt that turns out not to belong is thrown away. */
static enum status try_mirror(struct fetch *f, const char *url, struct diag *diag)
{
    struct download download = {url, f->part, f->entry.size, f->seconds, false};
    enum status status;
    do {
        status = download_file(&download, diag);
        if (status == STATUS_OK)
            status = digest_file(&f->digest, f->part, diag);
        if (status == STATUS_OK)
            status = catalogue_check(&f->entry, &f->digest, url, diag);
        if (status == STATUS_INPUT && unlink(f->part) != 0)
            break;
    } while (status == STATUS_INPUT && download.resumed);
    return status;
}

static enum status try_mirrors(struct fetch *f, struct diag *diag)
{
    enum status status = STATUS_NETWORK;
    for (int i = 0; i < CATALOGUE_MIRRORS && f->entry.mirrors[i]; i++) {
        command_print("  from", f->entry.mirrors[i]);
        fflush(stdout);
        status = try_mirror(f, f->entry.mirrors[i], diag);
        if (status == STATUS_OK || status == STATUS_IO)
            break;
        command_print("  failed", diag->text);
    }
    return status;
}

/* What to do by hand. */
static enum status give_up(const struct fetch *f, enum status status, struct diag *diag)
{
    char reason[DIAG_TEXT];
    struct stat info;
    bool kept = stat(f->part, &info) == 0 && info.st_size > 0;
    if (status != STATUS_NETWORK)
        return status;
    if (!kept) /* and no other process writes it */
        unlink(f->part);
    command_print("  by hand", "bring this file from another machine, from");
    for (int i = 0; f->published[i]; i++)
        command_print("", f->published[i]);
    memcpy(reason, diag->text, sizeof reason);
    return diag_set(diag, status, "%s%s; or bring %s here and run `strata weights import %s -o %s`",
                    reason, kept ? " (what came is kept, and fetch goes on from there)" : "",
                    f->entry.file, f->entry.file, f->place);
}

enum status command_fetch(int count, char **words, struct diag *diag)
{
    static struct fetch f;
    struct stat info;
    TRY(parse(&f, count, words, diag));
    TRY(describe(&f, diag));
    TRY(command_place(f.place, sizeof f.place, f.entry.name, diag));
    memcpy(f.published, f.entry.mirrors, sizeof f.entry.mirrors);
    if (f.mirror)
        TRY(use_mirror(&f, diag));
    if (!f.overwrite && stat(f.place, &info) == 0) {
        command_print("there already", f.place);
        return STATUS_OK;
    }
    int n = snprintf(f.part, sizeof f.part, "%.*s%s.part",
                     (int)(strrchr(f.place, '/') + 1 - f.place), f.place, f.entry.file);
    if (n < 0 || (size_t)n >= sizeof f.part)
        return diag_set(diag, STATUS_RANGE, "the name %s is too long", f.entry.file);
    print_plan(&f);
    enum status status = try_mirrors(&f, diag);
    if (status != STATUS_OK)
        return give_up(&f, status, diag);
    struct import import = {.in = f.part,
                            .out = f.place,
                            .digest = &f.digest,
                            .entry = &f.entry,
                            .mode = f.overwrite ? FILE_OVERWRITE : FILE_KEEP,
                            .as_is = f.as_is};
    TRY(command_import_file(&import, diag));
    unlink(f.part);
    command_print("  paint with --network", f.entry.name);
    return STATUS_OK;
}

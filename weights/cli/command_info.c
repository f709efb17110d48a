/* command_info.c: `strata weights info` and `strata weights list`: what a network is, and which
 * there are. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/mem.h"
#include "engine/net/weights.h"
#include "engine/style/magnitudes.h"
#include "weights/cli/command.h"

/* ---- info --------------------------------------------------------------------------------- */

static void print_meta(const char *label, const struct weights *w, const char *key)
{
    const char *text = weights_meta(w, key);
    command_print(label, text ? text : "unknown");
}

static enum status print_network(const struct network *n, const struct weights *w,
                                 struct diag *diag)
{
    struct magnitudes magnitudes;
    char losses[160];
    const char *order = weights_meta(w, "strata.order"), *scale = weights_meta(w, "strata.scale");
    printf("  layers   ");
    for (int l = 0; l < n->layer_count; l++)
        printf(" %s", layer_name((enum layer)l));
    printf("\n  widths   ");
    for (int l = 0; l < n->layer_count; l++)
        printf(" %d", n->conv[l].out);
    printf("\n  order     %s\n", order ? order : "rgb");
    print_meta("  mean", w, "strata.mean");
    if (scale)
        command_print("  scale", scale);
    TRY(magnitudes_measure(&magnitudes, n, diag));
    magnitudes_print(losses, sizeof losses, &magnitudes);
    command_print("  losses", losses);
    if (weights_meta(w, "strata.scaled"))
        print_meta("  were", w, "strata.scaled");
    print_meta("  origin", w, "strata.source");
    print_meta("  licence", w, "strata.licence");
    print_meta("  made from", w, "strata.sha256");
    return STATUS_OK;
}

/* Of the file itself, where there is one. */
static enum status print_file(const char *name, struct diag *diag)
{
    char path[PATH_MAX];
    struct digest digest;
    struct stat info;
    if (strcmp(name, "strata16") == 0)
        return STATUS_OK;
    if (!network_is_name(name) || network_path(path, sizeof path, name, diag) != STATUS_OK ||
        stat(path, &info) != 0)
        TRY(file_join(path, sizeof path, "", name, diag));
    TRY(digest_file(&digest, path, diag));
    command_print("  file", path);
    printf("  size      %zu bytes\n  SHA-256   %s\n", digest.size, digest.sha256);
    return STATUS_OK;
}

enum status command_info(int count, char **words, struct diag *diag)
{
    struct network *network = NULL;
    struct weights *weights = NULL;
    if (count != 2)
        return diag_set(diag, STATUS_USAGE, "info takes one network: a name or a file");
    if (strncmp(words[1], "random:", 7) == 0)
        return diag_set(diag, STATUS_USAGE, "%s is made of random numbers and has no file",
                        words[1]);
    TRY(network_weights(&weights, words[1], diag));
    enum status status = network_open(&network, words[1], diag);
    if (status == STATUS_OK) {
        command_print(words[1], strcmp(words[1], "strata16") == 0 ? "(built in)" : "");
        status = print_network(network, weights, diag);
        if (status == STATUS_OK)
            status = print_file(words[1], diag);
    }
    network_close(&network);
    weights_close(&weights);
    return status;
}

/* ---- list --------------------------------------------------------------------------------- */

/* size: bytes; 0: about so many megabytes, if they are not 0 as well. */
static void print_row(const char *name, size_t size, int about, const char *licence,
                      const char *what)
{
    char texts[3][160], shown[32] = "size ?";
    const char *in[3] = {name, licence, what};
    for (int i = 0; i < 3; i++)
        diag_clean(texts[i], sizeof texts[i], in[i]);
    if (size)
        snprintf(shown, sizeof shown, "%.1f MB", (double)size / 1e6);
    else if (about)
        snprintf(shown, sizeof shown, "~%d MB", about);
    printf("  %-18s %10s  %-13s %s\n", texts[0], shown, texts[1], texts[2]);
}

static void print_weights(const char *name)
{
    struct weights *w = NULL;
    struct diag diag;
    if (network_weights(&w, name, &diag) != STATUS_OK) {
        print_row(name, 0, 0, "", diag.text);
        return;
    }
    const char *licence = weights_meta(w, "strata.licence");
    const char *source = weights_meta(w, "strata.source");
    print_row(name, weights_size(w), 0, licence ? licence : "unknown",
              source ? source : "of unknown origin");
    weights_close(&w);
}

static int is_network(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && file_has_ending(entry->d_name, ".safetensors");
}

static void list_fetched(const char *folder)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_network, alphasort);
    for (int i = 0; i < n; i++) {
        char name[NAME_MAX + 1];
        snprintf(name, sizeof name, "%s", names[i]->d_name);
        *strrchr(name, '.') = 0;
        if (network_is_name(name))
            print_weights(name);
        free(names[i]);
    }
    if (n <= 0)
        printf("  none\n");
    if (n >= 0)
        free(names);
}

enum status command_list(int count, char **words, struct diag *diag)
{
    size_t n;
    const struct catalogue_entry *entries = catalogue_list(&n);
    char folder[PATH_MAX], path[PATH_MAX];
    if (count != 1)
        return diag_set(diag, STATUS_USAGE, "list takes no %s", words[1]);
    TRY(network_path(path, sizeof path, "x", diag));
    TRY(file_folder(folder, sizeof folder, path, diag));
    printf("built in\n");
    print_weights("strata16");
    command_print("fetched or imported, in", folder);
    list_fetched(folder);
    printf("to be fetched, with `strata weights fetch NAME`\n");
    for (size_t i = 0; i < n; i++)
        print_row(entries[i].name, entries[i].size, entries[i].about, entries[i].licence,
                  entries[i].title);
    return STATUS_OK;
}

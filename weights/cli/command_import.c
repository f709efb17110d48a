/* command_import.c: `strata weights import`: any weights file → a network for --network. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/args.h"
#include "engine/base/file.h"
#include "engine/style/magnitudes.h"
#include "engine/base/mem.h"
#include "weights/cli/command.h"
#include "weights/import/confine.h"
#include "weights/import/digest.h"
#include "weights/formats/read.h"
#include "weights/import/store.h"

void command_name(char *out, size_t size, const char *path)
{
    snprintf(out, size, "%s", file_name(path));
    char *dot = strrchr(out, '.');
    if (dot && dot > out)
        *dot = 0;
    for (char *c = out; *c; c++)
        *c = *c == '.' || *c == ':' ? '-' : *c;
}

enum status command_place(char *out, size_t size, const char *name, struct diag *diag)
{
    if (!network_is_name(name) || strcmp(name, "strata16") == 0 || strchr(name, ':'))
        return diag_set(diag, STATUS_USAGE,
                        "%s cannot be a network's name; choose one with --name (fetch) or -o "
                        "NAME.safetensors (import)",
                        name);
    TRY(network_path(out, size, name, diag));
    return file_make_folders(out, 0777, diag);
}

/* ---- what was found ----------------------------------------------------------------------- */

static void print_widths(const struct converted *c)
{
    printf("  layers    conv1_1 to conv%s, channels",
           layer_name((enum layer)(c->layer_count - 1)) + strlen("relu"));
    for (int l = 0; l < c->layer_count; l++)
        printf(" %d", c->conv[l].out);
    putchar('\n');
}

static void print_input(const struct converted *c)
{
    printf("  input     %s %.7g, %.7g, %.7g", c->bgr ? "BGR minus" : "RGB minus",
           c->mean[c->bgr ? 2 : 0], c->mean[1], c->mean[c->bgr ? 0 : 2]);
    if (c->scale[0] != 1.0)
        printf(", times %.6g, %.6g, %.6g", c->scale[c->bgr ? 2 : 0], c->scale[1],
               c->scale[c->bgr ? 0 : 2]);
    printf(" (by %s)\n", c->input);
}

/* Tensors that went into the network have a place in it. */
static bool is_used(const struct tensors *t, const struct tensor *tensor, int layer_count)
{
    struct names_place p;
    return tensor->values && names_parse(&p, tensor->name) &&
           t->place[p.block][p.index][p.part] == tensor &&
           (p.block < 5 || p.index == 1 || (p.index == 2 && layer_count == LAYER_COUNT));
}

static void print_rest(const struct tensors *t, int layer_count)
{
    enum { SHOWN = 6 };
    size_t left = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (is_used(t, &t->list[i], layer_count))
            continue;
        char clean[128];
        diag_clean(clean, sizeof clean, t->list[i].name);
        if (left++ < SHOWN)
            printf("%s%s", left == 1 ? "  left out  " : ", ", clean);
    }
    if (left > SHOWN)
        printf(" and %zu more", left - SHOWN);
    if (left > 0)
        putchar('\n');
}

/* ---- how large its losses are ------------------------------------------------------------- */

/* Of the network that would be written: what is painted with is what is measured. */
static enum status measure(struct magnitudes *out, const struct converted *network,
                           const struct store_origin *origin, const char *name, struct diag *diag)
{
    unsigned char *bytes;
    size_t size;
    struct weights *weights = NULL;
    struct network *read = NULL;
    TRY(store_bytes(&bytes, &size, name, network, origin, diag));
    enum status status = weights_open_memory(&weights, bytes, size, name, diag);
    if (status == STATUS_OK)
        status = network_read(&read, name, weights, diag);
    if (status == STATUS_OK)
        status = magnitudes_measure(out, read, diag);
    network_close(&read);
    weights_close(&weights);
    mem_free(bytes);
    return status;
}

static bool as_wide_as_vgg19(const struct converted *network)
{
    for (int l = 0; l < network->layer_count; l++) {
        int block = layer_block((enum layer)l);
        if (network->conv[l].out != 64 << (block < 4 ? block - 1 : 3))
            return false;
    }
    return true;
}

/* Says how far off they are; a network of other widths is then given VGG-19's, one that is as wide
 * stays as it is. Notes the figures, in text, in origin. */
static enum status settle_losses(char *text, size_t size, struct store_origin *origin,
                                 const struct import *import, struct converted *network,
                                 struct diag *diag)
{
    struct magnitudes m;
    double amplitude[LAYER_COUNT];
    TRY(measure(&m, network, origin, import->in, diag));
    magnitudes_print(text, size, &m);
    command_print("  losses", text);
    bool usual = magnitudes_usual(&m);
    if (import->as_is) {
        origin->losses = usual ? NULL : text;
        return STATUS_OK;
    }
    if (as_wide_as_vgg19(network))
        return usual ? STATUS_OK
                     : diag_set(diag, STATUS_INPUT,
                                "the losses of %s are far off VGG-19's (%s), so the usual weights "
                                "would paint next to nothing or noise with it: not imported; "
                                "--as-is imports it all the same",
                                import->in, text);
    if (!magnitudes_amplitudes(amplitude, &m))
        return diag_set(diag, STATUS_INPUT,
                        "a layer of %s says nothing to a picture, or something infinite (losses "
                        "%s), so it cannot be given VGG-19's: not imported; --as-is imports it "
                        "all the same",
                        import->in, text);
    convert_amplify(network, amplitude);
    origin->scaled = text;
    command_print("  scaled", "so that they are VGG-19's; --as-is leaves them");
    return STATUS_OK;
}

/* ---- the work ----------------------------------------------------------------------------- */

/* The metadata of a safetensors file that has it is worth more than the file's name. */
static const char *own(const struct tensors *t, const char *key, const char *otherwise)
{
    const char *text = t->weights ? weights_meta(t->weights, key) : NULL;
    return text ? text : otherwise;
}

static enum status write_network(const struct import *import, struct converted *network,
                                 const struct tensors *tensors, const char *kind, struct diag *diag)
{
    char source[512], losses[160];
    const struct catalogue_entry *entry = import->entry;
    snprintf(source, sizeof source, "%s (%s)", file_name(import->in), kind);
    struct store_origin origin = {
        entry ? entry->source : own(tensors, "strata.source", source),
        entry ? entry->licence : own(tensors, "strata.licence", "unknown"), import->digest->sha256,
        NULL, NULL};
    TRY(settle_losses(losses, sizeof losses, &origin, import, network, diag));
    TRY(store_network(import->out, network, &origin, import->mode, diag));
    command_print("  licence", origin.licence);
    command_print("  written", import->out);
    return STATUS_OK;
}

/* The name of the network when -o says none: the catalogue's, or the file's without its ending. */
static enum status choose_place(char *out, size_t size, const struct import *import,
                                struct diag *diag)
{
    char name[NAME_MAX + 1];
    command_name(name, sizeof name, import->in);
    TRY(command_place(out, size, import->entry ? import->entry->name : name, diag));
    return file_check_output(out, import->mode, diag);
}

/* How to paint with what lies at place, without its ending. */
static void print_use(const char *place)
{
    char words[NAME_MAX + 16];
    const char *name = file_name(place);
    snprintf(words, sizeof words, "--network %.*s", (int)(strrchr(name, '.') - name), name);
    command_print("  use it", words);
}

/* The libraries that read foreign files are large; what a file does to one stays where the result
 * belongs. Not where a link leads out of there. */
static void confine(const struct import *import)
{
    char place[PATH_MAX], folder[PATH_MAX];
    struct stat st;
    const char *out = import->out;
    if (!out && command_place(place, sizeof place, "any", NULL) == STATUS_OK)
        out = place;
    if (out && !(lstat(out, &st) == 0 && S_ISLNK(st.st_mode)) &&
        file_folder(folder, sizeof folder, out, NULL) == STATUS_OK)
        confine_to(folder);
}

enum status command_import_file(const struct import *import, struct diag *diag)
{
    struct tensors tensors = {0};
    struct converted network = {0};
    struct digest digest;
    struct import with = *import;
    const char *kind = "";
    char place[PATH_MAX];
    confine(import);
    enum status status = read_file(&tensors, &kind, import->in, diag);
    if (status == STATUS_OK && !with.digest) /* not before: what is no network may be large */
        status = digest_file(&digest, import->in, diag);
    with.digest = with.digest ? with.digest : &digest;
    if (status == STATUS_OK && !with.entry)
        with.entry = catalogue_match(with.digest);
    with.options.caffe = with.entry && with.entry->caffe;
    if (status == STATUS_OK && !with.out) {
        status = choose_place(place, sizeof place, &with, diag);
        with.out = place;
    }
    if (status == STATUS_OK)
        status = convert_tensors(&network, &tensors, &with.options, diag);
    if (status == STATUS_OK) {
        char clean[PATH_MAX];
        diag_clean(clean, sizeof clean, import->in);
        printf("%s: %s%s%s, %zu tensors\n", clean, kind, with.entry ? ", known as " : "",
               with.entry ? with.entry->name : "", tensors.count);
        print_widths(&network);
        print_input(&network);
        print_rest(&tensors, network.layer_count);
        status = write_network(&with, &network, &tensors, kind, diag);
    }
    if (status == STATUS_OK && !import->out)
        print_use(place);
    convert_clear(&network);
    tensors_clear(&tensors);
    return status;
}

/* ---- the command line --------------------------------------------------------------------- */

static enum status parse_mean(struct convert_options *o, const char *text, struct diag *diag)
{
    int n = 0;
    bool good =
        sscanf(text, "%lf,%lf,%lf%n", &o->mean[0], &o->mean[1], &o->mean[2], &n) == 3 && !text[n];
    for (int i = 0; i < 3; i++)
        good = good && o->mean[i] >= 0.0 && o->mean[i] <= 255.0;
    o->has_mean = good;
    return good ? STATUS_OK
                : diag_set(diag, STATUS_USAGE,
                           "--mean %s is not three numbers from 0 to 255: red,green,blue", text);
}

static enum status parse_order(struct convert_options *o, const char *text, struct diag *diag)
{
    o->order = strcmp(text, "rgb") == 0   ? CONVERT_RGB
               : strcmp(text, "bgr") == 0 ? CONVERT_BGR
                                          : CONVERT_AS_FOUND;
    return o->order != CONVERT_AS_FOUND
               ? STATUS_OK
               : diag_set(diag, STATUS_USAGE, "--order %s is neither rgb nor bgr", text);
}

enum { OUTPUT, ORDER, MEAN, TRANSPOSE, AS_IS, OVERWRITE };

static const struct args_option options[] = {
    [OUTPUT] = {"output", 'o', ARGS_VALUE},     [ORDER] = {"order", 0, ARGS_VALUE},
    [MEAN] = {"mean", 0, ARGS_VALUE},           [TRANSPOSE] = {"transpose", 0, ARGS_FLAG},
    [AS_IS] = {"as-is", 0, ARGS_FLAG},          [OVERWRITE] = {"overwrite", 0, ARGS_FLAG},
};

static enum status set_option(void *context, int option, const char *value, struct diag *diag)
{
    struct import *import = context;
    switch (option) {
    case OUTPUT: import->out = value; break;
    case ORDER: return parse_order(&import->options, value, diag);
    case MEAN: return parse_mean(&import->options, value, diag);
    case TRANSPOSE: import->options.transpose = true; break;
    case AS_IS: import->as_is = true; break;
    case OVERWRITE: import->mode = FILE_OVERWRITE; break;
    default:
        if (import->in)
            return diag_set(diag, STATUS_USAGE, "import takes one file; %s is one too many", value);
        import->in = value;
    }
    return STATUS_OK;
}

static enum status parse(struct import *import, int count, char **words, struct diag *diag)
{
    struct args args = {.command = "import", .words = words, .count = count, .options = options,
                        .option_count = sizeof options / sizeof *options};
    TRY(args_read(&args, set_option, import, diag));
    return import->in ? STATUS_OK
                      : diag_set(diag, STATUS_USAGE, "import needs the name of a weights file");
}

enum status command_import(int count, char **words, struct diag *diag)
{
    struct import import = {.mode = FILE_KEEP};
    TRY(parse(&import, count, words, diag));
    if (import.out)
        TRY(file_check_output(import.out, import.mode, diag));
    return command_import_file(&import, diag);
}

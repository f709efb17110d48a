/* args.c: see args.h. */
#include "engine/base/args.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/nearest.h"

/* Up to so many options are all named in a sentence about one that does not exist. */
enum { FEW = 10 };

void args_print_name(char out[ARGS_MAX_NAME], const char *name)
{
    snprintf(out, ARGS_MAX_NAME, "%s", name);
    for (char *c = out; *c; c++)
        *c = *c == '_' ? '-' : *c;
}

bool args_want_help(int count, char **words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

/* ---- an option that does not exist -------------------------------------------------------- */

/* dashes: as they were typed. */
static enum status suggest(const struct args *a, const char *dashes, const char *name,
                           struct diag *diag)
{
    char option[ARGS_MAX_NAME];
    struct nearest nearest;
    nearest_begin(&nearest, name);
    for (int i = 0; i < a->option_count; i++) {
        args_print_name(option, a->options[i].name);
        nearest_offer(&nearest, option, (int)strlen(option));
    }
    if (!nearest.name[0])
        return diag_set(diag, STATUS_USAGE, "there is no option %s%s; --help lists them",
                        dashes, name);
    return diag_set(diag, STATUS_USAGE, "there is no option %s%s; did you mean --%s?", dashes, name,
                    nearest.name);
}

/* "--a, --b and --c" of the options that begin with name. */
static void list_options(char *out, size_t size, const struct args *a, const char *name)
{
    char option[ARGS_MAX_NAME];
    size_t used = 0;
    int count = 0, seen = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < a->option_count; i++) {
            args_print_name(option, a->options[i].name);
            if (a->options[i].kind == ARGS_OTHER || (a->options[i].whole && *name) ||
                strncmp(option, name, strlen(name)) != 0)
                continue;
            if (pass == 0) {
                count++;
                continue;
            }
            const char *before = seen == 0 ? "" : seen == count - 1 ? " and " : ", ";
            seen++;
            if (used < size)
                used += (size_t)snprintf(out + used, size - used, "%s--%s", before, option);
        }
}

static enum status unknown(const struct args *a, const char *word, const char *name,
                           struct diag *diag)
{
    char list[400] = "none";
    if (a->option_count > FEW && *name)
        return suggest(a, word[1] == '-' ? "--" : "-", name, diag);
    if (a->option_count > FEW)
        return diag_set(diag, STATUS_USAGE,
                        "there is no option %.*s; --help lists them",
                        (int)strcspn(word, "="), word);
    list_options(list, sizeof list, a, "");
    return diag_set(diag, STATUS_USAGE, "%s knows no option %s; it has %s", a->command, word, list);
}

/* ---- finding one -------------------------------------------------------------------------- */

/* By its whole name, or the beginning of just one name. */
static enum status find(int *out, const struct args *a, const char *word, const char *name,
                        struct diag *diag)
{
    char option[ARGS_MAX_NAME], list[400];
    int found = -1, count = 0;
    if (!*name)
        return unknown(a, word, name, diag);
    for (int i = 0; i < a->option_count; i++) {
        args_print_name(option, a->options[i].name);
        if (strcmp(option, name) == 0) {
            *out = i;
            return STATUS_OK;
        }
        if (a->options[i].kind != ARGS_OTHER && !a->options[i].whole &&
            strncmp(option, name, strlen(name)) == 0) {
            found = i;
            count++;
        }
    }
    if (count == 0)
        return unknown(a, word, name, diag);
    if (count > 1) {
        list_options(list, sizeof list, a, name);
        return diag_set(diag, STATUS_USAGE, "--%s is short for %s", name, list);
    }
    *out = found;
    return STATUS_OK;
}

static int find_letter(const struct args *a, const char *word)
{
    for (int i = 0; i < a->option_count; i++)
        if (word[0] == '-' && word[1] && word[1] == a->options[i].letter && !word[2])
            return i;
    return -1;
}

static bool is_option(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

/* The option at `at`, which moves on to its last word. */
static enum status read_option(struct args *a, int *out, const char **value, struct diag *diag)
{
    char name[ARGS_MAX_NAME], whole[ARGS_MAX_NAME];
    const char *word = a->words[a->at], *equals = NULL;
    int i = find_letter(a, word);
    if (!is_option(word) && i < 0) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "=") - 1, word + 1);
        return unknown(a, word, name[0] && name[1] ? name : "", diag);
    }
    if (i < 0) {
        equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name),
                 word + 2);
        TRY(find(&i, a, word, name, diag));
    }
    const struct args_option *option = &a->options[i];
    const char *next = a->at + 1 < a->count ? a->words[a->at + 1] : "--";
    args_print_name(whole, option->name);
    *out = i;
    *value = "";
    if (option->kind == ARGS_OTHER)
        return diag_set(diag, STATUS_USAGE, "--%s is not an option of %s", whole, a->command);
    if (option->kind == ARGS_FLAG && equals)
        return diag_set(diag, STATUS_USAGE, "--%s takes no value", whole);
    if (option->kind == ARGS_FLAG)
        return STATUS_OK;
    if (equals ? !equals[1] : is_option(next) || !*next)
        return diag_set(diag, STATUS_USAGE, "%s%s needs a value", is_option(word) ? "--" : "",
                        is_option(word) ? whole : word);
    *value = equals ? equals + 1 : next;
    a->at += !equals;
    a->list = option->kind == ARGS_LIST && !equals ? i + 1 : 0;
    return STATUS_OK;
}

/* The next of them; *value is NULL at the end. */
static enum status next(struct args *a, int *option, const char **value, struct diag *diag)
{
    *option = ARGS_WORD;
    *value = NULL;
    if (++a->at >= a->count)
        return STATUS_OK;
    const char *word = a->words[a->at];
    if (a->list && !is_option(word) && find_letter(a, word) < 0) {
        *option = a->list - 1;
        *value = word;
        return STATUS_OK;
    }
    a->list = 0;
    if (!a->ended && strcmp(word, "--") == 0) {
        a->ended = true;
        return next(a, option, value, diag);
    }
    if (!a->ended && word[0] == '-' && word[1])
        return read_option(a, option, value, diag);
    *value = word;
    return STATUS_OK;
}

enum status args_read(struct args *args, args_take *take, void *context, struct diag *diag)
{
    for (;;) {
        int option;
        const char *value;
        TRY(next(args, &option, &value, diag));
        if (!value)
            return STATUS_OK;
        TRY(take(context, option, value, diag));
    }
}

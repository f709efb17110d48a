/* command_words.c: see command.h. Words of the command line, and text for the terminal. */
#include <stdio.h>

#include "weights/cli/command.h"

enum status command_value(const char **out, int *i, int count, char **words, struct diag *diag)
{
    if (*i + 1 >= count || !*words[*i + 1])
        return diag_set(diag, STATUS_USAGE, "%s needs a value", words[*i]);
    *out = words[++*i];
    return STATUS_OK;
}

void command_print(const char *label, const char *text)
{
    char name[2048], clean[2048];
    diag_clean(name, sizeof name, label);
    diag_clean(clean, sizeof clean, text);
    printf("%-11s %s\n", name, clean);
}

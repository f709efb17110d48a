/* command_words.c: see command.h. Text for the terminal. */
#include <stdio.h>

#include "weights/cli/command.h"

void command_print(const char *label, const char *text)
{
    char name[2048], clean[2048];
    diag_clean(name, sizeof name, label);
    diag_clean(clean, sizeof clean, text);
    printf("%-11s %s\n", name, clean);
}

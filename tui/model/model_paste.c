/* model_paste.c: text that was pasted or, which terminals send as such, a file that was dropped. */
#include <string.h>

#include "tui/model/model_private.h"
#include "tui/term/text.h"

/* Into what is being typed: its first line. */
static void paste_as_typed(struct model *m, const char *text)
{
    while (*text && *text != '\n') {
        unsigned code = text_next(&text);
        if (code == '\t')
            continue;
        if (m->prompt.kind != PROMPT_NONE)
            model_type_prompt(m, code);
        else
            model_type_filter(m, code);
    }
}

void model_paste(struct model *m, const char *text)
{
    if (m->prompt.kind != PROMPT_NONE || m->overlay == OVERLAY_FILES)
        paste_as_typed(m, text);
}

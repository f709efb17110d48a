/* options_notes.c: see options_private.h. What is said of a command line that is taken as it is. */
#include <stdio.h>
#include <string.h>

#include "tui/cli/cli.h"
#include "tui/cli/options_private.h"

/* job_read may have found another place for the output than the job says. */
static void note_output(const struct options_parser *p)
{
    const struct options *o = p->options;
    bool named = p->named & options_key_bit(job_find_key("output"));
    if (p->use == OPTIONS_RUN && o->job_path[0] && !named && strchr(o->job_path, '/') &&
        !strchr(o->job.output, '/'))
        cli_note("%s goes into the working directory, since %s lies in a folder that is not for "
                 "results", o->job.output, o->job_path);
}

/* Options of Adam that another optimiser does not look at. */
static void note_unused(const struct options_parser *p)
{
    static const char *const names[] = {"learning_rate", "beta1", "beta2", "eps"};
    char list[80] = "", name[ARGS_MAX_NAME];
    int count = 0;
    for (int i = 0; i < 4; i++) {
        size_t used = strlen(list);
        if (!(p->named & options_key_bit(job_find_key(names[i]))))
            continue;
        args_print_name(name, names[i]);
        snprintf(list + used, sizeof list - used, "%s--%s", count++ ? ", " : "", name);
    }
    if (count > 0 && p->use == OPTIONS_RUN && p->options->job.optimizer == OPTIMIZER_LBFGS)
        cli_note("%s %s without effect: L-BFGS does not look at what is Adam's; --optimizer adam "
                 "does, and --schedule classic", list, count == 1 ? "is" : "are");
}

/* Whether the picture is pulled to white and grey, and by no style. */
static void note_white(const struct options_parser *p)
{
    const struct job *job = &p->options->job;
    int on = 0, flat = 0;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        enum channel_state state = job->channel[i].state;
        bool pulls = job->channel[i].weight > 0.0;
        on += pulls && state == CHANNEL_ON;
        flat += pulls && (state == CHANNEL_BLANK || state == CHANNEL_GREY);
    }
    if (p->use == OPTIONS_RUN && on == 0 && flat > 0)
        cli_note("no layer has a picture for a style: those that are blank or grey pull to white "
                 "and grey; off is what does not pull");
}

uint64_t options_key_bit(const struct job_key *key)
{
    size_t count;
    return (uint64_t)1 << (key - job_keys(&count));
}

void options_note(const struct options_parser *p)
{
    note_output(p);
    note_unused(p);
    note_white(p);
}

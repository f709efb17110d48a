/* model_answer.c: questions: their words, and what an answer does. */
#include <stdio.h>
#include <string.h>

#include "engine/base/file.h"
#include "tui/model/model_private.h"

/* "The run is at 3 of 10 and not saved", "2 snapshots are in no file", or both. */
static void print_losses(const struct model *m, char *out, size_t size)
{
    int kept = model_unsaved_kept(m), used = 0;
    bool run = model_running(m);
    if (run)
        used = snprintf(out, size, "The run is at %d of %d and not saved",
                        m->run ? m->run->iteration : 0, m->run ? m->run->iterations : 0);
    if (kept)
        snprintf(out + used, size - (size_t)used, "%s%d snapshot%s in no file", run ? ", " : "",
                 kept, kept == 1 ? " is" : "s are");
}

static void print_guarded(const struct model *m, char *out, size_t size)
{
    char others[40] = "", first[JOB_PATH] = "";
    int count = model_guarded(m, first);
    if (count > 1)
        snprintf(others, sizeof others, " and %d more", count - 1);
    snprintf(out, size, "The job in %s reads %s%s, outside its folder. Use them?",
             file_name(m->guard), first, others);
}

/* Of each question the answers that it has, by the bits of their actions, and their words. */
enum { Y = 1, N = 2, K = 4, C = 8, A = 16, J = 32, LAYERS = 31 << 6 };

static const char replace_words[] = "y replace it   n keep both, under a new name   esc back";

static const struct {
    unsigned answers;
    const char *words;
} questions[] = {
    [QUESTION_NONE] = {0, ""},
    [QUESTION_QUIT] = {Y | N | K,
                       "y save and leave   n leave unsaved   k let it go on alone   esc stay"},
    [QUESTION_QUIT_KEPT] = {Y | N, "y save all and leave   n leave unsaved   esc stay"},
    [QUESTION_QUIT_EDITS] = {Y | N, "y save it as a file and leave   n leave unsaved   esc stay"},
    [QUESTION_TRUST] = {Y, "y use them   esc back"},
    [QUESTION_START] = {Y | N, replace_words},
    [QUESTION_SAVE] = {Y | N, replace_words},
    [QUESTION_SAVE_JOB] = {Y | N, replace_words},
    [QUESTION_OPEN] = {Y, "y give up   esc back"},
    [QUESTION_REMOVE] = {Y, "y remove it   esc back"},
    [QUESTION_GO] = {Y, "y give it up   esc back"},
    [QUESTION_FORGET] = {Y, "y remove it   esc back"},
    [QUESTION_PASTED] =
        {C | A | LAYERS, "c content   1   2   3   4   5 layer   a all layers   esc back"},
    [QUESTION_PASTED_PAINTED] =
        {C | A | J | LAYERS,
         "c content   1   2   3   4   5 layer   a all layers   j open its job   esc back"},
    [QUESTION_PASTED_FEW] =
        {Y | C, "y layers, from the cursor on   c the first is the content   esc back"},
    [QUESTION_PASTED_FIVE] =
        {Y | C, "y one for each layer   c the first is the content   esc back"},
    [QUESTION_PASTED_SIX] = {Y, "y the first is the content   esc back"},
    [QUESTION_PASTED_JOB] = {Y, "y open it   esc back"},
};

/* The picture of the history under the cursor, which is the one in question. */
static void print_node(const struct model *m, char *out, size_t size)
{
    const struct history_node *node = tree_node(&m->tree);
    char label[HISTORY_WORDS];
    snprintf(out, size, "this picture");
    if (!node)
        return;
    tree_label(label, sizeof label, &m->tree, node);
    snprintf(out, size, "\"%.300s\"", label);
}

void model_question(const struct model *m, char text[DIAG_TEXT], char answers[200])
{
    char raw[JOB_PATH + 200] = "", asked[sizeof raw + 40], lost[120] = "";
    const char *path = m->question_path;
    char name[HISTORY_WORDS];
    print_losses(m, lost, sizeof lost);
    switch (m->question) {
    case QUESTION_QUIT:
    case QUESTION_QUIT_KEPT: snprintf(raw, sizeof raw, "%s. Leave?", lost); break;
    case QUESTION_QUIT_EDITS:
        snprintf(raw, sizeof raw, "The job was changed and is saved nowhere. Leave?");
        break;
    case QUESTION_TRUST: print_guarded(m, raw, sizeof raw); break;
    case QUESTION_START:
        snprintf(raw, sizeof raw, "%s is there already. Replace it when the run ends?", path);
        break;
    case QUESTION_SAVE:
    case QUESTION_SAVE_JOB:
        snprintf(raw, sizeof raw, "%s is there already. Replace it?", path);
        break;
    case QUESTION_OPEN: snprintf(raw, sizeof raw, "%s. Give up for %s?", lost, path); break;
    case QUESTION_REMOVE:
        snprintf(raw, sizeof raw, "Remove the run %s? Its pictures stay where they are.", path);
        break;
    case QUESTION_PASTED: case QUESTION_PASTED_PAINTED: case QUESTION_PASTED_FEW:
    case QUESTION_PASTED_FIVE: case QUESTION_PASTED_SIX: case QUESTION_PASTED_JOB:
        model_question_pasted(m, raw, sizeof raw);
        break;
    case QUESTION_GO:
        print_node(m, name, sizeof name);
        snprintf(raw, sizeof raw, "%s. Give it up for %s?", lost, name);
        break;
    case QUESTION_FORGET:
        print_node(m, name, sizeof name);
        snprintf(raw, sizeof raw, "Remove %s from the history? What it was saved as stays.", name);
        break;
    case QUESTION_NONE: break;
    }
    snprintf(asked, sizeof asked, "%s%s%s", m->no_answer, m->no_answer[0] ? " is no answer. " : "",
             raw);
    diag_clean(text, DIAG_TEXT, asked);
    snprintf(answers, 200, "%s", questions[m->question].words);
}

static void answer_question(struct model *m, int number)
{
    char path[JOB_PATH];
    enum question question = m->question;
    m->question = QUESTION_NONE;
    snprintf(path, sizeof path, "%s", number == 2 ? m->question_beside : m->question_path);
    switch (question) {
    case QUESTION_QUIT:
        m->requests |= number == 1   ? REQUEST_QUIT_SAVING
                       : number == 2 ? REQUEST_QUIT
                                     : REQUEST_DETACH;
        break;
    case QUESTION_QUIT_KEPT: m->requests |= number == 1 ? REQUEST_QUIT_SAVING : REQUEST_QUIT; break;
    case QUESTION_QUIT_EDITS:
        if (number == 1)
            model_quit_saving_job(m);
        else
            m->requests |= REQUEST_QUIT;
        break;
    case QUESTION_TRUST:
        m->guard[0] = 0;
        model_want_start(m);
        break;
    case QUESTION_START:
        if (number == 1)
            snprintf(m->written, sizeof m->written, "%s", path);
        else
            snprintf(m->job.output, sizeof m->job.output, "%s", path);
        model_commit(m, 0);
        model_start(m);
        break;
    case QUESTION_SAVE:
        snprintf(m->written, sizeof m->written, "%s", path);
        model_save(m, path, m->question_number);
        break;
    case QUESTION_SAVE_JOB: model_save_job(m, path, FILE_OVERWRITE); break;
    case QUESTION_OPEN: model_load(m, path, true); break;
    case QUESTION_REMOVE: model_remove_run(m, path); break;
    case QUESTION_GO: model_go_confirmed(m); break;
    case QUESTION_FORGET: model_forget_node(m); break;
    case QUESTION_PASTED: case QUESTION_PASTED_PAINTED: case QUESTION_PASTED_FEW:
    case QUESTION_PASTED_FIVE: case QUESTION_PASTED_SIX: case QUESTION_PASTED_JOB:
    case QUESTION_NONE: break;
    }
}

void model_answer_action(struct model *m, enum answer_action action)
{
    int number = (int)action - (int)DO_ANSWER_1;
    if (action == DO_ANSWER_NONE)
        m->question = QUESTION_NONE;
    else if (!(questions[m->question].answers >> number & 1))
        return;
    else if (m->question >= QUESTION_PASTED && m->question <= QUESTION_PASTED_JOB)
        model_answer_pasted(m, action);
    else
        answer_question(m, number + 1);
}

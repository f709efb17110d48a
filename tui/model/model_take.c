/* model_take.c: what the worker and the disk bring. */
#include <stdio.h>
#include <string.h>

#include "tui/model/model_private.h"

/* One sentence. Errors stay in sight when more was said since then. */
static void take_sentence(struct model *m, const struct snapshot_told *told, bool *failed)
{
    bool good = told->diag.status == STATUS_OK;
    if (!good || !*failed)
        model_say(m, good ? MESSAGE_DONE : MESSAGE_ERROR, "%s", told->diag.text);
    *failed |= !good;
    if (told->command == 0)
        return;
    if (!good && told->command == m->history.serial)
        model_refused(m);
    if (!good && told->command == m->returning)
        m->returning = 0;
    if (told->command == m->saving && good && m->saving > m->anew)
        snprintf(m->written, sizeof m->written, "%s", m->saving_path);
}

/* What a snapshot says about commands sent: edits accepted or refused, sentences. */
static void take_answers(struct model *m, const struct snapshot *s)
{
    bool failed = false;
    if (s->told_serial > m->told_seen + SNAPSHOT_TOLD)
        m->told_seen = s->told_serial - SNAPSHOT_TOLD;
    while (m->told_seen < s->told_serial)
        take_sentence(m, &s->told[++m->told_seen % SNAPSHOT_TOLD], &failed);
    if (s->handled >= m->history.serial)
        m->history.accepted = m->history.at;
    if (m->returning && s->handled >= m->returning) {
        model_adopt(m, &s->job, s->began.edits, s->iteration);
        m->returning = 0;
    }
}

void model_take(struct model *m, struct snapshot *s)
{
    int kept = model_kept_count(m);
    unsigned nodes = m->run ? m->run->nodes : 0;
    if (s->preview.rgb) {
        snapshot_picture_clear(&m->result);
        m->result = s->preview;
        s->preview = (struct snapshot_picture){0};
    }
    if (s->look && !model_take_compared(m, &s->look)) {
        snapshot_look_free(&m->look);
        m->look = s->look;
        s->look = NULL;
    }
    snapshot_free(&m->run);
    m->run = s;
    if (s->kept_count > kept)
        m->kept = s->kept_count - 1;
    take_answers(m, s);
    model_ask_looks(m);
    model_follow(m, s);
    if (s->node[0])
        memcpy(m->parent, s->node, sizeof m->parent);
    if (s->nodes != nodes)
        model_tree_changed(m);
    if (m->resuming && s->state != SNAPSHOT_OPENING) {
        m->resuming = false;
        model_taken_up(m, &s->job, s->began.edits, s->iteration);
        m->saved_job = m->start_job = m->job;
        m->start_job.edits[0] = 0;
        model_history_reset(m);
        if (s->state == SNAPSHOT_PAUSED)
            model_say(m, MESSAGE_HINT, "taken up at iteration %d of %d; space goes on",
                      s->iteration, s->iterations);
        if (m->return_to)
            model_return_to(m, m->return_to);
        m->return_to = 0;
    }
    model_update_layout(m);
}

/* What was to be done has been done in any case; of what was to be known the newest counts. A
 * choice is still wanted if the browser is open: what was done since is not given up. */
static bool is_wanted(const struct model *m, const struct disk_answer *a, enum purpose purpose)
{
    bool newest = m->awaited[purpose] == a->request.serial, browses = m->overlay == OVERLAY_FILES;
    switch (purpose) {
    case PURPOSE_SAVE_JOB: case PURPOSE_QUIT: case PURPOSE_COMMAND: case PURPOSE_INPUT:
    case PURPOSE_PRESETS: case PURPOSE_PRESET_SAVED: case PURPOSE_CONFIG: return true;
    case PURPOSE_DETAILS: return a->request.number == (int)m->browser.generation;
    case PURPOSE_START: return newest && !m->started;
    case PURPOSE_OPEN: return newest && (a->request.number || browses);
    case PURPOSE_PICTURE: case PURPOSE_MARKED: return newest && browses;
    case PURPOSE_NODE: return newest && m->overlay == OVERLAY_TREE;
    default: return newest;
    }
}

static void take_answer(struct model *m, struct disk_answer *a, enum purpose purpose)
{
    switch (purpose) {
    case PURPOSE_SAVE_JOB: case PURPOSE_QUIT: model_job_saved(m, a); break;
    case PURPOSE_LIST: browser_take(&m->browser, &a->listing, a->request.name); break;
    case PURPOSE_DETAILS: browser_take_details(&m->browser, a->names, a->details); break;
    case PURPOSE_START: model_start_checked(m, a); break;
    case PURPOSE_SAVE: model_save_checked(m, a); break;
    case PURPOSE_OPEN: model_loaded(m, a); break;
    case PURPOSE_PICTURE: model_picture_chosen(m, a); break;
    case PURPOSE_MARKED: model_marked_checked(m, a); break;
    case PURPOSE_NODE: model_gone_to(m, a); break;
    case PURPOSE_TYPED: model_typed_found(m, a); break;
    case PURPOSE_PASTED: model_pasted_found(m, a); break;
    case PURPOSE_COMPLETE_FILE: model_typed_completed(m, a); break;
    case PURPOSE_COMPLETE: model_completed(m, a); break;
    case PURPOSE_TREE: model_take_tree(m, a); break;
    case PURPOSE_COMMAND: model_command_written(m, a); break;
    case PURPOSE_INPUT: model_input_checked(m, a); break;
    case PURPOSE_PRESETS: model_take_presets(m, a); break;
    case PURPOSE_PRESET_SAVED: model_preset_saved(m, a); break;
    case PURPOSE_CONFIG: model_config_saved(m, a); break;
    case PURPOSE_RUNS: case PURPOSE_OFFER: model_take_runs(m, a); break;
    case PURPOSE_PLACES: case PURPOSE_COUNT: break;
    }
}

void model_take_answer(struct model *m, struct disk_answer *a)
{
    enum purpose purpose = (enum purpose)a->request.purpose;
    if (is_wanted(m, a, purpose))
        take_answer(m, a, purpose);
    disk_answer_clear(a);
    model_update_layout(m);
}

/* model_apply.c: the way of an action into the model, and the actions of the screen itself. */
#include <stdio.h>

#include "tui/model/model_private.h"

/* Actions */

static void move_focus(struct model *m, int step)
{
    m->focus = (enum pane)((m->focus + PANE_RUN + step) % PANE_RUN);
    if (m->focus == PANE_SNAPSHOTS && model_kept_count(m) == 0)
        model_say(m, MESSAGE_HINT, "{snapshot} keeps picture and job as a numbered snapshot, here "
                                   "they are listed");
}

static void toggle_full(struct model *m)
{
    m->overlay = m->overlay == OVERLAY_FULL ? OVERLAY_NONE : OVERLAY_FULL;
    m->zoom = (struct zoom){.x = 0.5, .y = 0.5};
}

static void flip_action(struct model *m, enum flip_action action)
{
    switch (action) {
    case DO_FLIP: model_flip(m, 1); break;
    case DO_FLIP_BACK: model_flip(m, -1); break;
    case DO_FULL: toggle_full(m); break;
    case DO_COMPARE: model_open_compare(m); break;
    case DO_VARY: model_vary_at_cursor(m); break;
    }
}

static void desk_action(struct model *m, enum desk_action action)
{
    switch (action) {
    case DO_FOCUS_NEXT: move_focus(m, 1); break;
    case DO_FOCUS_BACK: move_focus(m, -1); break;
    case DO_CANCEL: m->swap = MODEL_NO_LAYER; break;
    case DO_PROMPT: model_prompt_open(m, PROMPT_SET, ":", ""); break;
    case DO_SEARCH: model_open_palette(m, "", PALETTE_KINDS); break;
    case DO_PRESETS: model_open_palette(m, "", PALETTE_PRESET); break;
    case DO_HELP: model_open_palette(m, NULL, PALETTE_KINDS); break;
    case DO_SHOW_COMMAND: model_show_command(m); break;
    case DO_REDRAW: m->requests |= REQUEST_REDRAW; break;
    case DO_MOUSE: model_toggle_mouse(m); break;
    case DO_CONFIG: m->overlay = OVERLAY_CONFIG; break;
    case DO_SUSPEND: m->requests |= REQUEST_SUSPEND; break;
    case DO_DETACH: m->requests |= REQUEST_DETACH; break;
    case DO_QUIT: model_want_quit(m); break;
    }
}

static void loss_action(struct model *m, enum loss_action action)
{
    switch (action) {
    case DO_LOSS_SCALE: m->recent = !m->recent; break;
    }
}

static void preview_action(struct model *m, enum preview_action action)
{
    switch (action) {
    case DO_PREVIEW_FULL: toggle_full(m); break;
    case DO_PREVIEW_NEXT: model_flip(m, 1); break;
    case DO_PREVIEW_BACK: model_flip(m, -1); break;
    }
}

static void pointer_action(struct model *m, const struct act *act)
{
    switch ((enum pointer_action)act->action) {
    case DO_FOCUS:
        if (act->index < PANE_RUN)
            m->focus = (enum pane)act->index;
        break;
    case DO_LAYER: model_select_layer(m, act->index); break;
    case DO_LAYER_SET: model_set_fader(m, act->index, act->x); break;
    case DO_LAYER_STEP: model_step_fader(m, act->index, act->x); break;
    case DO_JOB_LINE: model_setting_line(m, act->index); break;
    case DO_KEPT_LINE: model_kept_line(m, act->index); break;
    case DO_RUNS_LINE: model_runs_line(m, act->index); break;
    case DO_TREE_LINE: model_tree_line(m, act->index); break;
    case DO_VARY_TILE: model_vary_tile(m, act->index); break;
    case DO_FILES_LINE: case DO_FILES_OPEN: case DO_FILES_SCROLL:
        model_files_pointer(m, act);
        break;
    case DO_CONFIG_LINE: m->config_at = act->index; break;
    case DO_EDGE: m->moved[act->index] = (int)act->x; break;
    case DO_ZOOM_AT: model_zoom_at(m, act->index, act->x, act->y); break;
    case DO_GRAB: model_grab(m); break;
    case DO_PAN: model_pan(m, act->x, act->y); break;
    case DO_WIPE: model_wipe_to(m, act->x); break;
    case DO_TICK: m->compare.second = !m->compare.second; break;
    case DO_PALETTE_LINE: case DO_PALETTE_DO: model_palette_line(m, act->index); break;
    case DO_CROP_AT: model_centre_crop(m, act->x, act->y); break;
    case DO_TYPE:
        if (m->new_key)
            model_take_key(m, act->typed);
        else if (m->prompt.kind != PROMPT_NONE)
            model_type_prompt(m, act->typed);
        else if (m->overlay == OVERLAY_PALETTE)
            model_type_query(m, act->typed);
        else if (m->overlay == OVERLAY_FILES)
            model_type_filter(m, act->typed);
        break;
    case DO_PASTE: model_paste(m, act->text); break;
    }
}

/* To the list that the action is of. A list without its line here does not compile. */
#define CASE(name, ...) case ACTION_##name:
static void dispatch(struct model *m, const struct act *act)
{
    switch (act->action) {
    RUN_ACTIONS(CASE) model_run_action(m, (enum run_action)act->action); break;
    FLIP_ACTIONS(CASE) flip_action(m, (enum flip_action)act->action); break;
    HISTORY_ACTIONS(CASE) model_history_action(m, (enum history_action)act->action); break;
    SAVE_ACTIONS(CASE) model_save_action(m, (enum save_action)act->action); break;
    EXTENT_ACTIONS(CASE) model_extent_action(m, (enum extent_action)act->action); break;
    RATE_ACTIONS(CASE) model_rate_action(m, (enum rate_action)act->action); break;
    CHANNEL_ACTIONS(CASE) model_channel_action(m, (enum channel_action)act->action); break;
    DESK_ACTIONS(CASE) desk_action(m, (enum desk_action)act->action); break;
    LAYER_ACTIONS(CASE) model_layer_action(m, (enum layer_action)act->action); break;
    JOB_ACTIONS(CASE) model_job_action(m, (enum job_action)act->action); break;
    LOSS_ACTIONS(CASE) loss_action(m, (enum loss_action)act->action); break;
    PREVIEW_ACTIONS(CASE) preview_action(m, (enum preview_action)act->action); break;
    KEPT_ACTIONS(CASE) model_kept_action(m, (enum kept_action)act->action); break;
    FULL_ACTIONS(CASE) model_full_action(m, (enum full_action)act->action); break;
    ZOOM_ACTIONS(CASE) model_zoom_action(m, (enum zoom_action)act->action); break;
    COMPARE_ACTIONS(CASE) model_compare_action(m, (enum compare_action)act->action); break;
    CROP_ACTIONS(CASE) model_crop_action(m, (enum crop_action)act->action); break;
    CROP_LOOK_ACTIONS(CASE) model_vary(m, "crop"); break;
    FILES_ACTIONS(CASE) model_files_action(m, (enum files_action)act->action); break;
    VARY_ACTIONS(CASE) model_vary_action(m, (enum vary_action)act->action); break;
    TREE_ACTIONS(CASE) model_tree_action(m, (enum tree_action)act->action); break;
    LIST_ACTIONS(CASE) model_list_action(m, (enum list_action)act->action); break;
    PROMPT_ACTIONS(CASE) model_prompt_action(m, (enum prompt_action)act->action); break;
    ANSWER_ACTIONS(CASE) model_answer_action(m, (enum answer_action)act->action); break;
    HELP_ACTIONS(CASE) model_help_action(m, (enum help_action)act->action); break;
    SEARCH_ACTIONS(CASE) model_search_action(m, (enum search_action)act->action); break;
    COMMAND_ACTIONS(CASE) model_command_action(m, (enum command_action)act->action); break;
    CONFIG_ACTIONS(CASE) model_config_action(m, (enum config_action)act->action); break;
    POINTER_ACTIONS(CASE) pointer_action(m, act); break;
    case ACTION_NONE: case ACTION_COUNT: break;
    }
}
#undef CASE

/* ---- the palette's line is done ----------------------------------------------------------- */

/* Where the keys of a context act: on the desk or in a pane, which gets the focus, or in what
 * covers the desk, which must be open. */
static bool go_to(struct model *m, enum context context)
{
    static const enum pane panes[CONTEXT_COUNT] = {
#define X(pane, context, view) [CONTEXT_##context] = PANE_##pane,
        PANE_LIST(X)
#undef X
    };
    enum context here = model_context(m);
    if (here == context || (context == CONTEXT_DESK && keys_falls_through(here)))
        return true;
    if (context != CONTEXT_DESK && panes[context] == PANE_LAYERS && context != CONTEXT_LAYERS) {
        model_say(m, MESSAGE_ERROR, "this key acts in \"%s\", which is not open now",
                  keys_context_title(context));
        return false;
    }
    m->overlay = OVERLAY_NONE;
    if (context != CONTEXT_DESK)
        m->focus = panes[context];
    if (context == CONTEXT_SNAPSHOTS && model_kept_count(m) == 0) {
        model_say(m, MESSAGE_ERROR, "there is no snapshot yet; {snapshot} keeps one");
        return false;
    }
    return true;
}

/* A command that needs a word is left to be completed. */
static void do_command(struct model *m, int index)
{
    int count;
    char text[80];
    const struct model_command *command = &model_commands(&count)[index];
    if (!*command->arguments || *command->arguments == '[') {
        model_carry_out(m, command->word);
        return;
    }
    snprintf(text, sizeof text, "%s ", command->word);
    model_prompt_open(m, PROMPT_SET, ":", text);
    m->prompt.selected = 0;
}

static void choose(struct model *m)
{
    size_t keys;
    const struct palette_entry *at = palette_at_cursor(&m->palette);
    if (!at)
        return;
    struct palette_entry e = *at;
    const struct key_entry *key = e.kind == PALETTE_ACTION ? &keys_table(&keys)[e.index] : NULL;
    model_close_overlay(m);
    if (key && go_to(m, key->context))
        dispatch(m, &(struct act){.action = key->action});
    else if (e.kind == PALETTE_COMMAND)
        do_command(m, e.index);
    else if (e.kind == PALETTE_PRESET)
        model_apply_preset(m, e.index);
    else if (e.kind != PALETTE_ACTION)
        model_type_setting(m, e.key);
}

static bool chooses(enum action action)
{
    return action == ACTION_HELP_DO || action == ACTION_SEARCH_DO || action == ACTION_PALETTE_DO;
}

void model_apply(struct model *m, const struct act *act)
{
    if (m->layout.too_small && act->action != ACTION_QUIT && act->action != ACTION_SUSPEND &&
        act->action != ACTION_REDRAW && m->question == QUESTION_NONE)
        return;
    if (m->message.kind != MESSAGE_NONE && act->action != ACTION_NONE)
        m->message.kind = MESSAGE_NONE;
    int kind = m->history.kind;
    m->history.kind = 0;
    m->history.last_kind = kind;
    dispatch(m, act);
    if (chooses(act->action))
        choose(m);
    model_update_layout(m);
    model_ask_looks(m);
}

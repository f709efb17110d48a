/* model_tree.c: the history: going to a picture, branching from it, names, stars, removing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "tui/model/model_private.h"

enum { GO, BRANCH }; /* what a job is read for */

static struct disk_request *ask(struct model *m, enum disk_change change, const char *id)
{
    struct disk_request *r = model_disk(m, DISK_HISTORY, PURPOSE_TREE, id);
    r->change = change;
    return r;
}

void model_open_tree(struct model *m)
{
    m->overlay = OVERLAY_TREE;
    tree_filter(&m->tree, "");
    struct disk_request *r = ask(m, DISK_CHANGE_NONE, "");
    snprintf(r->name, sizeof r->name, "%s", m->parent);
}

void model_tree_changed(struct model *m)
{
    if (m->overlay == OVERLAY_TREE)
        ask(m, DISK_CHANGE_NONE, "");
}

void model_take_tree(struct model *m, struct disk_answer *a)
{
    if (a->diag.text[0])
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
    m->tree.limit = history_limit(config_value(&m->config, CONFIG_HISTORY));
    tree_take(&m->tree, &a->history, a->request.change == DISK_CHANGE_NONE ? a->request.name : "");
}

/* ---- going there -------------------------------------------------------------------------- */

/* The snapshot of the run under way that node is, or 0. */
static int own_snapshot(const struct model *m, const struct history_node *node)
{
    if (!m->started || !m->run || node->kept == 0 || strcmp(node->run_dir, m->run->run_dir) != 0)
        return 0;
    for (int i = 0; i < m->run->kept_count; i++)
        if (m->run->kept[i].number == node->kept)
            return node->kept;
    return 0;
}

static void read_job(struct model *m, const char *id, int how)
{
    char path[JOB_PATH];
    if (history_file(path, id, "job.ini", NULL) != STATUS_OK)
        return;
    struct disk_request *r = model_disk(m, DISK_READ_JOB, PURPOSE_NODE, path);
    r->number = how;
    snprintf(r->name, sizeof r->name, "%s", id);
}

static void go(struct model *m, int how)
{
    const struct history_node *node = tree_node(&m->tree);
    if (!node)
        return;
    int number = own_snapshot(m, node);
    if (number && how == GO) {
        m->overlay = OVERLAY_NONE;
        model_return_to(m, number);
    } else if (model_running(m)) {
        model_ask(m, QUESTION_GO, node->id, "", how);
    } else {
        read_job(m, node->id, how);
    }
}

void model_go_confirmed(struct model *m)
{
    read_job(m, m->question_path, m->question_number);
}

/* A path from the root as the desk writes it already, or from the working directory, if it can be:
 * else undo would name every file that only is written otherwise. */
static void shorten(char path[JOB_PATH], const struct job *desk)
{
    char here[JOB_PATH], whole[JOB_PATH];
    const char *written[STYLE_LAYER_COUNT + 2] = {desk->content, desk->output};
    if (!getcwd(here, sizeof here))
        return;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        written[2 + i] = desk->channel[i].style.path;
    for (int i = 0; i < STYLE_LAYER_COUNT + 2; i++)
        if (written[i][0] && file_join(whole, sizeof whole, here, written[i], NULL) == STATUS_OK &&
            strcmp(whole, path) == 0) {
            snprintf(path, JOB_PATH, "%s", written[i]);
            return;
        }
    const char *below = job_below(here, path);
    if (below)
        memmove(path, below, strlen(below) + 1);
}

static void shorten_all(struct job *job, const struct job *desk)
{
    shorten(job->content, desk);
    shorten(job->output, desk);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        shorten(job->channel[i].style.path, desk);
    for (int i = 0; i < job->blend_count; i++)
        shorten(job->blend[i].path, desk);
}

/* The picture that was painted with the job is shown until there is another. */
static void show_picture(struct model *m, const char *id)
{
    const struct history_node *node = tree_find(&m->tree, id);
    if (node && history_file(m->painted, id, node->picture, NULL) != STATUS_OK)
        m->painted[0] = 0;
    m->preview = PREVIEW_RESULT;
}

void model_gone_to(struct model *m, const struct disk_answer *a)
{
    const char *id = a->request.name;
    const struct history_node *node = tree_find(&m->tree, id);
    if (a->diag.status != STATUS_OK) {
        model_say(m, MESSAGE_ERROR, "%s", a->diag.text);
        return;
    }
    model_leave_run(m);
    m->path[0] = m->painted[0] = m->guard[0] = 0;
    m->own_output = m->demo = false;
    m->swap = MODEL_NO_LAYER;
    if (a->request.number == BRANCH && node) { /* what it ended with, from the beginning */
        job_edits_apply(a->job, a->job->edits, -1, node->iteration);
        a->job->edits[0] = 0;
        a->job->edits_lost = 0;
    }
    shorten_all(a->job, &m->job);
    model_adopt(m, a->job, a->job->edits, -1);
    m->saved_job = m->job;
    snprintf(m->parent, sizeof m->parent, "%.31s", id);
    m->beside = true;
    show_picture(m, id);
    m->overlay = OVERLAY_NONE;
    model_say(m, MESSAGE_DONE, a->request.number == BRANCH
                                   ? "a branch: change what you like, space paints it"
                                   : "back at this picture and its job; u takes the job back");
}

/* Its run as it was left and, of a snapshot, from there. */
static void resume(struct model *m)
{
    const struct history_node *node = tree_node(&m->tree);
    if (!node)
        return;
    if (m->started && m->run && strcmp(node->run_dir, m->run->run_dir) == 0) {
        model_say(m, MESSAGE_HINT, "this run is on the desk; enter goes to a snapshot of it");
        return;
    }
    if (!node->resumable) {
        model_say(m, MESSAGE_ERROR, "the state of this run is no longer there; b paints it anew");
        return;
    }
    if (model_take_up(m, node->run_dir))
        m->return_to = node->kept;
}

static void start_from(struct model *m)
{
    char path[JOB_PATH];
    const struct history_node *node = tree_node(&m->tree);
    if (!node || history_file(path, node->id, node->picture, NULL) != STATUS_OK)
        return;
    m->overlay = OVERLAY_NONE;
    if (!m->started)
        snprintf(m->parent, sizeof m->parent, "%s", node->id);
    model_set_path(m, job_find_key("initial"), path);
    model_say(m, MESSAGE_DONE, "the next run starts from this picture; %s paints",
              m->started ? "R" : "space");
}

/* ---- names, stars, removing --------------------------------------------------------------- */

static void want_name(struct model *m)
{
    const struct history_node *node = tree_node(&m->tree);
    if (!node)
        return;
    model_prompt_open(m, PROMPT_NAME, "name", node->name);
    snprintf(m->question_path, sizeof m->question_path, "%s", node->id);
}

void model_name_node(struct model *m, const char *name)
{
    struct disk_request *r = ask(m, DISK_CHANGE_NAME, m->question_path);
    snprintf(r->name, sizeof r->name, "%s", name);
}

static void star(struct model *m)
{
    struct history_node *node = tree_node(&m->tree);
    if (!node)
        return;
    node->starred = !node->starred; /* seen at once, and a second key means the opposite */
    ask(m, node->starred ? DISK_CHANGE_STAR : DISK_CHANGE_UNSTAR, node->id);
}

static void want_removed(struct model *m)
{
    const struct history_node *node = tree_node(&m->tree);
    if (node)
        model_ask(m, QUESTION_FORGET, node->id, "", own_snapshot(m, node));
}

void model_forget_node(struct model *m)
{
    if (m->question_number)
        model_send_number(m, CMD_FREE, m->question_number);
    const struct history_node *node = tree_find(&m->tree, m->question_path);
    if (node && strcmp(m->parent, node->id) == 0) /* what is painted next comes from its parent */
        memcpy(m->parent, node->parent, sizeof m->parent);
    ask(m, DISK_CHANGE_REMOVE, m->question_path);
}

static void compare(struct model *m)
{
    const struct history_node *node = tree_node(&m->tree);
    if (!node || history_file(m->compare.path, node->id, node->picture, NULL) != STATUS_OK)
        return;
    tree_label(m->compare.label, sizeof m->compare.label, &m->tree, node);
    model_say(m, MESSAGE_DONE, "pictures are compared with this one; C on the desk shows both");
}

/* ---- actions ------------------------------------------------------------------------------ */

void model_tree_line(struct model *m, int line)
{
    tree_move(&m->tree, line - m->tree.at);
}

static void close_tree(struct model *m)
{
    if (m->tree.filter[0])
        tree_filter(&m->tree, "");
    else
        m->overlay = OVERLAY_NONE;
}

void model_tree_action(struct model *m, enum tree_action action)
{
    struct tree *t = &m->tree;
    int page = m->layout.full.height - 3;
    switch (action) {
    case DO_TREE_GO: go(m, GO); break;
    case DO_TREE_BRANCH: go(m, BRANCH); break;
    case DO_TREE_RESUME: resume(m); break;
    case DO_TREE_INITIAL: start_from(m); break;
    case DO_TREE_NAME: want_name(m); break;
    case DO_TREE_STAR: star(m); break;
    case DO_TREE_REMOVE: want_removed(m); break;
    case DO_TREE_COMPARE: compare(m); break;
    case DO_TREE_FILTER: model_prompt_open(m, PROMPT_FILTER, "find", t->filter); break;
    case DO_TREE_STARRED: tree_toggle_starred(t); break;
    case DO_TREE_UP: tree_move(t, -1); break;
    case DO_TREE_DOWN: tree_move(t, 1); break;
    case DO_TREE_PAGE_UP: tree_move(t, -page); break;
    case DO_TREE_PAGE_DOWN: tree_move(t, page); break;
    case DO_TREE_FIRST: tree_move(t, -t->count); break;
    case DO_TREE_LAST: tree_move(t, t->count); break;
    case DO_TREE_CLOSE: close_tree(m); break;
    }
}

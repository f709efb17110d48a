/* test_model_tree.c: the history on the screen: going to a picture, branching, names, filters. */
#include "tests/lib/model.h"

#include "tests/lib/folder.h"

static struct history_node root, blank, snapshot;

static struct history_node add(const char *parent, const struct job *job, const char *run_dir,
                               int kept)
{
    struct diag diag;
    struct image image = {0};
    struct history_node node = {.iteration = 30, .total = 2.0, .snapshot = kept > 0, .kept = kept};
    snprintf(node.parent, sizeof node.parent, "%s", parent);
    snprintf(node.run_dir, sizeof node.run_dir, "%s", run_dir);
    assert_int_equal(image_init(&image, 4, 3, &diag), STATUS_OK);
    struct history_picture picture = {NULL, &image, &image};
    assert_int_equal(history_add(&node, job, &picture, &diag), STATUS_OK);
    image_clear(&image);
    return node;
}

/* A picture, one with a layer blank, and a snapshot of that. */
static int make_tree(void **state)
{
    char command[400];
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    snprintf(command, sizeof command, "rm -rf %s", in_folder("state"));
    if (system(command) != 0 || make_model(state) != 0)
        return -1;
    struct job job = m->job;
    root = add("", &job, "", 0);
    job.channel[1].state = CHANNEL_BLANK;
    blank = add(root.id, &job, "/no/run", 0);
    strcpy(job.edits, "[edit 10]\nstyle_weight = 200\n");
    snapshot = add(blank.id, &job, "/no/run", 3);
    return 0;
}

static void the_tree_opens_on_the_newest_and_goes_back_to_a_picture(void **state)
{
    (void)state;
    char label[HISTORY_WORDS];
    struct job before = m->job;
    press("t");
    assert_int_equal(m->tree.count, 3);
    assert_string_equal(tree_node(&m->tree)->id, snapshot.id);
    press("Up");
    tree_label(label, sizeof label, &m->tree, tree_node(&m->tree));
    assert_string_equal(label, "relu2_1 blank");
    assert_non_null(strstr(model_still(m), "picture.png"));
    assert_non_null(strstr(model_still_small(m), "thumbnail.png"));
    press("Enter");
    assert_int_equal(m->overlay, OVERLAY_NONE);
    assert_int_equal(m->job.channel[1].state, CHANNEL_BLANK);
    assert_string_equal(m->parent, blank.id);
    assert_non_null(strstr(model_still(m), blank.id)); /* its picture is the result */
    assert_string_equal(m->path, "");                  /* nothing is saved over the history's */
    assert_string_equal(m->job.content, before.content); /* as the desk had it */
    press("u");
    assert_true(job_equal(&m->job, &before));
    assert_string_equal(m->message.text, "relu2_1 blank taken back; r does it again");
    press("t"); /* where the desk is now */
    assert_string_equal(tree_node(&m->tree)->id, blank.id);
}

static void a_branch_is_painted_beside_what_is_there(void **state)
{
    (void)state;
    press("t Home b");
    snprintf(m->job.output, sizeof m->job.output, "assets/coast.jpg"); /* is taken */
    press("Space");
    assert_int_equal(m->question, QUESTION_NONE);
    assert_true(m->started);
    assert_string_equal(m->start_job.output, "assets/coast-2.jpg");
    assert_string_equal(m->parent, root.id);
}

static void a_branch_begins_with_what_the_picture_ended_with(void **state)
{
    (void)state;
    press("t Enter");
    assert_true(m->job.style_weight == 5000.0 && m->job.edits[0]); /* it would paint it again */
    press("t b");
    assert_true(m->job.style_weight == 200.0 && !m->job.edits[0]);
}

static void a_run_under_way_is_asked_about_and_its_snapshot_gone_to(void **state)
{
    (void)state;
    run_seen(SNAPSHOT_RUNNING, 5);
    press("t Home Enter");
    assert_int_equal(m->question, QUESTION_GO);
    press("Esc");
    assert_true(m->started);
    struct snapshot *s = snapshot_of(SNAPSHOT_RUNNING, 6);
    strcpy(s->run_dir, "/no/run");
    s->kept[0] = (struct snapshot_kept){3, 30, 2.0, false};
    s->kept_count = 1;
    model_take(m, s);
    press("End Enter");
    assert_int_equal(m->question, QUESTION_NONE);
    assert_int_equal(sent()->kind, CMD_RETURN);
    assert_int_equal(sent()->number, 3);
    press("t Home Enter y");
    assert_false(m->started);
    assert_true(m->requests & REQUEST_CLOSE_RUN);
    assert_string_equal(m->parent, root.id);
}

static void names_stars_and_words_find_a_picture(void **state)
{
    (void)state;
    press("t Home n");
    type("the good one");
    press("Enter s");
    assert_string_equal(tree_node(&m->tree)->name, "the good one");
    assert_true(tree_node(&m->tree)->starred);
    press("/");
    type("200 STYLE");
    assert_int_equal(m->tree.count, 1); /* while it is typed */
    press("Enter");
    assert_string_equal(tree_node(&m->tree)->id, snapshot.id);
    press("Esc o");
    assert_int_equal(m->tree.count, 1);
    assert_string_equal(tree_node(&m->tree)->id, root.id);
    press("o v");
    assert_string_equal(m->compare.label, "the good one");
    assert_non_null(strstr(m->compare.path, root.id));
    press("i");
    assert_non_null(strstr(m->job.initial, root.id));
}

static void removing_asks_and_leaves_the_children(void **state)
{
    (void)state;
    press("t Home Down d Esc");
    assert_int_equal(m->tree.count, 3);
    press("d y");
    assert_int_equal(m->tree.count, 2);
    assert_string_equal(tree_line(&m->tree, 1)->parent, root.id);
    assert_string_equal(tree_line(&m->tree, 1)->differs,
                        "relu2_1 blank, style_weight 5000 → 200");
    press("d y d y");
    assert_int_equal(m->tree.count, 0);
    press("Enter b g n s d i v Up PageDown End");
    assert_int_equal(m->question, QUESTION_NONE);
}

static void a_run_without_a_state_is_not_resumed_and_one_with_it_is(void **state)
{
    (void)state;
    press("t g");
    assert_int_equal(m->message.kind, MESSAGE_ERROR);
    assert_int_equal(m->requests, 0);
    tree_node(&m->tree)->resumable = true;
    press("g");
    assert_true(m->requests & REQUEST_RESUME);
    assert_string_equal(m->resume_path, "/no/run");
    model_resume(m); /* the desk does that */
    struct snapshot *s = snapshot_of(SNAPSHOT_PAUSED, 30);
    strcpy(s->node, snapshot.id);
    model_take(m, s);
    assert_int_equal(sent()->kind, CMD_RETURN);
    assert_int_equal(sent()->number, 3);
    assert_string_equal(m->parent, snapshot.id);
}

static int remove_tree(void **state)
{
    char command[400];
    snprintf(command, sizeof command, "rm -rf %s", in_folder("state"));
    return system(command) | remove_folder(state);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, make_tree, free_model)
    const struct CMUnitTest tests[] = {
        EACH(the_tree_opens_on_the_newest_and_goes_back_to_a_picture),
        EACH(a_branch_is_painted_beside_what_is_there),
        EACH(a_branch_begins_with_what_the_picture_ended_with),
        EACH(a_run_under_way_is_asked_about_and_its_snapshot_gone_to),
        EACH(names_stars_and_words_find_a_picture),
        EACH(removing_asks_and_leaves_the_children),
        EACH(a_run_without_a_state_is_not_resumed_and_one_with_it_is),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_tree);
}

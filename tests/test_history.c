/* test_history.c: pictures are kept as a tree, whatever else happens on the disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/base/file.h"
#include "engine/rundir/history.h"
#include "tests/lib/folder.h"

static struct diag diag;

/* Each test begins without a node. */
static int empty_state(void **state)
{
    (void)state;
    char command[400];
    snprintf(command, sizeof command, "rm -rf %s", in_folder("state"));
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    unsetenv("STRATA_HISTORY");
    return system(command);
}

static struct job some_job(void)
{
    struct job job;
    job_defaults(&job);
    strcpy(job.content, "sub/coast.jpg");
    strcpy(job.output, "out.png");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        strcpy(job.channel[i].style.path, "/styles/night.jpg");
        job.channel[i].state = CHANNEL_ON;
    }
    return job;
}

static enum status try_to_add(struct history_node *node, const char *parent, const struct job *job)
{
    struct image image = {0};
    memset(node, 0, sizeof *node);
    snprintf(node->parent, sizeof node->parent, "%s", parent);
    node->iteration = 300;
    node->total = 1.5;
    if (image_init(&image, 40, 30, &diag) != STATUS_OK)
        return diag.status;
    struct history_picture picture = {NULL, &image, &image};
    enum status status = history_add(node, job, &picture, &diag);
    image_clear(&image);
    return status;
}

static struct history_node add(const char *parent, const struct job *job)
{
    struct history_node node;
    assert_int_equal(try_to_add(&node, parent, job), STATUS_OK);
    return node;
}

static struct history_list list;

static void read_list(int count)
{
    history_list_clear(&list);
    assert_int_equal(history_read(&list, &diag), STATUS_OK);
    assert_int_equal(list.count, count);
}

static void at(int i, const struct history_node *node, int depth, bool begins, bool ends)
{
    assert_string_equal(list.node[i].id, node->id);
    assert_int_equal(list.node[i].depth, depth);
    assert_int_equal(list.node[i].begins, begins);
    assert_int_equal(list.node[i].ends, ends);
}

static void pictures_are_listed_as_a_tree_with_what_differs(void **state)
{
    (void)state;
    struct job job = some_job(), blank = job;
    read_list(0);
    blank.channel[1].state = CHANNEL_BLANK;
    strcpy(blank.output, "other.png");
    struct history_node a = add("", &job), a1 = add(a.id, &blank), a11 = add(a1.id, &blank),
                        b = add("", &job), a2 = add(a.id, &job);
    read_list(5);
    at(0, &a, 0, true, false);
    at(1, &a1, 1, true, false);
    at(2, &a11, 1, false, true);
    at(3, &a2, 0, false, true);
    at(4, &b, 0, true, true);
    assert_string_equal(list.node[0].title, "coast.jpg with night.jpg");
    assert_string_equal(list.node[0].differs, "");
    assert_string_equal(list.node[1].differs, "relu2_1 blank");
    assert_string_equal(list.node[2].differs, "");
    assert_true(list.node[1].total == 1.5 && list.node[1].iteration == 300);
    assert_true(list.bytes == a.bytes + a1.bytes + a11.bytes + b.bytes + a2.bytes);
}

static void what_was_edited_on_the_way_counts(void **state)
{
    (void)state;
    struct job job = some_job(), edited = job, blank = job;
    strcpy(edited.edits, "[edit 30]\nrelu2_1.state = blank\n");
    blank.channel[1].state = CHANNEL_BLANK;
    struct history_node a = add("", &job), b = add(a.id, &edited);
    add(b.id, &blank);
    read_list(3);
    assert_string_equal(list.node[1].differs, "relu2_1 blank");
    assert_string_equal(list.node[2].differs, "so from the first iteration on");
}

static void a_node_opens_from_any_folder_and_only_for_its_user(void **state)
{
    (void)state;
    char path[JOB_PATH], here[JOB_PATH];
    struct stat info;
    struct job job = some_job(), back;
    struct history_node node = add("", &job);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(history_file(path, node.id, "job.ini", &diag), STATUS_OK);
    assert_int_equal(job_read(&back, path, &diag), STATUS_OK);
    strcat(here, "/sub/coast.jpg");
    assert_string_equal(back.content, here);
    assert_string_equal(back.channel[0].style.path, "/styles/night.jpg");
    assert_int_equal(history_file(path, node.id, node.picture, &diag), STATUS_OK);
    assert_int_equal(job_read(&back, path, &diag), STATUS_OK); /* the picture holds it, too */
    assert_int_equal(history_file(path, node.id, ".", &diag), STATUS_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void what_is_removed_leaves_its_children_to_its_parent(void **state)
{
    (void)state;
    struct job job = some_job(), blank = job, heavy;
    blank.channel[1].state = CHANNEL_BLANK;
    heavy = blank;
    heavy.style_weight = 200.0;
    struct history_node a = add("", &job), b = add(a.id, &blank), c = add(b.id, &heavy);
    assert_int_equal(history_remove(b.id, &diag), STATUS_OK);
    read_list(2);
    assert_string_equal(list.node[1].id, c.id);
    assert_string_equal(list.node[1].parent, a.id);
    assert_string_equal(list.node[1].differs, "relu2_1 blank, style_weight 5000 → 200");
    assert_int_equal(history_remove(b.id, &diag), STATUS_INPUT);
    assert_int_equal(history_remove(a.id, &diag), STATUS_OK);
    read_list(1);
    assert_string_equal(list.node[0].differs, "");
}

static void the_limit_takes_the_oldest_without_a_star_and_never_the_newest(void **state)
{
    (void)state;
    int removed;
    long long left;
    struct job job = some_job();
    struct history_node a = add("", &job), b = add(a.id, &job), c = add(b.id, &job);
    assert_int_equal(history_star(a.id, true, &diag), STATUS_OK);
    assert_int_equal(history_rename(a.id, "the \033[31m one\n", &diag), STATUS_OK);
    assert_int_equal(history_prune(&removed, &left, 1 << 20, &diag), STATUS_OK);
    assert_int_equal(removed, 0);
    assert_int_equal(history_prune(&removed, &left, 1, &diag), STATUS_OK);
    assert_int_equal(removed, 1);
    read_list(2);
    assert_true(left == list.bytes);
    assert_string_equal(list.node[0].id, a.id);
    assert_true(list.node[0].starred);
    assert_string_equal(list.node[0].name, "the \\x1b[31m one\\x0a");
    assert_string_equal(list.node[1].id, c.id);
    assert_string_equal(list.node[1].parent, a.id);
    setenv("STRATA_HISTORY", "2M", 1);
    assert_true(history_limit("1M") == 2 << 20);
    setenv("STRATA_HISTORY", "off", 1);
    assert_true(history_limit("1M") == 0);
    unsetenv("STRATA_HISTORY");
    assert_true(history_limit("1M") == 1 << 20);
    assert_true(history_limit("off") == 0);
}

static void write_text(const char *id, const char *name, const char *text)
{
    char path[JOB_PATH];
    assert_int_equal(history_file(path, id, name, &diag), STATUS_OK);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void damaged_nodes_are_passed_over(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct job job = some_job();
    struct history_node a = add("", &job), b = add(a.id, &job), c = add(b.id, &job),
                        d = add(c.id, &job), e = add(d.id, &job);
    write_text(a.id, "node.ini", "");
    write_text(b.id, "node.ini", "picture = ../../x\ntime = 5\n");
    write_text(c.id, "job.ini", "nonsense");
    char text[300];
    snprintf(text, sizeof text, "picture = picture.png\ntime = 5\nparent = %s\nbytes = 9\nzz",
             e.id);
    write_text(d.id, "node.ini", text); /* its child is its parent */
    history_file(path, "not-a-node", "", &diag);
    assert_int_equal(mkdir(path, 0700), 0);
    read_list(3);
    assert_int_equal(history_remove(c.id, &diag), STATUS_OK);
    read_list(2);
}

static void two_writers_do_not_meet(void **state)
{
    (void)state;
    enum { EACH = 12 };
    struct job job = some_job();
    struct history_node node;
    pid_t child = fork();
    for (int i = 0; i < EACH; i++)
        if (try_to_add(&node, "", &job) != STATUS_OK)
            _exit(1);
    if (child == 0)
        _exit(0);
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    read_list(2 * EACH);
    for (int i = 1; i < 2 * EACH; i++)
        assert_string_not_equal(list.node[i].id, list.node[i - 1].id);
}

static void a_full_disk_leaves_nothing_half_made(void **state)
{
    (void)state;
    struct job job = some_job();
    struct history_node node;
    add("", &job);
    pid_t child = fork();
    if (child == 0) { /* of its own, for the limit cannot be raised again */
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){200, 200});
        _exit(try_to_add(&node, "", &job) == STATUS_IO && strstr(diag.text, "cannot write") ? 0
                                                                                            : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
    char command[400], line[20];
    snprintf(command, sizeof command, "ls -A %s/strata/history | wc -l", in_folder("state"));
    FILE *names = popen(command, "r");
    assert_non_null(fgets(line, sizeof line, names));
    pclose(names);
    assert_int_equal(atoi(line), 1);
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    assert_int_equal(try_to_add(&node, "", &job), STATUS_OUTPUT);
}

static void a_saved_picture_is_shared_not_copied(void **state)
{
    (void)state;
    char path[JOB_PATH];
    struct stat one, other;
    struct image image = {0};
    struct job job = some_job();
    struct history_node node = {0};
    assert_int_equal(image_init(&image, 8, 6, &diag), STATUS_OK);
    assert_int_equal(image_write(&image, in_folder("p.jpg"), NULL, FILE_OVERWRITE, &diag),
                     STATUS_OK);
    struct history_picture picture = {in_folder("p.jpg"), NULL, &image};
    assert_int_equal(history_add(&node, &job, &picture, &diag), STATUS_OK);
    image_clear(&image);
    assert_string_equal(node.picture, "picture.jpg");
    history_file(path, node.id, node.picture, &diag);
    assert_int_equal(stat(path, &one), 0);
    assert_int_equal(stat(in_folder("p.jpg"), &other), 0);
    assert_true(one.st_ino == other.st_ino);
    unlink(in_folder("p.jpg"));
}

static int remove_all(void **state)
{
    history_list_clear(&list);
    empty_state(state);
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup(test, empty_state)
        EACH(pictures_are_listed_as_a_tree_with_what_differs),
        EACH(what_was_edited_on_the_way_counts),
        EACH(a_node_opens_from_any_folder_and_only_for_its_user),
        EACH(what_is_removed_leaves_its_children_to_its_parent),
        EACH(the_limit_takes_the_oldest_without_a_star_and_never_the_newest),
        EACH(damaged_nodes_are_passed_over),
        EACH(two_writers_do_not_meet),
        EACH(a_full_disk_leaves_nothing_half_made),
        EACH(a_saved_picture_is_shared_not_copied),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_all);
}

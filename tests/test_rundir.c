/*
 * test_rundir.c: run directories: whose they are, what is taken when a checkpoint is damaged, how
 * they are found and removed, and what is said when they cannot be written to.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/base/clock.h"
#include "engine/base/file.h"
#include "engine/rundir/autosave.h"
#include "tests/lib/run.h"

static char path[JOB_PATH];

static int enter(void **state)
{
    if (draw(state) != 0)
        return 1;
    setenv("XDG_STATE_HOME", in_folder("state"), 1);
    setenv("TMPDIR", in_folder("tmp"), 1);
    return mkdir(in_folder("tmp"), 0700);
}

/* Everything that the tests made, by its name. */
static int leave(void **state)
{
    char command[1000];
    snprintf(command, sizeof command, "rm -rf '%s/state' '%s/tmp' '%s/here'", folder, folder,
             folder);
    return system(command) == 0 ? remove_all(state) : 1;
}

static struct rundir *make(const struct job *job)
{
    struct rundir *dir;
    MUST(rundir_create(&dir, "", job, &diag));
    strcpy(path, rundir_path(dir));
    return dir;
}

/* A checkpoint of an iteration. */
static void save(struct rundir *dir, const struct job *job, int iteration, enum checkpoint_end end)
{
    struct checkpoint c = {.job = *job, .end = end, .plan = mem_text("")};
    c.state = (struct run_state){.iteration = iteration, .stage_count = 1, .width = 1, .height = 1,
                                 .whole = 6, .count = 6};
    MUST(run_state_allocate(&c.state, &diag));
    MUST(rundir_write(dir, &c, &diag));
    checkpoint_clear(&c);
}

static int iteration_of(struct rundir *dir)
{
    struct checkpoint c;
    MUST(rundir_read(&c, dir, &diag));
    int iteration = c.state.iteration;
    checkpoint_clear(&c);
    return iteration;
}

static void spoil(const char *name)
{
    char file[JOB_PATH + 40];
    snprintf(file, sizeof file, "%s/%s", path, name);
    int fd = open(file, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "spoilt", 6, 300), 6);
    close(fd);
}

static void remove_it(struct rundir **dir)
{
    rundir_discard(dir);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void the_generation_before_is_taken_when_the_newest_is_damaged(void **state)
{
    (void)state;
    struct job job = tiny_job();
    struct checkpoint c;
    struct rundir *dir = make(&job);
    assert_int_equal(iteration_of(dir), 0);
    save(dir, &job, 10, CHECKPOINT_GOING);
    save(dir, &job, 20, CHECKPOINT_GOING);
    assert_int_equal(iteration_of(dir), 20);
    assert_string_equal(diag.text, "");
    spoil("checkpoint");
    assert_int_equal(iteration_of(dir), 10);
    assert_non_null(strstr(diag.text, "checksum does not fit"));
    spoil("checkpoint.old");
    assert_int_equal(rundir_read(&c, dir, &diag), STATUS_INPUT);
    assert_non_null(strstr(diag.text, "checksum"));
    remove_it(&dir);
}

/* Killed between its two renamings, or before them. */
static void every_moment_of_writing_leaves_the_newest_whole_one(void **state)
{
    (void)state;
    char from[JOB_PATH + 40], to[JOB_PATH + 40];
    struct job job = tiny_job();
    struct rundir *dir = make(&job);
    save(dir, &job, 10, CHECKPOINT_GOING);
    save(dir, &job, 20, CHECKPOINT_GOING);
    snprintf(from, sizeof from, "%s/checkpoint", path);
    snprintf(to, sizeof to, "%s/checkpoint.new", path);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(iteration_of(dir), 20);
    save(dir, &job, 30, CHECKPOINT_GOING);
    assert_int_equal(iteration_of(dir), 30);
    assert_int_not_equal(access(to, F_OK), 0);
    remove_it(&dir);
}

static void one_process_has_it_at_a_time(void **state)
{
    (void)state;
    int status;
    struct job job = tiny_job();
    struct rundir *dir = make(&job), *other;
    struct rundir_entry *entry = mem_new(sizeof *entry);
    pid_t child = fork();
    if (child == 0)
        _exit(rundir_open(&other, path, &diag) == STATUS_USAGE &&
                      strstr(diag.text, "is being run by process")
                  ? 0
                  : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(rundir_look(entry, path));
    assert_int_equal(entry->state, RUNDIR_RUNNING);
    assert_int_equal(entry->pid, getpid());
    rundir_close(&dir);
    assert_true(rundir_look(entry, path));
    assert_int_equal(entry->state, RUNDIR_UNFINISHED);
    assert_string_equal(entry->host, "");
    MUST(rundir_open(&dir, path, &diag));
    remove_it(&dir);
    mem_free(entry);
}

static void others_may_not_look_into_it(void **state)
{
    (void)state;
    struct stat info;
    struct job job = tiny_job();
    mode_t old = umask(0);
    struct rundir *dir = make(&job);
    umask(old);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    rundir_close(&dir);
    assert_int_equal(chmod(path, 0755), 0);
    MUST(rundir_open(&dir, path, &diag));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    remove_it(&dir);
    if (geteuid() != 0)
        return;
    dir = make(&job);
    rundir_close(&dir);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(rundir_open(&dir, path, &diag), STATUS_OUTPUT);
    assert_non_null(strstr(diag.text, "belongs to another user"));
    assert_int_equal(chown(path, 0, 0), 0);
    MUST(rundir_open(&dir, path, &diag));
    remove_it(&dir);
}

static void runs_are_found_by_what_they_are(void **state)
{
    (void)state;
    char first[JOB_PATH], found[JOB_PATH], word[JOB_PATH + 8];
    struct job job = tiny_job(), other = job;
    set(&other, "style_weight", "3");
    assert_int_equal(rundir_find(found, "", 1 << RUNDIR_UNFINISHED, &diag), STATUS_USAGE);
    struct rundir *a = make(&job);
    strcpy(first, path);
    struct rundir *b = make(&other);
    save(a, &job, 3, CHECKPOINT_GOING);
    save(b, &other, 9, CHECKPOINT_DONE);
    assert_int_equal(rundir_find(found, "", 1 << RUNDIR_UNFINISHED, &diag), STATUS_USAGE);
    assert_false(rundir_find_job(found, &job)); /* it is being run */
    rundir_close(&a);
    rundir_close(&b);
    MUST(rundir_find(found, "", 1 << RUNDIR_UNFINISHED, &diag));
    assert_string_equal(found, first);
    assert_true(rundir_find_job(found, &job));
    assert_string_equal(found, first);
    assert_false(rundir_find_job(found, &other)); /* it is finished */
    MUST(rundir_find(found, file_name(path), 0, &diag));
    assert_string_equal(found, path);
    assert_int_equal(rundir_find(found, "20", 0, &diag), STATUS_USAGE);
    assert_non_null(strstr(diag.text, "both begin with 20"));
    snprintf(word, sizeof word, "%s/", first);
    MUST(rundir_find(found, word, 0, &diag));
    int removed;
    size_t left;
    MUST(rundir_prune(&removed, &left, 0, &diag));
    assert_int_equal(removed, 1);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(access(first, F_OK), 0);
    strcpy(path, first);
    MUST(rundir_open(&a, path, &diag));
    remove_it(&a);
}

static void a_folder_with_other_things_is_not_taken(void **state)
{
    (void)state;
    struct rundir *dir;
    struct job job = tiny_job();
    assert_int_equal(mkdir(in_folder("here"), 0755), 0);
    MUST(rundir_create(&dir, in_folder("here"), &job, &diag));
    strcpy(path, rundir_path(dir));
    rundir_close(&dir);
    assert_int_equal(rundir_create(&dir, in_folder("here"), &job, &diag), STATUS_OUTPUT);
    assert_non_null(strstr(diag.text, "no empty folder"));
    assert_true(rundir_is_of(path, &job));
    MUST(rundir_open(&dir, path, &diag));
    remove_it(&dir);
}

/* ---- the thread that writes --------------------------------------------------------------- */

static struct autosave *autosave;
static struct run *run;
static struct losses seen[64];
static int seen_count;

static void see(void *context, int iteration, const struct losses *losses)
{
    (void)context;
    assert_true(iteration == seen_count && iteration < 64);
    seen[seen_count++] = *losses;
}

static void begin(const struct job *job, double seconds)
{
    struct rundir *dir = make(job);
    run = open_run(job);
    MUST(autosave_open(&autosave, dir, seconds, &diag));
}

static void put(enum checkpoint_end end)
{
    struct checkpoint c = {.end = end};
    autosave_run(autosave, run, 0, &c);
}

static bool news_within(double seconds)
{
    double end = clock_now() + seconds;
    while (!autosave_news(autosave, &diag))
        if (clock_now() > end)
            return false;
    return true;
}

static void losses_are_a_table_that_is_cut_where_a_run_goes_on(void **state)
{
    (void)state;
    struct rundir *dir;
    struct job job = tiny_job();
    struct losses losses = {.total = 0.1, .style = 1e9, .style_layer = {1, 2, 3, 4, 5}};
    begin(&job, 1e6);
    for (int i = 0; i < 20; i++)
        autosave_losses(autosave, i, 0.5 * i, &losses);
    put(CHECKPOINT_GOING);
    MUST(autosave_close(&autosave, &diag));
    assert_string_equal(diag.text, "");
    MUST(rundir_open(&dir, path, &diag));
    seen_count = 0;
    autosave_cut_losses(dir, 15, see, NULL);
    assert_int_equal(seen_count, 15);
    assert_true(seen[14].style_layer[4] == 5 && seen[14].style == 1e9);
    seen_count = 0;
    autosave_cut_losses(dir, 100, see, NULL);
    assert_int_equal(seen_count, 15);
    remove_it(&dir);
    run_close(&run);
}

static void what_cannot_be_written_is_told_once_and_rescued_at_the_end(void **state)
{
    (void)state;
    char hidden[JOB_PATH + 8];
    struct job job = tiny_job();
    struct rundir *dir;
    begin(&job, 0.01);
    put(CHECKPOINT_GOING);
    snprintf(hidden, sizeof hidden, "%s-away", path);
    while (!autosave_due(autosave))
        ;
    assert_int_equal(rename(path, hidden), 0);
    steps(run, 1);
    put(CHECKPOINT_GOING);
    assert_true(news_within(10.0));
    assert_int_equal(diag.status, STATUS_IO);
    assert_non_null(strstr(diag.text, "No such file"));
    while (!autosave_due(autosave))
        ;
    put(CHECKPOINT_GOING);
    assert_false(news_within(0.3));
    assert_int_equal(rename(hidden, path), 0);
    while (!autosave_due(autosave))
        ;
    put(CHECKPOINT_GOING);
    assert_true(news_within(10.0));
    assert_int_equal(diag.status, STATUS_OK);
    assert_int_equal(rename(path, hidden), 0);
    steps(run, 1);
    put(CHECKPOINT_GOING);
    MUST(autosave_close(&autosave, &diag));
    char *at = strstr(diag.text, "the run's state is in ");
    assert_non_null(at);
    at += strlen("the run's state is in ");
    at[strcspn(at, ",")] = 0;
    snprintf(path, sizeof path, "%s", at);
    MUST(rundir_open(&dir, path, &diag));
    assert_int_equal(iteration_of(dir), 2);
    remove_it(&dir);
    run_close(&run);
}

static void a_line_of_the_log_does_not_end_the_trouble_of_a_checkpoint(void **state)
{
    (void)state;
    char in_the_way[JOB_PATH + 40];
    struct job job = tiny_job();
    struct rundir *dir;
    begin(&job, 0.01);
    snprintf(in_the_way, sizeof in_the_way, "%s/checkpoint.new", path);
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    put(CHECKPOINT_GOING);
    assert_true(news_within(10.0));
    autosave_log(autosave, "a line");
    MUST(autosave_close(&autosave, &diag));
    assert_non_null(strstr(diag.text, "checkpoint.new is a folder"));
    char *at = strstr(diag.text, "the run's state is in ");
    assert_non_null(at);
    at += strlen("the run's state is in ");
    at[strcspn(at, ",")] = 0;
    assert_int_equal(rmdir(in_the_way), 0);
    snprintf(path, sizeof path, "%s", at);
    MUST(rundir_open(&dir, path, &diag));
    remove_it(&dir);
    run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generation_before_is_taken_when_the_newest_is_damaged),
        cmocka_unit_test(every_moment_of_writing_leaves_the_newest_whole_one),
        cmocka_unit_test(one_process_has_it_at_a_time),
        cmocka_unit_test(others_may_not_look_into_it),
        cmocka_unit_test(runs_are_found_by_what_they_are),
        cmocka_unit_test(a_folder_with_other_things_is_not_taken),
        cmocka_unit_test(losses_are_a_table_that_is_cut_where_a_run_goes_on),
        cmocka_unit_test(a_line_of_the_log_does_not_end_the_trouble_of_a_checkpoint),
        cmocka_unit_test(what_cannot_be_written_is_told_once_and_rescued_at_the_end),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}

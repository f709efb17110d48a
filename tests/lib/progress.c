/* progress.c: see progress.h. */
#include "tests/lib/progress.h"

struct progress_state state_at(int iteration)
{
    return (struct progress_state){
        iteration, 0.05 * iteration, iteration ? 0.05 : 0,
        {2.51e5, 1.62e5, 6.1e4, 2.8e4, {1.0 / 3, 2e4, 3e4, 1e-300, 0}}, 0,
    };
}

int replace(int fd, int other)
{
    int before = dup(fd);
    assert_true(before >= 0 && dup2(other, fd) == fd);
    close(other);
    return before;
}

void restore(int fd, int before)
{
    assert_int_equal(dup2(before, fd), fd);
    close(before);
}

void read_file(char *text, size_t size, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

int count(const char *text, const char *what)
{
    int n = 0;
    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

struct progress *open_progress(struct progress_options options)
{
    struct progress *progress = NULL;
    struct diag diag = {0};
    if (progress_open(&progress, &options, &diag) != STATUS_OK)
        fail_msg("%s", diag.text);
    return progress;
}

void assert_refused(struct progress_options options, enum status status,
                    const char *part)
{
    struct progress *progress = NULL;
    struct diag diag = {0};
    assert_int_equal(progress_open(&progress, &options, &diag), status);
    assert_null(progress);
    assert_non_null(strstr(diag.text, part));
}

int prepare_progress(void **state)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return make_folder(state);
}

int tidy_progress(void **state)
{
    unlink(in_folder("stdout"));
    return remove_folder(state);
}

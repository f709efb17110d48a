/* test_command_line.c: the line that a shell is given paints the job that it was made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/file.h"
#include "engine/base/mem.h"
#include "engine/base/random.h"
#include "tests/lib/folder.h"
#include "tui/cli/options.h"
#include "tui/model/command_line.h"

enum { MAX_WORDS = 128 };

static struct diag diag;

/* The line's words as bash has them, one behind the other, each with its zero byte. */
static size_t split(char **bytes, const char *line)
{
    char script[JOB_PATH], out[JOB_PATH], command[3 * JOB_PATH];
    unsigned char *read;
    size_t size;
    snprintf(script, sizeof script, "%s/line.sh", folder);
    snprintf(out, sizeof out, "%s/words", folder);
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fprintf(file, "strata() { printf '%%s\\0' \"$@\"; }\n%s\n", line);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "bash '%s' >'%s'", script, out);
    assert_int_equal(system(command), 0);
    assert_int_equal(file_read(&read, &size, out, 1 << 20, &diag), STATUS_OK);
    *bytes = (char *)read;
    assert_int_equal(unlink(script) | unlink(out), 0);
    return size;
}

/* What `strata run` makes of the line. */
static void paint(struct job *out, const char *line)
{
    static struct options options;
    char *bytes, *words[MAX_WORDS];
    int count = 0;
    size_t size = split(&bytes, line);
    for (size_t at = 0; at < size && count < MAX_WORDS; at += strlen(bytes + at) + 1)
        words[count++] = bytes + at;
    if (options_parse(&options, count, words, OPTIONS_RUN, &diag) != STATUS_OK)
        fail_msg("%s: %s", line, diag.text);
    *out = options.job;
    mem_free(bytes);
}

/* A layer that is not on keeps the name of its picture on the desk; that paints nothing. */
static struct job without_idle(const struct job *job)
{
    struct job plain = *job;
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        if (job->channel[i].state != CHANNEL_ON)
            plain.channel[i].style = (struct style){"", {1.0, 0.5, 0.5}, 1.0};
        if (job->channel[i].state == CHANNEL_OFF)
            plain.channel[i].weight = 1.0;
    }
    return plain;
}

static void comes_back(const struct job *job)
{
    struct text_buffer line = {0};
    struct job back, plain = without_idle(job);
    assert_true(command_line_print(&line, job));
    paint(&back, text_buffer_get(&line));
    if (!job_equal(&back, &plain))
        fail_msg("another job: %s", text_buffer_get(&line));
    text_buffer_clear(&line);
}

static struct job a_job(void)
{
    struct job job;
    job_defaults(&job);
    strcpy(job.content, "coast.jpg");
    strcpy(job.output, "out.png");
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        strcpy(job.channel[i].style.path, "night.jpg");
        job.channel[i].state = CHANNEL_ON;
    }
    return job;
}

static void a_plain_job_is_a_short_line(void **state)
{
    (void)state;
    struct text_buffer line = {0};
    struct job job = a_job();
    assert_true(command_line_print(&line, &job));
    assert_string_equal(text_buffer_get(&line),
                        "strata run --content coast.jpg --output out.png --styles night.jpg");
    text_buffer_clear(&line);
    comes_back(&job);
}

static void states_crops_and_scales_come_back(void **state)
{
    (void)state;
    struct job job = a_job();
    job.channel[0].state = CHANNEL_BLANK;
    job.channel[1].state = CHANNEL_GREY;
    job.channel[2].style.crop = (struct crop){0.125, 0.57, 0.35};
    job.channel[3].state = CHANNEL_OFF;
    job.channel[4].style.scale = 0.75;
    comes_back(&job);
    job.channel[1].state = CHANNEL_CONTENT;
    job.schedule = SCHEDULE_CLASSIC;
    job.optimizer = OPTIMIZER_LBFGS;
    job.preserve_colors = true;
    job.memory = 400 * 1000 * 1000;
    job.initial_noiseblend = 0.0;
    comes_back(&job);
}

static void a_blend_comes_back(void **state)
{
    (void)state;
    struct job job = a_job();
    job.blend_count = 2;
    for (int i = 0; i < 2; i++)
        job.blend[i] = (struct style){"", {1.0, 0.5, 0.5}, 1.0};
    for (int i = 0; i < STYLE_LAYER_COUNT; i++)
        job.channel[i].style.path[0] = 0;
    strcpy(job.blend[0].path, "a b.jpg");
    strcpy(job.blend[1].path, "c.jpg");
    job.blend[1].crop.size = 0.25;
    job.blend_weight[0] = 0.25;
    job.blend_weight[1] = 0.75;
    comes_back(&job);
}

static void names_of_any_bytes_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {
        "two words.jpg", "it's.jpg", "\"$HOME\".jpg", "a\nb.jpg", "\033[31mred.jpg", "\\n.jpg",
        "--styles.jpg",  "*?[x].jpg", "星月夜.jpg", "bad\xff\xfe.jpg", "!history!.jpg", "~.jpg",
        "a'\033'\\b.jpg", "#.jpg", "-x.jpg", "\xc2\x9b" "31m.jpg", "\xe2\x80\xae" "x.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct job job = a_job();
        strcpy(job.content, names[i]);
        comes_back(&job);
        if (strncmp(names[i], "--", 2) == 0)
            continue; /* options cannot say it: see below */
        strcpy(job.channel[2].style.path, names[i]);
        comes_back(&job);
    }
}

/* Letters of all kinds, but for the slash and what a job file could not hold either. */
static void random_jobs_come_back_or_are_refused(void **state)
{
    (void)state;
    enum { JOBS = 60, LETTERS = 12 };
    struct random random;
    int said = 0;
    random_seed(&random, 7);
    for (int n = 0; n < JOBS; n++) {
        struct job job = a_job();
        struct text_buffer line = {0};
        for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
            struct channel *c = &job.channel[i];
            for (int k = 0; k < LETTERS; k++)
                c->style.path[k] = (char)(1 + (int)(254.0 * random_uniform(&random)));
            c->state = (enum channel_state)(CHANNEL_STATES * random_uniform(&random));
            c->style.crop.size = random_uniform(&random) < 0.5 ? 1.0 : 0.3;
            c->weight = random_uniform(&random) < 0.9 ? 1.0 : 1.3;
        }
        job.iterations = (int)(1000.0 * random_uniform(&random));
        job.style_weight = 1e4 * random_uniform(&random);
        if (command_line_print(&line, &job)) {
            comes_back(&job);
            said++;
        }
        text_buffer_clear(&line);
    }
    assert_in_range(said, 20, JOBS);
}

static void what_options_cannot_say_is_refused(void **state)
{
    (void)state;
    struct text_buffer line = {0};
    struct job job = a_job();
    job.channel[0].weight = 1.4;
    assert_false(command_line_print(&line, &job));
    job = a_job();
    strcpy(job.channel[1].style.path, "--styles.jpg");
    assert_false(command_line_print(&line, &job));
    assert_string_equal(text_buffer_get(&line), "");
}

/* A line that is broken anywhere else than between two words would be another command. */
static void lines_break_between_words(void **state)
{
    (void)state;
    const char *text = "strata run --content 'a b c' $'d\\' e' f\\ g";
    for (int columns = 16; columns < 50; columns++)
        for (const char *at = text; *at; at += *at == ' ') {
            at = command_line_break(at, columns);
            const char *inside = strstr(text, "'a b"), *escaped = strstr(text, "$'d");
            assert_false(at > inside && at < inside + 7);
            assert_false(at > escaped && at < escaped + 8);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_job_is_a_short_line),
        cmocka_unit_test(states_crops_and_scales_come_back),
        cmocka_unit_test(a_blend_comes_back),
        cmocka_unit_test(names_of_any_bytes_come_back),
        cmocka_unit_test(random_jobs_come_back_or_are_refused),
        cmocka_unit_test(what_options_cannot_say_is_refused),
        cmocka_unit_test(lines_break_between_words),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

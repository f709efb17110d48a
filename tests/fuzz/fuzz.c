/*
 * fuzz.c: what libFuzzer calls, see run.sh. The environment's FUZZ names the kind of input; without
 * it, the program lists the kinds and the most bytes that an input of each has.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct kind {
    const char *name;
    void (*run)(const unsigned char *bytes, size_t size);
    int most; /* bytes */
} kinds[] = {
    {"pickle", fuzz_pickle, 1 << 16},
    {"npz", fuzz_npz, 1 << 16},
    {"safetensors", fuzz_safetensors, 1 << 15},
    {"jpeg", fuzz_jpeg, 1 << 12},
    {"png", fuzz_png, 1 << 12},
    {"webp", fuzz_webp, 1 << 12},
    {"itxt", fuzz_itxt, 1 << 12},
    {"job", fuzz_job, 1 << 13},
    {"replies", fuzz_replies, 1 << 11},
    {"checkpoint", fuzz_checkpoint, 1 << 14},
    {"attach", fuzz_attach, 1 << 12},
}, *kind;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *name = getenv("FUZZ");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!name)
            printf("%s %d\n", kinds[i].name, kinds[i].most);
        else if (strcmp(kinds[i].name, name) == 0)
            kind = &kinds[i];
    if (name && !kind)
        fprintf(stderr, "FUZZ=%s: there is no such kind\n", name);
    if (!kind)
        exit(name ? 2 : 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    kind->run(bytes, size);
    return 0;
}

enum status fuzz_said(enum status status, const struct diag *diag)
{
    char clean[4 * DIAG_TEXT];
    if (status == STATUS_OK)
        return status;
    CLAIM(diag->status == status && diag->text[0]);
    diag_clean(clean, sizeof clean, diag->text);
    CLAIM(strcmp(clean, diag->text) == 0);
    return status;
}

void fuzz_write(const char *name, const unsigned char *bytes, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CLAIM(fd >= 0);
    CLAIM(write(fd, bytes, size) == (ssize_t)size);
    CLAIM(close(fd) == 0);
}

/*
 * fuzz.c: the readers of foreign bytes under AFL++, see run.sh. fuzz KIND < FILE, where KIND is
 * pickle, npz or safetensors; a file that is read is converted, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weights/import/convert.h"
#include "weights/formats/pickle.h"
#include "weights/formats/read.h"

#ifndef __AFL_LOOP
#define __AFL_LOOP(n) once()
static int once(void)
{
    static int times;
    return times++ == 0;
}
#endif

enum { MAX_INPUT = 1 << 20, ROUNDS = 2000 };

static void try_reader(const char *kind, const unsigned char *bytes, size_t size)
{
    struct tensors tensors = {.path = "input"};
    struct converted network = {0};
    struct diag diag;
    const struct convert_options options = {0};
    struct pickle *pickle = NULL;
    enum status status =
        (strcmp(kind, "npz") == 0      ? read_npz
         : strcmp(kind, "pickle") == 0 ? read_torch
                                       : read_safetensors)(&tensors, bytes, size, &diag);
    if (strcmp(kind, "pickle") == 0) /* alone, too, without the files around it */
        (void)pickle_open(&pickle, bytes, size, "input", &diag);
    pickle_close(&pickle);
    if (status == STATUS_OK && convert_tensors(&network, &tensors, &options, &diag) == STATUS_OK)
        convert_clear(&network);
    tensors_clear(&tensors);
}

int main(int argc, char **argv)
{
    static unsigned char bytes[MAX_INPUT];
    if (argc != 2)
        return 2;
    while (__AFL_LOOP(ROUNDS)) {
        size_t size = 0;
        for (ssize_t n; (n = read(STDIN_FILENO, bytes + size, sizeof bytes - size)) > 0;)
            size += (size_t)n;
        unsigned char *exact = malloc(size ? size : 1); /* so that ASan knows its end */
        memcpy(exact, bytes, size);
        try_reader(argv[1], exact, size);
        free(exact);
    }
    return 0;
}

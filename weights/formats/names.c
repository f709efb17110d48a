/* names.c: see names.h. */
#include "weights/formats/names.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The convolutions in a block of VGG-19. */
static const int depth[NAMES_BLOCKS + 1] = {0, 2, 2, 4, 4, NAMES_DEPTH};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool one_of(const char *word, size_t length, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == length && memcmp(*list, word, length) == 0)
            return true;
    return false;
}

/* What follows the layer: ".weight", "_W", "/kernel:0", "_b_1:0". */
static bool parse_part(enum names_part *out, const char *rest)
{
    static const char *const kernels[] = {"weight",  "weights", "kernel", "filter",
                                          "filters", "W",       "w",      NULL};
    static const char *const biases[] = {"bias", "biases", "b", "B", NULL};
    size_t separators = strspn(rest, "._/"), length = 0;
    const char *word = rest + separators;
    while (isalpha((unsigned char)word[length]))
        length++;
    bool kernel = one_of(word, length, kernels);
    *out = kernel ? NAMES_KERNEL : NAMES_BIAS;
    return separators == 1 && (kernel || one_of(word, length, biases)) &&
           word[length + strspn(word + length, "_:0123456789")] == 0;
}

/* "block1_conv1…", "conv1_1…", "conv11…", "conv0…" at s; the layer's end, or NULL. */
static const char *parse_layer(struct names_place *out, const char *s)
{
    if (strncmp(s, "block", 5) == 0 && is_digit(s[5]) && strncmp(s + 6, "_conv", 5) == 0 &&
        is_digit(s[11])) {
        *out = (struct names_place){NAMES_KERAS, NAMES_KERNEL, s[5] - '0', s[11] - '0'};
        s += 12;
    } else if (strncmp(s, "conv0", 5) == 0) {
        *out = (struct names_place){NAMES_CAFFE, NAMES_KERNEL, 0, 0};
        s += 5;
    } else if (strncmp(s, "conv", 4) == 0 && is_digit(s[4])) {
        s += s[5] == '_' ? 6 : 5;
        if (!is_digit(*s))
            return NULL;
        *out = (struct names_place){NAMES_CAFFE, NAMES_KERNEL,
                                    s[-1] == '_' ? s[-2] - '0' : s[-1] - '0', *s - '0'};
        s++;
    } else {
        return NULL;
    }
    return is_digit(*s) ? NULL : s;
}

/* The number N of "features.N.…" or of a whole name "N.…"; the rest behind it, or NULL. */
static const char *parse_feature(int *number, const char *name)
{
    const char *s = strstr(name, "features.");
    char *end;
    if (s && s > name && s[-1] != '.')
        return NULL;
    s = s ? s + strlen("features.") : name;
    if (!is_digit(*s) || strspn(s, "0123456789") > 3)
        return NULL;
    *number = (int)strtol(s, &end, 10);
    return *end == '.' ? end : NULL;
}

/* torchvision counts convolutions, ReLUs and poolings: 0, 2, 5, 7, 10, 12, 14, 16, 19 … */
static bool place_feature(struct names_place *out, int number)
{
    int at = 0;
    for (int block = 1; block <= NAMES_BLOCKS; block++, at++)
        for (int index = 1; index <= depth[block]; index++, at += 2)
            if (at == number) {
                *out = (struct names_place){NAMES_TORCHVISION, NAMES_KERNEL, block, index};
                return true;
            }
    return false;
}

bool names_foreign(const char *name)
{
    struct names_place place;
    int number;
    return parse_feature(&number, name) && !place_feature(&place, number);
}

bool names_parse(struct names_place *out, const char *name)
{
    struct names_place place = {0};
    int number;
    const char *rest = parse_feature(&number, name), *layer = NULL;
    if (strncmp(name, "optimizer", strlen("optimizer")) == 0)
        return false;
    if (rest && !place_feature(&place, number))
        return false;
    /* Keras repeats the layer, block1_conv1/block1_conv1_W_1:0: the last one counts. */
    for (const char *s = name; !rest && *s; s++) {
        struct names_place found;
        const char *end =
            s == name || !isalnum((unsigned char)s[-1]) ? parse_layer(&found, s) : NULL;
        /* "conv1" within "block1_conv1" is no layer of its own */
        if (end) {
            place = found;
            layer = end;
            s = end - 1;
        }
    }
    rest = rest ? rest : layer;
    if (!rest || !parse_part(&place.part, rest))
        return false;
    if (place.block != 0 && (place.block < 1 || place.block > NAMES_BLOCKS || place.index < 1 ||
                             place.index > depth[place.block]))
        return false;
    *out = place;
    return true;
}

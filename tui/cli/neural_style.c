/* neural_style.c: see neural_style.h. */
#include "tui/cli/neural_style.h"

#include <string.h>

#include "engine/base/args.h"

static const char options[] =
    "--content --styles --output --iterations --print-iterations --checkpoint-output "
    "--checkpoint-iterations --progress-write --progress-plot --width --style-scales --network "
    "--content-weight-blend --content-weight --style-weight --style-layer-weight-exp "
    "--style-blend-weights --tv-weight --learning-rate --beta1 --beta2 --eps --initial "
    "--initial-noiseblend --preserve-colors --pooling --overwrite ";

bool neural_style_has(const char *option)
{
    char name[ARGS_MAX_NAME];
    args_print_name(name, option);
    size_t length = strlen(name);
    for (const char *at = options; (at = strstr(at, name)); at += length)
        if (at[-1] == '-' && at[-2] == '-' && at[length] == ' ')
            return true;
    return false;
}

int neural_style_number(int steps, int iterations, int every)
{
    int number = steps - 1;
    if (steps == iterations)
        return iterations;
    return number >= 0 && every > 0 && number % every == 0 ? number : -1;
}

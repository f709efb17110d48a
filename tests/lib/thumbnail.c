/* thumbnail.c: see thumbnail.h. */
#include "tests/lib/thumbnail.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

static int ends[2];

static void wake(void *context)
{
    (void)context;
    if (write(ends[1], "", 1) != 1)
        abort();
}

struct thumbnails *thumbnail_open(void)
{
    struct thumbnails *thumbnails = NULL;
    if (pipe(ends) == 0)
        thumbnails_open(&thumbnails, wake, NULL, NULL);
    return thumbnails;
}

void thumbnail_close(struct thumbnails **thumbnails)
{
    thumbnails_close(thumbnails);
    close(ends[0]);
    close(ends[1]);
}

bool thumbnail_get(struct thumbnails *thumbnails, const char *path,
                   const struct snapshot_picture **picture, const char **problem)
{
    const struct snapshot_window window = {.width = 40, .height = 30};
    struct pollfd come = {.fd = ends[0], .events = POLLIN};
    char byte;
    for (int i = 0; i < 3; i++) {
        thumbnails_begin(thumbnails);
        *picture = thumbnails_get(thumbnails, path, &window, problem);
        thumbnails_end(thumbnails);
        if (*picture || *problem)
            return true;
        if (poll(&come, 1, PATIENCE_MS) != 1 || read(ends[0], &byte, 1) != 1)
            return false;
    }
    return false;
}

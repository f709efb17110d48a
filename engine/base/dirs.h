/*
 * dirs.h: the user's folders, by the XDG Base Directory Specification, version 0.8.
 */
#ifndef STRATA_DIRS_H
#define STRATA_DIRS_H

#include <stdbool.h>
#include <stddef.h>

enum dirs_kind {
    DIRS_CACHE, /* $XDG_CACHE_HOME/strata, else ~/.cache/strata: may be lost */
    DIRS_CONFIG, /* $XDG_CONFIG_HOME/strata, else ~/.config/strata: what the user has set */
    DIRS_DATA,  /* $XDG_DATA_HOME/strata, else ~/.local/share/strata: networks */
    DIRS_STATE  /* $XDG_STATE_HOME/strata, else ~/.local/state/strata: what a program remembers */
};

/* The path of name in that folder, which may not be there. As the specification says, a variable
 * that is no absolute path counts as not set. False: neither it nor HOME is set, or the path needs
 * more than size bytes. */
bool dirs_path(char *out, size_t size, enum dirs_kind kind, const char *name);

#endif

/* confine.c: see confine.h. Linux's Landlock; its calls have no wrappers in the C library. */
#include "weights/import/confine.h"

#ifdef __linux__

#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a ruleset is about, with what headers of Linux 6.1 do not have yet. */
struct rights {
    uint64_t files, net;
};

enum { ABI_WITH_NET = 4, BIND_AND_CONNECT = 1 | 2 };

static const uint64_t writing =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

static const uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                              LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                              LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

static bool allow_writing(int rules, const char *folder)
{
    int fd = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct landlock_path_beneath_attr beneath = {writing, fd};
    bool done = fd >= 0 && syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
                                   &beneath, 0) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

bool confine_to(const char *folder)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct rights rights = {writing | never, BIND_AND_CONNECT};
    size_t known = abi >= ABI_WITH_NET ? sizeof rights : offsetof(struct rights, net);
    int rules = abi > 0 ? (int)syscall(SYS_landlock_create_ruleset, &rights, known, 0) : -1;
    bool done = rules >= 0 && allow_writing(rules, folder) &&
                prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (rules >= 0)
        close(rules);
    return done;
}

#else

bool confine_to(const char *folder)
{
    (void)folder;
    return false;
}

#endif

/*
 * logout.h: whether this system ends what a user leaves behind at the end of the session.
 */
#ifndef STRATA_LOGOUT_H
#define STRATA_LOGOUT_H

enum logout_kind {
    LOGOUT_STAYS,  /* what was left goes on */
    LOGOUT_LINGER, /* the system would end it, but not this user's */
    LOGOUT_ENDS    /* systemd-logind ends it (KillUserProcesses) */
};

/* root: where /etc, /run, /usr and /var are looked for, "" but in tests. user: its name. */
enum logout_kind logout_find(const char *root, const char *user);

#endif

/*
 * cli_config.h: the file of the user's settings, read before there is a screen.
 */
#ifndef STRATA_CLI_CONFIG_H
#define STRATA_CLI_CONFIG_H

#include "tui/model/config.h"

/* Reads config.ini, if it is there; what is wrong with it is told (tell may be NULL), the rest
 * counts, and the limit of the history is set. *path is where it is or would be, "" if there is no
 * place for it. */
void cli_config_read(struct config *out, char path[JOB_PATH], config_tell *tell, void *context);

/* The same, with what a new job begins with (NULL: it is no new one); aloud: what is wrong is said
 * on stderr. */
void cli_config_job(struct job *job, bool aloud);

#endif

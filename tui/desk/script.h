/*
 * script.h: the workbench without a person: keys from a file, the screen as text. A script's
 * lines:
 *
 *     size 80x24          the screen's size
 *     key Down Ctrl-R x   keys by name, see keys.h
 *     type starry         characters
 *     click 3 20 [2]      a press at line 3, column 20, from 0; the second of a double click
 *     drag 3 20 3 30      a press, moves, a release
 *     paste text          what a terminal says was pasted
 *     wheel -1 3 20       a turn of the wheel there
 *     state running 137   a made-up run is in this state (running, paused, done, failed, opening);
 *                         brings the snapshot that was asked for
 *     kept 120            it has kept a snapshot of iteration 120
 *     dump                prints the screen
 *     # a remark
 */
#ifndef STRATA_SCRIPT_H
#define STRATA_SCRIPT_H

#include "tui/desk/desk.h"

/* Plays the script at path on a hidden screen. STATUS_INPUT, STATUS_USAGE with the line. */
enum status script_play(const char *path, const struct desk_options *options, struct diag *diag);

#endif

/*
 * keys.h: one table: action, context, keys, hint, help sentence. The help screen, the line of hints
 * and the key scripts of the tests are made from it; its keys can be given to other actions. Knows
 * nothing of what actions do.
 */
#ifndef STRATA_KEYS_H
#define STRATA_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/diag.h"
#include "tui/term/keycodes.h"

/* X(NAME, title, falls through): where a key acts. Those that fall through hand on to DESK what
 * they do not know. */
#define CONTEXT_LIST(X)                                                                            \
    X(DESK, "Everywhere on the desk", false)                                                       \
    X(LAYERS, "Layers", true)                                                                      \
    X(JOB, "Job", true)                                                                            \
    X(LOSS, "Loss", true)                                                                          \
    X(PREVIEW, "Preview", true)                                                                    \
    X(SNAPSHOTS, "Snapshots", true)                                                                \
    X(FULL, "Preview on the full screen", true)                                                    \
    X(COMPARE, "Two pictures compared", false)                                                     \
    X(CROP, "Crop over the picture", false)                                                        \
    X(FILES, "File browser", false)                                                                \
    X(RUNS, "Runs", false)                                                                         \
    X(TREE, "History", false)                                                                      \
    X(VARIATIONS, "Variations", false)                                                             \
    X(PROMPT, "Prompt", false)                                                                     \
    X(QUESTION, "Question", false)                                                                 \
    X(HELP, "Help", false)                                                                         \
    X(SEARCH, "Search", false)                                                                     \
    X(COMMAND, "Line for the shell", false)                                                        \
    X(CONFIG, "Settings", false)                                                                   \
    X(NEW_KEY, "Settings, a new key", false)

enum context {
#define X(name, ...) CONTEXT_##name,
    CONTEXT_LIST(X)
#undef X
    CONTEXT_COUNT
};

/* X(NAME, CONTEXT, keys parted by blanks, hint, help). The first key is the one that is shown. The
 * hint, a word for the bottom line, may be empty. One list for what one function of the model does,
 * model_<list>_action; in order of importance within a context. */
#define RUN_ACTIONS(X)                                                                             \
    X(RUN, DESK, "Space", "run", "start the run, pause it, go on")                                 \
    X(STEP, DESK, ".", "", "one iteration, then pause")                                            \
    X(STOP, DESK, "X", "", "end the run; its picture is saved")                                    \
    X(RESTART, DESK, "R", "", "a new run from the start, for what takes one")                      \
    X(SNAPSHOT, DESK, "S", "snapshot", "keep picture and job as a numbered snapshot")

#define FLIP_ACTIONS(X)                                                                            \
    X(FLIP, DESK, "v", "flip", "preview: result, content, snapshot in turn")                       \
    X(FLIP_BACK, DESK, "B", "", "the same, backwards")                                             \
    X(FULL, DESK, "f", "full", "preview on the full screen, and back")                             \
    X(COMPARE, DESK, "C", "", "two pictures beside each other, wiped, or blinking")                \
    X(VARY, DESK, "V", "vary", "small pictures with other values of what the cursor is on")

#define HISTORY_ACTIONS(X)                                                                         \
    X(UNDO, DESK, "u", "undo", "take the last edit back, also while it runs")                      \
    X(REDO, DESK, "r Ctrl-R", "", "do it again")

#define SAVE_ACTIONS(X)                                                                            \
    X(SAVE, DESK, "w Ctrl-S", "save", "save the picture as the job's output")                      \
    X(SAVE_AS, DESK, "W", "", "save the picture under another name")                               \
    X(SAVE_JOB, DESK, "Ctrl-W", "", "save the job as a file")                                      \
    X(OPEN, DESK, "e", "", "open a job file, or a picture that holds its job")                     \
    X(RUNS, DESK, "E", "", "runs: go on with one, look at one that goes on alone, look back")      \
    X(TREE, DESK, "t", "history", "all finished pictures and snapshots, and what came from which")

#define EXTENT_ACTIONS(X)                                                                          \
    X(CONTENT, DESK, "c", "content", "choose the content picture")                                 \
    X(MORE_ITERATIONS, DESK, "+", "", "100 iterations more")                                       \
    X(FEWER_ITERATIONS, DESK, "-", "", "100 iterations fewer")

#define RATE_ACTIONS(X)                                                                            \
    X(PREVIEW_OFTENER, DESK, "]", "", "preview more often; before every iteration: auto")          \
    X(PREVIEW_RARER, DESK, "[", "", "preview less often")

#define CHANNEL_ACTIONS(X)                                                                         \
    X(CHANNEL_1, DESK, "1", "", "select relu1_1")                                                  \
    X(CHANNEL_2, DESK, "2", "", "select relu2_1")                                                  \
    X(CHANNEL_3, DESK, "3", "", "select relu3_1")                                                  \
    X(CHANNEL_4, DESK, "4", "", "select relu4_1")                                                  \
    X(CHANNEL_5, DESK, "5", "", "select relu5_1")

#define DESK_ACTIONS(X)                                                                            \
    X(FOCUS_NEXT, DESK, "Tab", "", "the next pane")                                                \
    X(FOCUS_BACK, DESK, "Shift-Tab", "", "the pane before")                                        \
    X(CANCEL, DESK, "Esc", "", "leave a swap that was begun, clear the message")                   \
    X(PROMPT, DESK, ":", "set", "settings and commands by name; Tab completes")                    \
    X(SEARCH, DESK, "/", "find", "search keys, settings, presets, commands; Enter does it")        \
    X(PRESETS, DESK, "p", "presets", "presets: experiments in one key, and your own")              \
    X(HELP, DESK, "? F1", "keys", "all keys and what they do, those of this place first")          \
    X(SHOW_COMMAND, DESK, "y", "", "copy the job as a line for the shell: strata run ...")         \
    X(REDRAW, DESK, "Ctrl-L", "", "draw the screen anew")                                          \
    X(MOUSE, DESK, "M", "", "the mouse for strata, or for the terminal, to select text")           \
    X(SUSPEND, DESK, "Ctrl-Z", "", "to the shell; fg comes back")                                  \
    X(CONFIG, DESK, ",", "", "settings: the terminal, what new jobs begin with, keys")             \
    X(DETACH, DESK, "D", "", "give the terminal back; the run goes on, strata attach comes back")  \
    X(QUIT, DESK, "q Ctrl-C", "quit", "leave; asks while a run is under way")

#define LAYER_ACTIONS(X)                                                                           \
    X(LAYER_ASSIGN, LAYERS, "Enter", "picture", "choose the layer's picture")                      \
    X(LAYER_LESS, LAYERS, "Left h", "weight", "weight down by 0.05")                               \
    X(LAYER_MORE, LAYERS, "Right l", "", "weight up by 0.05")                                      \
    X(LAYER_MUCH_LESS, LAYERS, "Shift-Left H <", "", "weight down by 0.5")                         \
    X(LAYER_MUCH_MORE, LAYERS, "Shift-Right L >", "", "weight up by 0.5")                          \
    X(LAYER_TYPE, LAYERS, "=", "", "type the weight")                                              \
    X(LAYER_ONE, LAYERS, "0", "", "weight back to 1")                                              \
    X(LAYER_BLANK, LAYERS, "b", "blank", "white pulls instead of the picture, and back")           \
    X(LAYER_GREY, LAYERS, "g", "", "grey pulls: towards nothing in particular; and back")          \
    X(LAYER_CONTENT, LAYERS, "n", "", "the content pulls: what is there stays; and back")          \
    X(LAYER_OFF, LAYERS, "o", "off", "nothing pulls at this layer, and back")                      \
    X(LAYER_SOLO, LAYERS, "s", "solo", "only this layer pulls, until released")                    \
    X(LAYER_CROP, LAYERS, "z", "crop", "a smaller part of the picture: 1, 1/2, 1/4, 1/8")          \
    X(LAYER_UNCROP, LAYERS, "Z", "", "a larger part of the picture")                               \
    X(LAYER_CENTRE, LAYERS, "m", "move", "move the part over the picture")                         \
    X(LAYER_SWAP, LAYERS, "x", "swap", "swap two layers' pictures: on one, then on the other")     \
    X(LAYER_ALL, LAYERS, "a", "", "this layer's picture and crop to all layers")                   \
    X(LAYER_CLEAR, LAYERS, "d Delete", "", "remove the picture")                                   \
    X(LAYER_UP, LAYERS, "Up k", "", "the layer above")                                             \
    X(LAYER_DOWN, LAYERS, "Down j", "", "the layer below")

#define JOB_ACTIONS(X)                                                                             \
    X(JOB_EDIT, JOB, "Enter =", "edit", "type the value, or choose the file")                      \
    X(JOB_LESS, JOB, "Left h", "change", "a smaller value, the choice before")                     \
    X(JOB_MORE, JOB, "Right l", "", "a larger value, the next choice")                             \
    X(JOB_DEFAULT, JOB, "d Delete", "default", "the default of the schedule")                      \
    X(JOB_UP, JOB, "Up k", "", "the setting above")                                                \
    X(JOB_DOWN, JOB, "Down j", "", "the setting below")                                            \
    X(JOB_PAGE_UP, JOB, "PageUp", "", "a page up")                                                 \
    X(JOB_PAGE_DOWN, JOB, "PageDown", "", "a page down")

#define LOSS_ACTIONS(X)                                                                            \
    X(LOSS_SCALE, LOSS, "Enter", "whole run", "curves of the whole run or of its recent half")

#define PREVIEW_ACTIONS(X)                                                                         \
    X(PREVIEW_FULL, PREVIEW, "Enter", "full", "the full screen")                                   \
    X(PREVIEW_NEXT, PREVIEW, "Right l", "flip", "result, content, snapshot in turn")               \
    X(PREVIEW_BACK, PREVIEW, "Left h", "", "the same, backwards")

#define KEPT_ACTIONS(X)                                                                            \
    X(SNAPSHOT_RETURN, SNAPSHOTS, "Enter", "go back to", "back to its picture and job")            \
    X(SNAPSHOT_SAVE, SNAPSHOTS, "W", "save", "save the snapshot's picture under a name")           \
    X(SNAPSHOT_DELETE, SNAPSHOTS, "d Delete", "delete", "forget the snapshot")                     \
    X(SNAPSHOT_UP, SNAPSHOTS, "Up k", "", "the snapshot above")                                    \
    X(SNAPSHOT_DOWN, SNAPSHOTS, "Down j", "", "the snapshot below")

#define FULL_ACTIONS(X)                                                                            \
    X(FULL_CLOSE, FULL, "Esc Enter f q", "back", "back to the desk")                               \
    X(FULL_LEFT, FULL, "Left h", "flip, move", "snapshot, content, result in turn; or move")       \
    X(FULL_RIGHT, FULL, "Right l", "", "result, content, snapshot in turn; or move")               \
    X(FULL_UP, FULL, "Up k", "", "zoomed: up")                                                     \
    X(FULL_DOWN, FULL, "Down j", "", "zoomed: down")                                               \
    X(FULL_NEXT, FULL, "Tab", "", "result, content, snapshot in turn, zoomed as well")             \
    X(FULL_BACK, FULL, "Shift-Tab", "", "the same, backwards")

#define ZOOM_ACTIONS(X)                                                                            \
    X(ZOOM_IN, FULL, "+ =", "closer", "closer: the whole picture, 1:1, 2:1, 4:1, 8:1")             \
    X(ZOOM_OUT, FULL, "-", "", "less close")                                                       \
    X(ZOOM_ALL, FULL, "0", "", "the whole picture")                                                \
    X(ZOOM_1, FULL, "1", "1:1", "a pixel of the picture is one of the screen")                     \
    X(ZOOM_2, FULL, "2", "", "2:1, twice as large")                                                \
    X(ZOOM_4, FULL, "4", "", "4:1, to judge the grain")                                            \
    X(ZOOM_8, FULL, "8", "", "8:1, every pixel")

#define COMPARE_ACTIONS(X)                                                                         \
    X(COMPARE_MODE, COMPARE, "m Enter", "how", "beside each other, wiped, blinking")               \
    X(COMPARE_A, COMPARE, "a", "first", "another first picture: result, content, snapshots")       \
    X(COMPARE_B, COMPARE, "b", "second", "another second picture")                                 \
    X(COMPARE_SWAP, COMPARE, "x Tab", "swap", "the first for the second")                          \
    X(COMPARE_BLINK, COMPARE, "Space", "", "blinking: the other one now")                          \
    X(COMPARE_WIPE_LEFT, COMPARE, "<", "", "wiped: the border to the left")                        \
    X(COMPARE_WIPE_RIGHT, COMPARE, ">", "", "wiped: the border to the right")                      \
    X(COMPARE_LEFT, COMPARE, "Left h", "move", "wiped: the border; zoomed: to the left")           \
    X(COMPARE_RIGHT, COMPARE, "Right l", "", "to the right")                                       \
    X(COMPARE_UP, COMPARE, "Up k", "", "zoomed: up")                                               \
    X(COMPARE_DOWN, COMPARE, "Down j", "", "zoomed: down")                                         \
    X(COMPARE_IN, COMPARE, "+ =", "closer", "closer: the whole picture, 1:1, 2:1, 4:1, 8:1")       \
    X(COMPARE_OUT, COMPARE, "-", "", "less close")                                                 \
    X(COMPARE_ALL, COMPARE, "0", "", "the whole picture")                                          \
    X(COMPARE_1, COMPARE, "1", "1:1", "a pixel of the picture is one of the screen")               \
    X(COMPARE_4, COMPARE, "4", "", "4:1, to judge the grain")                                      \
    X(COMPARE_CLOSE, COMPARE, "Esc q C Ctrl-C", "back", "back to the desk")

#define CROP_ACTIONS(X)                                                                            \
    X(CROP_LEFT, CROP, "Left h", "move", "move the part to the left")                              \
    X(CROP_RIGHT, CROP, "Right l", "", "move the part to the right")                               \
    X(CROP_UP, CROP, "Up k", "", "move the part up")                                               \
    X(CROP_DOWN, CROP, "Down j", "", "move the part down")                                         \
    X(CROP_SMALLER, CROP, "z +", "smaller", "a smaller part")                                      \
    X(CROP_LARGER, CROP, "Z -", "larger", "a larger part")                                         \
    X(CROP_MIDDLE, CROP, "c", "centre", "to the middle")                                           \
    X(CROP_DONE, CROP, "Enter Esc q m Ctrl-C", "done", "back to the desk; u takes it back")

#define CROP_LOOK_ACTIONS(X)                                                                       \
    X(CROP_VARY, CROP, "V", "vary", "small pictures with other parts")

#define FILES_ACTIONS(X)                                                                           \
    X(FILES_CHOOSE, FILES, "Enter", "choose", "take what is marked, the picture; open the folder") \
    X(FILES_SPACE, FILES, "Space", "mark", "mark a picture, or not; in a filter, a blank")         \
    X(FILES_MARK, FILES, "Insert Ctrl-Space", "", "mark a picture, or not: content, layers 1 to 5")\
    X(FILES_MARK_ALL, FILES, "Ctrl-A", "", "mark all that are listed, as many as can be used")     \
    X(FILES_GRID, FILES, "Ctrl-G", "grid", "small pictures in place of the list, or the list")     \
    X(FILES_UP, FILES, "Up", "", "one up")                                                         \
    X(FILES_DOWN, FILES, "Down", "", "one down")                                                   \
    X(FILES_PAGE_UP, FILES, "PageUp", "", "a page up")                                             \
    X(FILES_PAGE_DOWN, FILES, "PageDown", "", "a page down")                                       \
    X(FILES_FIRST, FILES, "Home", "", "the first")                                                 \
    X(FILES_LAST, FILES, "End", "", "the last")                                                    \
    X(FILES_PARENT, FILES, "Left", "", "the folder above; in the grid, one to the left")           \
    X(FILES_ENTER, FILES, "Right", "", "into the folder; in the grid, one to the right")           \
    X(FILES_BOOKMARK, FILES, "Tab", "places", "recent folders, home; behind /, ~, ..: complete it")\
    X(FILES_HIDDEN, FILES, "Ctrl-T", "", "show hidden files, or not")                              \
    X(FILES_ERASE, FILES, "Backspace", "up", "shorten the filter; without one, the folder above")  \
    X(FILES_CLEAR, FILES, "Ctrl-U", "", "clear the filter")                                        \
    X(FILES_CLOSE, FILES, "Esc Ctrl-C", "back", "clear the filter, then back to the desk")

#define LIST_ACTIONS(X)                                                                            \
    X(RUNS_CHOOSE, RUNS, "Enter", "go on", "go on with it, or look at it where it runs")           \
    X(RUNS_UP, RUNS, "Up k", "", "the run above")                                                  \
    X(RUNS_DOWN, RUNS, "Down j", "", "the run below")                                              \
    X(RUNS_REMOVE, RUNS, "d Delete", "remove", "remove its directory; pictures stay")              \
    X(RUNS_CLOSE, RUNS, "Esc q Ctrl-C", "back", "back to the desk")

#define TREE_ACTIONS(X)                                                                            \
    X(TREE_GO, TREE, "Enter", "go there", "its picture and job; of this run, its exact state")     \
    X(TREE_BRANCH, TREE, "b", "branch", "its job, to be changed; space paints the branch")         \
    X(TREE_NAME, TREE, "n", "name", "give it a name")                                              \
    X(TREE_STAR, TREE, "s", "star", "a star, or none: the size limit never takes it")              \
    X(TREE_REMOVE, TREE, "d Delete", "remove", "remove it from the history; asks")                 \
    X(TREE_FILTER, TREE, "/", "find", "only those with these words; empty: all")                   \
    X(TREE_STARRED, TREE, "o", "", "only those with a star, or all")                               \
    X(TREE_RESUME, TREE, "g", "", "go on with its run as it was left")                             \
    X(TREE_INITIAL, TREE, "i", "", "the next run starts from its picture")                         \
    X(TREE_COMPARE, TREE, "v", "", "mark it as the picture to compare with")                       \
    X(TREE_UP, TREE, "Up k", "", "one up")                                                         \
    X(TREE_DOWN, TREE, "Down j", "", "one down")                                                   \
    X(TREE_PAGE_UP, TREE, "PageUp", "", "a page up")                                               \
    X(TREE_PAGE_DOWN, TREE, "PageDown Space", "", "a page down")                                   \
    X(TREE_FIRST, TREE, "Home", "", "the first")                                                   \
    X(TREE_LAST, TREE, "End", "", "the last")                                                      \
    X(TREE_CLOSE, TREE, "Esc q t Ctrl-C", "back", "clear the filter, then back to the desk")

#define VARY_ACTIONS(X)                                                                            \
    X(VARY_TAKE, VARIATIONS, "Enter", "take it", "take it over into the job; undo takes it back")  \
    X(VARY_OTHER, VARIATIONS, "Tab V", "other value", "of a layer's weight, crop, state in turn")  \
    X(VARY_LEFT, VARIATIONS, "Left h", "move", "one to the left")                                  \
    X(VARY_RIGHT, VARIATIONS, "Right l", "", "one to the right")                                   \
    X(VARY_UP, VARIATIONS, "Up k", "", "one up")                                                   \
    X(VARY_DOWN, VARIATIONS, "Down j", "", "one down")                                             \
    X(VARY_FIRST, VARIATIONS, "Home", "", "the first")                                             \
    X(VARY_LAST, VARIATIONS, "End", "", "the last")                                                \
    X(VARY_CLOSE, VARIATIONS, "Esc q Ctrl-C", "back", "back to the desk; painting them ends")

#define PROMPT_ACTIONS(X)                                                                          \
    X(PROMPT_DONE, PROMPT, "Enter", "set", "take it")                                              \
    X(PROMPT_COMPLETE, PROMPT, "Tab", "complete", "complete the name or the value")                \
    X(PROMPT_LEFT, PROMPT, "Left", "", "cursor left")                                              \
    X(PROMPT_RIGHT, PROMPT, "Right", "", "cursor right")                                           \
    X(PROMPT_FIRST, PROMPT, "Home Ctrl-A", "", "to the beginning")                                 \
    X(PROMPT_LAST, PROMPT, "End Ctrl-E", "", "to the end")                                         \
    X(PROMPT_ERASE, PROMPT, "Backspace", "", "erase the character before")                         \
    X(PROMPT_DELETE, PROMPT, "Delete", "", "erase the character under the cursor")                 \
    X(PROMPT_CLEAR, PROMPT, "Ctrl-U", "", "erase the line")                                        \
    X(PROMPT_UP, PROMPT, "Up", "", "what was typed before")                                        \
    X(PROMPT_DOWN, PROMPT, "Down", "", "what was typed after it")                                  \
    X(PROMPT_CLOSE, PROMPT, "Esc Ctrl-C", "back", "leave it as it was")

#define ANSWER_ACTIONS(X)                                                                          \
    X(ANSWER_1, QUESTION, "y", "", "the first answer")                                             \
    X(ANSWER_2, QUESTION, "n", "", "the second answer")                                            \
    X(ANSWER_3, QUESTION, "k", "", "the third answer, where there is one")                         \
    X(ANSWER_CONTENT, QUESTION, "c", "", "what was pasted is the content")                         \
    X(ANSWER_ALL, QUESTION, "a", "", "the picture of all layers")                                  \
    X(ANSWER_JOB, QUESTION, "j", "", "its job is opened")                                          \
    X(ANSWER_LAYER_1, QUESTION, "1", "", "the picture of relu1_1")                                 \
    X(ANSWER_LAYER_2, QUESTION, "2", "", "of relu2_1")                                             \
    X(ANSWER_LAYER_3, QUESTION, "3", "", "of relu3_1")                                             \
    X(ANSWER_LAYER_4, QUESTION, "4", "", "of relu4_1")                                             \
    X(ANSWER_LAYER_5, QUESTION, "5", "", "of relu5_1")                                             \
    X(ANSWER_NONE, QUESTION, "Esc q Ctrl-C", "back", "back, nothing happens")

#define HELP_ACTIONS(X)                                                                            \
    X(HELP_DO, HELP, "Enter", "do it", "do what the line says, or type its value")                 \
    X(HELP_SEARCH, HELP, "/", "find", "search, also settings and presets")                         \
    X(HELP_UP, HELP, "Up k", "", "one up")                                                         \
    X(HELP_DOWN, HELP, "Down j", "", "one down")                                                   \
    X(HELP_LEFT, HELP, "Left h", "", "the column before")                                          \
    X(HELP_RIGHT, HELP, "Right l", "", "the next column")                                          \
    X(HELP_PAGE_UP, HELP, "PageUp b", "", "a page up")                                             \
    X(HELP_PAGE_DOWN, HELP, "PageDown Space", "", "a page down")                                   \
    X(HELP_FIRST, HELP, "Home g", "", "to the beginning")                                          \
    X(HELP_LAST, HELP, "End G", "", "to the end")                                                  \
    X(HELP_CLOSE, HELP, "Esc q ? F1 Ctrl-C", "back", "back to where it was called from")

#define SEARCH_ACTIONS(X)                                                                          \
    X(SEARCH_DO, SEARCH, "Enter", "do it", "do what the line says, or type its value")             \
    X(SEARCH_UP, SEARCH, "Up", "", "one up")                                                       \
    X(SEARCH_DOWN, SEARCH, "Down Tab", "next", "one down")                                         \
    X(SEARCH_LEFT, SEARCH, "Left", "", "the column before")                                        \
    X(SEARCH_RIGHT, SEARCH, "Right", "", "the next column")                                        \
    X(SEARCH_PAGE_UP, SEARCH, "PageUp", "", "a page up")                                           \
    X(SEARCH_PAGE_DOWN, SEARCH, "PageDown", "", "a page down")                                     \
    X(SEARCH_FIRST, SEARCH, "Home", "", "to the first")                                            \
    X(SEARCH_LAST, SEARCH, "End", "", "to the last")                                               \
    X(SEARCH_ERASE, SEARCH, "Backspace", "", "shorten what is searched for; without it, back")     \
    X(SEARCH_CLEAR, SEARCH, "Ctrl-U", "", "search for nothing")                                    \
    X(SEARCH_CLOSE, SEARCH, "Esc Ctrl-C", "back", "back to where it was called from")

#define COMMAND_ACTIONS(X)                                                                         \
    X(COMMAND_COPY, COMMAND, "y", "copy", "copy it again")                                         \
    X(COMMAND_UP, COMMAND, "Up k", "", "one line up")                                              \
    X(COMMAND_DOWN, COMMAND, "Down j", "", "one line down")                                        \
    X(COMMAND_CLOSE, COMMAND, "Esc Enter q Ctrl-C", "back", "back to the desk")

#define CONFIG_ACTIONS(X)                                                                          \
    X(CONFIG_EDIT, CONFIG, "Enter", "change", "the next choice; type the value; the new key")      \
    X(CONFIG_LESS, CONFIG, "Left h", "", "the choice before")                                      \
    X(CONFIG_MORE, CONFIG, "Right l", "", "the next choice")                                       \
    X(CONFIG_TYPE, CONFIG, "=", "type", "type the value, or the names of the keys")                \
    X(CONFIG_DEFAULT, CONFIG, "d Delete", "default", "as strata has it")                           \
    X(CONFIG_SAVE, CONFIG, "w Ctrl-S", "save", "keep the settings in their file")                  \
    X(CONFIG_UP, CONFIG, "Up k", "", "one up")                                                     \
    X(CONFIG_DOWN, CONFIG, "Down j", "", "one down")                                               \
    X(CONFIG_PAGE_UP, CONFIG, "PageUp b", "", "a page up")                                         \
    X(CONFIG_PAGE_DOWN, CONFIG, "PageDown Space", "", "a page down")                               \
    X(CONFIG_FIRST, CONFIG, "Home", "", "the first")                                               \
    X(CONFIG_LAST, CONFIG, "End", "", "the last")                                                  \
    X(CONFIG_SECTION, CONFIG, "Tab", "section", "the workbench, new jobs, keys in turn")           \
    X(CONFIG_CLOSE, CONFIG, "Esc q , Ctrl-C", "back", "back to the desk")                          \
    X(NEW_KEY_NONE, NEW_KEY, "Esc Ctrl-C", "leave it as it was", "the key stays as it was")

/* X(NAME, …): what only a pointer says at once; keys do it in steps. And a character typed. */
#define POINTER_ACTIONS(X)                                                                         \
    X(FOCUS)        /* pane `index` */                                                             \
    X(LAYER)        /* the cursor to layer `index` */                                              \
    X(LAYER_SET)    /* its fader to x */                                                           \
    X(LAYER_STEP)   /* its fader by x steps */                                                     \
    X(JOB_LINE)     /* the cursor to setting `index` */                                            \
    X(KEPT_LINE)    /* the cursor to snapshot `index` */                                           \
    X(RUNS_LINE)    /* the cursor to run `index` */                                                \
    X(TREE_LINE)    /* the cursor to line `index` of the history */                                \
    X(VARY_TILE)    /* the cursor to variation `index` */                                          \
    X(FILES_LINE)   /* the cursor to file `index` */                                               \
    X(FILES_OPEN)   /* and choose it */                                                            \
    X(FILES_SCROLL) /* by x lines */                                                               \
    X(CONFIG_LINE)  /* the cursor to setting `index` of the user's */                              \
    X(EDGE)         /* edge `index`: its column or pane gets x cells; 0: what it had */            \
    X(ZOOM_AT)      /* closer or less so by `index` steps, 0: 1:1 or all, around x, y */           \
    X(GRAB)         /* the picture is held */                                                      \
    X(PAN)          /* and drawn so that its middle is x, y away from where it was */              \
    X(WIPE)         /* the second picture begins at x */                                           \
    X(TICK)         /* time has passed */                                                          \
    X(PALETTE_LINE) /* the cursor to the palette's entry `index` */                                \
    X(PALETTE_DO)   /* and that is done */                                                         \
    X(CROP_AT)      /* the centre to x, y */                                                       \
    X(TYPE)         /* a character for the filter or the prompt */                                 \
    X(PASTE)        /* `text` */

/* Those with keys: the lines of the help, in its order. */
#define KEY_ACTIONS(X)                                                                             \
    RUN_ACTIONS(X) FLIP_ACTIONS(X) HISTORY_ACTIONS(X) SAVE_ACTIONS(X) EXTENT_ACTIONS(X)            \
    RATE_ACTIONS(X) CHANNEL_ACTIONS(X) DESK_ACTIONS(X) LAYER_ACTIONS(X) JOB_ACTIONS(X)             \
    LOSS_ACTIONS(X) PREVIEW_ACTIONS(X) KEPT_ACTIONS(X) FULL_ACTIONS(X) ZOOM_ACTIONS(X)             \
    COMPARE_ACTIONS(X) CROP_ACTIONS(X) CROP_LOOK_ACTIONS(X) FILES_ACTIONS(X) LIST_ACTIONS(X)       \
    TREE_ACTIONS(X) VARY_ACTIONS(X) PROMPT_ACTIONS(X) ANSWER_ACTIONS(X) HELP_ACTIONS(X)            \
    SEARCH_ACTIONS(X) COMMAND_ACTIONS(X) CONFIG_ACTIONS(X)

enum action {
    ACTION_NONE,
#define X(name, ...) ACTION_##name,
    KEY_ACTIONS(X) POINTER_ACTIONS(X)
#undef X
    ACTION_COUNT
};

/* Each list as an enumeration of its own, DO_NAME = ACTION_NAME: a switch over it without default
 * does not compile while an action of the list is forgotten. */
#define X(name, ...) DO_##name = ACTION_##name,
enum run_action { RUN_ACTIONS(X) };
enum flip_action { FLIP_ACTIONS(X) };
enum history_action { HISTORY_ACTIONS(X) };
enum vary_action { VARY_ACTIONS(X) };
enum save_action { SAVE_ACTIONS(X) };
enum extent_action { EXTENT_ACTIONS(X) };
enum rate_action { RATE_ACTIONS(X) };
enum channel_action { CHANNEL_ACTIONS(X) };
enum desk_action { DESK_ACTIONS(X) };
enum layer_action { LAYER_ACTIONS(X) };
enum job_action { JOB_ACTIONS(X) };
enum loss_action { LOSS_ACTIONS(X) };
enum preview_action { PREVIEW_ACTIONS(X) };
enum kept_action { KEPT_ACTIONS(X) };
enum full_action { FULL_ACTIONS(X) };
enum zoom_action { ZOOM_ACTIONS(X) };
enum compare_action { COMPARE_ACTIONS(X) };
enum crop_action { CROP_ACTIONS(X) };
enum files_action { FILES_ACTIONS(X) };
enum list_action { LIST_ACTIONS(X) };
enum tree_action { TREE_ACTIONS(X) };
enum prompt_action { PROMPT_ACTIONS(X) };
enum answer_action { ANSWER_ACTIONS(X) };
enum help_action { HELP_ACTIONS(X) };
enum search_action { SEARCH_ACTIONS(X) };
enum command_action { COMMAND_ACTIONS(X) };
enum config_action { CONFIG_ACTIONS(X) };
enum pointer_action { POINTER_ACTIONS(X) };
#undef X

struct key_entry {
    enum action action;
    enum context context;
    const char *name;     /* as in the list: LAYER_BLANK */
    const char *standard; /* its keys, unless others were given to it */
    const char *keys;     /* "" if it has none; lent until others are given to it */
    const char *hint, *help;
};

/* The table in its order; *count of them; static. */
const struct key_entry *keys_table(size_t *count);

/* What a key does in a context; ACTION_TYPE for a character where text is typed. */
enum action keys_action(enum context context, int code);

/* Does it change neither the job nor the run nor a file? */
bool keys_only_look(enum action action);

/* "Ctrl-R", "^R", "Space", "x" -> its code; 0 if it is no key. The name may end in a blank. */
int keys_code(const char *name);

/* The name of a code, as in the table. */
void keys_name(char out[16], int code);

/* Is what is typed there text, but for the keys that it has? */
bool keys_types(enum context context);

/* ---- keys that are given to other actions (keys_map.c) -------------------------------------- */

enum { KEYS_TEXT = 64 };

/* names as the table writes them: "ctrl-r  space" -> "Ctrl-R Space"; "none" -> "". Where the
 * table has Ctrl-C, which leads out of everything, that stays. STATUS_USAGE, with a sentence: one
 * is no key, is text there, or the action cannot be without. */
enum status keys_tidy(char out[KEYS_TEXT], const struct key_entry *entry, const char *names,
                      struct diag *diag);

/* From here on these, which are tidy, are its keys; NULL: the standard ones. */
void keys_give(const struct key_entry *entry, const char *names);

/* Two actions that one key would mean, in one context or in one and what it hands on to, unless the
 * table has it so. *b is the one to which the key is new. false: there are none. */
bool keys_clash(const struct key_entry **a, const struct key_entry **b, int *code);

/* keys_tidy and keys_give, unless that makes a clash: STATUS_USAGE, both are named. */
enum status keys_change(const struct key_entry *entry, const char *names, struct diag *diag);

/* Copies a sentence, or its format, with the first keys of actions in the place of their names:
 * "{restart} begins anew" -> "R begins anew". */
void keys_fill_in(char *out, size_t size, const char *sentence);

/* "layer_blank" */
void keys_action_name(char out[32], const struct key_entry *entry);

/* The key that is shown for an action: "space", "^R", "⏎" or, without utf8, "enter". */
void keys_show(char out[16], const struct key_entry *entry, bool utf8);

const char *keys_context_title(enum context context);

/* All its keys, "r ^R". */
void keys_show_all(char *out, size_t size, const struct key_entry *entry, bool utf8);

/* Does a context hand on what it does not know to the desk? */
bool keys_falls_through(enum context context);

#endif

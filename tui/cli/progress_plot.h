/*
 * progress_plot.h: the losses of a run as a picture, drawn by gnuplot when the run ends. Until
 * then the points are kept in memory, thinned out where they are many.
 */
#ifndef STRATA_PROGRESS_PLOT_H
#define STRATA_PROGRESS_PLOT_H

#include "engine/base/file.h"
#include "engine/style/losses.h"

struct progress_plot;

/* Checks that path can be written (STATUS_OUTPUT) and that gnuplot draws PNG (STATUS_USAGE). */
enum status progress_plot_open(struct progress_plot **out, const char *path, const char *title,
                               enum file_overwrite mode, struct diag *diag);

void progress_plot_add(struct progress_plot *plot, int iteration, const struct losses *losses);

/* Draws what was added; nothing, and no file, if no loss was above zero. */
enum status progress_plot_draw(struct progress_plot *plot, struct diag *diag);

/* NULL inside is fine. */
void progress_plot_close(struct progress_plot **plot);

#endif

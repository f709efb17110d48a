/* desk_config.c: see desk_private.h: what the user's settings mean for the terminal. */
#include "tui/desk/desk_private.h"
#include "tui/term/environment.h"
#include "tui/term/text.h"
#include "tui/view/draw.h"
#include "tui/view/place.h"

enum graphics_kind desk_graphics(enum graphics_kind asked, const struct config *config)
{
    enum graphics_kind kind = asked;
    if (asked == GRAPHICS_AUTO)
        graphics_parse(&kind, config_value(config, CONFIG_GRAPHICS), NULL);
    return kind;
}

void desk_open_colours(const struct config *config)
{
    const char *no_colour = environment_get("NO_COLOR");
    const struct answers *answers = term_tty() ? tty_answers(term_tty()) : NULL;
    bool light = answers && answers->background && answers->light > 0.5;
    if (!config_is(config, CONFIG_BACKGROUND, "auto"))
        light = config_is(config, CONFIG_BACKGROUND, "light");
    text_know_terminal(answers ? answers->name : "");
    draw_open(!no_colour || !no_colour[0], light);
}

void desk_use_config(struct desk *d)
{
    const struct config *config = &d->model->config;
    text_use_marks(config_value(config, CONFIG_MARKS));
    desk_open_colours(config);
    place_use(desk_graphics(d->graphics, config));
    term_use_mouse(config_is(config, CONFIG_MOUSE, "on"));
}

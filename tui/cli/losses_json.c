/* losses_json.c: see losses_json.h. */
#include "tui/cli/losses_json.h"

#include "tui/term/number.h"

void losses_json_number(cJSON *object, const char *name, double value)
{
    cJSON_AddRawToObject(object, name, number_exact(value, "null").text);
}

void losses_json_add(cJSON *object, const struct losses *losses)
{
    for (int i = 0; i < LOSSES_PARTS; i++)
        losses_json_number(object, losses_name(i), losses_value(losses, i));
    cJSON *layers = cJSON_AddObjectToObject(object, "style_layers");
    for (int i = LOSSES_PARTS; i < LOSSES_SERIES; i++)
        losses_json_number(layers, losses_name(i), losses_value(losses, i));
}

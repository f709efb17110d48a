/* help_completion.c: see help_completion.h. What shells complete. */
#include "tui/cli/help_completion.h"

#include <string.h>

#include "tui/cli/help_options.h"
#include "tui/cli/shipped.h"
#include "tui/cli/topics.h"
#include "tui/model/presets.h"

static const char *shipped_preset_names(char room[200])
{
    char folder[JOB_PATH];
    struct preset *presets;
    int count;
    size_t n = 0;
    room[0] = 0;
    if (!shipped_find(folder, "presets"))
        return room;
    presets_read(&presets, &count, folder);
    for (int i = 0; i < count && n + PRESETS_NAME + 1 < 200; i++)
        n += (size_t)snprintf(room + n, 200 - n, "%s%s", i ? " " : "", presets[i].name);
    presets_clear(&presets, &count);
    return room;
}

/* What may be the value: words, parted by blanks, or NULL for files, "" for neither. */
static const char *values_of(const struct help_option *o, char room[200])
{
    static const struct {
        const char *name, *words;
    } known[] = {{"network", "strata16 vgg19"},
                 {"initial", NULL},
                 {"pyramid", "auto off 2 3"},
                 {"memory", "auto 400M 2G"},
                 {"width", "256 512 768 1024 2048"},
                 {"styles", NULL},
                 {"resume", ""}};
    const char *value = o->option->value ? o->option->value : "";
    size_t n = 0;
    if (strcmp(o->name, "preset") == 0)
        return shipped_preset_names(room);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(o->name, known[i].name) == 0)
            return known[i].words;
    if (strncmp(value, "FILE", 4) == 0 || strcmp(value, "DIR") == 0 || strcmp(value, "FMT") == 0 ||
        strcmp(value, "G.npy") == 0)
        return NULL;
    if (!strchr(value, '|'))
        return "";
    for (; *value && n + 1 < 200; value++)
        room[n++] = *value == '|' ? ' ' : *value;
    room[n] = 0;
    return room;
}

static const char *words_of(const struct command *command, char room[400])
{
    int count;
    size_t used = 0;
    room[0] = 0;
    switch (command->words) {
    case COMMAND_NETWORKS: return "list info fetch import";
    case COMMAND_TOPICS:
        for (int i = 1; i < (commands(&count), count); i++)
            used += (size_t)snprintf(room + used, 400 - used, "%s ", commands(&count)[i].name);
        for (int i = 0; i < (topics(&count), count); i++)
            used += (size_t)snprintf(room + used, 400 - used, "%s ", topics(&count)[i].name);
        return room;
    case COMMAND_NOTHING:
    case COMMAND_FILES:
    case COMMAND_RUNS: break;
    }
    return "";
}

static int options_of(struct help_option list[HELP_MOST_OPTIONS], const struct command *command)
{
    struct help_group groups[HELP_MOST_GROUPS];
    int count = help_options(groups, list, command);
    return count ? groups[count - 1].end : 0;
}

/* ---- bash --------------------------------------------------------------------------------- */

static void bash_command(FILE *out, const struct command *command)
{
    struct help_option list[HELP_MOST_OPTIONS];
    char room[400];
    int count = options_of(list, command);
    fprintf(out, "    %s)\n        options='", *command->name ? command->name : "''");
    for (int i = 0; i < count; i++)
        fprintf(out, "%s--%s", i ? " " : "", list[i].name);
    fprintf(out, "'\n        words='%s'\n        case $option in\n", words_of(command, room));
    for (int i = 0; i < count; i++) {
        char values[200];
        const char *words = values_of(&list[i], values);
        if (list[i].option->kind == ARGS_FLAG)
            continue;
        fprintf(out, "        --%s", list[i].name);
        if (list[i].option->letter)
            fprintf(out, " | -%c", list[i].option->letter);
        if (words)
            fprintf(out, ") values='%s' ;;\n", words);
        else
            fprintf(out, ") files=1 ;;\n");
    }
    fprintf(out, "        esac\n        ;;\n");
}

static void bash(FILE *out)
{
    int count;
    const struct command *list = commands(&count);
    fputs("# bash completion of strata; made by strata help --completion bash\n"
          "_strata() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} command='' option='' options='' words=''\n"
          "    local values='-' files='' i\n"
          "    local commands='", out);
    for (int i = 1; i < count; i++)
        fprintf(out, "%s%s", i > 1 ? " " : "", list[i].name);
    fputs("'\n"
          "    [[ \" $commands \" == *\" ${COMP_WORDS[1]} \"* && $COMP_CWORD -gt 1 ]] && "
          "command=${COMP_WORDS[1]}\n"
          "    # the option that the word belongs to; a list takes several words\n"
          "    for ((i = COMP_CWORD - 1; i > 0; i--)); do\n"
          "        [[ ${COMP_WORDS[i]} == -* ]] && { option=${COMP_WORDS[i]}; break; }\n"
          "    done\n"
          "    case $option in\n"
          "    --styles | --style-*) ;;\n"
          "    *) ((i == COMP_CWORD - 1)) || option= ;;\n"
          "    esac\n"
          "    case $command in\n", out);
    for (int i = 0; i < count; i++)
        bash_command(out, &list[i]);
    fputs("    esac\n"
          "    COMPREPLY=()\n"
          "    if [[ $word == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$options --help\" -- \"$word\"))\n"
          "    elif [[ $files ]]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
          "    elif [[ $values != - ]]; then\n"
          "        COMPREPLY=($(compgen -W \"$values\" -- \"$word\"))\n"
          "        [[ $option == --network || $option == -n ]] && COMPREPLY+=($(compgen -f -X "
          "'!*.safetensors' -- \"$word\"))\n"
          "    else\n"
          "        ((COMP_CWORD == 1)) && words=$commands\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\"\n"
          "            [[ $command == help ]] || compgen -f -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -F _strata strata\n", out);
}

/* ---- zsh ---------------------------------------------------------------------------------- */

static void quoted(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
}

static void zsh(FILE *out)
{
    int count;
    const struct command *list = commands(&count);
    fputs("#compdef strata\n# made by strata help --completion zsh\n_strata() {\n"
          "    local -a commands=(", out);
    for (int i = 1; i < count; i++) {
        fprintf(out, "'%s:", list[i].name);
        quoted(out, list[i].summary);
        fputs("' ", out);
    }
    fputs(")\n    local command=\n"
          "    (( CURRENT > 2 && ${commands[(I)${words[2]}:*]} )) &&\n"
          "        command=$words[2] && shift words && (( CURRENT-- ))\n"
          "    (( CURRENT == 2 )) && [[ -z $command ]] && _describe command commands\n"
          "    case $command in\n", out);
    for (int i = 0; i < count; i++) {
        struct help_option options[HELP_MOST_OPTIONS];
        char room[400];
        int n = options_of(options, &list[i]);
        const char *words = words_of(&list[i], room);
        fprintf(out, "    %s)\n        _arguments", *list[i].name ? list[i].name : "''");
        for (int k = 0; k < n; k++) {
            char values[200];
            const char *choices = values_of(&options[k], values);
            bool flag = options[k].option->kind == ARGS_FLAG;
            fprintf(out, " \\\n            '--%s[", options[k].name);
            quoted(out, options[k].text);
            fprintf(out, "]%s%s%s%s'", flag ? "" : ":value:",
                    flag ? "" : !choices ? "_files" : *choices ? "(" : " ",
                    flag || !choices ? "" : choices, !flag && choices && *choices ? ")" : "");
        }
        fprintf(out, " \\\n            '*:word:%s%s%s'\n        ;;\n", *words ? "(" : "_files",
                words, *words ? ")" : "");
    }
    fputs("    esac\n}\n_strata \"$@\"\n", out);
}

/* ---- fish --------------------------------------------------------------------------------- */

static void fish_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    fputc('\'', out);
}

static void fish(FILE *out)
{
    int count;
    const struct command *list = commands(&count);
    fputs("# made by strata help --completion fish\n", out);
    for (int i = 1; i < count; i++) {
        fprintf(out, "complete -c strata -n __fish_use_subcommand -a %s -d ", list[i].name);
        fish_quoted(out, list[i].summary);
        fputc('\n', out);
    }
    for (int i = 0; i < count; i++) {
        struct help_option options[HELP_MOST_OPTIONS];
        char room[400], when[100];
        int n = options_of(options, &list[i]);
        const char *words = words_of(&list[i], room);
        snprintf(when, sizeof when, "%s%s",
                 *list[i].name ? "__fish_seen_subcommand_from " : "__fish_use_subcommand",
                 list[i].name);
        if (*words)
            fprintf(out, "complete -c strata -n '%s' -f -a '%s'\n", when, words);
        for (int k = 0; k < n; k++) {
            char values[200];
            const char *choices = values_of(&options[k], values);
            fprintf(out, "complete -c strata -n '%s' -l %s", when, options[k].name);
            if (options[k].option->letter)
                fprintf(out, " -s %c", options[k].option->letter);
            if (options[k].option->kind != ARGS_FLAG)
                fprintf(out, choices ? " -x -a '%s'" : " -r", choices);
            fputs(" -d ", out);
            fish_quoted(out, options[k].text);
            fputc('\n', out);
        }
    }
}

bool help_completion(FILE *out, const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(FILE *out);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            shells[i].print(out);
            return true;
        }
    return false;
}

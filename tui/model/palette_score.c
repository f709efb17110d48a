/* palette_score.c: see palette_score.h. */
#include "tui/model/palette_score.h"

#include <ctype.h>
#include <string.h>

#include "engine/base/nearest.h"
#include "tui/model/match.h"

/* What a word is worth where it is found. */
enum {
    IS_KEY = 200,     /* one of the keys, as it is written */
    IS_NAME = 180,
    IS_HINT = 170,
    BEGINS_NAME = 140,
    IN_NAME = 100,
    BEGINS_WORD = 80, /* of the text */
    LEAVES_OUT = 60,  /* letters of the name */
    IN_TEXT = 40,
    IN_TITLE = 30,
    MISTAKEN = 10     /* is nearly a word of name or text */
};

/* Is it one of the keys, parted by blanks? The case tells Z from z. */
static bool is_key(const char *keys, const char *word, size_t n)
{
    for (; *keys; keys += strspn(keys, " ")) {
        size_t length = strcspn(keys, " ");
        if (length == n && memcmp(keys, word, n) == 0)
            return true;
        keys += length;
    }
    return false;
}

/* Is it a word of text but for a mistake? */
static bool is_nearly(const char *text, const char *word, size_t n)
{
    char typed[NEAREST_NAME];
    struct nearest nearest;
    if (n < 4 || n >= sizeof typed)
        return false;
    for (size_t i = 0; i < n; i++)
        typed[i] = (char)tolower((unsigned char)word[i]);
    typed[n] = 0;
    nearest_begin(&nearest, typed);
    nearest.distance = 2; /* one mistake */
    while (*text) {
        int length = 0;
        while (isalnum((unsigned char)text[length]))
            length++;
        nearest_offer(&nearest, text, length);
        text += length + (text[length] != 0);
    }
    return nearest.name[0] != 0;
}

static int score_word(const struct palette_entry *e, const char *word, size_t n)
{
    bool begins, is_action = e->kind == PALETTE_ACTION;
    int at;
    if (is_action && is_key(e->key, word, n))
        return IS_KEY;
    if (match_find(e->hint, word, n, &begins) == 0)
        return e->hint[n] ? BEGINS_NAME : IS_HINT;
    if (!is_action && (at = match_find(e->key, word, n, &begins)) >= 0)
        return at > 0 ? IN_NAME : e->key[n] ? BEGINS_NAME : IS_NAME;
    at = match_find(e->text, word, n, &begins);
    if (at >= 0 && begins)
        return BEGINS_WORD;
    if (!is_action && n > 1 && match_in_order(e->key, word, n))
        return LEAVES_OUT;
    if (at >= 0 && n > 1)
        return IN_TEXT;
    if (match_find(e->title, word, n, &begins) >= 0 && begins && n > 1)
        return IN_TITLE;
    return is_nearly(e->text, word, n) || (!is_action && is_nearly(e->key, word, n)) ? MISTAKEN
                                                                                      : -1;
}

int palette_score(const struct palette_entry *e, const char *query)
{
    int score = 0;
    while (*(query += strspn(query, " "))) {
        size_t n = strcspn(query, " ");
        int worth = score_word(e, query, n);
        if (worth < 0)
            return -1;
        score += worth;
        query += n;
    }
    return score;
}

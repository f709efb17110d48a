/*
 * match.c: see match.h. Each word of a filter is laid over the name where it scores best, as in
 * sequence alignment: fzf does so, and people know what to expect of it.
 */
#include "tui/model/match.h"

#include <ctype.h>
#include <string.h>

/* Of a letter that is found, on top of that: at the beginning of the name or of a word in it, right
 * behind the letter before; and what a gap costs, and each letter in it. */
enum { FOUND = 16, START = 12, WORD = 9, NEXT = 8, GAP = 3, FARTHER = 1 };

enum { LONGEST = 256, NONE = -100000 };

static int letter(char c)
{
    return tolower((unsigned char)c);
}

static int begins_word(const char *name, int at)
{
    unsigned char now = (unsigned char)name[at], before;
    if (at == 0)
        return START;
    before = (unsigned char)name[at - 1];
    if (before < 128 && !isalnum(before))
        return now < 128 && !isalnum(now) ? 0 : WORD;
    bool hump = (islower(before) && isupper(now)) || (!isdigit(before) && isdigit(now));
    return hump ? WORD - 2 : 0;
}

static bool same_letters(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (letter(a[i]) != letter(b[i]))
            return false;
    return true;
}

int match_find(const char *text, const char *word, size_t n, bool *begins)
{
    int first = -1, length = (int)strlen(text);
    *begins = false;
    for (int i = 0; i + (int)n <= length; i++) {
        if (!same_letters(text + i, word, n))
            continue;
        if (i == 0 || !isalnum((unsigned char)text[i - 1])) {
            *begins = true;
            return i;
        }
        first = first < 0 ? i : first;
    }
    return first;
}

bool match_in_order(const char *name, const char *word, size_t n)
{
    for (; n > 0 && *name; name++)
        if (letter(*name) == letter(*word)) {
            word++;
            n--;
        }
    return n == 0;
}

/* here[j]: the best of the word so far, if its last letter is found at name[j]. */
static int score_word(const char *name, int length, const char *word, int n)
{
    int rows[2][LONGEST], best = NONE;
    for (int i = 0; i < n; i++) {
        int *here = rows[i % 2], *above = rows[1 - i % 2];
        int run = NONE; /* the best that ended before the letter before */
        best = NONE;
        for (int j = 0; j < length; j++) {
            int start = begins_word(name, j);
            int next = i > 0 && j > 0 ? above[j - 1] + (start > NEXT ? start : NEXT) : NONE;
            int from = i > 0 ? run + start : 2 * start;
            here[j] = NONE;
            if (letter(name[j]) == letter(word[i]))
                here[j] = FOUND + (next > from ? next : from);
            if (here[j] > best)
                best = here[j];
            run -= FARTHER;
            if (i > 0 && j > 0 && above[j - 1] - GAP > run)
                run = above[j - 1] - GAP;
        }
    }
    return best;
}

int match_score(const char *name, const char *filter)
{
    size_t whole = strlen(name);
    int length = whole < LONGEST ? (int)whole : LONGEST, score = 0;
    while (*(filter += strspn(filter, " "))) {
        size_t n = strcspn(filter, " ");
        if (!match_in_order(name, filter, n))
            return -1;
        int word = n > LONGEST ? 0 : score_word(name, length, filter, (int)n);
        score += word > 0 ? word : 0; /* beyond what is scored it is found all the same */
        filter += n;
    }
    return score;
}

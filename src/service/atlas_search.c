/* Communes by their name or postcode, and where units are: see atlas.h. */
#include "base/fold.h"
#include "base/limits.h"
#include "service/atlas_private.h"

struct search {
	struct buf words;   /* folded, a space before each */
	struct buf needles; /* the same, NUL after each */
	const struct commune *found[ATLAS_SEARCH_MAX];
	int fit[ATLAS_SEARCH_MAX];
	size_t count;
};

enum { HAS_THE_WORDS = 1, BEGINS_WITH_THEM, IS_THEM };

/* The words of a commune are its name's, then its département, then its code. */
static struct str code_words(const struct commune *c)
{
	return str_slice(c->words, c->words.len - strlen(c->code) - 1, c->words.len);
}

/* "Béruges" is all of a name, and so is "Béruges (86)". */
static bool is_whole_name(const struct commune *c, const struct search *s)
{
	struct str left = str_slice(c->words, s->words.len, c->words.len);
	char departement[DEPARTEMENT_CODE_SIZE];
	size_t code = code_words(c).len;

	departement_of_commune(c->code, departement);
	return left.len == code || left.len == code + 1 + strlen(departement);
}

/* A former commune bears the name of the one it went into: its code alone says it. */
static bool is_former(const struct commune *c)
{
	return c->parent[0] && !c->population;
}

/* 0: it has not all the words. */
static int fit_of(const struct commune *c, const struct search *s)
{
	const char *needle = s->needles.ptr;

	if (str_eq(code_words(c), buf_str(&s->words)))
		return IS_THEM;
	if (is_former(c))
		return 0;
	for (; needle < s->needles.ptr + s->needles.len; needle += strlen(needle) + 1)
		if (!strstr(c->words.ptr, needle) && !strstr(c->postcodes.ptr, needle))
			return 0;
	if (!str_starts(c->words, buf_str(&s->words)))
		return HAS_THE_WORDS;
	return is_whole_name(c, s) ? IS_THEM : BEGINS_WITH_THEM;
}

/* Where it comes among those that were found; the last one falls out of a full list. */
static void insert(struct search *s, const struct commune *c, int fit)
{
	size_t at = s->count < ATLAS_SEARCH_MAX ? s->count++ : ATLAS_SEARCH_MAX;

	while (at && (fit > s->fit[at - 1] ||
		      (fit == s->fit[at - 1] && c->population > s->found[at - 1]->population))) {
		at--;
		if (at + 1 < ATLAS_SEARCH_MAX) {
			s->found[at + 1] = s->found[at];
			s->fit[at + 1] = s->fit[at];
		}
	}
	if (at < ATLAS_SEARCH_MAX) {
		s->found[at] = c;
		s->fit[at] = fit;
	}
}

size_t atlas_search(const struct atlas *a, struct str words,
		    struct atlas_place out[ATLAS_SEARCH_MAX])
{
	struct search s = {.words = BUF_INIT, .needles = BUF_INIT};
	struct str rest, word;

	buf_add_byte(&s.words, ' ');
	text_fold(str_slice(words, 0, LIMIT_NAME_BYTES), ' ', &s.words);
	rest = str_slice(buf_str(&s.words), 1, s.words.len);
	while (str_split(&rest, ' ', &word)) {
		buf_add_byte(&s.needles, ' ');
		buf_add(&s.needles, word.ptr, word.len);
		buf_add_byte(&s.needles, 0);
	}
	for (size_t i = 0; a && s.words.len > 1 && i < a->commune_count; i++) {
		const struct commune *c = &a->communes[i];
		int fit = fit_of(c, &s);

		if (fit)
			insert(&s, c, fit);
	}
	for (size_t i = 0; i < s.count; i++)
		out[i] = atlas_place_of(a, s.found[i]);
	buf_fini(&s.words);
	buf_fini(&s.needles);
	return s.count;
}

void atlas_seat(const struct atlas *a, struct id unit, char ret_departement[DEPARTEMENT_CODE_SIZE])
{
	const struct commune *seat = a ? map_get(&a->seats, unit) : NULL;

	ret_departement[0] = '\0';
	if (seat)
		departement_of_commune(seat->code, ret_departement);
}

/* Search of officials: see people_index.h. */
#include "service/people_index.h"

#include <errno.h>

#include "base/fold.h"
#include "base/limits.h"
#include "base/map.h"
#include "crypto/random.h"
#include "store/people.h"

/* The first character of the text of a registration that has ended; of others it is a space. */
enum { SLICE = 1000, ENDED = '-', NAME_WORDS_MAX = LIMIT_NAME_BYTES / 2 };

struct people_index {
	struct map texts; /* id → " words of the file", folded, NUL-terminated */
	int64_t changed;  /* up to which change it is complete */
};

struct people_index *people_index_new(void)
{
	return xcalloc(1, sizeof(struct people_index));
}

static void forget(char *text)
{
	if (text)
		wipe(text, strlen(text));
	free(text);
}

static void forget_all(struct people_index *index)
{
	struct id key;
	void *text;

	for (size_t at = 0; map_next(&index->texts, &at, &key, &text);)
		forget(text);
	map_fini(&index->texts);
	index->texts = MAP_INIT;
	index->changed = 0;
}

void people_index_free(struct people_index *index)
{
	if (!index)
		return;
	forget_all(index);
	free(index);
}

/* --- words */

/* Appends the words of the text, each after one space. */
static void fold(struct str text, struct buf *out)
{
	size_t start = out->len;

	buf_add_byte(out, ' ');
	text_fold(text, ' ', out);
	if (out->len == start + 1)
		out->len = start; /* no words */
}

bool people_search_is_enough(struct str words)
{
	struct buf folded = BUF_INIT;
	size_t letters = 0;

	fold(words, &folded);
	for (size_t i = 0; i < folded.len; i++)
		letters += folded.ptr[i] != ' ';
	buf_fini(&folded);
	return letters >= SEARCH_LETTERS_MIN;
}

/* --- following the registry */

struct following {
	struct people_index *index;
	struct vault *vault;
	int taken;
};

static int take(void *context, struct id id, int64_t changed)
{
	struct following *f = context;
	struct arena arena = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct official o;
	int r = official_load(f->vault, &arena, id, &o);

	f->taken++;
	if (!r) {
		if (o.ended)
			buf_add_byte(&text, ENDED);
		fold(o.name, &text);
		fold(o.mandate, &text);
		for (unsigned i = 0; i < o.mandate_count; i++)
			fold(o.mandates[i], &text);
		fold(o.commune, &text);
		fold(o.address, &text);
		for (unsigned i = 0; i < o.place_count; i++)
			fold(o.places[i].address, &text);
		forget(map_set(&f->index->texts, id, str_dup(buf_str(&text))));
		wipe(text.ptr, text.len);
	}
	if (!r || r == -ENOENT)
		f->index->changed = changed;
	buf_fini(&text);
	arena_fini(&arena);
	return r == -ENOENT ? 0 : r;
}

static int follow(struct people_index *index, struct vault *v)
{
	struct following f = {index, v, 0};
	int64_t count;
	int r;

	do {
		f.taken = 0;
		r = officials_changed(v, index->changed, SLICE, take, &f);
	} while (!r && f.taken == SLICE);
	if (!r)
		r = officials_count(v, &count);
	/* Somebody's file was destroyed: what is known of it goes too. */
	if (!r && (size_t)count < index->texts.len) {
		forget_all(index);
		return follow(index, v);
	}
	return r;
}

/* --- searching */

static bool has_all(const char *text, char *const *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!strstr(text, words[i]))
			return false;
	return true;
}

/* " marie dupont" cut in place into " marie" and " dupont": each begins a word of a text. */
static unsigned cut(const char *folded, char *words[SEARCH_WORDS_MAX])
{
	unsigned count = 0;

	while (*folded && count < SEARCH_WORDS_MAX) {
		size_t len = 1 + strcspn(folded + 1, " ");

		words[count++] = str_dup(str_of(folded, len));
		folded += len;
	}
	return count;
}

static int by_word(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The words of a name, in order; `folded` holds them. */
static unsigned name_words(struct str name, struct buf *folded, struct str out[NAME_WORDS_MAX])
{
	unsigned count = 0;
	struct str rest;

	text_fold(name, ' ', folded);
	rest = buf_str(folded);
	while (count < NAME_WORDS_MAX && str_split(&rest, ' ', &out[count]))
		count += out[count].len > 0;
	qsort(out, count, sizeof(*out), by_word);
	return count;
}

bool people_same_name(struct str a, struct str b)
{
	struct str of_a[NAME_WORDS_MAX], of_b[NAME_WORDS_MAX];
	struct buf folded_a = BUF_INIT, folded_b = BUF_INIT;
	unsigned count = name_words(a, &folded_a, of_a);
	bool same = count == name_words(b, &folded_b, of_b);

	for (unsigned i = 0; same && i < count; i++)
		same = str_eq(of_a[i], of_b[i]);
	buf_fini(&folded_a);
	buf_fini(&folded_b);
	return same;
}

bool people_words_match(struct str text, struct str words)
{
	struct buf folded = BUF_INIT, within = BUF_INIT;
	char *wanted[SEARCH_WORDS_MAX];
	unsigned count;
	bool matches;

	fold(text, &within);
	fold(words, &folded);
	count = cut(buf_cstr(&folded), wanted);
	matches = count && has_all(buf_cstr(&within), wanted, count);
	for (unsigned i = 0; i < count; i++)
		forget(wanted[i]);
	buf_fini(&folded);
	buf_fini(&within);
	return matches;
}

int people_index_search(struct people_index *index, struct vault *v,
			const struct people_wanted *who, struct id *out, unsigned cap,
			unsigned *ret_count)
{
	char *wanted[SEARCH_WORDS_MAX];
	struct buf folded = BUF_INIT;
	unsigned word_count, count = 0;
	struct id id;
	void *text;
	int r = follow(index, v);

	if (r)
		return r;
	fold(who->words, &folded);
	word_count = cut(buf_cstr(&folded), wanted);
	for (size_t at = 0; count < cap && word_count && map_next(&index->texts, &at, &id, &text);)
		if ((who->ended_too || *(const char *)text != ENDED) &&
		    has_all(text, wanted, word_count))
			out[count++] = id;
	for (unsigned i = 0; i < word_count; i++)
		forget(wanted[i]);
	buf_fini(&folded);
	*ret_count = count;
	return 0;
}

/*
 * Search of officials by name, mandates, commune and addresses: words in memory, made of the sealed
 * files at the first search and kept up to date, never on disk. Case and accents do not matter. One
 * a thread.
 */
#ifndef SERVICE_PEOPLE_INDEX_H
#define SERVICE_PEOPLE_INDEX_H

#include "store/vault.h"

struct people_index;

struct people_index *people_index_new(void);
void people_index_free(struct people_index *index); /* wipes; NULL is fine */

enum { SEARCH_WORDS_MAX = 6, SEARCH_LETTERS_MIN = 3 };
/* Whether the words are enough to look for: three letters. */
bool people_search_is_enough(struct str words);
/* Whether the text has words that begin with each of these. */
/* Whether two texts are one name: the same words, however they are written and in whatever
 * order. */
bool people_same_name(struct str a, struct str b);
bool people_words_match(struct str text, struct str words);
/*
 * Those who have words beginning with each of these; at most cap, in no order. Takes in first what
 * was registered, changed or destroyed since. 0 or -errno.
 */
struct people_wanted {
	struct str words;
	bool ended_too; /* whose registration has ended, and can be taken back */
};
int people_index_search(struct people_index *index, struct vault *v,
			const struct people_wanted *who, struct id *out, unsigned cap,
			unsigned *ret_count);

#endif

/* Chance that can be told again: what a property test draws, and the seed it says when it fails. */
#ifndef TESTS_UNIT_CHANCE_H
#define TESTS_UNIT_CHANCE_H

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

static uint64_t chance_seed, chance_state;

/* splitmix64 */
static inline uint64_t chance_next(void)
{
	uint64_t z = chance_state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline int64_t chance_between(int64_t from, int64_t to) /* both included */
{
	return from + (int64_t)(chance_next() % (uint64_t)(to - from + 1));
}

static inline bool chance_one_in(int64_t n)
{
	return chance_between(1, n) == 1;
}

static inline void chance_seeded(uint64_t seed)
{
	chance_seed = chance_state = seed;
}

/* Calls run for seed after seed (EGIDE_BUDGET times as many), or for the one of EGIDE_SEED. */
static inline void chance_run(uint64_t count, void (*run)(void))
{
	const char *one = getenv("EGIDE_SEED"), *budget = getenv("EGIDE_BUDGET");
	int64_t from = 0, times = 1;
	bool only = one && !str_parse_i64(str_from(one), 0, INT64_MAX, &from);

	if (budget)
		assert_int_equal(str_parse_i64(str_from(budget), 1, 10000, &times), 0);
	count = only ? 1 : count * (uint64_t)times;
	for (uint64_t i = 0; i < count; i++) {
		chance_seeded((uint64_t)from + i);
		run();
	}
}

/* As assert_true, and says which seed it was. */
#define assert_holds(what)                                                                       \
	do {                                                                                     \
		if (!(what))                                                                     \
			fail_msg("EGIDE_SEED=%llu: %s", (unsigned long long)chance_seed, #what); \
	} while (0)

#endif

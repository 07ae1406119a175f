/*
 * The two codes of an official, four to eight figures each, a telephone: what says « I am safe »,
 * and what is said in its place under duress. So short a code is stored as a blind index bound to
 * its device: whoever has the database alone cannot try them all.
 */
#ifndef STORE_PINS_H
#define STORE_PINS_H

#include "store/vault.h"

enum pin_match { PIN_WRONG, PIN_RIGHT, PIN_DURESS };

/* Wrong codes since the first of them, kept until they are forgotten. */
struct pin_tries {
	int64_t wrong, from_ms; /* TIME_NONE: none */
};

/* In the place of those there were, and of the wrong ones counted. */
int pins_set(struct vault *v, struct id device, struct str pin, struct str duress);
int pins_delete(struct vault *v, struct id device);
int pins_exist(struct vault *v, struct id device, bool *ret_exist);
/* -ENOENT: none was chosen. Constant time. */
int pins_match(struct vault *v, struct id device, struct str typed, enum pin_match *ret_match,
	       struct pin_tries *ret_tries);
int pins_save_tries(struct vault *v, struct id device, const struct pin_tries *tries);

#endif

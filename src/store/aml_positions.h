/*
 * Where a telephone that calls 17 said it is, before its call is known: for half an hour, under the
 * house key, found by the blind index of its number.
 */
#ifndef STORE_AML_POSITIONS_H
#define STORE_AML_POSITIONS_H

#include "store/fix.h"
#include "store/vault.h"

/* The last one counts. number: E.164. */
int aml_position_save(struct vault *v, struct str number, const struct stored_fix *fix);
int aml_position_load(struct vault *v, struct str number, int64_t since_ms,
		      struct stored_fix *ret_fix); /* -ENOENT */
int aml_positions_forget(struct vault *v, int64_t before_ms);

#endif

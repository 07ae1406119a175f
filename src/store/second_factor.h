/*
 * The second factor of an account (RFC 6238): its secret, sealed under the house key together with
 * whose it is, and recovery codes, each a blind index bound to its account.
 */
#ifndef STORE_SECOND_FACTOR_H
#define STORE_SECOND_FACTOR_H

#include "crypto/otp.h"
#include "store/vault.h"

struct second_factor {
	struct id account;
	bool is_set; /* a code is asked for at login */
	uint8_t secret[OTP_SECRET_SIZE];
	int64_t since_ms;      /* TIME_NONE when not set */
	int64_t pending_at_ms; /* shown to its owner, who has not typed a code yet; TIME_NONE: none
				*/
	uint8_t pending[OTP_SECRET_SIZE];
	int64_t last_step;            /* of the last code that was taken */
	int64_t wrong, wrong_from_ms; /* wrong codes since the first of them */
};

/* One without anything when the account has none. 0 or -errno; -EBADMSG: another account's. */
int second_factor_load(struct vault *v, struct id account, struct second_factor *ret_factor);
int second_factor_save(struct vault *v, const struct second_factor *f);
int second_factor_delete(struct vault *v, struct id account); /* recovery codes too */
/* Without unsealing it. */
int second_factor_is_set(struct vault *v, struct id account, bool *ret_is_set);

int recovery_code_add(struct vault *v, struct id account, struct str code);
/* A code serves once: true when it was there. */
int recovery_code_take(struct vault *v, struct id account, struct str code, bool *ret_taken);
int recovery_codes_left(struct vault *v, struct id account, int64_t *ret_count);
int recovery_codes_delete(struct vault *v, struct id account);

/* The roles it is asked of: bits of enum role. */
int second_factor_roles(struct vault *v, uint32_t *ret_roles);
int second_factor_set_roles(struct vault *v, uint32_t roles);

#endif

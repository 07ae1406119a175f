/*
 * One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238). HMAC-SHA-1, six digits, 30 s: the one
 * form that every authenticator knows.
 */
#ifndef CRYPTO_OTP_H
#define CRYPTO_OTP_H

#include "base/str.h"

enum {
	OTP_SECRET_SIZE = 20, /* RFC 4226 §4, R6: that of the hash */
	OTP_DIGITS = 6,
	OTP_STEP_MS = 30000,
	OTP_SECRET_TEXT_SIZE = OTP_SECRET_SIZE * 8 / 5 + 1,
};

/* `digits` from 6 to 8. 0 or -ENOMEM. */
int hotp(struct str secret, uint64_t counter, int digits, uint32_t *ret_code);
int64_t totp_step(int64_t now_ms);
/*
 * Whether `typed` is the code of the step of now, or of the one before or after (RFC 6238 §5.2: a
 * clock is never quite right), and that step comes after `last`: no code is taken twice. Spaces in
 * it are nothing.
 * 0, -EACCES (it is not, or was taken before), -ENOMEM.
 */
int totp_check(struct str secret, struct str typed, int64_t now_ms, int64_t last,
	       int64_t *ret_step);
/* RFC 4648 §6, without padding: the secret as authenticators read it. */
void otp_secret_print(const uint8_t secret[OTP_SECRET_SIZE], char out[OTP_SECRET_TEXT_SIZE]);

#endif

/* One-time passwords: see otp.h. */
#include "crypto/otp.h"

#include <errno.h>

#include "crypto/mac.h"

int hotp(struct str secret, uint64_t counter, int digits, uint32_t *ret_code)
{
	static const uint32_t moduli[] = {[6] = 1000000, [7] = 10000000, [8] = 100000000};
	uint8_t moving[8], mac[HMAC_SHA1_SIZE];
	const uint8_t *at;

	for (int i = 0; i < 8; i++)
		moving[i] = (uint8_t)(counter >> (56 - 8 * i));
	if (hmac_sha1(secret, str_of(moving, sizeof(moving)), mac))
		return -ENOMEM;
	/* Dynamic truncation, RFC 4226 §5.3. */
	at = mac + (mac[HMAC_SHA1_SIZE - 1] & 0xf);
	*ret_code = ((uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
		     at[3]) %
		    moduli[digits];
	return 0;
}

int64_t totp_step(int64_t now_ms)
{
	return now_ms / OTP_STEP_MS;
}

/* Applications show "123 456", and so it is typed. -EACCES: it is no code. */
static int read_code(struct str typed, int64_t *ret_number)
{
	size_t digits = 0;

	*ret_number = 0;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c == ' ')
			continue;
		if (c < '0' || c > '9' || digits++ == OTP_DIGITS)
			return -EACCES;
		*ret_number = *ret_number * 10 + (c - '0');
	}
	return digits == OTP_DIGITS ? 0 : -EACCES;
}

int totp_check(struct str secret, struct str typed, int64_t now_ms, int64_t last, int64_t *ret_step)
{
	int64_t now = totp_step(now_ms), number, found = 0;

	if (read_code(typed, &number))
		return -EACCES;
	/* All three are looked at, whichever it is. */
	for (int64_t step = now - 1; step <= now + 1; step++) {
		uint32_t code;
		int r = hotp(secret, (uint64_t)step, OTP_DIGITS, &code);

		if (r)
			return r;
		if (code == number && step > last)
			found = step;
	}
	if (!found)
		return -EACCES;
	*ret_step = found;
	return 0;
}

void otp_secret_print(const uint8_t secret[OTP_SECRET_SIZE], char out[OTP_SECRET_TEXT_SIZE])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t bits = 0, held = 0;

	for (int i = 0; i < OTP_SECRET_SIZE; i++) {
		bits = bits << 8 | secret[i];
		for (held += 8; held >= 5; held -= 5)
			*out++ = alphabet[bits >> (held - 5) & 31];
	}
	*out = '\0';
}

/*
 * Text and bytes by value: a pointer and a length, no terminator promised.
 * A struct str borrows; whoever made the bytes keeps them alive.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

struct str {
	const char *ptr;
	size_t len;
};

/* For string literals only: the length is known to the compiler. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* printf("%.*s", STR_FMT(s)) */
#define STR_FMT(s) (int)(s).len, (s).ptr

struct str str_from(const char *text); /* NULL gives STR_NONE */
struct str str_of(const void *bytes, size_t len);
bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b);        /* memcmp order, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_is_empty(struct str s);
struct str str_trim(struct str s);                          /* ASCII spaces and tabs, both ends */
struct str str_slice(struct str s, size_t from, size_t to); /* clamped */
ptrdiff_t str_find(struct str s, char byte);                /* index or -1 */

/* Takes the part before the next sep off *rest. False when *rest is exhausted (ptr NULL). */
bool str_split(struct str *rest, char sep, struct str *ret_part);

/* New NUL-terminated copy, freed with free(); never NULL. */
char *str_dup(struct str s);

/* Strict whole-string parsers. 0, or -EINVAL (not a number), -ERANGE (outside the bounds). */
int str_parse_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value);
int str_parse_hex_u64(struct str s, uint64_t max, uint64_t *ret_value);
/* Decimal with optional sign, fraction and exponent; no hex, inf or nan. */
int str_parse_double(struct str s, double min, double max, double *ret_value);
/* Degrees as a decimal, to whole numbers × 10⁷; |value| at most `most` degrees. */
int str_parse_e7(struct str s, int most, int32_t *ret_degrees_e7);

/* Whether s is well-formed UTF-8 without NUL (RFC 3629). Checked once, at the edge. */
bool str_is_utf8(struct str s);

/* Hexadecimal, lower case. out holds 2*len+1 bytes. */
void hex_encode(const uint8_t *bytes, size_t len, char *out);
/* Strict. Bytes written, or -EINVAL, or -ENOSPC when more than cap bytes. */
ptrdiff_t hex_decode(struct str s, uint8_t *out, size_t cap);

#endif

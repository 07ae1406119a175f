/* Counts events of a key, a span of time after the other; bounded memory. For logins, guessed
 * links, and what is asked again and again. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include "base/id.h"

struct limiter;

struct limiter *limiter_new(int events, int span_s);
void limiter_free(struct limiter *l);
/* 0 when another is allowed, else seconds to wait. Does not count. */
int limiter_wait_s(struct limiter *l, struct id key, int64_t monotonic_ms);
void limiter_count(struct limiter *l, struct id key, int64_t monotonic_ms);
/* Takes one back that was counted and turned out well. */
void limiter_forgive(struct limiter *l, struct id key);
/* The key of an address (of IPv6 its /64: whoever has one address has all of those), or of any
 * text. */
struct id limiter_address(const uint8_t ip[16]);
struct id limiter_text(struct str text);

#endif

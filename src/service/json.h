/*
 * Writing JSON into a buffer, in order, without a tree: the feed and the answers are made of it.
 * A NULL key is for array elements. Text must be UTF-8 (checked at the edges).
 */
#ifndef SERVICE_JSON_H
#define SERVICE_JSON_H

#include "base/buf.h"
#include "base/id.h"

void json_open(struct buf *b, const char *key, char bracket);      /* '{' or '[' */
void json_close(struct buf *b, char bracket);                      /* '}' or ']' */
void json_text(struct buf *b, const char *key, struct str text);   /* ptr NULL writes null */
void json_filled(struct buf *b, const char *key, struct str text); /* empty writes null */
void json_word(struct buf *b, const char *key, const char *text);
void json_int(struct buf *b, const char *key, int64_t value);
void json_number(struct buf *b, const char *key, int64_t value, bool is_said); /* or null */
void json_bool(struct buf *b, const char *key, bool value);
void json_nothing(struct buf *b, const char *key);
void json_time(struct buf *b, const char *key, int64_t at_ms); /* TIME_NONE writes null */
void json_day(struct buf *b, const char *key, int32_t day);    /* "2026-12-31"; DAY_NONE: null */
void json_id(struct buf *b, const char *key, struct id id);    /* ID_NONE writes null */
void json_e7(struct buf *b, const char *key, int32_t degrees_e7);
/* One decimal; null when negative or not a number. */
void json_measure(struct buf *b, const char *key, double value);
void json_signed(struct buf *b, const char *key, double value); /* the same, negative allowed */
void json_raw(struct buf *b, const char *key, struct str json); /* ptr NULL writes null */

#endif

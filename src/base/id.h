/*
 * Identifiers: UUID version 7 (RFC 9562 §5.7), made by whoever creates the thing.
 * Chance is an argument, so that simulated runs repeat.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/str.h"

struct id {
	uint8_t bytes[16];
};
#define ID_NONE ((struct id){{0}})
enum { ID_TEXT_SIZE = 37 };

struct id id_v7(int64_t now_ms, const uint8_t random[10]);
bool id_eq(struct id a, struct id b);
bool id_is_none(struct id a);
void id_print(struct id a, char out[ID_TEXT_SIZE]); /* 8-4-4-4-12, lower case */
int id_parse(struct str text, struct id *ret_id);   /* -EINVAL */

#endif

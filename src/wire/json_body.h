/*
 * JSON as a device sends it: size and depth are capped before the parser sees it, and what
 * cannot be parsed can still be looked into for a call for help (I3).
 */
#ifndef WIRE_JSON_BODY_H
#define WIRE_JSON_BODY_H

#include <jansson.h>

#include "base/alloc.h"
#include "base/str.h"

/*
 * The object or array in body, freed with json_decref; NULL when there is none, when it is over
 * LIMIT_HTTP_BODY_BYTES or LIMIT_JSON_DEPTH, or when a key comes twice (the second would hide
 * the first).
 */
json_t *json_body_parse(struct str body);

/* A string, number or boolean as text in arena; STR_NONE for anything else. */
struct str json_body_text(const json_t *value, struct arena *arena);
/* A number, or a string that holds one; `other` when it is neither or outside the bounds. */
double json_body_number(const json_t *value, double min, double max, double other);

/* In text that could not be parsed: whether word stands in it on its own (any case). */
bool text_holds_word(struct str text, struct str word);
/* In text that could not be parsed: the first "key": "value"; STR_NONE when there is none. */
struct str text_find_member(struct str text, struct str key);

#endif

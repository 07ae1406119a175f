/* Whether an answer is what definitions/api_schemas.json says: the contract of the API. */
#ifndef TESTS_UNIT_SCHEMA_H
#define TESTS_UNIT_SCHEMA_H

#include <jansson.h>

#include "test.h"

/* Parses json and holds it against the schema of that name; fails the test, saying where. Returns
 * new. */
json_t *read_as(const char *schema, struct str json);
/* The same, for an answer whose members the test does not look at. */
void assert_is(const char *schema, struct str json);

#endif

/* A request of an OsmAnd client. */
#include "fuzz.h"

#include "wire/osmand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct str uri, type, body;
	struct report r;

	split_post(str_of(data, size), &uri, &type, &body);
	osmand_decode(uri, type, body, &arena, &r);
	must_be_report(&r);
	arena_fini(&arena);
	return 0;
}

/* A text of a telephone. Seeds begin with one byte that is none of theirs (seeds.c). */
#include "fuzz.h"

#include "wire/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct phone_message m;

	if (!size)
		return 0;
	phone_decode(str_of(data + 1, size - 1), &arena, &m);
	must_be_report(&m.report);
	must(m.kind != PHONE_CALL || m.report.sos);
	must(m.kind == PHONE_CALL || !m.report.sos);
	must(m.kind != PHONE_HELLO || m.secret.ptr);
	must(m.kind != PHONE_STREAMING || m.epoch);
	arena_fini(&arena);
	return 0;
}

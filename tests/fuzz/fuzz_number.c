/* A telephone number as people and switches write it; the first byte of a seed is not its own. */
#include "fuzz.h"

#include "base/phone.h"

/* Whatever was said, one subscriber has one form. */
static void must_be_number(const char *e164)
{
	char again[PHONE_SIZE], printed[PHONE_TEXT_SIZE];

	must(!phone_parse(str_from(e164), again) && str_eq(str_from(e164), str_from(again)));
	must(!phone_parse_caller(str_from(e164), again) && str_eq(str_from(e164), str_from(again)));
	phone_print(str_from(e164), printed);
	must(!phone_parse(str_from(printed), again) && str_eq(str_from(e164), str_from(again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_of(data + (size > 0), size - (size > 0));
	char e164[PHONE_SIZE], same[PHONE_SIZE];

	if (!phone_parse_caller(bytes, e164))
		must_be_number(e164);
	if (!phone_parse(bytes, e164)) {
		must_be_number(e164);
		must(!phone_parse_caller(bytes, same) && str_eq(str_from(e164), str_from(same)));
	}
	return 0;
}

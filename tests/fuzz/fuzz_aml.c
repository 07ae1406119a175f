/* What a telephone says of its place, in each of its forms; the first byte of a seed is not its
 * own. */
#include "fuzz.h"

#include "wire/aml.h"

static void must_be_place(const struct aml *a)
{
	must(a->lat_e7 >= -900000000 && a->lat_e7 <= 900000000);
	must(a->lon_e7 >= -1800000000 && a->lon_e7 <= 1800000000);
	must(str_is_utf8(str_from(a->number)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_of(data + (size > 0), size - (size > 0)), said, hmac;
	struct buf text = BUF_INIT;
	struct aml a;

	if (!aml_decode_text(bytes, &a))
		must_be_place(&a);
	if (!aml_decode_form(bytes, &a))
		must_be_place(&a);
	if (!aml_unpack(bytes, &text) && !aml_decode_text(buf_str(&text), &a))
		must_be_place(&a);
	if (aml_form_signature(bytes, &said, &hmac))
		must(said.len + hmac.len < bytes.len);
	buf_fini(&text);
	return 0;
}

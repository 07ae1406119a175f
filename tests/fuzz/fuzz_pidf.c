/* A location object; the first byte of a seed is not its own. */
#include "fuzz.h"

#include "wire/pidf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pidf p;

	if (pidf_decode(str_of(data + (size > 0), size - (size > 0)), &p))
		return 0;
	must(p.located || p.address[0]);
	must(p.lat_e7 >= -900000000 && p.lat_e7 <= 900000000);
	must(p.lon_e7 >= -1800000000 && p.lon_e7 <= 1800000000);
	must(str_is_utf8(str_from(p.address)));
	return 0;
}

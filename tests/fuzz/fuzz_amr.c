/* What a watch says is a recording: a WAV of the right length, or nothing. The first byte is not
 * used. */
#include "fuzz.h"

#include "wire/amr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf wav = BUF_INIT;
	struct str amr = size ? str_of((const char *)data + 1, size - 1) : STR_NONE;
	int r = amr_to_wav(amr, &wav);

	must(r ? wav.len == 0 : wav.len > 44 && (wav.len - 44) % 320 == 0);
	must(r || amr_begins(amr));
	must(wav.len <= 44 + AMR_MAX_SECONDS * AMR_RATE_HZ * 2);
	buf_fini(&wav);
	return 0;
}

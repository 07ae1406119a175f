/* One frame of live sound. What is accepted is written again as it came. */
#include "fuzz.h"

#include "wire/sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = size ? str_of(data + 1, size - 1) : STR_NONE;
	struct sound_frame frame;
	struct buf again = BUF_INIT;

	if (sound_decode(bytes, &frame))
		return 0;
	must(bytes.len <= SOUND_FRAME_MAX_BYTES);
	must(sound_span(&frame) >= 1);
	must(sound_span(&frame) <= SOUND_SEQUENCE_END - frame.sequence);
	sound_encode(&frame, &again);
	must(str_eq(buf_str(&again), bytes));
	buf_fini(&again);
	return 0;
}

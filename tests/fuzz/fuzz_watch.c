/* A connection of a watch: frames, reports, answers, escapes; whole and in two pieces. */
#include "fuzz.h"

#include <errno.h>

#include "wire/watch.h"

static void take_frame(struct str raw)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	struct watch_frame frame;
	struct report r;

	watch_decode(raw, &r);
	must_be_report(&r);
	if (watch_reply(raw, true, &out)) {
		must(r.kind != REPORT_REJECT);
		must(watch_split(buf_str(&out), &frame) == 0 && !frame.length_lies);
	}
	buf_reset(&out);
	watch_escape(raw, &out);
	must(watch_unescape(buf_str(&out), &back) == (int)raw.len);
	must(str_eq(buf_str(&back), raw));
	watch_unescape(raw, &back);
	buf_fini(&out);
	buf_fini(&back);
}

/* Takes all frames off *stream. Returns how many, and whether an SOS was among what was read. */
static size_t take_all(struct str *stream)
{
	size_t count = 0;

	while (stream->len) {
		struct str raw;
		size_t skip = 0;
		ptrdiff_t used = watch_next_frame(*stream, &raw, &skip);

		must(used >= 0 || used == -EBADMSG || used == -EMSGSIZE);
		if (used == 0 || used == -EMSGSIZE)
			break;
		must(raw.ptr >= stream->ptr && raw.ptr + raw.len <= stream->ptr + stream->len);
		take_frame(raw);
		count += used > 0;
		if (used < 0)
			used = (ptrdiff_t)skip;
		must(used > 0 && (size_t)used <= stream->len);
		*stream = str_slice(*stream, (size_t)used, stream->len);
	}
	return count;
}

/* The first byte says where the stream is cut in two reads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes, whole, first;
	struct buf waiting = BUF_INIT;
	size_t count, pieces, cut;

	if (size == 0)
		return 0;
	bytes = str_of(data + 1, size - 1);
	take_frame(bytes);
	whole = bytes;
	count = take_all(&whole);
	cut = bytes.len * data[0] / 256;
	first = str_slice(bytes, 0, cut);
	pieces = take_all(&first);
	buf_add_str(&waiting, first);
	buf_add_str(&waiting, str_slice(bytes, cut, bytes.len));
	whole = buf_str(&waiting);
	pieces += take_all(&whole);
	must(count == pieces);
	buf_fini(&waiting);
	return 0;
}

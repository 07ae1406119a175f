/* An agent's connection: messages whole, and cut in two. */
#include "fuzz.h"

#include <errno.h>

#include "base/limits.h"
#include "wire/agent.h"

/* Takes all messages off *stream; what ended it: 0 or an error. */
static ptrdiff_t take_all(struct str *stream, struct buf *out)
{
	struct agent_message m;
	ptrdiff_t used;

	while ((used = agent_next(*stream, &m)) > 0) {
		must((size_t)used == AGENT_HEADER_BYTES + m.payload.len);
		must((size_t)used <= stream->len);
		must(m.payload.len <= LIMIT_PHONE_MESSAGE_BYTES);
		agent_add(m.kind, m.payload, out);
		*stream = str_slice(*stream, (size_t)used, stream->len);
	}
	must(used == 0 || used == -EBADMSG || used == -EMSGSIZE);
	return used;
}

/* The first byte says where the stream is cut in two reads. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT, waiting = BUF_INIT;
	struct str bytes, first;
	ptrdiff_t end;
	size_t cut;

	if (!size)
		return 0;
	bytes = first = str_of(data + 1, size - 1);
	end = take_all(&first, &whole);
	/* What is written is what was read. */
	must(str_eq(buf_str(&whole), str_slice(bytes, 0, whole.len)));
	cut = bytes.len * data[0] / 256;
	first = str_slice(bytes, 0, cut);
	if (!take_all(&first, &pieces)) {
		buf_add_str(&waiting, first);
		buf_add_str(&waiting, str_slice(bytes, cut, bytes.len));
		first = buf_str(&waiting);
		must(take_all(&first, &pieces) == end);
	}
	must(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_fini(&whole);
	buf_fini(&pieces);
	buf_fini(&waiting);
	return 0;
}

/* The framing of agents: see agent.h. */
#include "wire/agent.h"

#include <errno.h>

#include "base/cursor.h"
#include "base/limits.h"

/* -EBADMSG: no such kind. */
static ptrdiff_t most_of(uint8_t kind)
{
	switch (kind) {
	case AGENT_TEXT:
	case AGENT_BINARY:
		return LIMIT_PHONE_MESSAGE_BYTES;
	case AGENT_CLOSE:
	case AGENT_PING:
	case AGENT_PONG:
		return AGENT_CONTROL_BYTES;
	default:
		return -EBADMSG;
	}
}

ptrdiff_t agent_next(struct str bytes, struct agent_message *ret_message)
{
	struct cursor c = cursor_of(bytes);
	uint32_t len = cursor_u32(&c);
	uint8_t kind = cursor_u8(&c);
	ptrdiff_t most = cursor_ok(&c) ? most_of(kind) : 0;

	if (!cursor_ok(&c))
		return 0;
	if (most < 0)
		return most;
	if (len > (size_t)most)
		return -EMSGSIZE;
	if (cursor_left(&c) < len)
		return 0;
	*ret_message = (struct agent_message){kind, cursor_take(&c, len)};
	return (ptrdiff_t)(AGENT_HEADER_BYTES + len);
}

void agent_add(enum agent_kind kind, struct str payload, struct buf *out)
{
	buf_add_u32(out, (uint32_t)payload.len);
	buf_add_byte(out, (uint8_t)kind);
	buf_add_str(out, payload);
}

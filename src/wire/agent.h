/*
 * Messages of an agent's connection (docs/protocol/agent.md): what a WebSocket carries, behind five
 * bytes each. Kinds are the opcodes of RFC 6455 §5.2.
 */
#ifndef WIRE_AGENT_H
#define WIRE_AGENT_H

#include "base/buf.h"

enum agent_kind {
	AGENT_TEXT = 1,
	AGENT_BINARY = 2,
	AGENT_CLOSE = 8, /* code (2), reason */
	AGENT_PING = 9,
	AGENT_PONG = 10, /* what the ping carried */
};

enum {
	AGENT_HEADER_BYTES = 5,
	/* Of CLOSE, PING and PONG (RFC 6455 §5.5). */
	AGENT_CONTROL_BYTES = 125,
};

struct agent_message {
	enum agent_kind kind;
	struct str payload; /* borrowed */
};

/*
 * The first message of what has come: bytes used; 0: it is not whole yet; -EBADMSG: no such kind;
 * -EMSGSIZE: longer than its kind may be, told from its header.
 */
ptrdiff_t agent_next(struct str bytes, struct agent_message *ret_message);
void agent_add(enum agent_kind kind, struct str payload, struct buf *out);

#endif

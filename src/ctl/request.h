/* A raw HTTP/1 request as text: enough of it to decode what a device posted. No sockets. */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include "base/str.h"

/* All text is borrowed from the input. */
struct request {
	struct str uri;
	struct str content_type;
	struct str body;
	size_t body_size_bytes; /* as Content-Length says; 0 when it says nothing */
};

/* Whether bytes begin like a request: "GET /", "POST http://"… */
bool request_is_one(struct str bytes);

/*
 * Reads the head of a request: >0 bytes used up to the body, 0 when its blank line is not there
 * yet; -EBADMSG when it is no request, -ENOTSUP for a body in chunks, -EMSGSIZE when head or
 * body are over their cap. ret_request->body is left to the caller.
 */
ptrdiff_t request_parse(struct str bytes, struct request *ret_request);

#endif

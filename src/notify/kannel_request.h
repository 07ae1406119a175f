/* One request to Kannel's HTTP interface, and what its answer means. Inside notify/. */
#ifndef NOTIFY_KANNEL_REQUEST_H
#define NOTIFY_KANNEL_REQUEST_H

#include "base/buf.h"
#include "notify/notify.h"
#include "service/reader.h"

/* The address to GET, into out. It holds the password, the number and the text: never logged. */
void kannel_request_url(const struct notify_gateway *gateway, const char *callback_secret,
			const struct outgoing *message, unsigned route, int64_t now_ms,
			struct buf *out);

struct verdict {
	bool accepted;
	bool again;       /* worth trying again later */
	const char *text; /* French, for the timeline; NULL when accepted */
};
/* http_status 0: there was no answer. */
struct verdict kannel_request_verdict(long http_status);

#endif

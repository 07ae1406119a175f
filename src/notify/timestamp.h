/* Asking a time-stamping service over HTTP (RFC 3161 §3.4). Blocking, ten seconds at most. */
#ifndef NOTIFY_TIMESTAMP_H
#define NOTIFY_TIMESTAMP_H

#include "base/buf.h"

/* Posts the request, appends the reply. 0; -EIO: no answer; -EPROTO: an answer that is no reply. */
int timestamp_fetch(const char *url, struct str request, struct buf *ret_reply);

#endif

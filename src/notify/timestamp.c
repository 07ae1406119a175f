/* Asking a time-stamping service: see timestamp.h. */
#include "notify/timestamp.h"

#include <errno.h>

#include <curl/curl.h>

enum { TIMEOUT_MS = 10000, REPLY_MAX_BYTES = 64 * 1024 };

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct buf *reply = context;

	if (reply->len + count > REPLY_MAX_BYTES)
		return 0;
	buf_add(reply, bytes, count);
	return count;
}

static int post(CURL *easy, const char *url, struct str request, struct buf *reply)
{
	struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: application/timestamp-query");
	long status = 0;
	CURLcode code;

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.ptr);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request.len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, reply);
	code = curl_easy_perform(easy);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (code)
		return code == CURLE_WRITE_ERROR ? -EPROTO : -EIO;
	return status == 200 ? 0 : -EPROTO;
}

int timestamp_fetch(const char *url, struct str request, struct buf *ret_reply)
{
	CURL *easy = curl_easy_init();
	int r;

	if (!easy)
		return -EIO;
	r = post(easy, url, request, ret_reply);
	curl_easy_cleanup(easy);
	return r;
}

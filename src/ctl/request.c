/* HTTP/1 requests as text: see request.h. */
#include "ctl/request.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/limits.h"

bool request_is_one(struct str bytes)
{
	static const char *const methods[] = {"GET ", "POST ", "PUT ", "HEAD "};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_starts(bytes, str_from(methods[i])))
			return true;
	return false;
}

/* Takes a line off *rest, without its end. False when its end is not there. */
static bool take_line(struct str *rest, struct str *ret_line)
{
	ptrdiff_t end = str_find(*rest, '\n');

	if (end < 0)
		return false;
	*ret_line = str_slice(*rest, 0, (size_t)end);
	if (str_ends(*ret_line, STR("\r")))
		ret_line->len--;
	*rest = str_slice(*rest, (size_t)end + 1, rest->len);
	return true;
}

static int read_header(struct str line, struct request *r)
{
	struct str name, value = line;
	int64_t size;

	if (!str_split(&value, ':', &name) || !value.ptr)
		return -EBADMSG;
	value = str_trim(value);
	if (str_eq_nocase(name, STR("Content-Type")))
		r->content_type = value;
	if (str_eq_nocase(name, STR("Transfer-Encoding")))
		return -ENOTSUP;
	if (!str_eq_nocase(name, STR("Content-Length")))
		return 0;
	switch (str_parse_i64(value, 0, LIMIT_HTTP_BODY_BYTES, &size)) {
	case 0:
		r->body_size_bytes = (size_t)size;
		return 0;
	case -ERANGE:
		return -EMSGSIZE;
	default:
		return -EBADMSG;
	}
}

ptrdiff_t request_parse(struct str bytes, struct request *ret_request)
{
	struct request r = {0};
	struct str rest = bytes, line, method;
	int status = 0;

	if (!take_line(&rest, &line))
		return bytes.len > LIMIT_HTTP_HEADER_BYTES ? -EMSGSIZE : 0;
	if (!request_is_one(line) || !str_split(&line, ' ', &method) ||
	    !str_split(&line, ' ', &r.uri))
		return -EBADMSG;
	while (take_line(&rest, &line)) {
		if (line.len == 0) {
			*ret_request = r;
			return rest.ptr - bytes.ptr;
		}
		status = read_header(line, &r);
		if (status)
			return status;
	}
	return bytes.len > LIMIT_HTTP_HEADER_BYTES ? -EMSGSIZE : 0;
}

/* What of a request is looked at before anything is done for it: its path, its method, its origin.
 */
#include "api/api_private.h"

/* Whether path fits the pattern; what stands for each {…} goes to parameters. */
static bool path_fits(struct str path, const char *pattern, struct str parameters[MAX_PARAMETERS])
{
	struct str rest = str_from(pattern), left = path, want, have;
	int count = 0;

	while (str_split(&rest, '/', &want)) {
		if (!str_split(&left, '/', &have))
			return false;
		if (want.len && want.ptr[0] == '{') {
			if (!have.len || count == MAX_PARAMETERS)
				return false;
			parameters[count++] = have;
		} else if (!str_eq(want, have)) {
			return false;
		}
	}
	return !left.ptr;
}

static void allow(char list[ALLOW_SIZE], enum http_method method)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET, HEAD", [HTTP_POST] = "POST", [HTTP_DELETE] = "DELETE"};
	size_t len = strlen(list);

	snprintf(list + len, ALLOW_SIZE - len, "%s%s", len ? ", " : "", names[method]);
}

const struct route *route_find(enum http_method method, struct str path,
			       struct str parameters[MAX_PARAMETERS], char ret_allow[ALLOW_SIZE])
{
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	ret_allow[0] = '\0';
	for (size_t i = 0; i < route_count; i++) {
		struct str found[MAX_PARAMETERS] = {STR_NONE, STR_NONE};

		if (!path_fits(path, routes[i].pattern, found))
			continue;
		if (routes[i].method == method) {
			memcpy(parameters, found, sizeof(found));
			return &routes[i];
		}
		allow(ret_allow, routes[i].method);
	}
	return NULL;
}

bool origin_is(struct str origin, struct str host, bool secure)
{
	struct str scheme = secure ? STR("https://") : STR("http://");

	return host.len && str_starts(origin, scheme) &&
	       str_eq_nocase(str_slice(origin, scheme.len, origin.len), host);
}

/*
 * What egidectl and the server say to each other over the control socket: one line of JSON each
 * way.
 *
 *   {"command": "unit.add", "arguments": {"name": "…"}}      at most LIMIT_HTTP_BODY_BYTES
 *   {"result": {…}}   or   {"problem": "invalid", "title": "…", "detail": "…", "field": "phone"}
 *
 * A "password" among the arguments is in clear (the socket is the administrator's own): the edge
 * hashes it on the password thread and gives the command a "password_hash".
 */
#ifndef SERVICE_CONTROL_H
#define SERVICE_CONTROL_H

#include "base/alloc.h"
#include "base/buf.h"

struct outcome;

/* CNIL, deliberation 2022-100: twelve characters when the length alone protects. */
enum { PASSWORD_MIN_BYTES = 12, PASSWORD_MAX_BYTES = 200 };

struct control_request {
	struct str name;
	struct str arguments; /* a JSON object, without the password */
	struct str password;  /* ptr NULL: none was given */
};

/* Strings live in the arena. -EINVAL, with a French sentence in *ret_why (static). */
int control_parse(struct arena *arena, struct str line, struct control_request *ret_request,
		  const char **ret_why);
/* The arguments with the hash of the password. */
struct str control_with_hash(struct arena *arena, const struct control_request *request,
			     struct str hash);
/* Appends the answer to a command or question, and its line end. */
void control_answer(const struct outcome *outcome, struct buf *out);

#endif

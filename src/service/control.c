/* Lines of the control socket: see control.h. */
#include "service/control.h"

#include <errno.h>
#include <jansson.h>

#include "base/limits.h"
#include "service/json.h"
#include "service/problem.h"

static struct str keep(struct arena *arena, struct str text)
{
	return (struct str){arena_copy(arena, text.ptr, text.len), text.len};
}

static struct str text_of(const json_t *json)
{
	return json_is_string(json) ? str_of(json_string_value(json), json_string_length(json))
				    : STR_NONE;
}

static struct str print(struct arena *arena, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	struct str kept;

	if (!text)
		abort();
	kept = keep(arena, str_from(text));
	free(text);
	return kept;
}

/* Takes "password" out of the arguments. NULL, or why not. */
static const char *take_password(struct arena *arena, json_t *arguments,
				 struct control_request *request)
{
	const json_t *password = json_object_get(arguments, "password");
	struct str text = text_of(password);

	if (json_object_get(arguments, "password_hash"))
		return "« password_hash » : donnez « password ».";
	if (!password)
		return NULL;
	if (!text.ptr)
		return "« password » : texte attendu.";
	if (text.len < PASSWORD_MIN_BYTES)
		return "« password » : douze caractères au moins.";
	if (text.len > PASSWORD_MAX_BYTES)
		return "« password » : deux cents octets au plus.";
	request->password = keep(arena, text);
	json_object_del(arguments, "password");
	return NULL;
}

static const char *read_request(struct arena *arena, json_t *body, struct control_request *request)
{
	json_t *arguments = json_object_get(body, "arguments");
	struct str name = text_of(json_object_get(body, "command"));
	const char *why;

	if (!name.ptr)
		return "La demande n'a pas de « command ».";
	if (json_object_size(body) != (arguments ? 2 : 1))
		return "La demande a une clé inconnue.";
	if (arguments && !json_is_object(arguments))
		return "« arguments » doit être un objet.";
	*request = (struct control_request){.name = keep(arena, name), .arguments = STR("{}")};
	if (!arguments)
		return NULL;
	why = take_password(arena, arguments, request);
	if (!why)
		request->arguments = print(arena, arguments);
	return why;
}

int control_parse(struct arena *arena, struct str line, struct control_request *ret_request,
		  const char **ret_why)
{
	struct control_request request;
	const char *why = "La demande n'est pas un objet JSON (UTF-8) bien formé.";
	json_error_t error;
	json_t *body = NULL;

	if (line.len > LIMIT_HTTP_BODY_BYTES)
		why = "La demande est trop volumineuse.";
	else
		body = json_loadb(line.ptr ? line.ptr : "", line.len, JSON_REJECT_DUPLICATES,
				  &error);
	if (json_is_object(body))
		why = read_request(arena, body, &request);
	json_decref(body);
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	*ret_request = request;
	return 0;
}

struct str control_with_hash(struct arena *arena, const struct control_request *request,
			     struct str hash)
{
	struct str rest = str_slice(request->arguments, 1, request->arguments.len);
	struct buf b = BUF_INIT;
	struct str kept;

	json_open(&b, NULL, '{');
	json_text(&b, "password_hash", hash);
	if (rest.len > 1)
		buf_add_byte(&b, ',');
	buf_add_str(&b, rest);
	kept = keep(arena, buf_str(&b));
	buf_fini(&b);
	return kept;
}

void control_answer(const struct outcome *outcome, struct buf *out)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	if (outcome->problem == PROBLEM_NONE) {
		json_raw(&b, "result", outcome->json.ptr ? outcome->json : STR("{}"));
	} else {
		const struct problem_row *row = problem_row(outcome->problem);

		json_word(&b, "problem", row->name);
		json_word(&b, "title", row->title);
		json_text(&b, "detail", outcome->detail);
		json_text(&b, "field", outcome->field);
	}
	json_close(&b, '}');
	buf_add_byte(&b, '\n');
	buf_add_str(out, buf_str(&b));
	buf_fini(&b);
}

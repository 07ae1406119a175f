/* Fields of a request's body: strict, and the field at fault is named in French. */
#include "api/api_private.h"

enum { MAX_FIELD_NAME = 64 };

static bool invalid(struct request *q, const char *field, const char *detail)
{
	/* A name the client made up may be as long as its body. */
	if (strlen(field) > MAX_FIELD_NAME)
		field = "";
	answer_problem(q, PROBLEM_INVALID, str_from(detail),
		       str_of(arena_copy(&q->arena, field, strlen(field)), strlen(field)));
	return false;
}

bool body_only(struct request *q, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach(q->body, key, value)
	{
		const char *const *name = names;

		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name)
			return invalid(q, key, "Ce champ n'est pas attendu ici.");
	}
	return true;
}

bool body_empty(struct request *q)
{
	static const char *const none[] = {NULL};

	return body_only(q, none);
}

bool body_text(struct request *q, const char *name, bool needed, size_t max, struct str *ret_text)
{
	json_t *value = json_object_get(q->body, name);

	*ret_text = STR_NONE;
	if (json_is_string(value))
		*ret_text = str_trim(str_of(json_string_value(value), json_string_length(value)));
	else if (value && !json_is_null(value))
		return invalid(q, name, "Un texte est attendu.");
	if (ret_text->len > max)
		return invalid(q, name, "Ce texte est trop long.");
	if (ret_text->len && !str_is_utf8(*ret_text))
		return invalid(q, name, "Ce texte contient un caractère interdit.");
	if (needed && !ret_text->len)
		return invalid(q, name, "Ce champ est nécessaire.");
	return true;
}

bool body_id(struct request *q, const char *name, struct id *ret_id)
{
	struct str text;

	if (!body_text(q, name, true, ID_TEXT_SIZE, &text))
		return false;
	return !id_parse(text, ret_id) || invalid(q, name, "Cet identifiant n'est pas valable.");
}

bool body_int(struct request *q, const char *name, int64_t min, int64_t max, int64_t *ret_value)
{
	json_t *value = json_object_get(q->body, name);

	if (!json_is_integer(value))
		return invalid(q, name, "Un nombre entier est attendu.");
	*ret_value = json_integer_value(value);
	return (*ret_value >= min && *ret_value <= max) ||
	       invalid(q, name, "Ce nombre est hors des limites.");
}

bool path_id(struct request *q, int n, struct id *ret_id)
{
	if (!id_parse(q->parameters[n], ret_id))
		return true;
	/* Not an identity: nothing can be there. */
	answer_problem(q, PROBLEM_NOT_FOUND, STR("Cette adresse ne mène à rien."), STR_NONE);
	return false;
}

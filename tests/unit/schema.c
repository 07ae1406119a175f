/* The API's schemas: see schema.h. Only the words of JSON Schema that the file uses. */
#include "schema.h"

#include "base/buf.h"

static json_t *schemas; /* name → schema; lives as long as the program */

static json_t *find_schema(const char *name)
{
	json_error_t error;

	if (!schemas) {
		json_t *file =
			json_load_file(TEST_DATA "/../definitions/api_schemas.json", 0, &error);

		if (!file)
			fail_msg("api_schemas.json, line %d: %s", error.line, error.text);
		schemas = json_incref(
			json_object_get(json_object_get(file, "components"), "schemas"));
		json_decref(file);
	}
	return json_object_get(schemas, name);
}

/* What is wrong, or NULL; `where` grows towards it. */
static const char *wrong(const json_t *schema, const json_t *value, struct buf *where);

static bool is_type(const json_t *value, const char *type)
{
	if (!strcmp(type, "object"))
		return json_is_object(value);
	if (!strcmp(type, "array"))
		return json_is_array(value);
	if (!strcmp(type, "string"))
		return json_is_string(value);
	if (!strcmp(type, "integer"))
		return json_is_integer(value);
	if (!strcmp(type, "number"))
		return json_is_number(value);
	if (!strcmp(type, "boolean"))
		return json_is_boolean(value);
	return json_is_null(value);
}

static bool has_type(const json_t *types, const json_t *value)
{
	size_t i;
	json_t *type;

	if (!types)
		return true;
	if (json_is_string(types))
		return is_type(value, json_string_value(types));
	json_array_foreach(types, i, type) if (is_type(value, json_string_value(type))) return true;
	return false;
}

static const char *wrong_scalar(const json_t *schema, const json_t *value)
{
	const json_t *least = json_object_get(schema, "minimum"),
		     *most = json_object_get(schema, "maximum"),
		     *values = json_object_get(schema, "enum"), *allowed;
	bool found = !values;
	size_t i;

	json_array_foreach(values, i, allowed) found |= json_equal(allowed, value);
	if (!found)
		return "none of the values allowed";
	if (json_is_number(value) &&
	    ((least && json_number_value(value) < json_number_value(least)) ||
	     (most && json_number_value(value) > json_number_value(most))))
		return "out of range";
	if (json_is_string(value) && json_object_get(schema, "maxLength") &&
	    (json_int_t)json_string_length(value) >
		    4 * json_integer_value(json_object_get(schema, "maxLength")))
		return "too long";
	return NULL;
}

static const char *wrong_object(const json_t *schema, json_t *value, struct buf *where)
{
	const json_t *properties = json_object_get(schema, "properties"), *needed;
	size_t i;
	const char *name, *why;
	json_t *member;

	json_array_foreach(json_object_get(schema, "required"), i, needed)
	{
		if (!json_object_get(value, json_string_value(needed))) {
			buf_printf(where, ".%s", json_string_value(needed));
			return "missing";
		}
	}
	json_object_foreach(value, name, member)
	{
		const json_t *property = json_object_get(properties, name);
		size_t len = where->len;

		buf_printf(where, ".%s", name);
		if (!property && json_is_false(json_object_get(schema, "additionalProperties")))
			return "not in the schema";
		why = property ? wrong(property, member, where) : NULL;
		if (why)
			return why;
		where->len = len;
	}
	return NULL;
}

static const char *wrong_array(const json_t *schema, json_t *value, struct buf *where)
{
	const json_t *items = json_object_get(schema, "items"),
		     *most = json_object_get(schema, "maxItems");
	size_t i;
	json_t *item;

	if (most && (json_int_t)json_array_size(value) > json_integer_value(most))
		return "too many";
	json_array_foreach(value, i, item)
	{
		size_t len = where->len;
		const char *why;

		buf_printf(where, "[%zu]", i);
		why = items ? wrong(items, item, where) : NULL;
		if (why)
			return why;
		where->len = len;
	}
	return NULL;
}

static const char *wrong_of(const json_t *choices, const json_t *value, struct buf *where)
{
	const char *why = NULL;
	size_t i, len = where->len;
	json_t *choice;

	/* "null or that": what is wrong with "that" is what there is to say. */
	json_array_foreach(choices, i, choice)
	{
		const char *one;

		if (!json_is_null(value) && is_type(json_object_get(choice, "type"), "string") &&
		    !strcmp(json_string_value(json_object_get(choice, "type")), "null"))
			continue;
		where->len = len;
		one = wrong(choice, value, where);
		if (!one) {
			where->len = len;
			return NULL;
		}
		why = one;
	}
	return why ? why : "none of the shapes allowed";
}

static const char *wrong(const json_t *schema, const json_t *value, struct buf *where)
{
	const char *reference = json_string_value(json_object_get(schema, "$ref")), *why;
	const json_t *choices = json_object_get(schema, "oneOf");

	if (reference)
		return wrong(find_schema(strrchr(reference, '/') + 1), value, where);
	if (choices)
		return wrong_of(choices, value, where);
	if (!has_type(json_object_get(schema, "type"), value))
		return "of another type";
	why = wrong_scalar(schema, value);
	if (!why && json_is_object(value))
		why = wrong_object(schema, (json_t *)(uintptr_t)value, where);
	if (!why && json_is_array(value))
		why = wrong_array(schema, (json_t *)(uintptr_t)value, where);
	return why;
}

json_t *read_as(const char *schema, struct str json)
{
	struct buf where = BUF_INIT;
	json_error_t error;
	json_t *value = json_loadb(json.ptr, json.len, JSON_REJECT_DUPLICATES, &error);
	const char *why;

	if (!value)
		fail_msg("%s: %s at %d in %.*s", schema, error.text, error.position, STR_FMT(json));
	if (!find_schema(schema))
		fail_msg("no schema %s", schema);
	why = wrong(find_schema(schema), value, &where);
	if (why)
		fail_msg("%s%.*s: %s in %.*s", schema, (int)where.len, where.ptr, why,
			 STR_FMT(json));
	buf_fini(&where);
	return value;
}

void assert_is(const char *schema, struct str json)
{
	json_decref(read_as(schema, json));
}

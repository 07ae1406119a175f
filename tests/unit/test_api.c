/* The pure parts of the API: finding a route, the origin rule, problems, counting attempts, the
 * description. */
#include <jansson.h>

#include "api/api_private.h"
#include "test.h"

static const struct route *find(enum http_method method, const char *path,
				struct str parameters[MAX_PARAMETERS], char allowed[ALLOW_SIZE])
{
	return route_find(method, str_from(path), parameters, allowed);
}

static void test_every_route_is_found_by_its_own_pattern_and_no_other_route_before_it(void **state)
{
	struct str parameters[MAX_PARAMETERS];
	char allowed[ALLOW_SIZE];

	for (size_t i = 0; i < route_count; i++)
		assert_ptr_equal(find(routes[i].method, routes[i].pattern, parameters, allowed),
				 &routes[i]);
}

static void test_what_stands_for_a_name_is_taken_in_order(void **state)
{
	struct str parameters[MAX_PARAMETERS] = {STR_NONE, STR_NONE};
	char allowed[ALLOW_SIZE];
	const struct route *route =
		find(HTTP_DELETE, "/api/alerts/a/contacts/b/link", parameters, allowed);

	assert_non_null(route);
	assert_str_equal(parameters[0], "a");
	assert_str_equal(parameters[1], "b");
}

static void test_paths_that_only_resemble_one_are_none(void **state)
{
	static const char *const paths[] = {"",
					    "/",
					    "/api",
					    "/api/",
					    "api/alerts",
					    "/api/alerts/",
					    "//api/alerts",
					    "/api/alerts//claim",
					    "/api/alerts/a/claim/",
					    "/api/alerts/a/b/claim",
					    "/API/alerts",
					    "/api/alerts/a/contacts//link",
					    "/api/alert"};
	struct str parameters[MAX_PARAMETERS];
	char allowed[ALLOW_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		assert_null(find(HTTP_GET, paths[i], parameters, allowed));
		assert_string_equal(allowed, "");
		assert_null(find(HTTP_POST, paths[i], parameters, allowed));
	}
}

static void test_another_method_is_told_all_that_are_allowed(void **state)
{
	struct str parameters[MAX_PARAMETERS];
	char allowed[ALLOW_SIZE];

	assert_null(find(HTTP_PUT, "/api/session", parameters, allowed));
	assert_string_equal(allowed, "POST, GET, HEAD, DELETE");
	assert_null(find(HTTP_OTHER, "/health", parameters, allowed));
	assert_string_equal(allowed, "GET, HEAD");
	assert_non_null(find(HTTP_HEAD, "/health", parameters, allowed));
}

static void test_an_origin_is_ours_only_with_our_scheme_host_and_port(void **state)
{
	static const struct {
		const char *origin, *host;
		bool secure, ours;
	} cases[] = {
		{"https://egide.example", "egide.example", true, true},
		{"https://EGIDE.example", "egide.example", true, true},
		{"http://127.0.0.1:8080", "127.0.0.1:8080", false, true},
		{"http://egide.example", "egide.example", true, false},
		{"https://egide.example", "egide.example", false, false},
		{"https://egide.example:444", "egide.example", true, false},
		{"https://egide.example.ailleurs.example", "egide.example", true, false},
		{"https://ailleurs.example/egide.example", "egide.example", true, false},
		{"https://egide.example/", "egide.example", true, false},
		{"https://", "", true, false},
		{"null", "egide.example", true, false},
		{"", "egide.example", true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(origin_is(str_from(cases[i].origin), str_from(cases[i].host),
					   cases[i].secure),
				 cases[i].ours);
}

static void test_a_problem_names_the_field_at_fault(void **state)
{
	struct arena arena = ARENA_INIT;
	struct str text =
		problem_json(&arena, PROBLEM_INVALID, STR("« trop » \"long\""), STR("text"));
	json_t *json = json_loadb(text.ptr, text.len, 0, NULL);
	const char *type, *title, *detail, *field, *message;
	int status;

	assert_int_equal(json_unpack(json, "{s:s, s:s, s:i, s:s, s:[{s:s, s:s !}] !}", "type",
				     &type, "title", &title, "status", &status, "detail", &detail,
				     "errors", "field", &field, "message", &message),
			 0);
	assert_string_equal(type, "/problems/invalid");
	assert_int_equal(status, 400);
	assert_string_equal(detail, "« trop » \"long\"");
	assert_string_equal(field, "text");
	assert_string_equal(message, detail);
	json_decref(json);
	text = problem_json(&arena, PROBLEM_NOT_FOUND, STR_NONE, STR_NONE);
	json = json_loadb(text.ptr, text.len, 0, NULL);
	assert_int_equal(json_object_size(json), 3);
	json_decref(json);
	arena_fini(&arena);
}

/* --- limiter */

static void test_a_key_waits_for_the_end_of_its_minute(void **state)
{
	struct limiter *l = limiter_new(2, 60);
	struct id key = limiter_text(STR("operatrice"));

	for (int i = 0; i < 2; i++) {
		assert_int_equal(limiter_wait_s(l, key, 1000), 0);
		limiter_count(l, key, 1000);
	}
	assert_int_equal(limiter_wait_s(l, key, 1000), 61);
	assert_int_equal(limiter_wait_s(l, key, 60999), 1);
	assert_int_equal(limiter_wait_s(l, key, 61000), 0);
	assert_int_equal(limiter_wait_s(l, limiter_text(STR("autre")), 1000), 0);
	limiter_count(l, key, 61000);
	assert_int_equal(limiter_wait_s(l, key, 61000), 0);
	limiter_free(l);
}

static void test_what_is_forgiven_does_not_count(void **state)
{
	struct limiter *l = limiter_new(1, 60);
	struct id key = limiter_text(STR("operatrice"));

	limiter_forgive(l, key);
	for (int i = 0; i < 10; i++) {
		limiter_count(l, key, i);
		assert_true(limiter_wait_s(l, key, i) > 0);
		limiter_forgive(l, key);
		assert_int_equal(limiter_wait_s(l, key, i), 0);
	}
	limiter_free(l);
}

static void test_any_number_of_keys_keeps_its_memory_bounded(void **state)
{
	struct limiter *l = limiter_new(1, 60);
	struct id key = ID_NONE;

	for (uint32_t i = 0; i < 100000; i++) {
		memcpy(key.bytes, &i, sizeof(i));
		limiter_count(l, key, 0);
	}
	assert_true(limiter_wait_s(l, key, 0) > 0);
	limiter_free(l);
}

static void test_a_source_of_ipv6_is_its_network_and_of_ipv4_its_address(void **state)
{
	static const uint8_t one[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7, [15] = 1},
			     two[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7, [8] = 9, [15] = 2},
			     other[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 8, [15] = 1},
			     v4[16] = {[10] = 0xff, 0xff, 192, 0, 2, 1},
			     v4_next[16] = {[10] = 0xff, 0xff, 192, 0, 2, 2};

	assert_true(id_eq(limiter_address(one), limiter_address(two)));
	assert_false(id_eq(limiter_address(one), limiter_address(other)));
	assert_false(id_eq(limiter_address(v4), limiter_address(v4_next)));
}

/* --- the description */

static json_t *description(void)
{
	struct buf b = BUF_INIT;
	json_t *json;

	api_describe(&b, TEST_DATA "/../definitions");
	json = json_loadb(b.ptr, b.len, JSON_REJECT_DUPLICATES, NULL);
	buf_fini(&b);
	assert_non_null(json);
	return json;
}

static void test_the_description_has_every_route_with_its_parameters(void **state)
{
	static const char *const methods[] = {
		[HTTP_GET] = "get", [HTTP_POST] = "post", [HTTP_DELETE] = "delete"};
	json_t *json = description(), *paths = json_object_get(json, "paths");

	for (size_t i = 0; i < route_count; i++) {
		json_t *path = json_object_get(paths, routes[i].pattern);
		json_t *operation = json_object_get(path, methods[routes[i].method]);
		json_t *parameters = json_object_get(operation, "parameters");
		char status[12];
		size_t braces = 0, in_path = 0, n;
		json_t *parameter;

		snprintf(status, sizeof(status), "%d", routes[i].status);
		assert_non_null(json_object_get(json_object_get(operation, "responses"), status));
		assert_non_null(json_string_value(json_object_get(operation, "summary")));
		for (const char *c = routes[i].pattern; *c; c++)
			braces += *c == '{';
		json_array_foreach(parameters, n, parameter) in_path +=
			!strcmp(json_string_value(json_object_get(parameter, "in")), "path");
		assert_int_equal(in_path, braces);
	}
	json_decref(json);
}

static void expect_references(const json_t *value, const json_t *schemas)
{
	const char *key, *ref;
	json_t *inside;
	size_t n;

	json_array_foreach((json_t *)value, n, inside) expect_references(inside, schemas);
	json_object_foreach((json_t *)value, key, inside)
	{
		ref = strcmp(key, "$ref") ? NULL : json_string_value(inside);
		if (ref && (!str_starts(str_from(ref), STR("#/components/schemas/")) ||
			    !json_object_get(schemas, ref + strlen("#/components/schemas/"))))
			fail_msg("%s leads nowhere", ref);
		expect_references(inside, schemas);
	}
}

static void test_every_reference_of_the_description_leads_somewhere(void **state)
{
	json_t *json = description();
	json_t *schemas = json_object_get(json_object_get(json, "components"), "schemas");

	assert_true(json_object_size(schemas) > 30);
	expect_references(json, schemas);
	json_decref(json);
}

static void test_every_query_a_route_names_is_described(void **state)
{
	json_t *json = description(), *paths = json_object_get(json, "paths");

	for (size_t i = 0; i < route_count; i++) {
		struct str rest = str_from(routes[i].query), name;
		size_t named = 0, described = 0, n;
		json_t *operation =
			json_object_get(json_object_get(paths, routes[i].pattern), "get");
		json_t *parameter;

		while (str_split(&rest, ' ', &name))
			named++;
		json_array_foreach(json_object_get(operation, "parameters"), n, parameter)
			described +=
			!strcmp(json_string_value(json_object_get(parameter, "in")), "query");
		if (routes[i].method == HTTP_GET)
			assert_int_equal(described, named);
	}
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_route_is_found_by_its_own_pattern_and_no_other_route_before_it),
		cmocka_unit_test(test_what_stands_for_a_name_is_taken_in_order),
		cmocka_unit_test(test_paths_that_only_resemble_one_are_none),
		cmocka_unit_test(test_another_method_is_told_all_that_are_allowed),
		cmocka_unit_test(test_an_origin_is_ours_only_with_our_scheme_host_and_port),
		cmocka_unit_test(test_a_problem_names_the_field_at_fault),
		cmocka_unit_test(test_a_key_waits_for_the_end_of_its_minute),
		cmocka_unit_test(test_what_is_forgiven_does_not_count),
		cmocka_unit_test(test_any_number_of_keys_keeps_its_memory_bounded),
		cmocka_unit_test(test_a_source_of_ipv6_is_its_network_and_of_ipv4_its_address),
		cmocka_unit_test(test_the_description_has_every_route_with_its_parameters),
		cmocka_unit_test(test_every_reference_of_the_description_leads_somewhere),
		cmocka_unit_test(test_every_query_a_route_names_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* wire/agent: messages are where the table says, whole or not yet there, never too long. */
#include "wire/agent.h"

#include <errno.h>

#include "vectors.h"

enum { KINDS = 8 };

struct taken {
	unsigned count;
	int kinds[KINDS];
	ptrdiff_t end;
};

/* As a connection that gets so many bytes at a time. */
static struct taken take_all(struct str bytes, size_t step)
{
	struct taken t = {0};
	struct agent_message m;
	size_t used = 0;

	for (size_t here = 0; here < bytes.len && t.end >= 0;) {
		here = here + step < bytes.len ? here + step : bytes.len;
		while ((t.end = agent_next(str_slice(bytes, used, here), &m)) > 0) {
			assert_true(t.count < KINDS);
			t.kinds[t.count++] = m.kind;
			used += (size_t)t.end;
		}
	}
	return t;
}

static ptrdiff_t end_of(const json_t *vector)
{
	if (vector_is(vector, "end", "too_long"))
		return -EMSGSIZE;
	return vector_is(vector, "end", "unknown") ? -EBADMSG : 0;
}

static void check(const json_t *vector, size_t step)
{
	struct buf bytes = bytes_of(vector_text(vector, "input_hex"));
	char *copy = exact_copy(buf_str(&bytes));
	struct taken t = take_all(str_of(copy, bytes.len), step);
	json_t *kinds = json_object_get(vector, "kinds"), *kind;
	size_t i;

	if (t.end != end_of(vector) || t.count != json_array_size(kinds))
		fail_msg("%s, %zu bytes at a time", vector_text(vector, "id"), step);
	json_array_foreach(kinds, i, kind) assert_int_equal(t.kinds[i], json_integer_value(kind));
	free(copy);
	buf_fini(&bytes);
}

static void test_messages_are_taken_however_they_are_cut(void **state)
{
	static const size_t steps[] = {1, 2, 3, 7, 100, 65536};
	json_t *all = vectors_load("agent"), *vector;
	size_t i;

	json_array_foreach(all, i, vector) for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]);
						k++) check(vector, steps[k]);
	json_decref(all);
}

static void test_what_is_written_is_where_the_table_says(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 2, 1, '{', '}', 0, 0, 0, 0, 9};
	struct buf out = BUF_INIT;

	agent_add(AGENT_TEXT, STR("{}"), &out);
	agent_add(AGENT_PING, STR_NONE, &out);
	assert_int_equal(out.len, sizeof(bytes));
	assert_memory_equal(out.ptr, bytes, sizeof(bytes));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_are_taken_however_they_are_cut),
		cmocka_unit_test(test_what_is_written_is_where_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

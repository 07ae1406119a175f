/* egidectl decode: one JSON line a message, a clear word for each line that is none. */
#include "vectors.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/decode.h"
#include "ctl/request.h"

struct outcome {
	int status;
	struct buf out, err;
};

static struct buf read_back(FILE *file)
{
	struct buf text = BUF_INIT;
	int c;

	rewind(file);
	while ((c = getc(file)) != EOF)
		buf_add_byte(&text, (uint8_t)c);
	fclose(file);
	buf_cstr(&text);
	return text;
}

/* Runs the command in a process of its own, its three streams in files. */
static struct outcome decode(const char *protocol, const char *option, struct str input)
{
	char *argv[] = {"decode", (char *)protocol, (char *)option, NULL};
	FILE *files[3] = {tmpfile(), tmpfile(), tmpfile()};
	struct outcome o;
	pid_t child;

	fwrite(input.ptr, 1, input.len, files[0]);
	rewind(files[0]);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 3; i++)
			dup2(fileno(files[i]), i);
		o.status = command_decode(option ? 3 : 2, argv);
		fflush(NULL);
		_exit(o.status);
	}
	assert_int_equal(waitpid(child, &o.status, 0), child);
	assert_true(WIFEXITED(o.status));
	o.status = WEXITSTATUS(o.status);
	fclose(files[0]);
	o.out = read_back(files[1]);
	o.err = read_back(files[2]);
	return o;
}

static void outcome_fini(struct outcome *o)
{
	buf_fini(&o->out);
	buf_fini(&o->err);
}

/* The line numbered from 0, as JSON. The caller frees it. */
static json_t *line_of(const struct outcome *o, size_t number)
{
	struct str rest = buf_str(&o->out), line = STR_NONE;
	json_t *json;

	for (size_t i = 0; i <= number; i++)
		assert_true(str_split(&rest, '\n', &line));
	json = json_loadb(line.ptr, line.len, 0, NULL);
	assert_non_null(json);
	return json;
}

static size_t count_lines(const struct outcome *o)
{
	size_t count = 0;

	for (size_t i = 0; i < o->out.len; i++)
		count += o->out.ptr[i] == '\n';
	return count;
}

/* Bytes as a line of hexadecimal, added to lines. */
static void add_line(struct buf *lines, const char *bytes)
{
	size_t len = strlen(bytes);
	char *hex = malloc(2 * len + 1);

	hex_encode((const uint8_t *)bytes, len, hex);
	buf_printf(lines, "%s\n", hex);
	free(hex);
}

static void assert_kind(const struct outcome *o, size_t number, const char *kind,
			const char *device)
{
	json_t *line = line_of(o, number);

	assert_string_equal(vector_text(line, "kind"), kind);
	assert_string_equal(vector_text(line, "device"), device);
	json_decref(line);
}

static void test_a_frame_becomes_a_line_of_json(void **state)
{
	struct buf lines = BUF_INIT;
	struct outcome o;
	json_t *line;

	add_line(&lines,
		 "[3G*8800000015*0000*AL,130617,102156,A,48.85833,N,2.29513,E,3.6,90,35,5,80,77,12,"
		 "0,00010001,1,0,208,1,10,20,30]");
	o = decode("watch", NULL, buf_str(&lines));
	assert_int_equal(o.status, 0);
	assert_int_equal(count_lines(&o), 1);
	line = line_of(&o, 0);
	assert_string_equal(vector_text(line, "kind"), "sos");
	assert_string_equal(vector_text(line, "type"), "AL");
	assert_string_equal(vector_text(line, "at"), "2017-06-13T10:21:56.000Z");
	assert_true(json_real_value(json_object_get(line, "lat")) == 48.85833);
	assert_true(json_real_value(json_object_get(line, "lon")) == 2.29513);
	assert_true(json_is_true(json_object_get(line, "valid")));
	assert_true(json_real_value(json_object_get(line, "speed_kmh")) == 3.6);
	assert_int_equal(json_integer_value(json_object_get(line, "battery")), 77);
	assert_true(json_is_true(json_object_get(line, "sos")));
	assert_int_equal(json_array_size(json_object_get(line, "alarms")), 2);
	assert_string_equal(json_string_value(json_array_get(json_object_get(line, "replies"), 0)),
			    "5b33472a383830303030303031352a303030322a414c5d");
	json_decref(line);
	outcome_fini(&o);
	buf_fini(&lines);
}

static void test_a_line_that_is_not_hexadecimal_is_named_and_the_others_decoded(void **state)
{
	struct buf lines = BUF_INIT;
	struct outcome o;

	add_line(&lines, "[3G*1*0002*LK]");
	buf_printf(&lines, "\n[3G*1*0002*LK]\n5b3\n");
	add_line(&lines, "[3G*2*0003*SOS]");
	o = decode("watch", NULL, buf_str(&lines));
	assert_int_equal(o.status, 1);
	assert_int_equal(count_lines(&o), 2);
	assert_kind(&o, 0, "none", "1");
	assert_kind(&o, 1, "sos", "2");
	assert_non_null(strstr(o.err.ptr, "ligne 3"));
	assert_non_null(strstr(o.err.ptr, "ligne 4"));
	assert_null(strstr(o.err.ptr, "ligne 5"));
	outcome_fini(&o);
	buf_fini(&lines);
}

static void test_several_frames_on_a_line_are_several_messages(void **state)
{
	struct buf lines = BUF_INIT;
	struct outcome o;

	add_line(&lines, "[3G*1*0002*LK][3G*2*0003*SOS]");
	add_line(&lines, "[3G*3*0003*AL,17");
	o = decode("watch", NULL, buf_str(&lines));
	assert_int_equal(count_lines(&o), 3);
	assert_kind(&o, 0, "none", "1");
	assert_kind(&o, 1, "sos", "2");
	assert_kind(&o, 2, "reject", "3");
	outcome_fini(&o);
	buf_fini(&lines);
}

static void test_a_request_its_address_and_its_body_decode_alike(void **state)
{
	struct buf lines = BUF_INIT;
	struct outcome o;

	add_line(&lines, "GET /?id=1&lat=46.58&lon=0.34&alarm=sos HTTP/1.1\r\nHost: x\r\n\r\n");
	add_line(&lines, "POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
			 "{\"device_id\":\"1\",\"alarm\":\"sos\"}");
	add_line(&lines, "/?id=1&alarm=sos");
	add_line(&lines, "?id=1&alarm=sos");
	add_line(&lines, "id=1&alarm=sos");
	add_line(&lines, "{\"device_id\":\"1\",\"alarm\":\"sos\"}");
	add_line(&lines, "GET /?id=1&alarm=sos HTTP/1.1");
	o = decode("osmand", NULL, buf_str(&lines));
	assert_int_equal(o.status, 0);
	assert_int_equal(count_lines(&o), 7);
	for (size_t i = 0; i < 7; i++)
		assert_kind(&o, i, "sos", "1");
	outcome_fini(&o);
	buf_fini(&lines);
}

static void test_what_a_device_sent_is_printed_as_valid_json_whatever_it_is(void **state)
{
	struct buf lines = BUF_INIT;
	struct outcome o;

	add_line(&lines, "/?id=%ff%00%22&alarm=sos");
	o = decode("osmand", NULL, buf_str(&lines));
	assert_kind(&o, 0, "sos", "??\"");
	outcome_fini(&o);
	buf_fini(&lines);
}

static void test_a_stream_of_watch_bytes_is_cut_into_messages(void **state)
{
	struct outcome o = decode("watch", "--stream",
				  STR("\r\n[3G*1*0002*LK]x]\r\n[3G*2*0003*SOS][3G*3*0002*AL,1"));

	assert_int_equal(o.status, 1);
	assert_int_equal(count_lines(&o), 3);
	assert_kind(&o, 0, "none", "1");
	assert_kind(&o, 1, "sos", "2");
	assert_kind(&o, 2, "reject", "3");
	assert_non_null(strstr(o.err.ptr, "incomplet"));
	outcome_fini(&o);
}

static void test_a_stream_of_requests_is_cut_into_messages(void **state)
{
	struct outcome o = decode(
		"owntracks", "--stream",
		STR("POST /pub HTTP/1.1\r\ncontent-length: 59\r\n\r\n"
		    "{\"_type\":\"location\",\"tid\":\"A\",\"t\":\"u\",\"tag\":\"sos\",\"tst\":12}"
		    "\r\n"
		    "POST / HTTP/1.1\nContent-Length: 26\n\n{\"_type\":\"lwt\",\"tid\":\"BB\"}\n"));

	assert_int_equal(o.status, 0);
	assert_int_equal(count_lines(&o), 2);
	assert_kind(&o, 0, "sos", "A");
	assert_kind(&o, 1, "none", "BB");
	outcome_fini(&o);
}

static void test_a_stream_that_is_no_http_is_refused(void **state)
{
	static const char *const bad[] = {
		"[3G*1*0002*LK]\n",
		"GET /\r\nno header\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct outcome o = decode("osmand", "--stream", str_from(bad[i]));

		assert_int_equal(o.status, 1);
		assert_true(o.err.len > 0);
		outcome_fini(&o);
	}
}

static void test_a_head_over_its_cap_is_refused(void **state)
{
	struct request request;
	char bytes[20000];

	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "GET /", 5);
	assert_int_equal(request_parse(str_of(bytes, sizeof(bytes)), &request), -EMSGSIZE);
	assert_int_equal(request_parse(str_of(bytes, 1000), &request), 0);
}

static void test_a_wrong_word_shows_the_usage(void **state)
{
	struct outcome o = decode("morse", NULL, STR(""));

	assert_int_equal(o.status, 2);
	assert_non_null(strstr(o.err.ptr, "Usage : egidectl decode"));
	outcome_fini(&o);
	o = decode("watch", "--help", STR(""));
	assert_int_equal(o.status, 2);
	outcome_fini(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_becomes_a_line_of_json),
		cmocka_unit_test(
			test_a_line_that_is_not_hexadecimal_is_named_and_the_others_decoded),
		cmocka_unit_test(test_several_frames_on_a_line_are_several_messages),
		cmocka_unit_test(test_a_request_its_address_and_its_body_decode_alike),
		cmocka_unit_test(test_what_a_device_sent_is_printed_as_valid_json_whatever_it_is),
		cmocka_unit_test(test_a_stream_of_watch_bytes_is_cut_into_messages),
		cmocka_unit_test(test_a_stream_of_requests_is_cut_into_messages),
		cmocka_unit_test(test_a_stream_that_is_no_http_is_refused),
		cmocka_unit_test(test_a_head_over_its_cap_is_refused),
		cmocka_unit_test(test_a_wrong_word_shows_the_usage),
	};

	return cmocka_run_group_tests_name("ctl/decode", tests, NULL, NULL);
}

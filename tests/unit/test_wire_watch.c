/* wire/watch: real frames decode as they say, broken ones hurt nobody, an SOS is never lost. */
#include "vectors.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "wire/watch.h"

static struct report decoded(const char *frame)
{
	struct report r;

	watch_decode(str_from(frame), &r);
	return r;
}

static void assert_reply(const char *frame, bool stored, const char *expected)
{
	struct buf out = BUF_INIT;

	assert_int_equal(watch_reply(str_from(frame), stored, &out), expected != NULL);
	assert_string_equal(buf_cstr(&out), expected ? expected : "");
	buf_fini(&out);
}

/* What a vector's kind is for us: a clip is not a mere status, nor nothing while it comes in parts.
 */
static enum report_kind kind_of(const json_t *vector, struct str type)
{
	static const enum report_kind kinds[] = {REPORT_NONE,  REPORT_STATUS, REPORT_POSITION,
						 REPORT_ALARM, REPORT_SOS,    REPORT_REJECT};

	if (str_eq(type, STR("TK")) || str_eq(type, STR("JXTK")))
		return REPORT_VOICE;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (vector_is(vector, "kind", report_kind_name(kinds[i])))
			return kinds[i];
	fail_msg("unknown kind %s", vector_text(vector, "kind"));
	return REPORT_NONE;
}

/* Calls check on each message vector: its first frame. */
static void for_each_message(void (*check)(const json_t *vector, struct str raw))
{
	json_t *all = vectors_load("watch"), *vector;
	size_t i, checked = 0;

	json_array_foreach(all, i, vector)
	{
		struct buf stream = bytes_of(vector_text(vector, "input_hex"));
		struct str raw;
		size_t skip;

		if (vector_is(vector, "layer", "message")) {
			assert_true(watch_next_frame(buf_str(&stream), &raw, &skip) > 0);
			check(vector, raw);
			checked++;
		}
		buf_fini(&stream);
	}
	assert_true(checked >= 24);
	json_decref(all);
}

static void check_decodes(const json_t *vector, struct str raw)
{
	struct report r;

	watch_decode(raw, &r);
	print_message("# %s\n", vector_text(vector, "id"));
	assert_int_equal(r.kind, kind_of(vector, r.type));
	assert_str_equal(r.device, vector_text(vector, "device_id"));
	if (r.kind == REPORT_NONE || r.kind == REPORT_VOICE)
		return;
	assert_report_as_expected(vector, &r);
	assert_cells_as_expected(vector, &r);
}

static void test_every_real_frame_decodes_as_it_says(void **state)
{
	for_each_message(check_decodes);
}

static void check_replies(const json_t *vector, struct str raw)
{
	json_t *first = json_array_get(json_object_get(vector, "replies"), 0);
	struct buf out = BUF_INIT, expected = bytes_of(vector_text(first, "hex"));

	watch_reply(raw, true, &out);
	if (first) {
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.ptr, expected.ptr, out.len);
	}
	buf_fini(&expected);
	buf_fini(&out);
}

static void test_every_answer_is_the_vendors_byte_for_byte(void **state)
{
	for_each_message(check_replies);
}

static void check_no_reply(struct str part)
{
	char *copy = exact_copy(part);
	struct buf out = BUF_INIT;
	struct str raw, whole = {copy, part.len};
	struct report r;
	size_t skip;

	assert_int_equal(watch_next_frame(whole, &raw, &skip), 0);
	watch_decode(whole, &r);
	/* A piece that happens to end in a name's bracket looks whole; the stream shows it is not.
	 */
	if (part.len == 0 || part.ptr[part.len - 1] != ']') {
		assert_int_equal(r.kind, REPORT_REJECT);
		assert_false(watch_reply(whole, true, &out));
	}
	buf_fini(&out);
	free(copy);
}

static void check_truncations(const json_t *vector, struct str raw)
{
	for (size_t len = 0; len < raw.len; len++)
		check_no_reply(str_slice(raw, 0, len));
}

static void test_a_frame_cut_at_any_byte_waits_and_is_never_answered(void **state)
{
	for_each_message(check_truncations);
}

static void check_cut_then_whole(const json_t *vector, struct str raw)
{
	static const char next[] = "[3G*8800000015*0002*LK]";

	for (size_t len = 0; len < raw.len && raw.len < 400; len++) {
		struct buf stream = BUF_INIT;
		struct str found, rest;
		size_t skip = 0;
		ptrdiff_t used;

		buf_add_str(&stream, str_slice(raw, 0, len));
		buf_add_str(&stream, STR("[3G*8800000015*0002*LK]"));
		rest = buf_str(&stream);
		while ((used = watch_next_frame(rest, &found, &skip)) < 0 ||
		       (used > 0 && !str_eq(found, str_from(next)))) {
			assert_true(used > 0 || used == -EBADMSG);
			rest = str_slice(rest, used > 0 ? (size_t)used : skip, rest.len);
		}
		assert_str_equal(found, next);
		buf_fini(&stream);
	}
}

static void test_after_a_frame_cut_at_any_byte_the_next_one_is_found(void **state)
{
	for_each_message(check_cut_then_whole);
}

static void test_frames_come_out_of_a_stream_as_the_vectors_say(void **state)
{
	json_t *all = vectors_load("watch"), *vector;
	size_t i, skip, checked = 0;
	struct str raw;

	json_array_foreach(all, i, vector)
	{
		const char *expected = vector_text(vector, "expected_first_frame_hex");
		struct buf stream = bytes_of(vector_text(vector, "input_hex")), out = BUF_INIT;
		struct buf wanted = bytes_of(expected);
		ptrdiff_t used;

		if (vector_is(vector, "layer", "frame")) {
			used = watch_next_frame(buf_str(&stream), &raw, &skip);
			assert_int_equal(used > 0, wanted.len > 0);
			if (used > 0) {
				assert_int_equal(watch_unescape(raw, &out), wanted.len);
				assert_memory_equal(out.ptr, wanted.ptr, out.len);
			}
			checked++;
		}
		buf_fini(&wanted);
		buf_fini(&out);
		buf_fini(&stream);
	}
	assert_true(checked >= 4);
	json_decref(all);
}

/* The content of a command vector: what stands between the length and the last bracket. */
static struct str content_of(struct str frame)
{
	struct str part, rest = frame;

	for (int i = 0; i < 3; i++)
		assert_true(str_split(&rest, '*', &part));
	return str_slice(rest, 0, rest.len - 1);
}

static void test_commands_are_framed_as_the_vectors_say(void **state)
{
	json_t *all = vectors_load("watch"), *vector;
	size_t i, checked = 0;

	json_array_foreach(all, i, vector)
	{
		struct buf wanted = bytes_of(vector_text(vector, "expected_frame_hex")),
			   out = BUF_INIT;

		if (vector_is(vector, "layer", "encode")) {
			watch_command(STR("CS"), str_from(vector_text(vector, "unique_id")),
				      content_of(buf_str(&wanted)), &out);
			assert_int_equal(out.len, wanted.len);
			assert_memory_equal(out.ptr, wanted.ptr, out.len);
			checked++;
		}
		buf_fini(&out);
		buf_fini(&wanted);
	}
	assert_true(checked >= 6);
	json_decref(all);
}

/* Feeds all vectors as one stream, `step` bytes at a time; returns the frames joined by newlines.
 */
static struct buf fed_by(size_t step)
{
	json_t *all = vectors_load("watch"), *vector;
	struct buf stream = BUF_INIT, waiting = BUF_INIT, frames = BUF_INIT;
	size_t i, skip;

	json_array_foreach(all, i, vector)
	{
		struct buf one = bytes_of(vector_text(vector, "input_hex"));

		buf_add_str(&stream, buf_str(&one));
		buf_fini(&one);
	}
	for (size_t at = 0; at < stream.len; at += step) {
		struct str raw;
		ptrdiff_t used;

		buf_add_str(&waiting, str_slice(buf_str(&stream), at, at + step));
		while ((used = watch_next_frame(buf_str(&waiting), &raw, &skip)) > 0) {
			buf_add_str(&frames, raw);
			buf_add_byte(&frames, '\n');
			buf_consume(&waiting, (size_t)used);
		}
		assert_int_equal(used, 0);
	}
	assert_int_equal(waiting.len, 0);
	buf_fini(&waiting);
	buf_fini(&stream);
	json_decref(all);
	return frames;
}

static void test_one_byte_at_a_time_gives_the_same_frames(void **state)
{
	struct buf whole = fed_by(1 << 20);
	static const size_t steps[] = {1, 2, 7, 64};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf pieces = fed_by(steps[i]);

		assert_int_equal(pieces.len, whole.len);
		assert_memory_equal(pieces.ptr, whole.ptr, whole.len);
		buf_fini(&pieces);
	}
	buf_fini(&whole);
}

static void assert_next(struct str *stream, const char *expected)
{
	struct str raw;
	size_t skip;
	ptrdiff_t used = watch_next_frame(*stream, &raw, &skip);

	assert_true(used > 0);
	assert_str_equal(raw, expected);
	*stream = str_slice(*stream, (size_t)used, stream->len);
}

static void test_two_frames_in_one_read_are_two_frames(void **state)
{
	struct str stream = STR("[3G*1*0002*LK][3G*1*0003*TKQ]");

	assert_next(&stream, "[3G*1*0002*LK]");
	assert_next(&stream, "[3G*1*0003*TKQ]");
	assert_int_equal(stream.len, 0);
}

static void test_noise_before_a_frame_is_skipped(void **state)
{
	struct str stream = STR("\r\nxx[[3G[3G*1*0002*LK]");

	assert_next(&stream, "[3G*1*0002*LK]");
	stream = STR("GET / HTTP/1.1\r\n\r\n[3G*1*0002*LK]");
	assert_next(&stream, "[3G*1*0002*LK]");
}

static void test_noise_that_ends_is_given_up_and_noise_that_may_go_on_waits(void **state)
{
	static char noise[4096];
	struct str raw;
	size_t skip;

	assert_int_equal(watch_next_frame(STR("abc"), &raw, &skip), 0);
	assert_int_equal(watch_next_frame(STR("abc]de"), &raw, &skip), -EBADMSG);
	assert_int_equal(skip, 4);
	assert_str_equal(raw, "abc]");
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(watch_next_frame(str_of(noise, 1023), &raw, &skip), 0);
	assert_int_equal(watch_next_frame(str_of(noise, sizeof(noise)), &raw, &skip), -EBADMSG);
	assert_int_equal(skip, 1024);
}

/* Each piece was looked for the beginning of a frame to the end of the stream. */
static void test_noise_full_of_ends_goes_in_large_pieces(void **state)
{
	static char noise[LIMIT_WATCH_TEXT_BYTES];
	struct str rest = str_of(noise, sizeof(noise)), raw;
	size_t skip, pieces = 0;

	memset(noise, ']', sizeof(noise));
	while (rest.len && watch_next_frame(rest, &raw, &skip) == -EBADMSG) {
		rest = str_slice(rest, skip, rest.len);
		pieces++;
	}
	assert_int_equal(rest.len, 0);
	assert_true(pieces <= sizeof(noise) / 1024);
}

static void test_a_frame_that_never_ended_gives_way_to_the_next_one(void **state)
{
	struct str stream = STR("[3G*1*0009*UD,1[3G*1*0002*LK]"), raw;
	size_t skip;

	assert_int_equal(watch_next_frame(stream, &raw, &skip), -EBADMSG);
	assert_str_equal(raw, "[3G*1*0009*UD,1");
	stream = str_slice(stream, skip, stream.len);
	assert_next(&stream, "[3G*1*0002*LK]");
}

static void test_an_alarm_cut_by_the_next_frame_is_an_unverified_sos(void **state)
{
	struct str stream = STR("[3G*6907919734*003e*AL_LTE,170525,2[3G*6907919734*0002*LK]"), raw;
	struct buf out = BUF_INIT;
	struct report r;
	size_t skip;

	assert_int_equal(watch_next_frame(stream, &raw, &skip), -EBADMSG);
	watch_decode(raw, &r);
	assert_int_equal(r.kind, REPORT_REJECT);
	assert_true(r.sos);
	assert_str_equal(r.device, "6907919734");
	assert_false(watch_reply(raw, true, &out));
}

static void test_an_alarm_whose_beginning_was_lost_is_handed_out_and_not_skipped(void **state)
{
	struct str stream = STR("07919734*003e*AL_LTE,170525,214118,V][3G*1*0002*LK]"), raw;
	struct report r;
	size_t skip;

	assert_int_equal(watch_next_frame(stream, &raw, &skip), -EBADMSG);
	watch_decode(raw, &r);
	assert_int_equal(r.kind, REPORT_REJECT);
	assert_true(r.sos);
	stream = str_slice(stream, skip, stream.len);
	assert_next(&stream, "[3G*1*0002*LK]");
}

#define AL_WITH_NAME(length, name)                                                      \
	"[3G*6907919734*" length                                                        \
	"*AL,170525,214118,A,46.58,N,0.34,E,0,0,0,5,90,22,0,0,00010000,0,0,0,0,1," name \
	",aa:bb:cc:dd:ee:ff,-46]"

static void test_names_with_brackets_stay_inside_their_frame(void **state)
{
	struct str stream = STR(AL_WITH_NAME("0000", "[ma[box]]") "[3G*1*0002*LK]");

	assert_next(&stream, AL_WITH_NAME("0000", "[ma[box]]"));
	assert_next(&stream, "[3G*1*0002*LK]");
}

static void test_a_name_with_an_odd_bracket_does_not_hold_an_sos_back(void **state)
{
	/* Length right: known at its last byte, with nothing after it. */
	struct str stream = STR(AL_WITH_NAME("0061", "[box")), whole = stream;
	struct report r;

	assert_int_equal(content_of(whole).len, 0x61);
	assert_next(&stream, AL_WITH_NAME("0061", "[box"));
	watch_decode(whole, &r);
	assert_int_equal(r.kind, REPORT_SOS);
	/* Length wrong: known when the next frame begins. */
	stream = STR(AL_WITH_NAME("005e", "[box") "\r\n[3G*1*0002*LK]");
	assert_next(&stream, AL_WITH_NAME("005e", "[box") "\r\n");
	assert_next(&stream, "[3G*1*0002*LK]");
	/* The odd one closes: the frame ends early, after its status. */
	stream = STR(AL_WITH_NAME("0000", "box]") "[3G*1*0002*LK]");
	assert_next(&stream, "[3G*6907919734*0000*AL,170525,214118,A,46.58,N,0.34,E,0,0,0,5,90,22,"
			     "0,0,00010000,0,0,0,0,1,box]");
}

static void test_a_million_bytes_without_an_end_is_too_long(void **state)
{
	size_t size = LIMIT_WATCH_FRAME_BYTES;
	char *stream = malloc(size);
	struct str raw;
	size_t skip;

	memset(stream, 'a', size);
	memcpy(stream, "[3G*1*ffff*TK,", 14);
	assert_int_equal(watch_next_frame(str_of(stream, size - 1), &raw, &skip), 0);
	assert_int_equal(watch_next_frame(str_of(stream, size), &raw, &skip), -EMSGSIZE);
	memcpy(stream, "[3G*1*ffff*UD,", 14);
	assert_int_equal(watch_next_frame(str_of(stream, LIMIT_WATCH_TEXT_BYTES - 1), &raw, &skip),
			 0);
	assert_int_equal(watch_next_frame(str_of(stream, LIMIT_WATCH_TEXT_BYTES), &raw, &skip),
			 -EMSGSIZE);
	memset(stream, '[', size);
	memcpy(stream, "[3G*1*ffff*TK,", 14);
	stream[size - 1] = ']';
	assert_int_equal(watch_next_frame(str_of(stream, size), &raw, &skip), -EMSGSIZE);
	free(stream);
}

/* Walks the stream as it grows; how much of it was needed, and what came out. */
static ptrdiff_t walk_bytewise(struct str stream, struct str *ret_raw, size_t *ret_skip)
{
	struct watch_walk walk = {0};
	ptrdiff_t used = 0;

	for (size_t len = 1; len <= stream.len && !used; len++)
		used = watch_walk_on(str_slice(stream, 0, len), &walk, ret_raw, ret_skip);
	return used;
}

static void test_a_frame_fed_byte_by_byte_is_the_frame_fed_at_once(void **state)
{
	static const char *const streams[] = {
		AL_WITH_NAME("0000", "[ma[box]]"),
		AL_WITH_NAME("0061", "[box"),
		AL_WITH_NAME("005e", "[box") "[3G*1*0002*LK]",
		"[3G*1*0009*UD,1[3G*1*0002*LK]",
		"[3G*1*000A*UD,[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]"
		"]]]]]]"
		"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};

	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		struct str stream = str_from(streams[i]), raw = STR_NONE, expected = STR_NONE;
		size_t skip = 0, expected_skip = 0;
		ptrdiff_t used = walk_bytewise(stream, &raw, &skip);

		assert_int_equal(used, watch_next_frame(stream, &expected, &expected_skip));
		assert_int_not_equal(used, 0);
		assert_int_equal(skip, expected_skip);
		assert_true(raw.ptr == expected.ptr && raw.len == expected.len);
	}
}

static void test_what_was_walked_is_not_walked_again(void **state)
{
	static char stream[LIMIT_WATCH_TEXT_BYTES];
	struct watch_walk walk = {0};
	struct str raw;
	size_t skip;

	memset(stream, 'a', sizeof(stream));
	memcpy(stream, "[3G*1*ffff*UD,[]", 16);
	assert_int_equal(watch_walk_on(str_of(stream, sizeof(stream) - 1), &walk, &raw, &skip), 0);
	assert_true(walk.at > sizeof(stream) - 100);
	assert_int_equal(walk.depth, 1);
}

static void test_noise_does_not_wait_with_the_frame_behind_it(void **state)
{
	struct str raw;
	size_t skip;

	assert_int_equal(watch_next_frame(STR("****[3G*1*0002*L"), &raw, &skip), -EBADMSG);
	assert_int_equal(skip, 4);
	assert_str_equal(raw, "****");
}

static void test_the_envelope_is_read_with_and_without_index(void **state)
{
	struct watch_frame f;

	assert_int_equal(watch_split(STR("[3G*8800000015*0002*LK]"), &f), 0);
	assert_str_equal(f.maker, "3G");
	assert_str_equal(f.id, "8800000015");
	assert_null(f.index.ptr);
	assert_str_equal(f.content, "LK");
	assert_false(f.length_lies);
	assert_int_equal(watch_split(STR("[ZJ*014111001350304*0034*0009*LK,0,0,19]"), &f), 0);
	assert_str_equal(f.index, "0034");
	assert_str_equal(f.content, "LK,0,0,19");
	assert_int_equal(watch_split(STR("[3G*8800000015*0005*LK]"), &f), 0);
	assert_true(f.length_lies);
}

static void test_what_is_no_envelope_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "[",
					  "[]",
					  "[3G]",
					  "[3G*]",
					  "[3G**0002*LK]",
					  "[3G*1*2*LK]",
					  "[3G*1*00zz*LK]",
					  "[3G*1 2*0002*LK]",
					  "3G*1*0002*LK",
					  "[3G*1*0002*LK",
					  "[3G*1*0002LK]"};
	struct watch_frame f;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(watch_split(str_from(bad[i]), &f), -EBADMSG);
}

/* 2^11 statuses of known bits, each with every neighbour: the defect of devices.md §0.5. */
static void test_the_sos_bit_is_an_sos_whatever_other_bits_say(void **state)
{
	static const unsigned bits[] = {0, 1, 2, 3, 4, 14, 17, 18, 19, 20, 21, 22, 24};
	static const char *const types[] = {"AL",  "AL_LTE", "ALCUSTOMER1", "UD",
					    "UD2", "UD_LTE", "WT"};

	for (uint32_t set = 0; set < 1u << ARRAY_LEN(bits); set++) {
		uint32_t status = 0;
		char frame[256];

		for (size_t i = 0; i < ARRAY_LEN(bits); i++)
			status |= (set >> i & 1) << bits[i];
		for (unsigned sos = 0; sos < 2; sos++) {
			struct report r;

			snprintf(frame, sizeof(frame),
				 "[3G*1*0000*%s,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,%08X,0,0,"
				 "0]",
				 types[set % ARRAY_LEN(types)], status | sos << 16);
			r = decoded(frame);
			assert_int_equal(r.sos, sos);
			assert_int_equal(r.kind == REPORT_SOS, sos);
			assert_int_equal(!!(r.alarms & ALARM_SOS), sos);
			assert_int_equal(!!(r.alarms & ALARM_LOW_BATTERY), !!(status & 0x20001));
			assert_int_equal(!!(r.alarms & ALARM_FALL), !!(status & 1u << 21));
			assert_int_equal(!!(r.alarms & ALARM_HEART_RATE), !!(status & 1u << 22));
			assert_int_equal(!!(r.alarms & ALARM_POWER_CUT), !!(status & 1u << 14));
		}
	}
}

static void test_an_sos_needs_no_position_at_all(void **state)
{
	static const char *const frames[] = {
		"[3G*6907919734*000A*SOS]",
		"[3G*6907919734*0003*SOS]",
		"[3G*6907919734*0003*sos]",
		"[3G*6907919734*0003*SOS,]",
		"[3G*6907919734*0003*SOS,,,,,,,,,]",
		"[3G*6907919734*0003*SOS,\xff\xfe,nan,9e999,-]",
		"[3G*6907919734*0003*SOS_LTE,170525,214118,V,nan,N,inf,E]",
		"[3G*6907919734*0003*AL,garbage,,,,,,,,,,,,,,,00010000]",
		"[3G*6907919734*0003*AL,170525,214118,A,91,N,181,E,0,0,0,0,0,22,0,0,00010000,0,0]",
		/* A field too few, a field too many: the status is found where it is. */
		"[3G*6907919734*0003*UD,170525,214118,V,0,N,0,E,0,0,0,0,22,0,0,00010001,0,0]",
		"[3G*6907919734*0003*UD,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,0,00010001,0,0]",
		/* A word nobody told us about. */
		"[3G*6907919734*0003*XY,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,00010000,0,0]",
		("[3G*6907919734*0003*PP,091046,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,00010000,"
		 "0,"
		 "0]"),
	};

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		struct report r = decoded(frames[i]);

		assert_int_equal(r.kind, REPORT_SOS);
		assert_true(r.sos);
		assert_int_equal(r.fix.source, FIX_NONE);
		assert_str_equal(r.device, "6907919734");
	}
}

static void test_an_alarm_whose_status_cannot_be_read_is_taken_for_an_sos(void **state)
{
	assert_int_equal(decoded("[3G*1*0002*AL]").kind, REPORT_SOS);
	assert_int_equal(decoded("[3G*1*0002*AL,170525,214118,V]").kind, REPORT_SOS);
	assert_int_equal(decoded("[3G*1*0002*AL_LTE,x,y,z,zz]").kind, REPORT_SOS);
}

static void test_an_alarm_without_a_reason_is_a_general_alarm_with_its_context(void **state)
{
	struct report r =
		decoded("[3G*1*0000*AL,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,00000001,0]");

	assert_int_equal(r.kind, REPORT_ALARM);
	assert_int_equal(r.alarms, ALARM_GENERAL | ALARM_LOW_BATTERY);
	assert_false(r.sos);
}

static void test_the_echo_of_our_own_commands_is_not_a_call_for_help(void **state)
{
	static const char *const echoes[] = {"[3G*1*0004*SOS1]",
					     "[3G*1*0010*SOS2,00000000000]",
					     "[3G*1*0004*SOS3]",
					     "[3G*1*0006*SOSSMS]",
					     "[3G*1*0007*profile]",
					     "[3G*1*0002*CR]",
					     "[3G*1*0006*UPLOAD]",
					     "[3G*1*0007*MONITOR]",
					     "[3G*1*0014*MONITOR,+33549000000]"};

	for (size_t i = 0; i < ARRAY_LEN(echoes); i++) {
		assert_int_equal(decoded(echoes[i]).kind, REPORT_NONE);
		assert_reply(echoes[i], true, NULL);
	}
}

static void test_a_broken_frame_that_may_be_an_sos_says_so(void **state)
{
	static const char *const may_be[] = {
		"[3G*6907919734*003e*AL_LTE,170525,214118,V",
		"[3G*6907919734*SOS]",
		"[3G*6907919734*0003*SOS",
		"[3G*6907919734*00zz*AL,170525]",
		"G*6907919734*003e*AL,170525]",
		"[3G*6907919734*003e*UD,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,00010001",
		"[3G*6907919734*003e*UD,00110000]",
	};
	static const char *const are_not[] = {
		"[3G*6907919734*0002*LK",
		"[3G*6907919734*zz*LK,0,0,22]",
		"",
		"[",
		"]",
		"[3G*6907919734*003e*UD,170525,214118,V,0,N,0,E,0,0,0,0,0,22,0,0,00000001",
		"[3G*6907919734*003e*UD,13252758]",
	};

	for (size_t i = 0; i < ARRAY_LEN(may_be); i++) {
		struct report r = decoded(may_be[i]);

		assert_true(r.sos);
		assert_true(r.kind == REPORT_REJECT || r.kind == REPORT_SOS);
	}
	for (size_t i = 0; i < ARRAY_LEN(are_not); i++) {
		struct report r = decoded(are_not[i]);

		assert_int_equal(r.kind, REPORT_REJECT);
		assert_false(r.sos);
	}
}

static void assert_at(const char *coordinates, enum fix_source source, double lat, double lon)
{
	char frame[256];
	struct report r;

	snprintf(frame, sizeof(frame),
		 "[3G*1*0000*UD,130617,102156,%s,3.6,90.5,120,5,80,77,12,0,00000000,0,0,0]",
		 coordinates);
	r = decoded(frame);
	assert_int_equal(r.kind, REPORT_POSITION);
	assert_int_equal(r.fix.source, source);
	if (source == FIX_NONE)
		return;
	assert_true(fabs(r.fix.lat_e7 / 1e7 - lat) < 1e-7 && fabs(r.fix.lon_e7 / 1e7 - lon) < 1e-7);
	assert_int_equal(r.battery_percent, 77);
	assert_int_equal(r.signal_percent, 80);
	assert_int_equal(r.satellites, 5);
	assert_int_equal(r.steps, 12);
	assert_true(r.fix.at_ms == 1497349316000 && r.at_ms == r.fix.at_ms);
	assert_true(r.fix.speed_kmh == 3.6 && r.fix.course_deg == 90.5 && r.fix.altitude_m == 120);
}

static void test_coordinates_keep_their_sign_however_it_is_written(void **state)
{
	assert_at("A,46.58,N,0.34,E", FIX_GNSS, 46.58, 0.34);
	assert_at("A,46.58,S,0.34,W", FIX_GNSS, -46.58, -0.34);
	assert_at("A,46.58,s,0.34,w", FIX_GNSS, -46.58, -0.34);
	assert_at("A, 46.58,N, 9.15,E", FIX_GNSS, 46.58, 9.15);
	assert_at("A,9.95,N,-84.14,W", FIX_GNSS, 9.95, -84.14);
	assert_at("A,-33.48,N,-70.76,E", FIX_GNSS, -33.48, -70.76);
	assert_at("A,46.58,,0.34,", FIX_GNSS, 46.58, 0.34);
	assert_at("A,46.58,0.34", FIX_GNSS, 46.58, 0.34);
	assert_at("V,46.58,N,0.34,E", FIX_NETWORK, 46.58, 0.34);
	assert_at("V,0.0,N,0.0,E", FIX_NONE, 0, 0);
	assert_at("A,00.000000,N,000.000000,E", FIX_NONE, 0, 0);
	assert_at("V,,,,", FIX_NONE, 0, 0);
	assert_at("A,90.01,N,0.34,E", FIX_NONE, 0, 0);
	assert_at("A,46.58,N,180.01,E", FIX_NONE, 0, 0);
	assert_at("A,nan,N,nan,E", FIX_NONE, 0, 0);
	assert_at("A,1e400,N,0x10,E", FIX_NONE, 0, 0);
}

static void test_a_date_outside_the_calendar_is_no_date(void **state)
{
	struct report r = decoded("[3G*1*0000*UD,310299,102156,A,46.58,N,0.34,E]");

	assert_true(r.at_ms == TIME_NONE);
	assert_int_equal(r.fix.source, FIX_GNSS);
	assert_true(decoded("[3G*1*0000*UD,+1-1+1,102156,A,46.58,N,0.34,E]").at_ms == TIME_NONE);
	assert_true(decoded("[3G*1*0000*UD,0,0,A,46.58,N,0.34,E]").at_ms == TIME_NONE);
	assert_true(decoded("[3G*1*0000*UD,290224,235959,A,46.58,N,0.34,E]").at_ms != TIME_NONE);
}

static void test_accuracy_is_kept_for_a_satellite_fix_only(void **state)
{
	assert_true(
		decoded("[3G*1*0000*UD,130617,102156,A,46.58,N,0.34,E,0,0,0,5,80,77,12,0,00000000,"
			"1,255,208,1,10,20,30,1,box,aa:bb:cc:dd:ee:ff,-40,12.5]")
			.fix.accuracy_m == 12.5);
	assert_true(
		decoded("[3G*1*0000*UD,130617,102156,V,46.58,N,0.34,E,0,0,0,5,80,77,12,0,00000000,"
			"1,255,208,1,10,20,30,0,12.5]")
			.fix.accuracy_m == -1);
}

static void test_cells_beyond_the_cap_are_left(void **state)
{
	struct buf frame = BUF_INIT;
	struct report r;

	buf_printf(&frame, "[3G*1*0000*UD,130617,102156,A,46.58,N,0.34,E,0,0,0,5,80,77,12,0,"
			   "00000000,40,0,208,1");
	for (int i = 0; i < 40; i++)
		buf_printf(&frame, ",%d,%d,100", i, 1000 + i);
	buf_add_byte(&frame, ']');
	watch_decode(buf_str(&frame), &r);
	assert_int_equal(r.cell_count, REPORT_MAX_CELLS);
	assert_int_equal(r.cells[15].cid, 1015);
	assert_int_equal(r.cells[15].rssi, -100);
	buf_fini(&frame);
}

static void test_a_late_report_is_marked_stored(void **state)
{
	assert_true(decoded("[3G*1*0000*UD2,130617,102156,A,46.58,N,0.34,E]").stored);
	assert_true(decoded("[3G*1*0000*UD2_LTE,130617,102156,A,46.58,N,0.34,E]").stored);
	assert_false(decoded("[3G*1*0000*UD,130617,102156,A,46.58,N,0.34,E]").stored);
}

static void test_words_that_carry_no_news_are_nothing_to_store(void **state)
{
	static const char *const frames[] = {"[3G*1*0002*LK]",
					     "[3G*1*0003*TKQ]",
					     "[3G*1*0004*TKQ2]",
					     "[3G*1*0004*INIT]",
					     "[3G*1*0010*RYIMEI,123456789012345]",
					     "[3G*1*0010*ICCID,89330123456789012345]",
					     "[3G*1*0010*CONFIG,TY:G75,UL:600,SY:1,CM:1]",
					     "[3G*1*0004*TK,1]",
					     "[3G*1*0005*heart]",
					     "[3G*1*0000*]",
					     "[3G*1*0000*,]",
					     "[3G*1*0010*VERNO,G29_BASE_V1.00]"};

	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		assert_int_equal(decoded(frames[i]).kind, REPORT_NONE);
}

static void test_heartbeats_and_health_figures_are_a_status(void **state)
{
	static const char *const frames[] = {"[3G*1*000A*LK,50,100,97]",
					     "[3G*1*0009*PULSE,72]",
					     "[3G*1*0008*heart,72]",
					     "[3G*1*000c*BLOOD,109,68]",
					     "[3G*1*0013*bphrt,120,79,73,,,,]",
					     "[3G*1*0009*TEMP,36.5]",
					     "[3G*1*000d*btemp2,1,36.5]",
					     "[3G*1*000B*oxygen,0,98]",
					     "[3G*1*0020*img,5,160429110950,\xff\xd8\xff]"};

	for (size_t i = 0; i < ARRAY_LEN(frames); i++)
		assert_int_equal(decoded(frames[i]).kind, REPORT_STATUS);
	assert_int_equal(decoded(frames[0]).battery_percent, 97);
	assert_int_equal(decoded(frames[0]).steps, 50);
}

static void test_a_clip_in_parts_tells_which_part_of_what(void **state)
{
	struct report r = decoded("[ZJ*1*0035*0443*JXTK,0,watch_7_20220526093954,2,6,a,b]");

	assert_int_equal(r.kind, REPORT_VOICE);
	assert_str_equal(r.media_name, "watch_7_20220526093954");
	assert_int_equal(r.media_part, 2);
	assert_int_equal(r.media_parts, 6);
	assert_str_equal(r.media, "a,b");
	r = decoded("[3G*1*0010*TK,#!AMR\nx]");
	assert_int_equal(r.kind, REPORT_VOICE);
	assert_str_equal(r.media, "#!AMR\nx");
	assert_null(r.media_name.ptr);
	assert_int_equal(decoded("[ZJ*1*0443*JXTK,0,name,7,6,x]").kind, REPORT_REJECT);
	assert_int_equal(decoded("[ZJ*1*0443*JXTK,0,name,1]").kind, REPORT_REJECT);
	assert_reply("[ZJ*1*0443*JXTK,0,name,1]", true, NULL);
}

static void test_answers_are_what_the_vendor_asks_for(void **state)
{
	assert_reply("[3G*1*000D*LK,50,100,97]", true, "[3G*1*0002*LK]");
	assert_reply("[ZJ*1*0034*0009*LK,0,0,19]", true, "[ZJ*1*0034*0002*LK]");
	assert_reply("[3G*1*0000*AL_WCDMA,1,2,V]", true, "[3G*1*0002*AL]");
	assert_reply("[3G*1*0003*SOS]", true, "[3G*1*0002*AL]");
	assert_reply("[3G*1*0003*TKQ2]", true, "[3G*1*0004*TKQ2]");
	assert_reply("[3G*1*0010*TK,#!AMR]", true, "[3G*1*0004*TK,1]");
	assert_reply("[3G*1*0004*INIT]", true, "[3G*1*0006*INIT,1]");
	assert_reply("[3G*1*0010*CONFIG,TY:G75]", true, "[3G*1*0008*CONFIG,1]");
	assert_reply("[3G*1*0013*bphrt,120,79,73]", true, "[3G*1*0005*bphrt]");
	assert_reply("[3G*1*000B*oxygen,0,98]", true, "[3G*1*0008*oxygen,1]");
	assert_reply("[3G*1*000d*btemp2,1,36.5]", true, "[3G*1*0006*btemp2]");
	assert_reply("[3G*1*0000*UD,130617,102156,A,46.58,N,0.34,E]", true, NULL);
}

static void test_nothing_is_acknowledged_that_is_not_stored(void **state)
{
	assert_reply("[3G*1*0000*AL_LTE,1,2,V]", false, NULL);
	assert_reply("[3G*1*0003*SOS]", false, NULL);
	assert_reply("[3G*1*0010*TK,#!AMR]", false, "[3G*1*0004*TK,0]");
	assert_reply("[ZJ*1*0443*JXTK,0,name,1,6,x]", false, NULL);
	assert_reply("[3G*1*000B*oxygen,0,98]", false, NULL);
	/* The link is kept whatever the disk does: an unanswered watch goes mute. */
	assert_reply("[3G*1*0002*LK]", false, "[3G*1*0002*LK]");
}

static void test_escapes_come_back_as_they_were(void **state)
{
	struct buf escaped = BUF_INIT, back = BUF_INIT;
	char bytes[512];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	watch_escape(str_of(bytes, sizeof(bytes)), &escaped);
	for (size_t i = 0; i < escaped.len; i++)
		assert_null(memchr("[],*", escaped.ptr[i], 4));
	assert_int_equal(watch_unescape(buf_str(&escaped), &back), sizeof(bytes));
	assert_memory_equal(back.ptr, bytes, sizeof(bytes));
	assert_int_equal(watch_unescape(STR("ok\x7d"), &back), -EBADMSG);
	assert_int_equal(watch_unescape(STR("ok\x7d\x06"), &back), -EBADMSG);
	assert_int_equal(back.len, sizeof(bytes));
	buf_fini(&escaped);
	buf_fini(&back);
}

static void test_requests_make_the_frames_a_watch_understands(void **state)
{
	struct watch_frame to = {.maker = STR("3G"), .id = STR("1"), .index = STR_NONE};
	struct buf out = BUF_INIT;

	assert_int_equal(watch_ask(&to, WATCH_LOCATE, 0, &out), 0);
	assert_string_equal(buf_cstr(&out), "[3G*1*0002*CR]");
	buf_reset(&out);
	assert_int_equal(watch_ask(&to, WATCH_INTERVAL, 600, &out), 0);
	assert_string_equal(buf_cstr(&out), "[3G*1*000a*UPLOAD,600]");
	buf_reset(&out);
	assert_int_equal(watch_ask(&to, WATCH_INTERVAL, 59, &out), -ERANGE);
	assert_int_equal(watch_ask(&to, WATCH_INTERVAL, 65536, &out), -ERANGE);
	assert_int_equal(out.len, 0);
	assert_int_equal(watch_ask(&to, WATCH_DISCREET, 0, &out), 0);
	assert_string_equal(
		buf_cstr(&out),
		"[3G*1*0008*SOSSMS,0][3G*1*0005*SOS1,][3G*1*0005*SOS2,][3G*1*0005*SOS3,]"
		"[3G*1*0009*profile,4]");
	buf_reset(&out);
	watch_ask_to_dial(&to, STR("+33549000000"), &out);
	assert_string_equal(buf_cstr(&out), "[3G*1*0014*MONITOR,+33549000000]");
	buf_reset(&out);
	watch_command_indexed(STR("ZJ"), STR("1"), STR("0034"), STR("CR"), &out);
	assert_string_equal(buf_cstr(&out), "[ZJ*1*0034*0002*CR]");
	buf_fini(&out);
}

/* A small generator of our own, so that a failure repeats. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Half of the bytes are ones the protocol gives a meaning to. */
static void fill_random(char *bytes, size_t len, uint32_t *seed)
{
	static const char meaningful[] = "[]*,\x7d\x01SOSALUD3G00010000.-AVNE";

	for (size_t i = 0; i < len; i++) {
		uint32_t pick = next_random(seed);

		bytes[i] = pick & 1 ? (char)(pick >> 1)
				    : meaningful[(pick >> 1) % (sizeof(meaningful) - 1)];
	}
}

static void test_random_bytes_hurt_nobody(void **state)
{
	uint32_t seed = 20261123;

	for (int round = 0; round < 20000; round++) {
		size_t len = next_random(&seed) % 200, skip = 0;
		char *bytes = malloc(len + 1);
		struct buf out = BUF_INIT;
		struct str raw = STR_NONE;
		struct report r;
		ptrdiff_t used;

		fill_random(bytes, len, &seed);
		used = watch_next_frame(str_of(bytes, len), &raw, &skip);
		assert_true(used <= (ptrdiff_t)len &&
			    (used != -EBADMSG || (skip > 0 && skip <= len)));
		watch_decode(used ? raw : str_of(bytes, len), &r);
		assert_int_equal(r.sos, !!(r.alarms & ALARM_SOS));
		watch_reply(str_of(bytes, len), true, &out);
		watch_unescape(str_of(bytes, len), &out);
		buf_fini(&out);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_real_frame_decodes_as_it_says),
		cmocka_unit_test(test_every_answer_is_the_vendors_byte_for_byte),
		cmocka_unit_test(test_a_frame_cut_at_any_byte_waits_and_is_never_answered),
		cmocka_unit_test(test_after_a_frame_cut_at_any_byte_the_next_one_is_found),
		cmocka_unit_test(test_frames_come_out_of_a_stream_as_the_vectors_say),
		cmocka_unit_test(test_commands_are_framed_as_the_vectors_say),
		cmocka_unit_test(test_one_byte_at_a_time_gives_the_same_frames),
		cmocka_unit_test(test_two_frames_in_one_read_are_two_frames),
		cmocka_unit_test(test_noise_before_a_frame_is_skipped),
		cmocka_unit_test(test_noise_does_not_wait_with_the_frame_behind_it),
		cmocka_unit_test(test_noise_full_of_ends_goes_in_large_pieces),
		cmocka_unit_test(test_a_frame_fed_byte_by_byte_is_the_frame_fed_at_once),
		cmocka_unit_test(test_what_was_walked_is_not_walked_again),
		cmocka_unit_test(test_noise_that_ends_is_given_up_and_noise_that_may_go_on_waits),
		cmocka_unit_test(test_a_frame_that_never_ended_gives_way_to_the_next_one),
		cmocka_unit_test(test_an_alarm_cut_by_the_next_frame_is_an_unverified_sos),
		cmocka_unit_test(
			test_an_alarm_whose_beginning_was_lost_is_handed_out_and_not_skipped),
		cmocka_unit_test(test_names_with_brackets_stay_inside_their_frame),
		cmocka_unit_test(test_a_name_with_an_odd_bracket_does_not_hold_an_sos_back),
		cmocka_unit_test(test_a_million_bytes_without_an_end_is_too_long),
		cmocka_unit_test(test_the_envelope_is_read_with_and_without_index),
		cmocka_unit_test(test_what_is_no_envelope_is_refused),
		cmocka_unit_test(test_the_sos_bit_is_an_sos_whatever_other_bits_say),
		cmocka_unit_test(test_an_sos_needs_no_position_at_all),
		cmocka_unit_test(test_an_alarm_whose_status_cannot_be_read_is_taken_for_an_sos),
		cmocka_unit_test(
			test_an_alarm_without_a_reason_is_a_general_alarm_with_its_context),
		cmocka_unit_test(test_the_echo_of_our_own_commands_is_not_a_call_for_help),
		cmocka_unit_test(test_a_broken_frame_that_may_be_an_sos_says_so),
		cmocka_unit_test(test_coordinates_keep_their_sign_however_it_is_written),
		cmocka_unit_test(test_a_date_outside_the_calendar_is_no_date),
		cmocka_unit_test(test_accuracy_is_kept_for_a_satellite_fix_only),
		cmocka_unit_test(test_cells_beyond_the_cap_are_left),
		cmocka_unit_test(test_a_late_report_is_marked_stored),
		cmocka_unit_test(test_words_that_carry_no_news_are_nothing_to_store),
		cmocka_unit_test(test_heartbeats_and_health_figures_are_a_status),
		cmocka_unit_test(test_a_clip_in_parts_tells_which_part_of_what),
		cmocka_unit_test(test_answers_are_what_the_vendor_asks_for),
		cmocka_unit_test(test_nothing_is_acknowledged_that_is_not_stored),
		cmocka_unit_test(test_escapes_come_back_as_they_were),
		cmocka_unit_test(test_requests_make_the_frames_a_watch_understands),
		cmocka_unit_test(test_random_bytes_hurt_nobody),
	};

	return cmocka_run_group_tests_name("wire/watch", tests, NULL, NULL);
}

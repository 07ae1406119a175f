/*
 * What the frames of a watch say, and what the vendor wants answered: see watch.h and
 * docs/protocol/watch.md. A watch repeats an alarm until it is answered, so an answer is a
 * promise (I1); and whatever else a frame says, its SOS bit is never hidden (I3).
 */
#include "wire/watch.h"

#include "base/alloc.h"
#include "wire/field.h"
#include "wire/watch_position.h"

enum answer {
	ANSWER_NONE,
	ANSWER_WORD,     /* the type as it came */
	ANSWER_WORD_ONE, /* the type, then ",1" */
	ANSWER_ALARM,    /* "AL", whatever followed it */
	ANSWER_CLIP,     /* "TK,1", or "TK,0": the watch keeps the clip */
	ANSWER_CLIP_PART /* "JXTKR,1" */
};

struct frame_type {
	struct str word;
	bool is_prefix; /* firmware adds _LTE, _WCDMA, 2, CUSTOMER1… */
	void (*decode)(struct str data, struct report *r);
	enum answer answer;
	bool once_stored; /* answered only when what it said is on disk */
};

static void decode_position(struct str data, struct report *r)
{
	struct watch_position p;
	struct fields f;

	fields_cut(data, &f);
	p = watch_read_position(&f, r);
	if (!p.is_list && watch_may_be_sos(data))
		report_raise(r, ALARM_SOS);
	report_settle(r, p.is_list ? REPORT_POSITION : REPORT_REJECT);
}

/* "Touch to make friends" of children's watches: the watch's own clock, then a position. */
static void decode_meeting(struct str data, struct report *r)
{
	struct str clock;

	str_split(&data, ',', &clock);
	decode_position(data, r);
}

/*
 * An alarm frame. Without any alarm bit it names no reason and is an alert all the same; when
 * even its status cannot be read, it is taken for what it may be (I3).
 */
static void decode_alarm(struct str data, struct report *r)
{
	struct watch_position p;
	struct fields f;

	fields_cut(data, &f);
	p = watch_read_position(&f, r);
	if (!(p.status >> WATCH_FIRST_ALARM_BIT))
		report_raise(r, ALARM_GENERAL);
	if (!p.status_known)
		report_raise(r, ALARM_SOS);
	report_settle(r, REPORT_ALARM);
}

static void decode_sos(struct str data, struct report *r)
{
	struct fields f;

	fields_cut(data, &f);
	watch_read_position(&f, r);
	report_raise(r, ALARM_SOS);
	report_settle(r, REPORT_SOS);
}

/* "steps,rolls,battery"; bare, it only says that the watch is there. */
static void decode_link(struct str data, struct report *r)
{
	struct fields f;

	fields_cut(data, &f);
	r->steps = field_int(fields_get(&f, 0), 0, INT32_MAX, -1);
	r->battery_percent = field_percent(fields_get(&f, 2));
	r->kind = f.count >= 3 ? REPORT_STATUS : REPORT_NONE;
}

static void decode_health(struct str data, struct report *r)
{
	r->kind = data.len ? REPORT_STATUS : REPORT_NONE;
}

static void decode_nothing(struct str data, struct report *r)
{
	r->kind = REPORT_NONE;
}

/* One digit is the watch's answer to a clip of ours. */
static void decode_clip(struct str data, struct report *r)
{
	if (data.len < 2)
		return;
	r->kind = REPORT_VOICE;
	r->media = data;
}

/* "source,name,part,parts,bytes". */
static void decode_clip_part(struct str data, struct report *r)
{
	struct str source, name, part, parts;

	r->kind = REPORT_REJECT;
	if (!str_split(&data, ',', &source) || !str_split(&data, ',', &name) ||
	    !str_split(&data, ',', &part) || !str_split(&data, ',', &parts) || data.len == 0)
		return;
	r->media_part = field_int(part, 1, INT16_MAX, 0);
	r->media_parts = field_int(parts, 1, INT16_MAX, 0);
	if (!r->media_part || r->media_part > r->media_parts)
		return;
	r->kind = REPORT_VOICE;
	r->media_name = name;
	r->media = data;
}

/* "5,yymmddhhmmss,bytes": a picture asked for. */
static void decode_picture(struct str data, struct report *r)
{
	r->kind = data.len ? REPORT_STATUS : REPORT_NONE;
}

/* A word nobody told us about may still carry a position, and a position an SOS. */
static void decode_unknown(struct str data, struct report *r)
{
	struct fields f;

	fields_cut(data, &f);
	if (watch_is_position(&f))
		decode_position(data, r);
}

static const struct frame_type unknown_type = {.decode = decode_unknown};

/* The first row that matches. Words are compared without case: both are in the field. */
static const struct frame_type frame_types[] = {
	{STR("LK"), false, decode_link, ANSWER_WORD, false},
	/* What a watch echoes when it is told its numbers: not a call for help. */
	{STR("SOS1"), false, decode_nothing, ANSWER_NONE, false},
	{STR("SOS2"), false, decode_nothing, ANSWER_NONE, false},
	{STR("SOS3"), false, decode_nothing, ANSWER_NONE, false},
	{STR("SOSSMS"), false, decode_nothing, ANSWER_NONE, false},
	{STR("SOS"), true, decode_sos, ANSWER_ALARM, true},
	{STR("AL"), true, decode_alarm, ANSWER_ALARM, true},
	{STR("UD"), true, decode_position, ANSWER_NONE, false},
	{STR("WT"), true, decode_position, ANSWER_NONE, false},
	{STR("PP"), false, decode_meeting, ANSWER_NONE, false},
	{STR("TKQ"), false, decode_nothing, ANSWER_WORD, false},
	{STR("TKQ2"), false, decode_nothing, ANSWER_WORD, false},
	{STR("TK"), false, decode_clip, ANSWER_CLIP, true},
	{STR("JXTK"), false, decode_clip_part, ANSWER_CLIP_PART, true},
	{STR("INIT"), false, decode_nothing, ANSWER_WORD_ONE, false},
	{STR("CONFIG"), false, decode_nothing, ANSWER_WORD_ONE, false},
	{STR("BPHRT"), false, decode_health, ANSWER_WORD, true},
	{STR("HEART"), false, decode_health, ANSWER_WORD, true},
	{STR("BTEMP2"), false, decode_health, ANSWER_WORD, true},
	{STR("OXYGEN"), false, decode_health, ANSWER_WORD_ONE, true},
	{STR("PULSE"), false, decode_health, ANSWER_NONE, false},
	{STR("BLOOD"), false, decode_health, ANSWER_NONE, false},
	{STR("TEMP"), false, decode_health, ANSWER_NONE, false},
	{STR("img"), false, decode_picture, ANSWER_NONE, false},
};

static const struct frame_type *find_type(struct str word)
{
	for (size_t i = 0; i < ARRAY_LEN(frame_types); i++) {
		const struct frame_type *t = &frame_types[i];
		struct str head = t->is_prefix ? str_slice(word, 0, t->word.len) : word;

		if (str_eq_nocase(head, t->word))
			return t;
	}
	return &unknown_type;
}

/* Cuts content into its word and what follows the first comma. */
static const struct frame_type *open_content(struct str content, struct str *ret_word,
					     struct str *ret_data)
{
	*ret_data = content;
	if (!str_split(ret_data, ',', ret_word))
		*ret_word = STR_NONE;
	return find_type(*ret_word);
}

/* The frame is broken, but its identity may be whole: worth telling an operator. */
static struct str guess_id(struct str raw)
{
	struct str maker, id;

	if (!str_starts(raw, STR("[")) || !str_split(&raw, '*', &maker) ||
	    !str_split(&raw, '*', &id) || !raw.ptr || maker.len != 3 || id.len > 15)
		return STR_NONE;
	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] < '0' || id.ptr[i] > '9')
			return STR_NONE;
	return id;
}

void watch_decode(struct str raw, struct report *ret_report)
{
	struct watch_frame f;
	const struct frame_type *type;
	struct str data;

	report_init(ret_report);
	if (watch_split(raw, &f)) {
		ret_report->kind = REPORT_REJECT;
		ret_report->device = guess_id(raw);
		if (watch_may_be_sos(raw))
			report_raise(ret_report, ALARM_SOS);
		return;
	}
	ret_report->device = f.id;
	type = open_content(f.content, &ret_report->type, &data);
	ret_report->stored = str_eq_nocase(str_slice(ret_report->type, 0, 3), STR("UD2"));
	type->decode(data, ret_report);
}

/* The words that announce a call for help, wherever the frame is broken. */
static bool holds_alarm_word(struct str bytes)
{
	struct str part, data;

	while (str_split(&bytes, '*', &part)) {
		/* A short look: the cost must not grow with the square of what a peer sent. */
		struct str look = str_slice(bytes, 0, 16);

		if (open_content(look, &part, &data)->answer == ANSWER_ALARM)
			return true;
	}
	return false;
}

/* Eight hexadecimal digits with the SOS bit, and no bit above those that exist. */
static bool is_sos_status(struct str text)
{
	uint32_t status;

	text = str_trim(text);
	return text.len == 8 && str_starts(text, STR("00")) && watch_parse_status(text, &status) &&
	       (status >> WATCH_FIRST_ALARM_BIT & 1);
}

bool watch_may_be_sos(struct str bytes)
{
	struct str part;

	if (holds_alarm_word(bytes))
		return true;
	while (str_split(&bytes, ',', &part))
		if (is_sos_status(part))
			return true;
	return false;
}

/* Appends what is said back, without its envelope. False when nothing is. */
static bool add_answer(enum answer answer, struct str word, bool stored, struct buf *out)
{
	switch (answer) {
	case ANSWER_NONE:
		return false;
	case ANSWER_WORD:
		buf_add_str(out, word);
		return true;
	case ANSWER_WORD_ONE:
		buf_add_str(out, word);
		buf_add_str(out, STR(",1"));
		return true;
	case ANSWER_ALARM:
		buf_add_str(out, STR("AL"));
		return true;
	case ANSWER_CLIP:
		buf_add_str(out, stored ? STR("TK,1") : STR("TK,0"));
		return true;
	case ANSWER_CLIP_PART:
		buf_add_str(out, STR("JXTKR,1"));
		return true;
	}
	return false;
}

bool watch_reply(struct str raw, bool stored, struct buf *out)
{
	struct buf content = BUF_INIT;
	struct watch_frame f;
	struct report r;
	const struct frame_type *type;
	struct str word, data;
	bool answered = false;

	if (watch_split(raw, &f))
		return false;
	type = open_content(f.content, &word, &data);
	report_init(&r);
	type->decode(data, &r);
	/* Nothing worth storing came, or it could not be stored: then it was not received. */
	if (type->once_stored && (r.kind == REPORT_NONE || r.kind == REPORT_REJECT))
		return false;
	if (type->once_stored && !stored && type->answer != ANSWER_CLIP)
		return false;
	answered = add_answer(type->answer, word, stored, &content);
	if (answered)
		watch_command_indexed(f.maker, f.id, f.index, buf_str(&content), out);
	buf_fini(&content);
	return answered;
}

/*
 * What the frames of a watch say, and what the vendor wants answered: see watch.h and
 * docs/protocol/watch.md. A watch repeats an alarm until it is answered, so an answer is a
 * promise (I1); and whatever else a frame says, its SOS bit is never hidden (I3).
 */
#include "wire/watch.h"

#include <math.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "wire/field.h"

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

/* The comma-separated list of a position, cut. What is beyond the cap is left. */
struct fields {
	size_t count;
	struct str at[LIMIT_DEVICE_FIELDS];
};

static void cut(struct str data, struct fields *f)
{
	f->count = 0;
	while (f->count < ARRAY_LEN(f->at) && str_split(&data, ',', &f->at[f->count]))
		f->count++;
}

static struct str field(const struct fields *f, size_t i)
{
	return i < f->count ? str_trim(f->at[i]) : STR_NONE;
}

/* Bit 0 is the right-most. The low half is states, the high half alarms. */
static const struct {
	unsigned bit;
	enum report_alarm alarm;
} status_bits[] = {
	{0, ALARM_LOW_BATTERY}, {1, ALARM_FENCE_EXIT},   {2, ALARM_FENCE_ENTER},
	{14, ALARM_POWER_CUT},  {16, ALARM_SOS},         {17, ALARM_LOW_BATTERY},
	{18, ALARM_FENCE_EXIT}, {19, ALARM_FENCE_ENTER}, {20, ALARM_REMOVED},
	{21, ALARM_FALL},       {22, ALARM_HEART_RATE},
};

enum { STATUS_FIRST_ALARM_BIT = 16, STATUS_FIRST_UNKNOWN_BIT = 23 };

static void read_status(uint32_t status, struct report *r)
{
	for (size_t i = 0; i < ARRAY_LEN(status_bits); i++)
		if (status >> status_bits[i].bit & 1)
			report_raise(r, status_bits[i].alarm);
	if (status >> STATUS_FIRST_UNKNOWN_BIT)
		report_raise(r, ALARM_OTHER);
}

/* A status is 8 hexadecimal digits, 4 on old watches; the last 8 if ever there are more. */
static bool parse_status(struct str text, uint32_t *ret_status)
{
	uint64_t value;

	if (text.len > 8)
		text = str_slice(text, text.len - 8, text.len);
	if (str_parse_hex_u64(text, UINT32_MAX, &value))
		return false;
	*ret_status = (uint32_t)value;
	return true;
}

/*
 * The status at its place; when what stands there does not look like one (a list with a field
 * too few or too many), the one field around it that does.
 */
static bool find_status(const struct fields *f, size_t place, uint32_t *ret_status)
{
	if (field(f, place).len == 8 && parse_status(field(f, place), ret_status))
		return true;
	for (size_t i = place > 6 ? place - 6 : 0; i <= place + 3; i++)
		if (field(f, i).len == 8 && parse_status(field(f, i), ret_status))
			return true;
	return parse_status(field(f, place), ret_status);
}

/* A negative number is south or west already; its letter, often wrong then, adds nothing. */
static double coordinate(struct str number, struct str letter, const char *negative)
{
	double value = field_double(number, -180, 180, NAN);
	bool mirrored = letter.len == 1 && memchr(negative, letter.ptr[0], 2);

	return mirrored && value > 0 ? -value : value;
}

static bool is_letter_of(struct str text, const char *letters)
{
	return text.len == 0 || (text.len == 1 && memchr(letters, text.ptr[0], 4));
}

/* Reads latitude and longitude, whose letters may be empty or missing. Returns the next field. */
static size_t read_coordinates(const struct fields *f, size_t at, enum fix_source source,
			       struct report *r)
{
	struct str lat = field(f, at++), north = STR_NONE, lon, east = STR_NONE;

	if (is_letter_of(field(f, at), "NSns"))
		north = field(f, at++);
	lon = field(f, at++);
	if (is_letter_of(field(f, at), "EWew"))
		east = field(f, at++);
	if (fix_place(&r->fix, source, coordinate(lat, north, "Ss"), coordinate(lon, east, "Ww")))
		r->fix.at_ms = r->at_ms;
	return at;
}

/* "ddmmyy" and "hhmmss", UTC. */
static int64_t read_time(struct str date, struct str time)
{
	struct civil_time t = {
		.day = field_int(str_slice(date, 0, 2), 1, 31, 0),
		.month = field_int(str_slice(date, 2, 4), 1, 12, 0),
		.year = 2000 + field_int(str_slice(date, 4, 6), 0, 99, -2000),
		.hour = field_int(str_slice(time, 0, 2), 0, 23, -1),
		.minute = field_int(str_slice(time, 2, 4), 0, 59, -1),
		.second = field_int(str_slice(time, 4, 6), 0, 59, -1),
	};
	int64_t at_ms;

	return date.len == 6 && time.len == 6 && !civil_to_ms(&t, &at_ms) ? at_ms : TIME_NONE;
}

/* {lac, cid, strength}: a strength is sent without its minus. Returns the next field. */
static size_t read_cells(const struct fields *f, size_t at, struct report *r)
{
	int count = field_int(field(f, at), 0, LIMIT_DEVICE_FIELDS, 0);
	int mcc = field_int(field(f, at + 2), 0, 999, 0),
	    mnc = field_int(field(f, at + 3), 0, 999, 0);

	if (count == 0)
		return f->count;
	at += 4;
	for (int i = 0; i < count && at + 1 < f->count; i++, at += 3) {
		struct report_cell cell = {
			.mcc = mcc,
			.mnc = mnc,
			.lac = (uint32_t)field_i64(field(f, at), 0, UINT32_MAX, 0),
			.cid = (uint32_t)field_i64(field(f, at + 1), 0, UINT32_MAX, 0),
			.rssi = field_int(field(f, at + 2), -255, 255, 0),
		};

		if (cell.rssi > 0)
			cell.rssi = -cell.rssi;
		if (r->cell_count < REPORT_MAX_CELLS)
			r->cells[r->cell_count++] = cell;
	}
	return at;
}

/* After the Wi-Fi names (count, {name, address, strength}): what the watch thinks of its fix. */
static void read_accuracy(const struct fields *f, size_t at, struct report *r)
{
	int names = field_int(field(f, at), 0, LIMIT_WIFI, 0);
	double accuracy = field_double(field(f, at + 1 + 3 * (size_t)names), 0, 100000, -1);

	/* Said of a last known position it would be a lie. */
	if (r->fix.source == FIX_GNSS && accuracy > 0)
		r->fix.accuracy_m = accuracy;
}

static void read_figures(const struct fields *f, size_t at, struct report *r)
{
	r->fix.speed_kmh = field_double(field(f, at), 0, 2000, -1);
	r->fix.course_deg = field_double(field(f, at + 1), 0, 360, -1);
	r->fix.altitude_m = field_double(field(f, at + 2), -1000, 100000, NAN);
	r->satellites = field_int(field(f, at + 3), 0, 255, -1);
	r->signal_percent = field_int(field(f, at + 4), 0, 100, -1);
	r->battery_percent = field_percent(field(f, at + 5));
	r->steps = field_int(field(f, at + 6), 0, INT32_MAX, -1);
}

enum { DATE, TIME, VALIDITY, LATITUDE };

static bool is_position_list(const struct fields *f)
{
	struct str validity = field(f, VALIDITY);

	return f->count > LATITUDE && validity.len == 1 && memchr("AVav", validity.ptr[0], 4);
}

/*
 * Reads a position list as far as it goes. True when it is one. *ret_status_known tells
 * whether its status could be read: an alarm without one may be an SOS.
 */
static bool read_position(struct str data, struct report *r, uint32_t *ret_status,
			  bool *ret_status_known)
{
	struct fields f;
	bool is_list, is_gnss;
	size_t at;

	cut(data, &f);
	is_list = is_position_list(&f);
	r->at_ms = read_time(field(&f, DATE), field(&f, TIME));
	is_gnss = str_eq_nocase(field(&f, VALIDITY), STR("A"));
	at = read_coordinates(&f, LATITUDE, is_gnss ? FIX_GNSS : FIX_NETWORK, r);
	*ret_status_known = find_status(&f, at + 8, ret_status);
	if (*ret_status_known)
		read_status(*ret_status, r);
	if (!is_list) {
		r->fix.source = FIX_NONE;
		return false;
	}
	read_figures(&f, at, r);
	read_accuracy(&f, read_cells(&f, at + 9, r), r);
	return true;
}

static void decode_position(struct str data, struct report *r)
{
	uint32_t status;
	bool status_known, is_list = read_position(data, r, &status, &status_known);

	if (!is_list && watch_may_be_sos(data))
		report_raise(r, ALARM_SOS);
	report_settle(r, is_list ? REPORT_POSITION : REPORT_REJECT);
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
	uint32_t status = 0;
	bool status_known;

	read_position(data, r, &status, &status_known);
	if (!(status >> STATUS_FIRST_ALARM_BIT))
		report_raise(r, ALARM_GENERAL);
	if (!status_known)
		report_raise(r, ALARM_SOS);
	report_settle(r, REPORT_ALARM);
}

static void decode_sos(struct str data, struct report *r)
{
	uint32_t status;
	bool status_known;

	read_position(data, r, &status, &status_known);
	report_raise(r, ALARM_SOS);
	report_settle(r, REPORT_SOS);
}

/* "steps,rolls,battery"; bare, it only says that the watch is there. */
static void decode_link(struct str data, struct report *r)
{
	struct fields f;

	cut(data, &f);
	r->steps = field_int(field(&f, 0), 0, INT32_MAX, -1);
	r->battery_percent = field_percent(field(&f, 2));
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

	cut(data, &f);
	if (is_position_list(&f))
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
	return text.len == 8 && str_starts(text, STR("00")) && parse_status(text, &status) &&
	       (status >> STATUS_FIRST_ALARM_BIT & 1);
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

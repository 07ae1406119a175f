/* Advanced Mobile Location: see aml.h. */
#include "wire/aml.h"

#include <errno.h>
#include <math.h>

#include "base/clock.h"

/* An SMS has 140 bytes: 160 septets; a text joined of four of them is longer than any AML. */
enum { SEPTETS_MAX = 160, TEXT_MAX = 640, RADIUS_MAX_M = 1000000 };

#define BEGINNING STR("A\"ML=")
/* The first four bytes of it, packed. */
#define PACKED STR("\x41\x51\x93\xD9")

static struct aml unsaid(void)
{
	return (struct aml){.radius_m = -1, .altitude_m = NAN, .at_ms = TIME_NONE};
}

static bool degrees(struct str text, double max, int32_t *ret_e7)
{
	double value;

	if (str_starts(text, STR("+")))
		text = str_slice(text, 1, text.len);
	if (str_parse_double(text, -max, max, &value))
		return false;
	*ret_e7 = (int32_t)lround(value * 1e7);
	return true;
}

static double measure(struct str text, double min, double max, double other)
{
	double value;

	return str_parse_double(text, min, max, &value) ? other : value;
}

/* 20191112112928, UTC. */
static int64_t compact_time(struct str text)
{
	static const unsigned widths[] = {4, 2, 2, 2, 2, 2};
	int fields[6];
	int64_t at_ms;

	if (text.len != 14)
		return TIME_NONE;
	for (size_t i = 0, at = 0; i < 6; at += widths[i++]) {
		int64_t value;

		if (str_parse_i64(str_slice(text, at, at + widths[i]), 0, 9999, &value))
			return TIME_NONE;
		fields[i] = (int)value;
	}
	return civil_to_ms(&(struct civil_time){fields[0], fields[1], fields[2], fields[3],
						fields[4], fields[5], 0},
			   &at_ms)
		       ? TIME_NONE
		       : at_ms;
}

/* --- SMS */

struct reading {
	struct aml aml;
	bool lat, lon, is_v2;
	bool nowhere; /* the telephone says that it does not know */
	int64_t emergency_at_s, after_s;
};

static void take_v1(struct reading *r, struct str key, struct str value)
{
	if (str_eq(key, STR("lt")))
		r->lat = degrees(value, 90, &r->aml.lat_e7);
	else if (str_eq(key, STR("lg")))
		r->lon = degrees(value, 180, &r->aml.lon_e7);
	else if (str_eq(key, STR("rd")))
		r->aml.radius_m = measure(value, 0, RADIUS_MAX_M, -1);
	else if (str_eq(key, STR("top")))
		r->aml.at_ms = compact_time(value);
	else if (str_eq(key, STR("pm"))) {
		r->nowhere = str_eq(value, STR("N"));
		r->aml.approximate = !str_eq(value, STR("G"));
	}
}

/* lo=latitude,longitude,radius */
static void take_place(struct reading *r, struct str value)
{
	struct str part;

	if (str_split(&value, ',', &part))
		r->lat = degrees(part, 90, &r->aml.lat_e7);
	if (str_split(&value, ',', &part))
		r->lon = degrees(part, 180, &r->aml.lon_e7);
	if (str_split(&value, ',', &part))
		r->aml.radius_m = measure(part, 0, RADIUS_MAX_M, -1);
}

static void take_v2(struct reading *r, struct str key, struct str value)
{
	if (str_eq(key, STR("lo")))
		take_place(r, value);
	else if (str_eq(key, STR("et")))
		r->emergency_at_s = (int64_t)measure(value, 0, 1e11, -1);
	else if (str_eq(key, STR("lt"))) /* here: seconds from the call to the place */
		r->after_s = (int64_t)measure(value, -1e6, 1e6, 0);
	else if (str_eq(key, STR("lz")))
		r->aml.altitude_m = measure(
			str_slice(value, 0,
				  (size_t)(str_find(value, ',') < 0 ? (ptrdiff_t)value.len
								    : str_find(value, ','))),
			-1000, 100000, NAN);
	else if (str_eq(key, STR("ls")))
		r->aml.approximate = !str_eq(value, STR("G"));
}

bool aml_is_text(struct str text)
{
	return str_starts(str_trim(text), BEGINNING);
}

int aml_decode_text(struct str text, struct aml *ret_aml)
{
	struct reading r = {.aml = unsaid(), .emergency_at_s = -1};
	struct str part;

	text = str_trim(text);
	if (!str_starts(text, BEGINNING) || text.len > TEXT_MAX)
		return -EBADMSG;
	text = str_slice(text, BEGINNING.len, text.len);
	if (!str_split(&text, ';', &part))
		return -EBADMSG;
	r.is_v2 = str_eq(part, STR("2"));
	while (str_split(&text, ';', &part)) {
		ptrdiff_t equals = str_find(part, '=');
		struct str key, value;

		if (equals < 0)
			continue;
		key = str_slice(part, 0, (size_t)equals);
		value = str_slice(part, (size_t)equals + 1, part.len);
		r.is_v2 ? take_v2(&r, key, value) : take_v1(&r, key, value);
	}
	if (r.nowhere || !r.lat || !r.lon)
		return r.nowhere ? -ENOENT : -EBADMSG;
	if (r.emergency_at_s >= 0)
		r.aml.at_ms = (r.emergency_at_s + r.after_s) * 1000;
	*ret_aml = r.aml;
	return 0;
}

bool aml_is_packed(struct str bytes)
{
	return str_starts(bytes, PACKED);
}

int aml_unpack(struct str bytes, struct buf *ret_text)
{
	size_t septets = bytes.len * 8 / 7;

	if (septets > SEPTETS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < septets; i++) {
		size_t at = i * 7 / 8, shift = i * 7 % 8;
		unsigned two = (uint8_t)bytes.ptr[at];

		if (at + 1 < bytes.len)
			two |= (unsigned)(uint8_t)bytes.ptr[at + 1] << 8;
		/* AML uses only characters that are in ASCII's place; what fills the end is no
		 * text. */
		if ((two >> shift & 0x7f) >= ' ')
			buf_add_byte(ret_text, (uint8_t)(two >> shift & 0x7f));
	}
	return 0;
}

/* --- HTTPS */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decoded into size bytes with its NUL; what does not fit, or is no text, is "". */
static struct str decode(struct str encoded, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < encoded.len && len < size; i++) {
		char c = encoded.ptr[i];

		if (c == '%') {
			if (i + 2 >= encoded.len || hex(encoded.ptr[i + 1]) < 0 ||
			    hex(encoded.ptr[i + 2]) < 0)
				return STR("");
			c = (char)(hex(encoded.ptr[i + 1]) << 4 | hex(encoded.ptr[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[len++] = c;
	}
	if (len == size || !str_is_utf8(str_of(out, len)))
		len = 0;
	out[len] = '\0';
	return str_of(out, len);
}

static void take_field(struct reading *r, struct str key, struct str value)
{
	int64_t at_ms;

	if (str_eq(key, STR("device_number")))
		snprintf(r->aml.number, sizeof(r->aml.number), "%.*s", STR_FMT(value));
	else if (str_eq(key, STR("location_latitude")))
		r->lat = degrees(value, 90, &r->aml.lat_e7);
	else if (str_eq(key, STR("location_longitude")))
		r->lon = degrees(value, 180, &r->aml.lon_e7);
	else if (str_eq(key, STR("location_accuracy")))
		r->aml.radius_m = measure(value, 0, RADIUS_MAX_M, -1);
	else if (str_eq(key, STR("location_altitude")))
		r->aml.altitude_m = measure(value, -1000, 100000, NAN);
	else if (str_eq(key, STR("location_source")))
		r->aml.approximate = !str_eq_nocase(value, STR("GPS"));
	else if (str_eq(key, STR("location_time")) &&
		 !str_parse_i64(value, 0, INT64_C(1) << 43, &at_ms))
		r->aml.at_ms = at_ms;
}

int aml_decode_form(struct str body, struct aml *ret_aml)
{
	struct reading r = {.aml = unsaid()};
	struct str pair;

	while (str_split(&body, '&', &pair)) {
		ptrdiff_t equals = str_find(pair, '=');
		char value[AML_NUMBER_SIZE];

		if (equals > 0)
			take_field(&r, str_slice(pair, 0, (size_t)equals),
				   decode(str_slice(pair, (size_t)equals + 1, pair.len), value,
					  sizeof(value)));
	}
	if (!r.aml.number[0])
		return -EBADMSG;
	if (!r.lat || !r.lon)
		return -ENOENT;
	*ret_aml = r.aml;
	return 0;
}

bool aml_form_signature(struct str body, struct str *ret_signed, struct str *ret_hmac)
{
	static const char name[] = "&hmac=";
	size_t len = sizeof(name) - 1;

	/* The last one: nothing that is signed comes after it. */
	for (size_t at = body.len; at >= len; at--) {
		if (!str_eq(str_slice(body, at - len, at), str_from(name)))
			continue;
		*ret_signed = str_slice(body, 0, at - len);
		*ret_hmac = str_slice(body, at, body.len);
		return true;
	}
	return false;
}

/* Location objects: see pidf.h. expat reads the XML (docs/decisions/expat.md). */
#include "wire/pidf.h"

#include <errno.h>
#include <expat.h>
#include <math.h>

#include "base/clock.h"

enum { TEXT_SIZE = 2048, DEPTH_MAX = 32, NAME_SIZE = 24, RADIUS_MAX_M = 1000000, POINTS_MAX = 128 };

#define SEPARATOR '|'

/* Parts of a civic address (RFC 5139 §3.1), in the order they are written here. */
static const char *const parts[] = {"HNO", "HNS", "PRD", "A6",  "RD", "STS", "POD",
				    "NAM", "BLD", "FLR", "LOC", "PC", "A4",  "A3"};
enum { PARTS = sizeof(parts) / sizeof(parts[0]), PART_SIZE = 61 };

struct reading {
	XML_Parser parser;
	struct pidf pidf;
	char text[TEXT_SIZE]; /* of the element that is open */
	size_t text_len;
	bool too_long; /* what it says is not read */
	int depth;
	bool has_place;  /* coordinates of an earlier place were taken */
	bool in_place;   /* within a location-info */
	bool is_polygon; /* its points are a ring */
	int dimensions;  /* numbers of each of them */
	double points[POINTS_MAX][2];
	unsigned point_count;
	double radius_m, altitude_m;
	char civic[PARTS][PART_SIZE];
	bool has_civic;
};

/* Without its namespace: older documents put elements into wrong ones, and no two of those we read
 * share a name. */
static const char *local(const char *name)
{
	const char *separator = strrchr(name, SEPARATOR);

	return separator ? separator + 1 : name;
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
			       const XML_Char *public_id, int has_internal)
{
	struct reading *r = context;

	/* Entities are how XML attacks its readers. */
	XML_StopParser(r->parser, XML_FALSE);
}

/* EPSG 4979 has heights, 4326 has none (RFC 5491 §5). */
static void take_dimensions(struct reading *r, const XML_Char **attributes)
{
	for (; attributes[0]; attributes += 2)
		if (!strcmp(local(attributes[0]), "srsName"))
			r->dimensions = strstr(attributes[1], "4979") ? 3 : 2;
}

static void XMLCALL on_start(void *context, const XML_Char *full, const XML_Char **attributes)
{
	struct reading *r = context;
	const char *name = local(full);

	if (++r->depth > DEPTH_MAX)
		XML_StopParser(r->parser, XML_FALSE);
	r->text_len = 0;
	r->too_long = false;
	if (!strcmp(name, "location-info")) {
		r->in_place = true;
		r->point_count = 0;
		r->radius_m = -1;
		r->altitude_m = NAN;
		r->is_polygon = false;
		r->dimensions = 2;
	}
	if (!strcmp(name, "Polygon") || !strcmp(name, "Prism"))
		r->is_polygon = true;
	take_dimensions(r, attributes);
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
	struct reading *r = context;

	if (r->too_long || (size_t)len > sizeof(r->text) - r->text_len) {
		r->too_long = true;
		return;
	}
	memcpy(r->text + r->text_len, text, (size_t)len);
	r->text_len += (size_t)len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str trim(struct str text)
{
	while (text.len && is_space(text.ptr[0]))
		text = str_slice(text, 1, text.len);
	while (text.len && is_space(text.ptr[text.len - 1]))
		text = str_slice(text, 0, text.len - 1);
	return text;
}

/* The next word of *rest; false at the end. */
static bool next_word(struct str *rest, struct str *ret_word)
{
	size_t len = 0;

	*rest = trim(*rest);
	while (len < rest->len && !is_space(rest->ptr[len]))
		len++;
	*ret_word = str_slice(*rest, 0, len);
	*rest = str_slice(*rest, len, rest->len);
	return len;
}

static void add_point(struct reading *r, double lat, double lon)
{
	if (r->point_count == POINTS_MAX)
		return;
	r->points[r->point_count][0] = lat;
	r->points[r->point_count++][1] = lon;
}

/* "lat lon" or "lat lon altitude"; anything else says nothing. */
static void take_position(struct reading *r, struct str text)
{
	double value[3] = {0, 0, NAN};
	struct str word;
	int count = 0;

	while (next_word(&text, &word)) {
		if (count == 3 || str_parse_double(word, -1e7, 1e7, &value[count]))
			return;
		count++;
	}
	if (count < 2 || fabs(value[0]) > 90 || fabs(value[1]) > 180)
		return;
	add_point(r, value[0], value[1]);
	r->altitude_m = value[2];
}

/* A ring's points, one after the other; a number that is none ends it all. */
static void take_positions(struct reading *r, struct str text)
{
	double point[3];
	struct str word;
	int count = 0;

	while (next_word(&text, &word)) {
		if (str_parse_double(word, -1e7, 1e7, &point[count])) {
			r->point_count = 0;
			return;
		}
		if (++count < r->dimensions)
			continue;
		count = 0;
		if (fabs(point[0]) <= 90 && fabs(point[1]) <= 180)
			add_point(r, point[0], point[1]);
	}
}

static void take_radius(struct reading *r, struct str text)
{
	double value;

	if (!str_parse_double(text, 0, RADIUS_MAX_M, &value) && value > r->radius_m)
		r->radius_m = value;
}

static void take_part(struct reading *r, const char *name, struct str text)
{
	for (int i = 0; i < PARTS; i++) {
		if (strcmp(parts[i], name) || !text.len || text.len >= PART_SIZE || r->civic[i][0])
			continue;
		memcpy(r->civic[i], text.ptr, text.len);
		r->has_civic = true;
	}
}

/* The middle of the ring, and how far its corners are; the Earth as flat as it is there. */
static void settle_polygon(struct reading *r, double *ret_lat, double *ret_lon)
{
	const double metres = 111195;
	double lat = 0, lon = 0;

	/* The last point repeats the first. */
	unsigned n = r->point_count > 1 ? r->point_count - 1 : r->point_count;

	for (unsigned i = 0; i < n; i++) {
		lat += r->points[i][0] / n;
		lon += r->points[i][1] / n;
	}
	for (unsigned i = 0; i < n; i++) {
		double north = (r->points[i][0] - lat) * metres;
		double east = (r->points[i][1] - lon) * metres * cos(lat * M_PI / 180);

		r->radius_m = fmax(r->radius_m, sqrt(north * north + east * east));
	}
	*ret_lat = lat;
	*ret_lon = lon;
}

static void end_place(struct reading *r)
{
	double lat, lon;

	r->in_place = false;
	if (r->has_place || !r->point_count)
		return;
	lat = r->points[0][0];
	lon = r->points[0][1];
	if (r->is_polygon)
		settle_polygon(r, &lat, &lon);
	r->has_place = true;
	r->pidf.located = true;
	r->pidf.lat_e7 = (int32_t)lround(lat * 1e7);
	r->pidf.lon_e7 = (int32_t)lround(lon * 1e7);
	r->pidf.radius_m = r->radius_m;
	r->pidf.altitude_m = r->altitude_m;
}

static void XMLCALL on_end(void *context, const XML_Char *full)
{
	struct reading *r = context;
	const char *name = local(full);
	struct str text = r->too_long ? STR("") : trim(str_of(r->text, r->text_len));

	r->depth--;
	if (!strcmp(name, "location-info"))
		end_place(r);
	else if (r->in_place && !strcmp(name, "pos"))
		take_position(r, text);
	else if (r->in_place && !strcmp(name, "posList"))
		take_positions(r, text);
	else if (r->in_place && (!strcmp(name, "radius") || !strcmp(name, "semiMajorAxis") ||
				 !strcmp(name, "outerRadius")))
		take_radius(r, text);
	else if (!strcmp(name, "method"))
		r->pidf.approximate = !str_eq_nocase(text, STR("GPS")) &&
				      !str_eq_nocase(text, STR("A-GPS")) &&
				      !str_eq_nocase(text, STR("GNSS"));
	else if (!strcmp(name, "timestamp") && r->pidf.at_ms == TIME_NONE)
		time_parse(text, &r->pidf.at_ms);
	else if (r->in_place)
		take_part(r, name, text);
	r->text_len = 0;
}

/* "3 bis rue de l'Église, 86190 Béruges": what is given, in that order. */
static void write_address(struct reading *r)
{
	char *out = r->pidf.address;
	size_t len = 0;

	for (int i = 0; r->has_civic && i < PARTS; i++) {
		const char *before = !len                                               ? ""
				     : i == 7 || i == 8 || i == 9 || i == 10 || i == 11 ? ", "
											: " ";
		size_t more = strlen(before) + strlen(r->civic[i]);

		if (!r->civic[i][0] || len + more >= PIDF_ADDRESS_SIZE)
			continue;
		memcpy(out + len, before, strlen(before));
		memcpy(out + len + strlen(before), r->civic[i], strlen(r->civic[i]));
		len += more;
	}
	out[len] = '\0';
}

int pidf_decode(struct str xml, struct pidf *ret_pidf)
{
	struct reading r = {.pidf = {.radius_m = -1, .altitude_m = NAN, .at_ms = TIME_NONE},
			    .radius_m = -1};
	int result = -EBADMSG;

	if (xml.len > LIMIT_PIDF_BYTES)
		return -EBADMSG;
	r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!r.parser)
		return -EBADMSG;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (XML_Parse(r.parser, xml.ptr, (int)xml.len, XML_TRUE) == XML_STATUS_OK) {
		write_address(&r);
		result = r.pidf.located || r.has_civic ? 0 : -ENOENT;
	}
	XML_ParserFree(r.parser);
	if (!result)
		*ret_pidf = r.pidf;
	return result;
}

/* base/outlines: a position is on one commune, exactly, on borders too. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/outlines.h"
#include "crypto/note.h"
#include "ctl/import_kinds.h"
#include "store/outline.h"
#include "wire/geojson.h"
#include "wire/json_items.h"

#define P(lon, lat)                            \
	{                                      \
		(lon) * 1000000, (lat)*1000000 \
	}

static void add(struct outlines *o, uint32_t place, const struct outline_point *points,
		const uint32_t *ends, uint32_t rings)
{
	struct outline_polygon polygon = {points, ends, rings};

	assert_int_equal(outlines_add(o, place, &polygon), 0);
}

static uint32_t at(const struct outlines *o, int lon, int lat)
{
	return outlines_find(o, lat * 1000000, lon * 1000000);
}

static void test_an_enclave_is_in_the_hole_and_not_in_what_surrounds_it(void **state)
{
	static const struct outline_point around[] = {P(0, 0), P(9, 0), P(9, 9), P(0, 9),
						      P(3, 3), P(3, 6), P(6, 6), P(6, 3)};
	static const struct outline_point within[] = {P(3, 3), P(6, 3), P(6, 6), P(3, 6)};
	static const uint32_t two[] = {4, 8}, one[] = {4};
	struct outlines *o = outlines_new();

	add(o, 7, around, two, 2);
	add(o, 8, within, one, 1);
	outlines_finish(o);
	assert_int_equal(at(o, 1, 1), 7);
	assert_int_equal(at(o, 4, 4), 8);
	assert_int_equal(at(o, 10, 4), OUTLINES_NONE);
	assert_int_equal(at(o, 4, -1), OUTLINES_NONE);
	/* On the hole's border: one of them, whichever. */
	for (int i = 3; i <= 6; i++) {
		assert_in_range(at(o, i, 3), 7, 8);
		assert_in_range(at(o, 3, i), 7, 8);
		assert_in_range(at(o, i, 6), 7, 8);
		assert_in_range(at(o, 6, i), 7, 8);
	}
	outlines_free(o);
}

static void test_an_island_is_of_the_same_commune(void **state)
{
	static const struct outline_point land[] = {P(0, 0), P(2, 0), P(1, 2)};
	static const struct outline_point island[] = {P(100, 10), P(102, 10), P(101, 12)};
	static const uint32_t ends[] = {3};
	struct outlines *o = outlines_new();

	add(o, 3, land, ends, 1);
	add(o, 3, island, ends, 1);
	outlines_finish(o);
	assert_int_equal(at(o, 1, 1), 3);
	assert_int_equal(at(o, 101, 11), 3);
	assert_int_equal(at(o, 50, 5), OUTLINES_NONE);
	outlines_free(o);
}

static void test_what_is_wider_than_a_country_or_has_no_surface_is_refused(void **state)
{
	static const struct outline_point wide[] = {P(0, 0), P(210, 0), P(5, 5)};
	static const struct outline_point line[] = {P(0, 0), P(1, 1)};
	static const uint32_t three[] = {3}, two[] = {2};
	struct outlines *o = outlines_new();

	assert_int_equal(outlines_add(o, 0, &(struct outline_polygon){wide, three, 1}), -ERANGE);
	assert_int_equal(outlines_add(o, 0, &(struct outline_polygon){line, two, 1}), -EINVAL);
	assert_int_equal(outlines_add(o, 0, &(struct outline_polygon){line, two, 0}), -EINVAL);
	outlines_finish(o);
	assert_int_equal(at(o, 1, 1), OUTLINES_NONE);
	outlines_free(o);
}

/* --- borders that meet: a net of points pushed about at random, cut into triangles */

enum { NET = 12 };

static struct outline_point net[NET + 1][NET + 1];
static uint64_t seed;

/* Knuth's, of 64 bits: the same net each time. */
static int32_t below(int32_t end)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int32_t)((seed >> 33) % (uint64_t)end);
}

static void push_about(void)
{
	for (int y = 0; y <= NET; y++)
		for (int x = 0; x <= NET; x++)
			net[y][x] = (struct outline_point){x * 100000 + below(60000),
							   y * 100000 + below(60000)};
}

/* How many of the outlines, each alone, hold the position. */
static int holders(struct outlines **each, size_t count, struct outline_point p)
{
	int found = 0;

	for (size_t i = 0; i < count; i++)
		found += outlines_find(each[i], p.lat_e7, p.lon_e7) != OUTLINES_NONE;
	return found;
}

static void cut(struct outlines **each)
{
	static const uint32_t ends[] = {3};

	for (int i = 0; i < NET * NET; i++) {
		const struct outline_point *low = &net[i / NET][i % NET];
		const struct outline_point *high = &net[i / NET + 1][i % NET];
		struct outline_point halves[2][3] = {{low[0], low[1], high[0]},
						     {high[0], low[1], high[1]}};

		for (int half = 0; half < 2; half++) {
			each[2 * i + half] = outlines_new();
			add(each[2 * i + half], 0, halves[half], ends, 1);
			outlines_finish(each[2 * i + half]);
		}
	}
}

static void test_neighbours_share_a_border_without_gap_or_overlap(void **state)
{
	enum { PIECES = 2 * NET * NET };
	struct outlines *each[PIECES];

	seed = 4;
	for (int round = 0; round < 5; round++) {
		push_about();
		cut(each);
		for (int y = 1; y < NET; y++)
			for (int x = 1; x < NET; x++) {
				struct outline_point p = net[y][x], q = net[y][x + 1];
				struct outline_point middle = {(p.lon_e7 + q.lon_e7) / 2,
							       (p.lat_e7 + q.lat_e7) / 2};

				assert_int_equal(holders(each, PIECES, p), 1);
				if (x + 1 < NET)
					assert_int_equal(holders(each, PIECES, middle), 1);
			}
		for (int i = 0; i < 500; i++) {
			struct outline_point p = {200000 + below(900000), 200000 + below(900000)};

			assert_int_equal(holders(each, PIECES, p), 1);
		}
		for (int i = 0; i < PIECES; i++)
			outlines_free(each[i]);
	}
}

/* --- the real thing */

static struct buf read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	struct buf b = BUF_INIT;
	size_t got;

	assert_non_null(file);
	while ((got = fread(buf_reserve(&b, 65536), 1, 65536, file)) > 0)
		b.len += got;
	fclose(file);
	return b;
}

static int add_polygon(void *context, const struct outline_polygon *polygon)
{
	return outlines_add(context, 0, polygon);
}

/* Through the line that travels and is stored, as an import has it. */
static struct outlines *outline_of(const struct import_kind *kind, struct str feature)
{
	struct outlines *o = outlines_new();
	struct str text, part;
	struct buf row = BUF_INIT;
	const char *why = "";
	uint8_t *packed;
	ptrdiff_t len;

	assert_int_equal(kind->make_json(feature, &row, &why), ROW_MADE);
	text = buf_str(&row);
	str_split(&text, '|', &part);
	str_split(&text, '|', &part);
	packed = xmalloc(text.len + 1);
	len = base64_decode(text, packed, text.len);
	assert_true(len > 0);
	assert_int_equal(outline_each_polygon(str_of(packed, (size_t)len), add_polygon, o), 0);
	outlines_finish(o);
	free(packed);
	buf_fini(&row);
	return o;
}

static void test_no_corner_of_vienne_is_of_two_communes(void **state)
{
	static struct outlines *each[400];
	static struct str features[400];
	struct buf file = read_whole(TEST_DATA "/../data/communes-86.geojson");
	struct geojson_area area = {.point_count = 0};
	size_t count = 0, corners = 0, within = 0;
	struct str rest = buf_str(&file), feature;

	rest = str_slice(rest, json_items_start(rest, STR("features")), rest.len);
	for (ptrdiff_t used; (used = json_items_next(rest, &feature)) > 0 && feature.ptr;) {
		features[count] = feature;
		each[count++] = outline_of(&import_kinds[1], feature);
		rest = str_slice(rest, (size_t)used, rest.len);
	}
	assert_int_equal(count, 265);
	for (size_t i = 0; i < count; i += 8) {
		assert_int_equal(geojson_decode(features[i], &area), 0);
		for (size_t p = 0; p < area.point_count; p++) {
			struct outline_point corner = {area.points[p].lon_e7,
						       area.points[p].lat_e7};
			int found = holders(each, count, corner);

			assert_in_range(found, 0, 1);
			corners++;
			within += (size_t)found;
		}
	}
	/* None only on the outside of the département. */
	assert_true(corners > 1000 && within > corners * 8 / 10);
	for (size_t i = 0; i < count; i++)
		outlines_free(each[i]);
	geojson_area_fini(&area);
	buf_fini(&file);
}

static void test_a_stored_outline_cut_short_or_altered_is_refused(void **state)
{
	static const struct outline_point points[] = {P(0, 0), P(2, 0), P(1, 2)};
	struct outline_point before = {0, 0};
	struct outlines *o = outlines_new();
	struct buf b = BUF_INIT;

	for (int i = 0; i < 3; i++)
		outline_put_number(&b, i == 2 ? 3 : 1);
	for (int i = 0; i < 3; i++)
		outline_put_point(&b, points[i], &before);
	assert_int_equal(outline_each_polygon(buf_str(&b), add_polygon, o), 0);
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(
			outline_each_polygon(str_slice(buf_str(&b), 0, len), add_polygon, o), 0);
	buf_add_byte(&b, 0);
	assert_int_equal(outline_each_polygon(buf_str(&b), add_polygon, o), -EBADMSG);
	outlines_free(o);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_enclave_is_in_the_hole_and_not_in_what_surrounds_it),
		cmocka_unit_test(test_an_island_is_of_the_same_commune),
		cmocka_unit_test(test_what_is_wider_than_a_country_or_has_no_surface_is_refused),
		cmocka_unit_test(test_neighbours_share_a_border_without_gap_or_overlap),
		cmocka_unit_test(test_no_corner_of_vienne_is_of_two_communes),
		cmocka_unit_test(test_a_stored_outline_cut_short_or_altered_is_refused),
	};

	return cmocka_run_group_tests_name("outlines", tests, NULL, NULL);
}

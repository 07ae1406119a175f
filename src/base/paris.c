/* The civil calendar of mainland France: see paris.h. */
#include "base/paris.h"

#include <errno.h>

enum {
	HOUR_MS = 3600000,
	DAY_MS = 24 * HOUR_MS,
	CHANGE_MS = 1 * HOUR_MS, /* after 0:00 UTC */
	THURSDAY = 4,            /* 1970-01-01; Sunday is 0 */
	MARCH = 3,
	OCTOBER = 10,
	LAST_YEAR = 9998,
	PERIOD_YEARS_MAX = 100,
};

static int32_t floor_days(int64_t ms)
{
	return (int32_t)(ms / DAY_MS - (ms % DAY_MS < 0));
}

struct civil_day civil_of_day(int32_t day)
{
	struct civil_time t = civil_from_ms((int64_t)day * DAY_MS);

	return (struct civil_day){t.year, t.month, t.day};
}

int day_of_civil(struct civil_day civil, int32_t *ret_day)
{
	struct civil_time t = {.year = civil.year, .month = civil.month, .day = civil.day};
	int64_t ms;

	if (civil.year > LAST_YEAR || civil_to_ms(&t, &ms))
		return -EINVAL;
	*ret_day = floor_days(ms);
	return 0;
}

/* --- text */

void day_print(int32_t day, char out[DAY_TEXT_SIZE])
{
	struct civil_day c = civil_of_day(day);

	snprintf(out, DAY_TEXT_SIZE, "%02d/%02d/%04d", c.day % 100, c.month % 100, c.year % 10000);
}

void day_print_iso(int32_t day, char out[DAY_TEXT_SIZE])
{
	struct civil_day c = civil_of_day(day);

	snprintf(out, DAY_TEXT_SIZE, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
}

static bool read_number(struct str text, size_t from, size_t to, int *ret_value)
{
	struct str digits = str_slice(text, from, to);
	int64_t value;

	for (size_t i = 0; i < digits.len; i++)
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return false;
	if (str_parse_i64(digits, 0, 9999, &value))
		return false;
	*ret_value = (int)value;
	return true;
}

int day_parse(struct str text, int32_t *ret_day)
{
	struct civil_day c;
	bool french, ok;

	text = str_trim(text);
	if (text.len != DAY_TEXT_LEN)
		return -EINVAL;
	french = text.ptr[2] == '/' && text.ptr[5] == '/';
	if (french)
		ok = read_number(text, 0, 2, &c.day) && read_number(text, 3, 5, &c.month) &&
		     read_number(text, 6, 10, &c.year);
	else
		ok = text.ptr[4] == '-' && text.ptr[7] == '-' && read_number(text, 0, 4, &c.year) &&
		     read_number(text, 5, 7, &c.month) && read_number(text, 8, 10, &c.day);
	return ok ? day_of_civil(c, ret_day) : -EINVAL;
}

/* --- Paris */

/* When clocks change in that month of that year. */
static int64_t change_ms(int year, int month)
{
	int32_t last;

	if (day_of_civil((struct civil_day){year, month, 31}, &last))
		return TIME_LAST_MS;
	last -= ((last % 7 + 7) % 7 + THURSDAY) % 7;
	return (int64_t)last * DAY_MS + CHANGE_MS;
}

static bool is_summer(int64_t at_ms)
{
	int year = civil_from_ms(at_ms).year;

	return at_ms >= change_ms(year, MARCH) && at_ms < change_ms(year, OCTOBER);
}

static int64_t clock_of(int64_t at_ms)
{
	return at_ms + (is_summer(at_ms) ? 2 : 1) * HOUR_MS;
}

int32_t paris_day(int64_t at_ms)
{
	return floor_days(clock_of(at_ms));
}

int64_t paris_time_ms(int32_t day, int64_t ms)
{
	int64_t shown = (int64_t)day * DAY_MS + ms;
	int64_t winter = shown - HOUR_MS, summer = shown - 2 * HOUR_MS;

	if (!is_summer(winter))
		return winter;
	/* Neither shows the hour left out: it is over as it begins. */
	return is_summer(summer) ? summer : change_ms(civil_from_ms(winter).year, MARCH);
}

int64_t paris_day_begins_ms(int32_t day)
{
	return paris_time_ms(day, 0);
}

/* --- periods */

/* Takes "12Y" off *text. */
static bool take_part(struct str *text, int64_t *ret_count, char *ret_unit)
{
	size_t digits = 0;

	while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
		digits++;
	if (!digits || digits == text->len ||
	    str_parse_i64(str_slice(*text, 0, digits), 0, 1000000, ret_count))
		return false;
	*ret_unit = text->ptr[digits];
	*text = str_slice(*text, digits + 1, text->len);
	return true;
}

/* Each unit once, the longest first. */
static bool take_all(struct str *text, const char *units, int64_t counts[])
{
	const char *left = units;

	while (text->len && text->ptr[0] != 'T') {
		const char *at;
		int64_t count;
		char unit;

		if (!take_part(text, &count, &unit))
			return false;
		at = unit ? strchr(left, unit) : NULL;
		if (!at)
			return false;
		counts[at - units] = count;
		left = at + 1;
	}
	return true;
}

int period_parse(struct str text, struct period *ret_period)
{
	enum { YEARS, MONTHS, WEEKS, DAYS };
	int64_t of_days[4] = {0}, of_hours[3] = {0}, ms;
	bool has_time;

	if (text.len < 3 || text.ptr[0] != 'P')
		return -EINVAL;
	text = str_slice(text, 1, text.len);
	if (!take_all(&text, "YMWD", of_days))
		return -EINVAL;
	has_time = text.len > 0;
	if (has_time) {
		text = str_slice(text, 1, text.len);
		if (!text.len || !take_all(&text, "HMS", of_hours) || text.len)
			return -EINVAL;
	}
	ms = (of_hours[0] * 3600 + of_hours[1] * 60 + of_hours[2]) * 1000;
	if (of_days[YEARS] > PERIOD_YEARS_MAX || of_days[MONTHS] > PERIOD_YEARS_MAX * 12 ||
	    of_days[WEEKS] * 7 + of_days[DAYS] > PERIOD_YEARS_MAX * 366 ||
	    ms > (int64_t)PERIOD_YEARS_MAX * 366 * DAY_MS)
		return -EINVAL;
	if (!of_days[YEARS] && !of_days[MONTHS] && !of_days[WEEKS] && !of_days[DAYS] && !ms)
		return -EINVAL;
	*ret_period = (struct period){(int)of_days[YEARS], (int)of_days[MONTHS],
				      (int)(of_days[WEEKS] * 7 + of_days[DAYS]), ms};
	return 0;
}

/* *ret_is_cut: the month has not as many days. */
static int32_t move(int32_t day, const struct period *p, bool *ret_is_cut)
{
	struct civil_day c = civil_of_day(day);
	int months = c.month - 1 + p->months;
	int32_t moved = day;

	*ret_is_cut = false;
	c.year += p->years + months / 12;
	c.month = months % 12 + 1;
	if (c.year > LAST_YEAR)
		c = (struct civil_day){LAST_YEAR, 12, 31};
	/* At most three days less than 31. */
	while (day_of_civil(c, &moved)) {
		*ret_is_cut = true;
		c.day--;
	}
	return moved + p->days;
}

int32_t day_after(int32_t day, const struct period *p)
{
	bool is_cut;

	return move(day, p, &is_cut);
}

int64_t paris_after(int64_t at_ms, const struct period *p)
{
	int64_t shown = clock_of(at_ms), of_day;
	int32_t from = floor_days(shown), day;
	bool is_cut;

	of_day = shown - (int64_t)from * DAY_MS;
	/* The hour that clocks show twice: the second time it counts as over, so that who comes
	 * later is never earlier. */
	if (!is_summer(at_ms) && is_summer(at_ms - HOUR_MS))
		of_day = 3 * HOUR_MS;
	/* The day that is missing ends with the last that is there. */
	day = move(from, p, &is_cut);
	return paris_time_ms(day, is_cut ? DAY_MS : of_day) + p->ms;
}

int64_t paris_before(int64_t now_ms, const struct period *p)
{
	/* Longer than any of them, whichever months they are. */
	int64_t days = (p->years * 12LL + p->months) * 31 + p->days + 2;
	int64_t low = now_ms - days * DAY_MS - p->ms, high = now_ms;

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (paris_after(middle, p) <= now_ms)
			low = middle;
		else
			high = middle;
	}
	return low;
}

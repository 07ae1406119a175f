/* Clocks and the civil calendar: see clock.h. */
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>

enum { MS_PER_DAY = 86400000 };

/* How far the time of the house is ahead of the monotonic clock; 0: nobody has asked yet. */
static _Atomic int64_t house_ahead_us;

static int64_t read_clock_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t wall_ahead_us(void)
{
	return read_clock_us(CLOCK_REALTIME) - read_clock_us(CLOCK_MONOTONIC);
}

static int64_t ahead_us(void)
{
	int64_t ahead = atomic_load(&house_ahead_us), first;

	if (ahead)
		return ahead;
	first = wall_ahead_us();
	return atomic_compare_exchange_strong(&house_ahead_us, &ahead, first) ? first : ahead;
}

int64_t clock_now_ms(void)
{
	return (read_clock_us(CLOCK_MONOTONIC) + ahead_us()) / 1000;
}

int64_t clock_wall_ahead_ms(void)
{
	return (wall_ahead_us() - ahead_us()) / 1000;
}

void clock_shift_ms(int64_t ahead_ms)
{
	atomic_store(&house_ahead_us, ahead_us() + ahead_ms * 1000);
}

int64_t clock_monotonic_ms(void)
{
	return read_clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_monotonic_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
	return read_clock_us(CLOCK_BOOTTIME) / 1000;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, with years that start in March. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

struct civil_time civil_from_ms(int64_t at_ms)
{
	int64_t days = at_ms / MS_PER_DAY, ms = at_ms % MS_PER_DAY;
	int64_t z, era, doe, yoe, doy, mp;
	struct civil_time t;

	if (ms < 0) {
		ms += MS_PER_DAY;
		days--;
	}
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	t.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	t.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	t.year = (int)(yoe + era * 400 + (t.month <= 2));
	t.hour = (int)(ms / 3600000);
	t.minute = (int)(ms / 60000 % 60);
	t.second = (int)(ms / 1000 % 60);
	t.ms = (int)(ms % 1000);
	return t;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int civil_to_ms(const struct civil_time *t, int64_t *ret_ms)
{
	if (t->year < 1 || t->year > 9999 || t->month < 1 || t->month > 12 || t->day < 1 ||
	    t->day > days_in_month(t->year, t->month) || t->hour < 0 || t->hour > 23 ||
	    t->minute < 0 || t->minute > 59 || t->second < 0 || t->second > 59 || t->ms < 0 ||
	    t->ms > 999)
		return -EINVAL;
	*ret_ms = days_from_civil(t->year, t->month, t->day) * MS_PER_DAY + t->hour * 3600000LL +
		  t->minute * 60000LL + t->second * 1000LL + t->ms;
	return 0;
}

void time_print(int64_t at_ms, char out[TIME_TEXT_SIZE])
{
	struct civil_time t = civil_from_ms(at_ms);

	snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.year % 10000,
		 t.month, t.day, t.hour, t.minute, t.second, t.ms);
}

/* Takes a fixed-width decimal number off *text. */
static bool take_number(struct str *text, size_t width, int *ret_value)
{
	int64_t value;

	if (text->len < width || text->ptr[0] == '-' || text->ptr[0] == '+' ||
	    str_parse_i64(str_slice(*text, 0, width), 0, 9999, &value))
		return false;
	*text = str_slice(*text, width, text->len);
	*ret_value = (int)value;
	return true;
}

static bool take_char(struct str *text, const char *accepted, char *ret_char)
{
	if (!text->len || !memchr(accepted, text->ptr[0], strlen(accepted)))
		return false;
	*ret_char = text->ptr[0];
	*text = str_slice(*text, 1, text->len);
	return true;
}

/* Fractions beyond the millisecond are dropped. */
static bool take_fraction(struct str *text, int *ret_ms)
{
	int scale = 100;
	size_t digits = 0;
	char c;

	*ret_ms = 0;
	while (take_char(text, "0123456789", &c)) {
		*ret_ms += (c - '0') * scale;
		scale /= 10;
		digits++;
	}
	return digits > 0;
}

static bool take_offset(struct str *text, int64_t *ret_offset_ms)
{
	int hours, minutes;
	char sign;

	if (take_char(text, "Zz", &sign)) {
		*ret_offset_ms = 0;
		return true;
	}
	if (!take_char(text, "+-", &sign) || !take_number(text, 2, &hours))
		return false;
	take_char(text, ":", &(char){0});
	if (!take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_offset_ms = (hours * 60LL + minutes) * 60000 * (sign == '-' ? -1 : 1);
	return true;
}

int time_parse(struct str text, int64_t *ret_ms)
{
	struct civil_time t = {0};
	int64_t offset_ms, at_ms;
	char c;

	if (!take_number(&text, 4, &t.year) || !take_char(&text, "-", &c) ||
	    !take_number(&text, 2, &t.month) || !take_char(&text, "-", &c) ||
	    !take_number(&text, 2, &t.day) || !take_char(&text, "Tt ", &c) ||
	    !take_number(&text, 2, &t.hour) || !take_char(&text, ":", &c) ||
	    !take_number(&text, 2, &t.minute) || !take_char(&text, ":", &c) ||
	    !take_number(&text, 2, &t.second))
		return -EINVAL;
	if (take_char(&text, ".,", &c) && !take_fraction(&text, &t.ms))
		return -EINVAL;
	if (!take_offset(&text, &offset_ms) || text.len || civil_to_ms(&t, &at_ms))
		return -EINVAL;
	*ret_ms = at_ms - offset_ms;
	return 0;
}

/* Telephone numbers: see phone.h. Numbering plan: Arcep decision 2018-0881; ITU-T E.164. */
#include "base/phone.h"

#include <errno.h>

enum { DIGITS_MIN = 7, DIGITS_MAX = 15, NATIONAL_DIGITS = 9 };

/* Countries whose numbers we know by length: overseas France, and +1, which a
 * mistyped 00 1… gives. */
static const struct {
	const char *code;
	size_t min, max; /* digits after the code */
} countries[] = {
	{"262", 9, 9}, {"590", 9, 9}, {"594", 9, 9}, {"596", 9, 9}, {"1", 10, 10},
	{"508", 6, 9}, {"681", 6, 6}, {"687", 6, 6}, {"689", 8, 8},
};

/* What follows the national 0 overseas, and the code it belongs to. The last row that fits counts:
 * numbers kept for fiction (06 39 98) are metropolitan, in the middle of Mayotte's. */
static const struct {
	const char *prefix, *code;
} overseas[] = {
	{"262", "262"}, {"263", "262"}, {"692", "262"}, {"693", "262"},
	{"269", "262"}, {"639", "262"}, {"590", "590"}, {"690", "590"},
	{"691", "590"}, {"594", "594"}, {"694", "594"}, {"596", "596"},
	{"696", "596"}, {"697", "596"}, {"508", "508"}, {"63998", "33"},
};

enum {
	CODES = sizeof(countries) / sizeof(countries[0]),
	PREFIXES = sizeof(overseas) / sizeof(overseas[0])
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of the separator text begins with: ASCII, U+00A0 or U+202F. 0: none. */
static size_t separator_len(struct str text)
{
	if (strchr(" .-/", text.ptr[0]) && text.ptr[0])
		return 1;
	if (str_starts(text, STR("\xC2\xA0")))
		return 2;
	return str_starts(text, STR("\xE2\x80\xAF")) ? 3 : 0;
}

struct digits {
	char text[DIGITS_MAX + 3]; /* "00" may come before */
	size_t len;
	bool international; /* began with + */
};

/* "(0)" is what people write between +33 and the number: it is not dialled. */
static bool is_unsaid_zero(struct str text, const struct digits *d)
{
	bool foreign = d->international || str_starts(str_of(d->text, d->len), STR("00"));

	return foreign && d->len >= 2 && d->len <= 5 && str_starts(text, STR("(0)"));
}

static int take_digits(struct str text, struct digits *d)
{
	if (str_starts(text, STR("+"))) {
		d->international = true;
		text = str_slice(text, 1, text.len);
	}
	while (text.len) {
		size_t skip = separator_len(text);

		if (!skip && is_unsaid_zero(text, d))
			skip = 3;
		if (!skip && (!is_digit(text.ptr[0]) || d->len == sizeof(d->text)))
			return -EINVAL;
		if (!skip)
			d->text[d->len++] = text.ptr[skip++];
		text = str_slice(text, skip, text.len);
	}
	return 0;
}

/* From the nine digits after the national 0. */
static int from_national(struct str national, char out[PHONE_SIZE])
{
	const char *code = "33";

	if (national.len != NATIONAL_DIGITS || national.ptr[0] == '0')
		return -EINVAL;
	for (int i = 0; i < PREFIXES; i++)
		if (str_starts(national, str_from(overseas[i].prefix)))
			code = overseas[i].code;
	snprintf(out, PHONE_SIZE, "+%s%.*s", code, STR_FMT(national));
	return 0;
}

static int from_international(struct str digits, char out[PHONE_SIZE])
{
	if (digits.len < DIGITS_MIN || digits.len > DIGITS_MAX || digits.ptr[0] == '0')
		return -EINVAL;
	/* "+33 692…" is written, and means +262 692…: one subscriber, one form. */
	if (str_starts(digits, STR("33")))
		return from_national(str_slice(digits, 2, digits.len), out);
	for (int i = 0; i < CODES; i++) {
		size_t code_len = strlen(countries[i].code), len = digits.len - code_len;

		if (!str_starts(digits, str_from(countries[i].code)))
			continue;
		if (len < countries[i].min || len > countries[i].max || digits.ptr[code_len] == '0')
			return -EINVAL;
	}
	snprintf(out, PHONE_SIZE, "+%.*s", STR_FMT(digits));
	return 0;
}

int phone_parse(struct str text, char out[PHONE_SIZE])
{
	struct digits d = {.len = 0};
	struct str digits;

	if (take_digits(str_trim(text), &d))
		return -EINVAL;
	digits = str_of(d.text, d.len);
	if (d.international)
		return from_international(digits, out);
	if (str_starts(digits, STR("00")))
		return from_international(str_slice(digits, 2, digits.len), out);
	return str_starts(digits, STR("0")) ? from_national(str_slice(digits, 1, digits.len), out)
					    : -EINVAL;
}

/* --- as switches say it */

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* "\"Mairie\" <sip:+33549000000@op.example;user=phone>;tag=a1": what is between the angles. */
static struct str inside_angles(struct str text)
{
	ptrdiff_t from = str_find(text, '<');
	ptrdiff_t to = str_find(text, '>');

	return from >= 0 && to > from ? str_slice(text, (size_t)from + 1, (size_t)to) : text;
}

static struct str without_scheme(struct str text)
{
	static const char *const schemes[] = {"tel:", "sip:", "sips:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct str scheme = str_from(schemes[i]);

		if (str_eq_nocase(str_slice(text, 0, scheme.len), scheme))
			return str_slice(text, scheme.len, text.len);
	}
	return text;
}

/* Up to what is no part of a number any more: a parameter, the host, a comma, a word. */
static struct str number_part(struct str text)
{
	size_t len = 0;

	while (len < text.len && !strchr(";@,#", text.ptr[len]) && !is_letter(text.ptr[len]))
		len++;
	return str_trim(str_slice(text, 0, len));
}

/* tel:0549000000;phone-context=+33, and a local number of another country's. */
static struct str context_of(struct str text)
{
	static const char name[] = ";phone-context=+";
	size_t len = sizeof(name) - 1;

	for (size_t at = 0; at + len <= text.len; at++)
		if (str_eq_nocase(str_slice(text, at, at + len), str_from(name)))
			return number_part(str_slice(text, at + len, text.len));
	return STR_NONE;
}

static int from_bare(struct str number, char out[PHONE_SIZE])
{
	for (size_t i = 0; i < number.len; i++)
		if (!is_digit(number.ptr[i]))
			return -EINVAL;
	if (number.len == NATIONAL_DIGITS && number.ptr[0] != '0')
		return from_national(number, out);
	/* Shorter ones are extensions, or the codes of a switch. */
	return number.len > NATIONAL_DIGITS + 1 ? from_international(number, out) : -EINVAL;
}

int phone_parse_caller(struct str text, char out[PHONE_SIZE])
{
	struct str number, context;
	char whole[PHONE_SIZE + DIGITS_MAX];

	text = without_scheme(str_trim(inside_angles(text)));
	context = context_of(text);
	number = number_part(text);
	if (context.len && context.len <= 3 && number.len && number.len <= DIGITS_MAX &&
	    number.ptr[0] != '+' && number.ptr[0] != '0') {
		snprintf(whole, sizeof(whole), "+%.*s%.*s", STR_FMT(context), STR_FMT(number));
		return phone_parse(str_from(whole), out);
	}
	return phone_parse(number, out) ? from_bare(number, out) : 0;
}

/* Overseas France, when 0 and the nine digits mean this number and no other: +593 is Ecuador. */
static bool is_overseas(struct str e164)
{
	char same[PHONE_SIZE];

	return e164.len == 13 &&
	       !from_national(str_slice(e164, e164.len - NATIONAL_DIGITS, e164.len), same) &&
	       str_eq(e164, str_from(same));
}

void phone_print(struct str e164, char out[PHONE_TEXT_SIZE])
{
	const char *n = str_slice(e164, e164.len < NATIONAL_DIGITS ? 0 : e164.len - NATIONAL_DIGITS,
				  e164.len)
				.ptr;

	if (str_starts(e164, STR("+33")) && e164.len == 12)
		snprintf(out, PHONE_TEXT_SIZE, "0%c %.2s %.2s %.2s %.2s", n[0], n + 1, n + 3, n + 5,
			 n + 7);
	else if (is_overseas(e164))
		snprintf(out, PHONE_TEXT_SIZE, "0%.3s %.2s %.2s %.2s", n, n + 3, n + 5, n + 7);
	else
		snprintf(out, PHONE_TEXT_SIZE, "%.*s",
			 e164.len < PHONE_TEXT_SIZE ? (int)e164.len : 0, e164.len ? e164.ptr : "");
}

/* Trusted persons of a registration: see contact_lines.h. */
#include "service/contact_lines.h"

#include "base/limits.h"
#include "base/phone.h"
#include "store/people.h"

static struct contact_line read_line(struct str line)
{
	struct contact_line c = {STR(""), STR(""), STR("")};
	struct str *const into[] = {&c.name, &c.relation, &c.phone};
	struct str part;

	for (size_t i = 0; i < ARRAY_LEN(into) && str_split(&line, ';', &part); i++)
		*into[i] = str_trim(part);
	return c;
}

/* Whether one of those kept before has this number. */
static bool has_number(struct str kept, struct str phone)
{
	struct contact_line c;

	while (contact_lines_next(&kept, &c))
		if (str_eq(c.phone, phone))
			return true;
	return false;
}

static const char *why_not(const struct contact_line *c, struct str kept, char phone[PHONE_SIZE])
{
	if (!c->name.len)
		return "le nom manque.";
	if (c->name.len > LIMIT_NAME_BYTES || c->relation.len > LIMIT_NAME_BYTES)
		return "texte trop long.";
	if (phone_parse(c->phone, phone))
		return "numéro de téléphone non reconnu (exemple : 06 12 34 56 78).";
	return has_number(kept, str_from(phone)) ? "une autre personne a ce numéro." : NULL;
}

const char *contact_lines_check(struct str text, struct buf *out, unsigned *ret_person)
{
	struct str line;

	*ret_person = 0;
	while (str_split(&text, '\n', &line)) {
		struct contact_line c = read_line(line);
		char phone[PHONE_SIZE];
		const char *why;

		if (!c.name.len && !c.relation.len && !c.phone.len)
			continue;
		++*ret_person;
		why = *ret_person > OFFICIAL_MAX_CONTACTS ? "six personnes au plus."
							  : why_not(&c, buf_str(out), phone);
		if (why)
			return why;
		buf_printf(out, "%s%.*s;%.*s;%s", out->len ? "\n" : "", STR_FMT(c.name),
			   STR_FMT(c.relation), phone);
	}
	return NULL;
}

bool contact_lines_next(struct str *rest, struct contact_line *ret_line)
{
	struct str line;

	if (!rest->len || !str_split(rest, '\n', &line))
		return false;
	*ret_line = read_line(line);
	return true;
}

/* Answers about the national register of elected officials: whether somebody is who they say. */
#include <errno.h>

#include "base/commune_code.h"
#include "base/fold.h"
#include "core/access.h"
#include "service/json.h"
#include "service/reader_private.h"
#include "store/territory.h"

enum { MANDATES_SHOWN = 50 };

/* place|last name|first name|birth|mandate|function|from: src/ctl/import_kinds.c. */
enum { PLACE, LAST_NAME, FIRST_NAME, BIRTH, MANDATE, FUNCTION, FROM, FIELDS };

struct search {
	struct buf *out;
	struct buf words; /* of the question, folded, a space between two */
	struct buf name;  /* of the line, folded; a space before each word */
	int count;
};

/* Each word asked for begins a word of the name. */
static bool is_asked_for(struct search *s, const struct str fields[FIELDS])
{
	struct str rest = buf_str(&s->words), word;

	buf_reset(&s->name);
	buf_add_byte(&s->name, ' ');
	text_fold(fields[LAST_NAME], ' ', &s->name);
	buf_add_byte(&s->name, ' ');
	text_fold(fields[FIRST_NAME], ' ', &s->name);
	while (str_split(&rest, ' ', &word)) {
		char begins[LIMIT_NAME_BYTES + 2];

		snprintf(begins, sizeof(begins), " %.*s", STR_FMT(word));
		if (!strstr(buf_cstr(&s->name), begins))
			return false;
	}
	return true;
}

static int add_mandate(void *context, struct str code, struct str text)
{
	struct search *s = context;
	struct str fields[FIELDS];

	territory_fields(text, fields, FIELDS);
	if (s->count == MANDATES_SHOWN || !is_asked_for(s, fields))
		return 0;
	s->count++;
	json_open(s->out, NULL, '{');
	json_text(s->out, "last_name", fields[LAST_NAME]);
	json_text(s->out, "first_name", fields[FIRST_NAME]);
	json_text(s->out, "birth_date", fields[BIRTH]);
	json_text(s->out, "mandate", fields[MANDATE]);
	json_text(s->out, "function", fields[FUNCTION].len ? fields[FUNCTION] : STR_NONE);
	json_text(s->out, "since", fields[FROM]);
	json_text(s->out, "place", fields[PLACE]);
	json_close(s->out, '}');
	return 0;
}

/* Of the commune, of its département, of the nation. */
static int search_all(struct reader *r, const char *commune, struct search *s)
{
	char departement[DEPARTEMENT_CODE_SIZE];
	const char *places[] = {commune, departement, "FR"};
	int error = 0;

	departement_of_commune(commune, departement);
	for (size_t i = 0; !error && i < ARRAY_LEN(places); i++)
		error = territory_about(r->vault, TERRITORY_MANDATES, str_from(places[i]),
					add_mandate, s);
	return error;
}

int reader_mandates(struct reader *r, struct arena *arena, const struct session_account *who,
		    int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct search search = {.out = &b};
	char commune[COMMUNE_CODE_SIZE];
	int error = reader_refresh(r);

	if (error)
		return error;
	if (!access_allows(who->roles, RIGHT_MANDATES_READ, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au répertoire des élus.");
	if (commune_code_parse(q->commune, commune))
		return reader_refuse(ret_answer, PROBLEM_INVALID,
				     "Le code INSEE d'une commune est attendu.");
	text_fold(str_slice(q->name, 0, LIMIT_NAME_BYTES), ' ', &search.words);
	json_open(&b, NULL, '{');
	json_open(&b, "mandates", '[');
	error = search_all(r, commune, &search);
	json_close(&b, ']');
	json_close(&b, '}');
	buf_fini(&search.words);
	buf_fini(&search.name);
	/* Whose birth dates were read is said of the reader: the register has no file of its own.
	 */
	ret_answer->subject = who->id;
	return reader_end(arena, &b, error, ret_answer);
}

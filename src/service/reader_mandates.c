/* Answers about the national register of elected officials: whether somebody is who they say. */
#include <errno.h>

#include "base/commune_code.h"
#include "base/fold.h"
#include "core/access.h"
#include "service/json.h"
#include "service/mandates.h"
#include "service/reader_private.h"
#include "store/territory.h"

enum { MANDATES_SHOWN = 50 };

struct search {
	struct vault *vault;
	struct buf *out;
	struct buf words; /* of the question, folded, a space between two */
	struct buf name;  /* of the line, folded; a space before each word */
	int count;
	bool loaded; /* the register has a line about that place, whosever it is */
};

/* Each word asked for begins a word of the name. */
static bool is_asked_for(struct search *s, const struct str fields[MANDATE_FIELDS])
{
	struct str rest = buf_str(&s->words), word;

	buf_reset(&s->name);
	buf_add_byte(&s->name, ' ');
	text_fold(fields[MANDATE_LAST_NAME], ' ', &s->name);
	buf_add_byte(&s->name, ' ');
	text_fold(fields[MANDATE_FIRST_NAME], ' ', &s->name);
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
	struct str fields[MANDATE_FIELDS];
	char mark[TERRITORY_MARK_SIZE];

	s->loaded = true;
	territory_fields(text, fields, MANDATE_FIELDS);
	if (s->count == MANDATES_SHOWN || !is_asked_for(s, fields))
		return 0;
	s->count++;
	json_open(s->out, NULL, '{');
	json_text(s->out, "last_name", fields[MANDATE_LAST_NAME]);
	json_text(s->out, "first_name", fields[MANDATE_FIRST_NAME]);
	json_text(s->out, "birth_date", fields[MANDATE_BIRTH]);
	json_text(s->out, "mandate", fields[MANDATE_NAME]);
	json_text(s->out, "function",
		  fields[MANDATE_FUNCTION].len ? fields[MANDATE_FUNCTION] : STR_NONE);
	json_text(s->out, "since", fields[MANDATE_FROM]);
	json_text(s->out, "place", fields[MANDATE_PLACE]);
	mandate_mark(s->vault, fields, mark);
	json_word(s->out, "mark", mark);
	json_close(s->out, '}');
	return 0;
}

int reader_mandates(struct reader *r, struct arena *arena, const struct session_account *who,
		    int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct search search = {.vault = r->vault, .out = &b};
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
	error = mandates_around(r->vault, commune, add_mandate, &search);
	json_close(&b, ']');
	json_bool(&b, "loaded", search.loaded);
	json_close(&b, '}');
	buf_fini(&search.words);
	buf_fini(&search.name);
	/* Whose birth dates were read is said of the reader: the register has no file of its own.
	 */
	ret_answer->subject = who->id;
	return reader_end(arena, &b, error, ret_answer);
}

/* The text of each SMS: see sms_text.h. */
#include "service/sms_text.h"

/* U+00C0…U+017F, one letter each; '?' where no single letter does. */
static const char folded[] = "AAAAAAACEEEEIIIIDNOOOOO?OUUUUY?saaaaaaaceeeeiiiidnooooo?ouuuuy?y"
			     "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLl"
			     "NnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

void fold_ascii(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		unsigned code;

		if (c < 0x80) {
			buf_add_byte(out, c < ' ' ? ' ' : c);
			continue;
		}
		if ((c & 0xC0) == 0x80)
			continue; /* a continuation byte: its letter is written */
		code = c < 0xE0 && i + 1 < text.len
			       ? (c & 0x1Fu) << 6 | ((unsigned char)text.ptr[i + 1] & 0x3F)
			       : 0;
		if (code >= 0xC0 && code - 0xC0 < sizeof(folded) - 1)
			buf_add_byte(out, (uint8_t)folded[code - 0xC0]);
		else
			buf_add_byte(out,
				     c == 0xE2 ? '\'' : '?'); /* U+2019, the French apostrophe */
	}
}

static struct str finish(struct work *w, struct buf *b)
{
	struct buf ascii = BUF_INIT;
	struct str text;

	fold_ascii(buf_str(b), &ascii);
	text = str_of(arena_copy(w->arena, ascii.ptr, ascii.len), ascii.len);
	buf_fini(&ascii);
	buf_fini(b);
	return text;
}

static void begin(struct case_file *c, struct buf *b)
{
	if (c->alert.test)
		buf_add_str(b, STR("TEST - "));
}

static void add_who(struct case_file *c, struct buf *b)
{
	buf_add_str(b, c->face.official_name.len ? c->face.official_name : STR("un elu"));
}

struct str sms_for_contact(struct work *w, struct case_file *c, struct str token)
{
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_add_str(&b, STR("ALERTE "));
	add_who(c, &b);
	buf_printf(
		&b,
		" a demande de l'aide. La police ou la gendarmerie est prevenue. Suivre : %s/s/%.*s"
		" Repondez OK si vous vous en occupez.",
		w->options->public_url, STR_FMT(token));
	return finish(w, &b);
}

struct str sms_for_unit(struct work *w, struct case_file *c, struct str token)
{
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_printf(&b, "ALERTE ELU n. %lld ", (long long)c->alert.ref);
	if (c->alert.silent)
		buf_add_str(&b, STR("SILENCIEUSE (ne pas appeler) "));
	if (c->face.commune.len) {
		buf_add_str(&b, STR("commune "));
		buf_add_str(&b, c->face.commune);
		buf_add_byte(&b, ' ');
	}
	buf_printf(&b, "Ouvrir et accuser reception : %s/p/%.*s", w->options->public_url,
		   STR_FMT(token));
	return finish(w, &b);
}

struct str sms_for_duty(struct work *w, struct case_file *c)
{
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_printf(&b,
		   "ALERTE ELU n. %lld sans prise en charge en salle. Appelez la salle : %s/salle",
		   (long long)c->alert.ref, w->options->public_url);
	return finish(w, &b);
}

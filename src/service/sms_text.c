/* The text of each SMS: see sms_text.h. */
#include "service/sms_text.h"

#include "base/gsm7.h"
#include "service/card.h"

/* U+00C0…U+017F, one letter each; '?' where no single letter does. */
static const char plain_letters[] =
	"AAAAAAACEEEEIIIIDNOOOOO?OUUUUY?saaaaaaaceeeeiiiidnooooo?ouuuuy?y"
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLl"
	"NnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

/* ASCII that GSM 03.38 has not (`), or counts twice. */
static uint8_t fold_byte(uint8_t c)
{
	static const char from[] = "`[{]}\\|~^", to[] = "'(())//- ";
	const char *at = c < ' ' || c > '~' ? NULL : strchr(from, c);

	return at ? (uint8_t)to[at - from] : c < ' ' || c == 0x7F ? ' ' : c;
}

static void fold_letter(unsigned code, struct buf *out)
{
	if (code == 0x152 || code == 0x153)
		buf_add_str(out, code == 0x152 ? STR("Oe") : STR("oe"));
	else if (code >= 0xC0 && code - 0xC0 < sizeof(plain_letters) - 1)
		buf_add_byte(out, (uint8_t)plain_letters[code - 0xC0]);
	else if (code < 0x300 || code > 0x36F) /* combining accents: their letter is written */
		buf_add_byte(out, '?');
}

static void fold_pair(struct str letter, struct buf *out)
{
	if (gsm7_septets(letter) == 1)
		buf_add_str(out, letter);
	else
		fold_letter(((uint8_t)letter.ptr[0] & 0x1Fu) << 6 | ((uint8_t)letter.ptr[1] & 0x3F),
			    out);
}

void fold_gsm7(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		if (c < 0x80)
			buf_add_byte(out, fold_byte(c));
		else if (c >= 0xC0 && c < 0xE0 && i + 1 < text.len)
			fold_pair(str_slice(text, i, i + 2), out);
		else if (c >= 0xC0) /* U+2019, the French apostrophe, and its neighbours */
			buf_add_byte(out, c == 0xE2 ? '\'' : '?');
	}
}

/* What a person or a place is called, at most this long: with it every text fits two SMS. */
enum { NAME_MAX = 60, COMMUNE_MAX = 40 };

static void add_folded(struct buf *b, struct str text, size_t most)
{
	struct buf folded = BUF_INIT;

	fold_gsm7(text, &folded);
	buf_add_str(b, str_trim(str_slice(buf_str(&folded), 0, most)));
	buf_fini(&folded);
}

static void begin(struct case_file *c, struct buf *b)
{
	if (c->alert.test)
		buf_add_str(b, STR("TEST - "));
}

static void add_who(struct case_file *c, struct buf *b)
{
	add_folded(b, c->face.official_name.len ? c->face.official_name : STR("un élu"), NAME_MAX);
}

struct str sms_for_contact(struct work *w, struct case_file *c, struct str token)
{
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_add_str(&b, STR("ALERTE "));
	add_who(c, &b);
	buf_add_str(&b, reasons_are_of_visit(c->alert.reasons)
				? STR(" ne répond plus depuis la fin prévue d'une visite.")
				: STR(" a demandé de l'aide."));
	buf_printf(&b,
		   " La police ou la gendarmerie est prévenue. Suivre : %s/s/%.*s"
		   " Répondez OK si vous vous en occupez.",
		   w->options->public_url, STR_FMT(token));
	return work_keep(w, &b);
}

struct str sms_for_unit(struct work *w, struct case_file *c, struct str token)
{
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_printf(&b, "ALERTE ÉLU n. %lld ", (long long)c->alert.ref);
	if (c->alert.silent)
		buf_add_str(&b, STR("SILENCIEUSE (ne pas appeler) "));
	if (c->face.commune.len) {
		buf_add_str(&b, STR("commune "));
		add_folded(&b, c->face.commune, COMMUNE_MAX);
		buf_add_byte(&b, ' ');
	}
	buf_printf(&b, "Ouvrir et accuser réception : %s/p/%.*s", w->options->public_url,
		   STR_FMT(token));
	return work_keep(w, &b);
}

struct str sms_for_visit(void)
{
	return STR("Rappel : votre rendez-vous se termine dans quelques minutes. Confirmez ou "
		   "prolongez.");
}

/* --- registrations */

static const char *const why_texts[TERM_WHYS] = {
	[TERM_ASKED] = "à votre demande",
	[TERM_PROTECTION] = "date prévue à l'inscription",
	[TERM_MANDATE] = "fin de mandat",
	[TERM_LIMIT] = "dix ans, durée légale",
};

static void add_day(struct buf *b, int32_t day)
{
	char text[DAY_TEXT_SIZE];

	day_print(day, text);
	buf_add_str(b, str_from(text));
}

struct str sms_for_term(struct work *w, const struct term *t, enum term_notice notice,
			struct str token)
{
	struct buf b = BUF_INIT;
	enum term_why why;
	int32_t last = term_ends_after(t, &why);

	buf_add_str(&b, STR("Alarme élu : "));
	if (notice >= NOTICE_ENDS_60) {
		buf_add_str(&b, STR("votre inscription prend fin le "));
		add_day(&b, last);
		buf_printf(&b, " (%s). Pour la garder, répondez ou venez au guichet : ",
			   why_texts[why]);
	} else {
		buf_add_str(&b, STR("voulez-vous garder votre inscription ? Répondez ici (sans "
				    "réponse, rien ne s'arrête) : "));
	}
	buf_printf(&b, "%s/c/%.*s", w->options->public_url, STR_FMT(token));
	return work_keep(w, &b);
}

struct str sms_for_ended_term(struct work *w, const struct term *t)
{
	struct buf b = BUF_INIT;

	buf_printf(&b,
		   "Alarme élu : votre inscription a pris fin (%s). Si c'est une erreur, "
		   "dites-le au guichet avant le ",
		   why_texts[t->why]);
	add_day(&b, day_after(t->ended, &w->options->retention.after[RETENTION_OFFICIAL]));
	buf_add_str(&b, STR(", puis vos données sont effacées. Urgence : 17."));
	return work_keep(w, &b);
}

struct str sms_for_prolonged_term(struct work *w, const struct term *t)
{
	struct buf b = BUF_INIT;
	enum term_why why;

	buf_add_str(&b, STR("Alarme élu : votre inscription vaut jusqu'au "));
	add_day(&b, term_last_day(t, &why));
	buf_printf(&b, " (%s).", why_texts[why]);
	return work_keep(w, &b);
}

/* --- their own file */

struct str sms_for_own_code(struct work *w, const char *code)
{
	struct buf b = BUF_INIT;

	buf_printf(&b,
		   "Égide : code %s, valable dix minutes, pour ouvrir votre dossier. Ne le dites à "
		   "personne, agent compris.",
		   code);
	return work_keep(w, &b);
}

struct str sms_for_correction(void)
{
	return STR("Égide : une correction de votre dossier est demandée. Elle attend un agent. "
		   "Pas vous ? Prévenez votre brigade ou commissariat.");
}

struct str sms_for_sheet(void)
{
	return STR("Égide : la feuille de consentement de votre dossier (entrées, consignes, "
		   "personnes de confiance) est retirée. Pas vous ? Prévenez votre brigade ou "
		   "commissariat.");
}

struct str sms_for_leaving(struct work *w)
{
	struct buf b = BUF_INIT;

	buf_printf(&b,
		   "Égide : demande de sortie de votre dossier. Votre protection continue tant "
		   "qu'un agent ne vous a pas vu ou rappelé. Pas vous ? Annulez la demande : "
		   "%s/mon-dossier",
		   w->options->public_url);
	return work_keep(w, &b);
}

struct str sms_for_staying(void)
{
	return STR("Égide : la demande de sortie de votre dossier est annulée. Votre protection "
		   "continue.");
}

struct str sms_for_duty(struct work *w, struct case_file *c, const struct effect *why)
{
	/* A step of the ladder says why in its label; otherwise it is a unit that does not answer.
	 */
	const char *label = !id_is_none(why->target)           ? "L'unité envoyée ne répond pas"
			    : c->alert.ending == ENDING_DURESS ? "L'élu est sous la contrainte"
							       : w->ladder->steps[why->step].label;
	struct buf b = BUF_INIT;

	begin(c, &b);
	buf_printf(&b, "ALERTE ÉLU n. %lld. %s. Ouvrez la salle : %s/salle",
		   (long long)c->alert.ref, label, w->options->public_url);
	return work_keep(w, &b);
}

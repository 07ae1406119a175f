/* Checking an archive of evidence: see evidence_check.h. */
#include "ctl/evidence_check_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "crypto/timestamp.h"
#include "live/evidence.h"

static void say(struct check *c, const char *mark, const char *format, va_list arguments)
{
	fprintf(c->out, " %s ", mark);
	vfprintf(c->out, format, arguments);
	fputc('\n', c->out);
}

void check_hold(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "✓", format, arguments);
	va_end(arguments);
}

void check_break(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "✗", format, arguments);
	va_end(arguments);
	c->faults++;
}

void check_remark(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "!", format, arguments);
	va_end(arguments);
}

/* --- the archive */

const struct tar_member *check_find(const struct check *c, struct str name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->members[i].name, name))
			return &c->members[i];
	return NULL;
}

/* STR_NONE: absent, and that is said. */
struct str check_need(struct check *c, const char *name)
{
	const struct tar_member *m = check_find(c, str_from(name));

	if (!m)
		check_break(c, "%s manque", name);
	return m ? m->bytes : STR_NONE;
}

static bool unpack(struct check *c, struct str archive)
{
	struct tar_member m;
	int r;

	while ((r = tar_next(&archive, &m)) == 1) {
		if (c->count == MAX_MEMBERS || check_find(c, m.name)) {
			check_break(c, "l'archive a trop de fichiers, ou deux du même nom");
			return false;
		}
		c->members[c->count++] = m;
	}
	if (r)
		check_break(c, "l'archive est coupée ou altérée après %zu fichiers", c->count);
	return !r;
}

json_t *check_parse(struct str text)
{
	return json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, NULL);
}

struct str check_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
				     : STR_NONE;
}

/* False: not that many bytes of hexadecimal. */
bool check_hex(struct str text, void *out, size_t len)
{
	return text.len == 2 * len && hex_decode(text, out, len) == (ptrdiff_t)len;
}

/* INT64_MIN: no integer. */
int64_t check_integer(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : INT64_MIN;
}

/* --- the signed list */

static bool open_manifest(struct check *c, struct str key)
{
	struct str bytes = check_need(c, EVIDENCE_MANIFEST);
	struct str id, named;

	c->manifest = check_parse(bytes);
	c->of_lines = json_object_get(c->manifest, "lines") != NULL;
	id = check_text(c->manifest, c->of_lines ? "lines" : "alert");
	named = check_text(c->manifest, "key");
	if (!str_eq(check_text(c->manifest, "format"), STR("egide-evidence")) ||
	    check_integer(c->manifest, "version") != 1 || id_parse(id, &c->id) ||
	    !check_hex(key.ptr ? key : named, c->key.bytes, sizeof(c->key.bytes))) {
		if (bytes.ptr)
			check_break(c, "%s n'est pas la liste d'une archive d'Égide, version 1",
				    EVIDENCE_MANIFEST);
		return false;
	}
	c->key_is_pinned = key.ptr != NULL;
	return true;
}

enum signature { SIGNED, SIGNED_BY_ANOTHER, SIGNED_SOMETHING_ELSE };

static enum signature check_signature_of(const struct check *c, const char *what, struct str bytes,
					 struct str note)
{
	struct hash hash = hash_bytes(bytes);
	struct buf wanted = BUF_INIT;
	char id[ID_TEXT_SIZE];
	enum signature is = SIGNED;
	struct str text;

	id_print(c->id, id);
	buf_printf(&wanted, "%s\n%s\n", what, id);
	base64_encode(str_of(hash.bytes, HASH_SIZE), &wanted);
	buf_add_byte(&wanted, '\n');
	if (note_open(note, STR(EVIDENCE_SIGNER), &c->key, &text))
		is = SIGNED_BY_ANOTHER;
	else if (!str_eq(text, buf_str(&wanted)))
		is = SIGNED_SOMETHING_ELSE;
	buf_fini(&wanted);
	return is;
}

static void check_signature(struct check *c)
{
	char key[2 * NOTE_KEY_SIZE + 1];

	hex_encode(c->key.bytes, sizeof(c->key.bytes), key);
	switch (check_signature_of(c, EVIDENCE_SAYS_MANIFEST, check_need(c, EVIDENCE_MANIFEST),
				   check_need(c, EVIDENCE_MANIFEST_NOTE))) {
	case SIGNED:
		check_hold(c, "liste signée par la clé %s%s", key,
			   c->key_is_pinned ? ", celle que vous tenez d'ailleurs" : "");
		break;
	case SIGNED_BY_ANOTHER:
		check_break(c, "la liste n'est pas signée par cette clé");
		break;
	case SIGNED_SOMETHING_ELSE:
		check_break(c, "la signature est celle d'une autre liste : %s a été changé",
			    EVIDENCE_MANIFEST);
		break;
	}
	if (!c->key_is_pinned)
		check_remark(c,
			     "la clé vient de l'archive elle-même : comparez-la à celle que publie "
			     "l'administration (key=CLÉ)");
}

static bool is_as_listed(struct check *c, const json_t *row)
{
	struct str name = check_text(row, "name"), hex = check_text(row, "sha256");
	struct hash wanted, hash;

	for (size_t i = 0; i < c->count; i++) {
		if (!str_eq(c->members[i].name, name))
			continue;
		hash = hash_bytes(c->members[i].bytes);
		if (c->listed[i] || !check_hex(hex, wanted.bytes, HASH_SIZE) ||
		    check_integer(row, "bytes") != (int64_t)c->members[i].bytes.len ||
		    !hash_eq(&hash, &wanted)) {
			check_break(c, "%.*s a été changé", STR_FMT(name));
			return false;
		}
		c->listed[i] = true;
		return true;
	}
	check_break(c, "%.*s manque", STR_FMT(name));
	return false;
}

static void check_files(struct check *c)
{
	const json_t *rows = json_object_get(c->manifest, "files"), *row;
	size_t i, good = 0;

	json_array_foreach(rows, i, row) good += is_as_listed(c, row);
	for (i = 0; i < c->count; i++)
		if (!c->listed[i] && !str_eq(c->members[i].name, STR(EVIDENCE_MANIFEST)) &&
		    !str_eq(c->members[i].name, STR(EVIDENCE_MANIFEST_NOTE)) &&
		    !str_eq(c->members[i].name, STR(EVIDENCE_TIMESTAMP)) &&
		    !str_eq(c->members[i].name, STR(EVIDENCE_TIMESTAMP_NOTE)))
			check_break(c, "%.*s n'est pas dans la liste signée",
				    STR_FMT(c->members[i].name));
	if (good && good == json_array_size(rows))
		check_hold(c, "%zu fichiers, tels que listés", good);
	else if (!good)
		check_break(c, "la liste est vide");
}

/* --- the time */

static void check_timestamp(struct check *c, const char *ca_file)
{
	const struct tar_member *m = check_find(c, STR(EVIDENCE_TIMESTAMP));
	const struct tar_member *note = check_find(c, STR(EVIDENCE_MANIFEST_NOTE));
	struct timestamp t;
	struct hash hash;
	struct civil_time at;
	int r;

	if (!m || !note) {
		check_remark(c, "aucun tiers n'a horodaté cette archive");
		return;
	}
	hash = hash_bytes(note->bytes);
	r = check_signature_of(c, EVIDENCE_SAYS_TIMESTAMP, m->bytes,
			       check_need(c, EVIDENCE_TIMESTAMP_NOTE)) == SIGNED
		    ? timestamp_open(m->bytes, &hash, ca_file, &t)
		    : -EBADMSG;
	if (r == -ENOENT)
		check_break(c, "%s : certificats illisibles", ca_file);
	else if (r || (ca_file && !t.is_trusted))
		check_break(c, r ? "l'horodatage n'est pas celui de cette archive"
				 : "l'horodatage n'est pas signé par une autorité de votre liste");
	if (r || (ca_file && !t.is_trusted))
		return;
	at = civil_from_ms(t.at_ms);
	check_hold(c, "horodatée le %02d/%02d/%04d à %02d:%02d:%02d (UTC) par %s", at.day, at.month,
		   at.year, at.hour, at.minute, at.second,
		   t.authority[0] ? t.authority : "une autorité que le jeton ne nomme pas");
	if (!ca_file)
		check_remark(c,
			     "l'autorité d'horodatage n'a pas été vérifiée (tsa=CERTIFICATS.pem)");
}

/* --- all of it */

static void print_heading(struct check *c)
{
	struct civil_time at = civil_from_ms(check_integer(c->manifest, "exported_at"));
	int64_t number = check_integer(c->manifest, c->of_lines ? "line_count" : "ref");

	if (c->of_lines)
		fprintf(c->out, "%" PRId64 " lignes du journal, exportées", number);
	else
		fprintf(c->out, "Alerte n° %" PRId64 ", exportée", number);
	fprintf(c->out, " le %02d/%02d/%04d à %02d:%02d:%02d (UTC) par %.*s\n", at.day, at.month,
		at.year, at.hour, at.minute, at.second,
		STR_FMT(check_text(c->manifest, "exported_by")));
}

/* What lines do not prove of themselves. */
static void remark_lines(struct check *c)
{
	check_remark(c,
		     "que rien ne manque de ce qui a été demandé, la signature l'affirme : l'arbre "
		     "prouve les lignes données");
}

bool evidence_check(struct str archive, struct str key, const char *ca_file, FILE *out)
{
	struct check *c = xcalloc(1, sizeof(*c));
	bool good;

	crypto_init();
	c->out = out;
	if (unpack(c, archive) && open_manifest(c, key)) {
		print_heading(c);
		check_signature(c);
		check_files(c);
		check_journal(c);
		if (c->of_lines)
			remark_lines(c);
		else
			check_sound(c);
		check_timestamp(c, ca_file);
	}
	good = !c->faults;
	json_decref(c->manifest);
	free(c);
	return good;
}

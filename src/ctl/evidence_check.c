/* Checking an archive of evidence: see evidence_check.h. */
#include "ctl/evidence_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/note.h"
#include "crypto/random.h"
#include "crypto/timestamp.h"
#include "live/evidence.h"
#include "live/recording.h"
#include "store/journal.h"
#include "wire/tar.h"

enum { MAX_MEMBERS = 32 + LIMIT_ALERT_CLIP_PARTS };

struct check {
	FILE *out;
	struct tar_member members[MAX_MEMBERS];
	bool listed[MAX_MEMBERS];
	size_t count;
	json_t *manifest;
	struct note_key key;
	bool key_is_pinned;
	bool of_lines; /* of the journal, whatever they are about; else an alert */
	struct id id;  /* what the notes name: the alert, or the archive */
	uint64_t size; /* of the journal's tree */
	struct hash root;
	/* What the journal says of the sound. */
	bool is_settled;
	int64_t settled_line;
	uint64_t settled_pages[TRACK_COUNT];
	struct hash settled_roots[TRACK_COUNT];
	int64_t deleted_line; /* 0: it was not deleted since */
	unsigned faults;
};

static void hold(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void break_off(struct check *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void remark(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct check *c, const char *mark, const char *format, va_list arguments)
{
	fprintf(c->out, " %s ", mark);
	vfprintf(c->out, format, arguments);
	fputc('\n', c->out);
}

static void hold(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "✓", format, arguments);
	va_end(arguments);
}

static void break_off(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "✗", format, arguments);
	va_end(arguments);
	c->faults++;
}

static void remark(struct check *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(c, "!", format, arguments);
	va_end(arguments);
}

/* --- the archive */

static const struct tar_member *find(const struct check *c, struct str name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->members[i].name, name))
			return &c->members[i];
	return NULL;
}

/* STR_NONE: absent, and that is said. */
static struct str need(struct check *c, const char *name)
{
	const struct tar_member *m = find(c, str_from(name));

	if (!m)
		break_off(c, "%s manque", name);
	return m ? m->bytes : STR_NONE;
}

static bool unpack(struct check *c, struct str archive)
{
	struct tar_member m;
	int r;

	while ((r = tar_next(&archive, &m)) == 1) {
		if (c->count == MAX_MEMBERS || find(c, m.name)) {
			break_off(c, "l'archive a trop de fichiers, ou deux du même nom");
			return false;
		}
		c->members[c->count++] = m;
	}
	if (r)
		break_off(c, "l'archive est coupée ou altérée après %zu fichiers", c->count);
	return !r;
}

static json_t *parse(struct str text)
{
	return json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, NULL);
}

static struct str text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
				     : STR_NONE;
}

/* False: not that many bytes of hexadecimal. */
static bool hex_of(struct str text, void *out, size_t len)
{
	return text.len == 2 * len && hex_decode(text, out, len) == (ptrdiff_t)len;
}

/* INT64_MIN: no integer. */
static int64_t integer_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : INT64_MIN;
}

/* --- the signed list */

static bool open_manifest(struct check *c, struct str key)
{
	struct str bytes = need(c, EVIDENCE_MANIFEST);
	struct str id, named;

	c->manifest = parse(bytes);
	c->of_lines = json_object_get(c->manifest, "lines") != NULL;
	id = text_of(c->manifest, c->of_lines ? "lines" : "alert");
	named = text_of(c->manifest, "key");
	if (!str_eq(text_of(c->manifest, "format"), STR("egide-evidence")) ||
	    integer_of(c->manifest, "version") != 1 || id_parse(id, &c->id) ||
	    !hex_of(key.ptr ? key : named, c->key.bytes, sizeof(c->key.bytes))) {
		if (bytes.ptr)
			break_off(c, "%s n'est pas la liste d'une archive d'Égide, version 1",
				  EVIDENCE_MANIFEST);
		return false;
	}
	c->key_is_pinned = key.ptr != NULL;
	return true;
}

enum signature { SIGNED, SIGNED_BY_ANOTHER, SIGNED_SOMETHING_ELSE };

static enum signature signature_of(const struct check *c, const char *what, struct str bytes,
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
	switch (signature_of(c, EVIDENCE_SAYS_MANIFEST, need(c, EVIDENCE_MANIFEST),
			     need(c, EVIDENCE_MANIFEST_NOTE))) {
	case SIGNED:
		hold(c, "liste signée par la clé %s%s", key,
		     c->key_is_pinned ? ", celle que vous tenez d'ailleurs" : "");
		break;
	case SIGNED_BY_ANOTHER:
		break_off(c, "la liste n'est pas signée par cette clé");
		break;
	case SIGNED_SOMETHING_ELSE:
		break_off(c, "la signature est celle d'une autre liste : %s a été changé",
			  EVIDENCE_MANIFEST);
		break;
	}
	if (!c->key_is_pinned)
		remark(c, "la clé vient de l'archive elle-même : comparez-la à celle que publie "
			  "l'administration (key=CLÉ)");
}

static bool is_as_listed(struct check *c, const json_t *row)
{
	struct str name = text_of(row, "name"), hex = text_of(row, "sha256");
	struct hash wanted, hash;

	for (size_t i = 0; i < c->count; i++) {
		if (!str_eq(c->members[i].name, name))
			continue;
		hash = hash_bytes(c->members[i].bytes);
		if (c->listed[i] || !hex_of(hex, wanted.bytes, HASH_SIZE) ||
		    integer_of(row, "bytes") != (int64_t)c->members[i].bytes.len ||
		    !hash_eq(&hash, &wanted)) {
			break_off(c, "%.*s a été changé", STR_FMT(name));
			return false;
		}
		c->listed[i] = true;
		return true;
	}
	break_off(c, "%.*s manque", STR_FMT(name));
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
			break_off(c, "%.*s n'est pas dans la liste signée",
				  STR_FMT(c->members[i].name));
	if (good && good == json_array_size(rows))
		hold(c, "%zu fichiers, tels que listés", good);
	else if (!good)
		break_off(c, "la liste est vide");
}

/* --- the journal */

static bool open_checkpoint(struct check *c)
{
	struct str text, line, rest;
	uint8_t root[HASH_SIZE];
	int64_t size;

	if (note_open(need(c, EVIDENCE_CHECKPOINT), STR(EVIDENCE_SIGNER), &c->key, &text)) {
		break_off(c, "la racine du journal n'est pas signée par cette clé");
		return false;
	}
	rest = text;
	if (!str_split(&rest, '\n', &line) || !str_eq(line, STR("egide/journal")) ||
	    !str_split(&rest, '\n', &line) || str_parse_i64(line, 1, INT64_MAX, &size) ||
	    !str_split(&rest, '\n', &line) ||
	    base64_decode(line, root, sizeof(root)) != HASH_SIZE) {
		break_off(c, "la racine du journal est illisible");
		return false;
	}
	c->size = (uint64_t)size;
	memcpy(c->root.bytes, root, HASH_SIZE);
	return true;
}

static bool id_at(const json_t *object, const char *key, struct id *ret_id)
{
	const json_t *value = json_object_get(object, key);

	*ret_id = ID_NONE;
	return json_is_null(value) || !id_parse(text_of(object, key), ret_id);
}

/* Archives of alerts once did not say it: it is the alert. */
static bool read_subject(const struct check *c, const json_t *row, struct id *ret_subject)
{
	if (c->of_lines || json_object_get(row, "subject"))
		return id_at(row, "subject", ret_subject) &&
		       (c->of_lines || id_eq(*ret_subject, c->id));
	*ret_subject = c->id;
	return true;
}

static bool read_entry(const struct check *c, const json_t *row, struct entry *e)
{
	*e = (struct entry){.number = integer_of(row, "number"),
			    .epoch = integer_of(row, "epoch"),
			    .at_ms = integer_of(row, "at"),
			    .kind = (enum entry_kind)integer_of(row, "kind"),
			    .actor_kind = (enum actor_kind)integer_of(row, "actor_kind"),
			    .body = text_of(row, "body")};
	return e->number > 0 && integer_of(row, "kind") > 0 &&
	       integer_of(row, "kind") <= UINT16_MAX && integer_of(row, "actor_kind") >= 0 &&
	       integer_of(row, "actor_kind") <= UINT8_MAX && id_at(row, "actor", &e->actor) &&
	       id_at(row, "target", &e->target) && read_subject(c, row, &e->subject);
}

/* A line whose text was purged has no salt: its hash stands for it. */
static bool body_holds(const json_t *row, const struct entry *e, struct hash *ret_hash)
{
	uint8_t salt[SALT_SIZE];
	struct hash hash;

	if (!hex_of(text_of(row, "body_hash"), ret_hash->bytes, HASH_SIZE))
		return false;
	if (json_is_null(json_object_get(row, "salt")))
		return !e->body.ptr;
	if (!hex_of(text_of(row, "salt"), salt, sizeof(salt)))
		return false;
	hash = hash_two(str_of(salt, sizeof(salt)), e->body);
	return hash_eq(&hash, ret_hash);
}

static bool path_holds(const struct check *c, const json_t *row, const struct entry *e,
		       const struct hash *leaf)
{
	const json_t *list = json_object_get(row, "path"), *step;
	struct hash path[TREE_MAX_LEVELS];
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > TREE_MAX_LEVELS)
		return false;
	json_array_foreach(list, i, step) if (!json_is_string(step) ||
					      !hex_of(str_from(json_string_value(step)),
						      path[i].bytes, HASH_SIZE)) return false;
	return !tree_verify_inclusion(leaf, (uint64_t)e->number - 1, c->size, path,
				      json_array_size(list), &c->root);
}

/* The last of these lines is about all of the sound. */
static void note_sound(struct check *c, const struct entry *e)
{
	static const char *const names[TRACK_COUNT] = {"live", "backfill"};
	json_t *body = parse(e->body);

	c->is_settled = body != NULL;
	c->deleted_line = 0;
	c->settled_line = e->number;
	for (int i = 0; i < TRACK_COUNT; i++) {
		const json_t *track = json_object_get(body, names[i]);
		int64_t pages = integer_of(track, "pages");

		c->settled_pages[i] = (uint64_t)pages;
		c->is_settled &= pages >= 0 && hex_of(text_of(track, "root"),
						      c->settled_roots[i].bytes, HASH_SIZE);
	}
	if (!c->is_settled)
		break_off(c, "ligne %" PRId64 " du journal : empreintes du son illisibles",
			  e->number);
	json_decref(body);
}

/* What was recorded until then is not there any more, and must not be. */
static void note_deletion(struct check *c, const struct entry *e)
{
	struct civil_time at = civil_from_ms(e->at_ms);
	json_t *body = parse(e->body);

	c->is_settled = false;
	c->deleted_line = e->number;
	remark(c,
	       "le son a été supprimé le %02d/%02d/%04d, %" PRId64
	       " jours après la clôture (ligne %" PRId64 " du journal)",
	       at.day, at.month, at.year, integer_of(body, "days"), e->number);
	json_decref(body);
}

/* Whether the line is one of those that were asked for, as far as it says so itself. */
static bool is_selected(const struct check *c, const struct entry *e)
{
	const json_t *selection = json_object_get(c->manifest, "selection");
	struct str kind = text_of(selection, "kind");
	const char *name = entry_kind_name(e->kind);
	struct id account, subject;

	if (!c->of_lines)
		return true;
	return id_at(selection, "account", &account) && id_at(selection, "subject", &subject) &&
	       (id_is_none(account) ||
		(e->actor_kind == ACTOR_ACCOUNT && id_eq(account, e->actor))) &&
	       (id_is_none(subject) || id_eq(subject, e->subject)) &&
	       (!kind.ptr || !name || str_eq(kind, str_from(name)));
}

static bool check_line(struct check *c, struct str text, int64_t *last)
{
	struct hash body_hash, leaf;
	json_t *row = parse(text);
	struct entry e;
	bool good = row && read_entry(c, row, &e) && e.number > *last && is_selected(c, &e) &&
		    body_holds(row, &e, &body_hash);

	if (good) {
		leaf = journal_leaf(&e, &body_hash);
		good = path_holds(c, row, &e, &leaf);
		*last = e.number;
	}
	if (good && !c->of_lines && e.kind == ENTRY_SOUND_RECORDED && e.body.ptr)
		note_sound(c, &e);
	if (good && !c->of_lines && e.kind == ENTRY_SOUND_DELETED)
		note_deletion(c, &e);
	json_decref(row);
	return good;
}

static void check_journal(struct check *c)
{
	struct str rest = need(c, EVIDENCE_JOURNAL), line;
	int64_t last = 0;
	size_t lines = 0;

	if (!rest.ptr || !open_checkpoint(c))
		return;
	while (str_split(&rest, '\n', &line) && (line.len || rest.ptr)) {
		lines++;
		if (!check_line(c, line, &last)) {
			break_off(c, "%s, ligne %zu : elle n'est pas dans l'arbre signé",
				  EVIDENCE_JOURNAL, lines);
			return;
		}
	}
	if (c->of_lines && (int64_t)lines != integer_of(c->manifest, "line_count"))
		break_off(c, "%s n'a pas toutes les lignes annoncées", EVIDENCE_JOURNAL);
	else if (lines)
		hold(c, "%zu lignes, chacune à sa place dans le journal de %" PRIu64 " lignes",
		     lines, c->size);
	else
		break_off(c, "%s est vide", EVIDENCE_JOURNAL);
}

/* --- the sound */

/* Every page in order; its leaves make the track's tree as far as the journal speaks of it. */
static bool read_track(struct check *c, int kind, struct recording *r, uint64_t *ret_pages,
		       struct hash *ret_root)
{
	struct cursor at = cursor_of(need(c, evidence_pages[kind]));
	struct frontier tree;

	frontier_init(&tree);
	*ret_pages = 0;
	*ret_root = frontier_root(&tree);
	while (cursor_left(&at)) {
		uint32_t number = cursor_u32(&at), len = cursor_u32(&at);
		struct str page = cursor_take(&at, len);
		struct hash leaf = tree_leaf(page);

		if (!cursor_ok(&at) || number != *ret_pages ||
		    recording_add(r, (enum track_kind)kind, page))
			return false;
		frontier_append(&tree, &leaf);
		if (++*ret_pages == c->settled_pages[kind])
			*ret_root = frontier_root(&tree);
	}
	return true;
}

static void check_track(struct check *c, int kind, struct recording *r)
{
	struct hash root;
	uint64_t pages;

	if (!read_track(c, kind, r, &pages, &root))
		break_off(c, "%s : page %" PRIu64 " illisible", evidence_pages[kind], pages);
	else if (!c->is_settled)
		return;
	else if (pages < c->settled_pages[kind] || !hash_eq(&root, &c->settled_roots[kind]))
		break_off(c, "%s n'est pas ce que dit la ligne %" PRId64 " du journal",
			  evidence_pages[kind], c->settled_line);
	else if (pages > c->settled_pages[kind])
		remark(c,
		       "%s : les pages %" PRIu64 " à %" PRIu64
		       " sont plus récentes que la dernière clôture",
		       evidence_pages[kind], c->settled_pages[kind] + 1, pages);
	else
		hold(c, "%s : %" PRIu64 " pages, celles de la ligne %" PRId64 " du journal",
		     evidence_pages[kind], pages, c->settled_line);
}

static void check_audio(struct check *c, struct recording *r)
{
	const struct tar_member *audio = find(c, STR(EVIDENCE_AUDIO));
	struct buf again = BUF_INIT;
	int error = recording_order(r);

	if (error == -ENOENT && !audio) {
		/* That it was deleted is said where its line is read. */
		if (!c->deleted_line)
			remark(c, "aucun son n'a été enregistré");
	} else if (error || !audio) {
		break_off(c, "%s ne correspond pas aux pages", EVIDENCE_AUDIO);
	} else {
		recording_ogg(r, 0, UINT64_MAX, &again);
		if (str_eq(buf_str(&again), audio->bytes))
			hold(c, "%s : ce qu'on entend est le rendu de ces pages", EVIDENCE_AUDIO);
		else
			remark(c, "%s vient d'une autre version d'Égide : les pages font foi",
			       EVIDENCE_AUDIO);
	}
	buf_fini(&again);
}

static void check_sound(struct check *c)
{
	struct recording *r = recording_new(c->id);

	for (int kind = 0; kind < TRACK_COUNT; kind++)
		check_track(c, kind, r);
	check_audio(c, r);
	if (!c->is_settled && !c->deleted_line)
		remark(c, "le journal ne résume pas encore le son (alerte ouverte, ou sans son) : "
			  "seule la signature le couvre");
	recording_free(r);
}

/* --- the time */

static void check_timestamp(struct check *c, const char *ca_file)
{
	const struct tar_member *m = find(c, STR(EVIDENCE_TIMESTAMP));
	const struct tar_member *note = find(c, STR(EVIDENCE_MANIFEST_NOTE));
	struct timestamp t;
	struct hash hash;
	struct civil_time at;
	int r;

	if (!m || !note) {
		remark(c, "aucun tiers n'a horodaté cette archive");
		return;
	}
	hash = hash_bytes(note->bytes);
	r = signature_of(c, EVIDENCE_SAYS_TIMESTAMP, m->bytes, need(c, EVIDENCE_TIMESTAMP_NOTE)) ==
			    SIGNED
		    ? timestamp_open(m->bytes, &hash, ca_file, &t)
		    : -EBADMSG;
	if (r == -ENOENT)
		break_off(c, "%s : certificats illisibles", ca_file);
	else if (r || (ca_file && !t.is_trusted))
		break_off(c, r ? "l'horodatage n'est pas celui de cette archive"
			       : "l'horodatage n'est pas signé par une autorité de votre liste");
	if (r || (ca_file && !t.is_trusted))
		return;
	at = civil_from_ms(t.at_ms);
	hold(c, "horodatée le %02d/%02d/%04d à %02d:%02d:%02d (UTC) par %s", at.day, at.month,
	     at.year, at.hour, at.minute, at.second,
	     t.authority[0] ? t.authority : "une autorité que le jeton ne nomme pas");
	if (!ca_file)
		remark(c, "l'autorité d'horodatage n'a pas été vérifiée (tsa=CERTIFICATS.pem)");
}

/* --- all of it */

static void print_heading(struct check *c)
{
	struct civil_time at = civil_from_ms(integer_of(c->manifest, "exported_at"));
	int64_t number = integer_of(c->manifest, c->of_lines ? "line_count" : "ref");

	if (c->of_lines)
		fprintf(c->out, "%" PRId64 " lignes du journal, exportées", number);
	else
		fprintf(c->out, "Alerte n° %" PRId64 ", exportée", number);
	fprintf(c->out, " le %02d/%02d/%04d à %02d:%02d:%02d (UTC) par %.*s\n", at.day, at.month,
		at.year, at.hour, at.minute, at.second,
		STR_FMT(text_of(c->manifest, "exported_by")));
}

/* What lines do not prove of themselves. */
static void remark_lines(struct check *c)
{
	remark(c, "que rien ne manque de ce qui a été demandé, la signature l'affirme : l'arbre "
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

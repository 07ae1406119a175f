/* The lines of the journal in an archive of evidence, checked: see evidence_check_private.h. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "ctl/evidence_check_private.h"
#include "live/evidence.h"

static bool open_checkpoint(struct check *c)
{
	struct str text, line, rest;
	uint8_t root[HASH_SIZE];
	int64_t size;

	if (note_open(check_need(c, EVIDENCE_CHECKPOINT), STR(EVIDENCE_SIGNER), &c->key, &text)) {
		check_break(c, "la racine du journal n'est pas signée par cette clé");
		return false;
	}
	rest = text;
	if (!str_split(&rest, '\n', &line) || !str_eq(line, STR("egide/journal")) ||
	    !str_split(&rest, '\n', &line) || str_parse_i64(line, 1, INT64_MAX, &size) ||
	    !str_split(&rest, '\n', &line) ||
	    base64_decode(line, root, sizeof(root)) != HASH_SIZE) {
		check_break(c, "la racine du journal est illisible");
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
	return json_is_null(value) || !id_parse(check_text(object, key), ret_id);
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
	*e = (struct entry){.number = check_integer(row, "number"),
			    .epoch = check_integer(row, "epoch"),
			    .at_ms = check_integer(row, "at"),
			    .kind = (enum entry_kind)check_integer(row, "kind"),
			    .actor_kind = (enum actor_kind)check_integer(row, "actor_kind"),
			    .body = check_text(row, "body")};
	return e->number > 0 && check_integer(row, "kind") > 0 &&
	       check_integer(row, "kind") <= UINT16_MAX && check_integer(row, "actor_kind") >= 0 &&
	       check_integer(row, "actor_kind") <= UINT8_MAX && id_at(row, "actor", &e->actor) &&
	       id_at(row, "target", &e->target) && read_subject(c, row, &e->subject);
}

/* A line whose text was purged has no salt: its hash stands for it. */
static bool body_holds(const json_t *row, const struct entry *e, struct hash *ret_hash)
{
	uint8_t salt[SALT_SIZE];
	struct hash hash;

	if (!check_hex(check_text(row, "body_hash"), ret_hash->bytes, HASH_SIZE))
		return false;
	if (json_is_null(json_object_get(row, "salt")))
		return !e->body.ptr;
	if (!check_hex(check_text(row, "salt"), salt, sizeof(salt)))
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
					      !check_hex(str_from(json_string_value(step)),
							 path[i].bytes, HASH_SIZE)) return false;
	return !tree_verify_inclusion(leaf, (uint64_t)e->number - 1, c->size, path,
				      json_array_size(list), &c->root);
}

/* The last of these lines is about all of the sound. */
static void note_sound(struct check *c, const struct entry *e)
{
	static const char *const names[TRACK_COUNT] = {"live", "backfill"};
	json_t *body = check_parse(e->body);

	c->is_settled = body != NULL;
	c->deleted_line = 0;
	c->settled_line = e->number;
	for (int i = 0; i < TRACK_COUNT; i++) {
		const json_t *track = json_object_get(body, names[i]);
		int64_t pages = check_integer(track, "pages");

		c->settled_pages[i] = (uint64_t)pages;
		c->is_settled &= pages >= 0 && check_hex(check_text(track, "root"),
							 c->settled_roots[i].bytes, HASH_SIZE);
	}
	if (!c->is_settled)
		check_break(c, "ligne %" PRId64 " du journal : empreintes du son illisibles",
			    e->number);
	json_decref(body);
}

/* What was recorded until then is not there any more, and must not be. */
static void note_deletion(struct check *c, const struct entry *e)
{
	struct civil_time at = civil_from_ms(e->at_ms);
	json_t *body = check_parse(e->body);

	c->is_settled = false;
	c->deleted_line = e->number;
	check_remark(c,
		     "le son a été supprimé le %02d/%02d/%04d, %" PRId64
		     " jours après la clôture (ligne %" PRId64 " du journal)",
		     at.day, at.month, at.year, check_integer(body, "days"), e->number);
	json_decref(body);
}

/* Whether the line is one of those that were asked for, as far as it says so itself. */
static bool is_selected(const struct check *c, const struct entry *e)
{
	const json_t *selection = json_object_get(c->manifest, "selection");
	struct str kind = check_text(selection, "kind");
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
	json_t *row = check_parse(text);
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

void check_journal(struct check *c)
{
	struct str rest = check_need(c, EVIDENCE_JOURNAL), line;
	int64_t last = 0;
	size_t lines = 0;

	if (!rest.ptr || !open_checkpoint(c))
		return;
	while (str_split(&rest, '\n', &line) && (line.len || rest.ptr)) {
		lines++;
		if (!check_line(c, line, &last)) {
			check_break(c, "%s, ligne %zu : elle n'est pas dans l'arbre signé",
				    EVIDENCE_JOURNAL, lines);
			return;
		}
	}
	if (c->of_lines && (int64_t)lines != check_integer(c->manifest, "line_count"))
		check_break(c, "%s n'a pas toutes les lignes annoncées", EVIDENCE_JOURNAL);
	else if (lines)
		check_hold(c,
			   "%zu lignes, chacune à sa place dans le journal de %" PRIu64 " lignes",
			   lines, c->size);
	else
		check_break(c, "%s est vide", EVIDENCE_JOURNAL);
}

/* An alert, or lines of the journal, as evidence: see evidence.h. */
#include "live/evidence.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "crypto/note.h"
#include "crypto/random.h"
#include "crypto/timestamp.h"
#include "live/recording.h"
#include "service/json.h"
#include "service/keeping.h"
#include "store/alerts.h"
#include "store/clips.h"
#include "store/journal.h"
#include "wire/tar.h"

enum { MAX_FILES = 16 + LIMIT_ALERT_CLIP_PARTS };

_Static_assert(TRACK_COUNT == 2, "evidence_pages");
const char *const evidence_pages[TRACK_COUNT] = {"sound/live.pages", "sound/backfill.pages"};

struct file {
	char name[TAR_NAME_MAX + 1];
	struct buf bytes;
};

/* A line of the journal whose path is still to come. */
struct line {
	uint64_t index;
	struct buf json; /* as far as the path */
};

struct evidence {
	struct vault *v;
	const struct evidence_order *order;
	struct id id;       /* what the notes name: the alert, or this archive of lines */
	struct alert alert; /* unless it is of lines */
	struct file files[MAX_FILES];
	unsigned count;
	size_t bytes;
	struct line *lines;
	size_t line_count, line_cap;
	int64_t size; /* of the journal, when this was made */
	struct hash root;
	struct recording *recording;
	uint32_t pages[TRACK_COUNT];
	int64_t deleted_at_ms; /* of the sound; TIME_NONE */
	bool damaged;
};

static struct buf *new_file(struct evidence *e, const char *name)
{
	struct file *f = &e->files[e->count++];

	snprintf(f->name, sizeof(f->name), "%s", name);
	return &f->bytes;
}

static int check_size(struct evidence *e, size_t more)
{
	e->bytes += more;
	return e->bytes > LIMIT_EVIDENCE_BYTES ? -EFBIG : 0;
}

static void json_hex(struct buf *b, const char *key, const void *bytes, size_t len)
{
	char text[2 * HASH_SIZE + 1];

	hex_encode(bytes, len, text);
	json_text(b, key, str_from(text));
}

/* --- the journal */

/* What says who read what and why, and nothing of anybody. The rest of a body is not for auditors:
 * its hash stands for it. */
static bool is_given(const struct evidence *e, enum entry_kind kind)
{
	return !e->order->lines || kind == ENTRY_READ || kind == ENTRY_EXPORTED ||
	       kind == ENTRY_LOGIN || kind == ENTRY_LOGOUT;
}

static int add_line(void *context, const struct journal_line *l)
{
	struct evidence *e = context;
	const struct entry *entry = l->entry;
	bool given = is_given(e, entry->kind);
	struct line *line;

	if (e->line_count == LIMIT_EVIDENCE_ENTRIES)
		return -EFBIG;
	if (e->line_count == e->line_cap) {
		e->line_cap = e->line_cap ? e->line_cap * 2 : 256;
		e->lines = xrealloc(e->lines, e->line_cap * sizeof(*e->lines));
	}
	line = &e->lines[e->line_count++];
	*line = (struct line){.index = (uint64_t)entry->number - 1};
	buf_add_byte(&line->json, '{');
	json_int(&line->json, "number", entry->number);
	json_int(&line->json, "epoch", entry->epoch);
	json_int(&line->json, "at", entry->at_ms);
	json_int(&line->json, "kind", entry->kind);
	json_word(&line->json, "name", entry_kind_name(entry->kind));
	json_int(&line->json, "actor_kind", entry->actor_kind);
	json_id(&line->json, "subject", entry->subject);
	json_id(&line->json, "actor", entry->actor);
	json_id(&line->json, "target", entry->target);
	if (l->salt.ptr && given)
		json_hex(&line->json, "salt", l->salt.ptr, l->salt.len);
	else
		json_nothing(&line->json, "salt");
	json_text(&line->json, "body", given ? entry->body : STR_NONE);
	json_hex(&line->json, "body_hash", l->body_hash.bytes, HASH_SIZE);
	return check_size(e, line->json.len);
}

static void print_line(const struct line *line, const struct hash *path, size_t len,
		       struct buf *out)
{
	buf_add_str(out, buf_str(&line->json));
	json_open(out, "path", '[');
	for (size_t i = 0; i < len; i++)
		json_hex(out, NULL, path[i].bytes, HASH_SIZE);
	json_close(out, ']');
	json_close(out, '}');
	buf_add_byte(out, '\n');
}

static int print_journal(struct evidence *e)
{
	size_t levels = tree_levels((uint64_t)e->size);
	uint64_t *indexes = xcalloc(e->line_count + 1, sizeof(*indexes));
	struct hash *paths = xcalloc(e->line_count * levels + 1, sizeof(*paths));
	uint8_t *lens = xcalloc(e->line_count + 1, 1);
	struct buf *out = new_file(e, EVIDENCE_JOURNAL);
	int r;

	for (size_t i = 0; i < e->line_count; i++)
		indexes[i] = e->lines[i].index;
	r = journal_prove(e->v, &(struct journal_proof){.indexes = indexes,
							.count = e->line_count,
							.size = (uint64_t)e->size,
							.root = &e->root,
							.paths = paths,
							.lens = lens});
	for (size_t i = 0; !r && i < e->line_count; i++)
		print_line(&e->lines[i], &paths[i * levels], lens[i], out);
	if (!r)
		r = check_size(e, out->len);
	free(indexes);
	free(paths);
	free(lens);
	return r;
}

/* C2SP tlog-checkpoint: origin, size, root. */
static void print_checkpoint(struct evidence *e)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "egide/journal\n%lld\n", (long long)e->size);
	base64_encode(str_of(e->root.bytes, HASH_SIZE), &text);
	buf_add_byte(&text, '\n');
	note_sign(vault_ring(e->v), STR(EVIDENCE_SIGNER), buf_str(&text),
		  new_file(e, EVIDENCE_CHECKPOINT));
	buf_fini(&text);
}

/* They come newest first. */
static int select_lines(struct evidence *e)
{
	struct journal_filter filter = e->order->lines->filter;
	int r;

	if (filter.before > e->size + 1)
		filter.before = e->size + 1;
	r = journal_selected(e->v, &filter, LIMIT_EVIDENCE_ENTRIES + 1, add_line, e);
	for (size_t i = 0, j = e->line_count; i + 1 < j; i++) {
		struct line swap = e->lines[i];

		e->lines[i] = e->lines[--j];
		e->lines[j] = swap;
	}
	return r || e->line_count ? r : -ENOENT;
}

static int add_journal(struct evidence *e)
{
	int r = e->order->lines ? select_lines(e)
				: journal_about(e->v, e->order->alert, e->size,
						LIMIT_EVIDENCE_ENTRIES + 1, add_line, e);

	if (!r)
		r = print_journal(e);
	if (!r)
		print_checkpoint(e);
	return r;
}

/* --- the sound */

struct track_copy {
	struct evidence *e;
	enum track_kind kind;
	struct buf *out;
};

static int copy_page(void *context, uint32_t number, struct str plain)
{
	struct track_copy *x = context;
	int r = recording_add(x->e->recording, x->kind, plain);

	buf_add_u32(x->out, number);
	buf_add_u32(x->out, (uint32_t)plain.len);
	buf_add_str(x->out, plain);
	return r && r != -EBADMSG ? r : check_size(x->e, plain.len + 8);
}

static int add_track(struct evidence *e, enum track_kind kind)
{
	struct track_name name = {e->order->sound_folder, e->order->alert, kind};
	struct track_copy x = {e, kind, new_file(e, evidence_pages[kind])};
	struct track_end end;
	int r = track_read(e->v, &name, copy_page, &x, &end);

	e->pages[kind] = end.pages;
	e->damaged |= end.damaged;
	return r;
}

static int add_sound(struct evidence *e)
{
	struct buf *out;
	int r = 0;

	e->recording = recording_new(e->order->alert);
	for (int kind = 0; !r && kind < TRACK_COUNT; kind++)
		r = add_track(e, (enum track_kind)kind);
	if (r)
		return r;
	r = recording_order(e->recording);
	if (r == -ENOENT) /* nothing was recorded */
		return 0;
	if (!r) {
		recording_json(e->recording, new_file(e, EVIDENCE_RECORDING));
		out = new_file(e, EVIDENCE_AUDIO);
		recording_ogg(e->recording, 0, UINT64_MAX, out);
		r = check_size(e, out->len);
	}
	return r;
}

static int add_clips(struct evidence *e)
{
	struct id clips[LIMIT_ALERT_CLIP_PARTS];
	int count = clips_of(e->v, e->order->alert, clips, LIMIT_ALERT_CLIP_PARTS),
	    r = count < 0 ? count : 0;

	for (int i = 0; !r && i < count; i++) {
		char id[ID_TEXT_SIZE], name[TAR_NAME_MAX + 1];
		struct buf *out;

		id_print(clips[i], id);
		snprintf(name, sizeof(name), "clips/%s.amr", id);
		out = new_file(e, name);
		r = clip_load(e->v, e->order->alert, clips[i], out);
		if (!r)
			r = check_size(e, out->len);
	}
	return r;
}

/* --- the manifest */

static void add_readme(struct evidence *e)
{
	buf_printf(
		new_file(e, EVIDENCE_README),
		"Alerte n\xc2\xb0 %lld, telle qu’Égide l’a enregistrée.\n"
		"\n"
		"Vérifier : egidectl verify-export CETTE-ARCHIVE.tar [key=CLÉ]\n"
		"Il ne faut ni serveur, ni clé secrète, ni réseau. CLÉ est la clé publique de "
		"l’administration, à tenir\n"
		"d’elle par un autre chemin (« egidectl keys public » la donne) : sans elle, on "
		"sait que rien n’a été\n"
		"changé depuis la signature, mais non qui a signé.\n"
		"\n"
		"manifest.json         chaque fichier, sa taille, son empreinte SHA-256\n"
		"manifest.note         la signature de cette liste (Ed25519, format C2SP "
		"signed-note)\n"
		"journal.jsonl         chaque ligne du journal sur cette alerte, avec son chemin "
		"dans l’arbre (RFC 9162)\n"
		"checkpoint.note       la racine signée de l’arbre du journal entier\n"
		"alert.json            la même alerte, avec les noms, pour être lue\n"
		"sound/*.pages         les pages du son telles qu’elles sont arrivées : la preuve\n"
		"sound/audio.ogg       le même son, à écouter ; sound/recording.json dit ce qui "
		"manque\n"
		"clips/*.amr           les messages vocaux de la montre\n"
		"timestamp.tsr         l’horodatage de manifest.note par un tiers (RFC 3161), s’il "
		"y en "
		"a un\n"
		"\n"
		"Le format est décrit octet par octet dans docs/protocol/evidence.md, pour qui "
		"veut vérifier sans nous.\n"
		"Ces données sont personnelles : les conserver, les transmettre et les écouter "
		"demandent une base légale.\n",
		(long long)e->alert.ref);
}

static void add_readme_of_lines(struct evidence *e)
{
	buf_printf(
		new_file(e, EVIDENCE_README),
		"%zu lignes du journal d’Égide : qui a fait ou lu quoi, et quand.\n"
		"\n"
		"Vérifier : egidectl verify-export CETTE-ARCHIVE.tar [key=CLÉ]\n"
		"Il ne faut ni serveur, ni clé secrète, ni réseau. CLÉ est la clé publique de "
		"l’administration, à tenir\n"
		"d’elle par un autre chemin (« egidectl keys public » la donne).\n"
		"\n"
		"manifest.json         ce qui a été demandé et pourquoi ; chaque fichier, sa "
		"taille, son empreinte SHA-256\n"
		"manifest.note         la signature de cette liste (Ed25519, format C2SP "
		"signed-note)\n"
		"journal.jsonl         chaque ligne, avec son chemin dans l’arbre (RFC 9162)\n"
		"checkpoint.note       la racine signée de l’arbre du journal entier\n"
		"lines.json            les mêmes lignes, avec les noms des comptes, pour être "
		"lues\n"
		"timestamp.tsr         l’horodatage de manifest.note par un tiers (RFC 3161), s’il "
		"y en a un\n"
		"\n"
		"Ce qui a été dit ou écrit n’y est pas : l’empreinte de chaque texte en tient "
		"lieu.\n"
		"Que rien ne manque de ce qui a été demandé, la signature l’affirme ; l’arbre "
		"prouve les lignes données.\n"
		"Le format est décrit octet par octet dans docs/protocol/evidence.md, pour qui "
		"veut vérifier sans nous.\n",
		e->line_count);
}

static void list_files(const struct evidence *e, struct buf *b)
{
	json_open(b, "files", '[');
	for (unsigned i = 0; i < e->count; i++) {
		struct hash hash = hash_bytes(buf_str(&e->files[i].bytes));

		json_open(b, NULL, '{');
		json_word(b, "name", e->files[i].name);
		json_int(b, "bytes", (int64_t)e->files[i].bytes.len);
		json_hex(b, "sha256", hash.bytes, HASH_SIZE);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void time_or_nothing(struct buf *b, const char *key, int64_t at_ms)
{
	if (at_ms)
		json_int(b, key, at_ms);
	else
		json_nothing(b, key);
}

static void print_selection(const struct evidence *e, struct buf *b)
{
	const struct evidence_lines *l = e->order->lines;
	const char *kind = entry_kind_name(l->filter.kind);

	json_id(b, "lines", e->id);
	json_int(b, "line_count", (int64_t)e->line_count);
	json_text(b, "reason", l->reason);
	json_open(b, "selection", '{');
	time_or_nothing(b, "since", l->since_ms);
	time_or_nothing(b, "until", l->until_ms);
	json_id(b, "subject", l->filter.subject);
	json_id(b, "person", l->filter.person);
	json_id(b, "account", l->filter.account);
	json_text(b, "kind", kind ? str_from(kind) : STR_NONE);
	json_close(b, '}');
}

static void print_alert(const struct evidence *e, struct buf *b)
{
	json_id(b, "alert", e->id);
	json_int(b, "ref", e->alert.ref);
	json_int(b, "live_pages", e->pages[TRACK_LIVE]);
	json_int(b, "backfill_pages", e->pages[TRACK_BACKFILL]);
	json_bool(b, "sound_damaged", e->damaged);
}

static void print_manifest(const struct evidence *e, struct buf *b)
{
	struct note_key key = note_key_of(vault_ring(e->v));

	buf_add_byte(b, '{');
	json_word(b, "format", "egide-evidence");
	json_int(b, "version", 1);
	json_word(b, "software", "Égide " EGIDE_VERSION);
	if (e->order->lines)
		print_selection(e, b);
	else
		print_alert(e, b);
	json_int(b, "exported_at", e->order->now_ms);
	json_text(b, "exported_by", e->order->by);
	json_hex(b, "key", key.bytes, sizeof(key.bytes));
	json_int(b, "journal_size", e->size);
	list_files(e, b);
	json_close(b, '}');
	buf_add_byte(b, '\n');
}

/* A note that says what the file is, of which archive, and its hash. */
static void sign_file(const struct evidence *e, const char *what, struct str bytes, struct buf *out)
{
	struct hash hash = hash_bytes(bytes);
	struct buf text = BUF_INIT;
	char id[ID_TEXT_SIZE];

	id_print(e->id, id);
	buf_printf(&text, "%s\n%s\n", what, id);
	base64_encode(str_of(hash.bytes, HASH_SIZE), &text);
	buf_add_byte(&text, '\n');
	note_sign(vault_ring(e->v), STR(EVIDENCE_SIGNER), buf_str(&text), out);
	buf_fini(&text);
}

/* --- all of it */

static void put(const struct evidence *e, const char *name, struct str bytes, struct buf *out)
{
	tar_header(str_from(name), bytes.len, e->order->now_ms / 1000, out);
	buf_add_str(out, bytes);
	tar_padding(bytes.len, out);
}

/* 0, or why there is none. */
static int add_timestamp(const struct evidence *e, struct str note, struct buf *out)
{
	struct hash hash = hash_bytes(note);
	struct buf request = BUF_INIT, reply = BUF_INIT, signature = BUF_INIT;
	struct timestamp timestamp;
	int r;

	timestamp_request(&hash, &request);
	r = e->order->timestamp(e->order->timestamp_url, buf_str(&request), &reply);
	if (!r)
		r = timestamp_open(buf_str(&reply), &hash, NULL, &timestamp);
	if (!r) {
		sign_file(e, EVIDENCE_SAYS_TIMESTAMP, buf_str(&reply), &signature);
		put(e, EVIDENCE_TIMESTAMP, buf_str(&reply), out);
		put(e, EVIDENCE_TIMESTAMP_NOTE, buf_str(&signature), out);
	}
	buf_fini(&signature);
	buf_fini(&request);
	buf_fini(&reply);
	return r;
}

static int pack(struct evidence *e, struct buf *out)
{
	struct buf manifest = BUF_INIT, note = BUF_INIT;
	int unstamped = 0;

	print_manifest(e, &manifest);
	sign_file(e, EVIDENCE_SAYS_MANIFEST, buf_str(&manifest), &note);
	put(e, EVIDENCE_MANIFEST, buf_str(&manifest), out);
	put(e, EVIDENCE_MANIFEST_NOTE, buf_str(&note), out);
	for (unsigned i = 0; i < e->count; i++) {
		put(e, e->files[i].name, buf_str(&e->files[i].bytes), out);
		buf_fini(&e->files[i].bytes);
	}
	if (e->order->timestamp_url)
		unstamped = add_timestamp(e, buf_str(&note), out);
	tar_end(out);
	buf_fini(&manifest);
	buf_fini(&note);
	return unstamped;
}

static void add_readable(struct evidence *e)
{
	if (e->order->readable.ptr)
		buf_add_str(
			new_file(e, e->order->lines ? EVIDENCE_READABLE_LINES : EVIDENCE_READABLE),
			e->order->readable);
}

static int gather_lines(struct evidence *e)
{
	int r;

	e->id = random_id_v7(e->order->now_ms);
	r = add_journal(e);
	if (!r) {
		add_readable(e);
		add_readme_of_lines(e);
	}
	return r;
}

static int gather_alert(struct evidence *e)
{
	struct arena arena = ARENA_INIT;
	int r = alert_load(e->v, &arena, e->order->alert, &e->alert, NULL);

	arena_fini(&arena);
	e->id = e->order->alert;
	if (!r)
		r = keeping_deleted_at(e->v, e->order->alert, &e->deleted_at_ms);
	if (!r)
		r = add_journal(e);
	if (!r)
		r = add_sound(e);
	if (!r)
		r = add_clips(e);
	if (!r) {
		add_readable(e);
		add_readme(e);
	}
	return r;
}

static int gather(struct evidence *e)
{
	int64_t epoch;
	int r = journal_head(e->v, &epoch, &e->size, &e->root);

	if (r)
		return r;
	return e->order->lines ? gather_lines(e) : gather_alert(e);
}

/* The files are no part of that moment: what was deleted while it was read would look damaged. */
static int check_kept(const struct evidence *e)
{
	int64_t now_ms;
	int r;

	if (e->order->lines)
		return 0;
	r = keeping_deleted_at(e->v, e->order->alert, &now_ms);
	return r || now_ms == e->deleted_at_ms ? r : -EAGAIN;
}

int evidence_make(struct vault *v, const struct evidence_order *order, struct buf *out,
		  int *ret_unstamped)
{
	struct evidence *e = xcalloc(1, sizeof(*e));
	int r;

	e->v = v;
	e->order = order;
	/* One moment of the database: the head, and what it is the root of. */
	r = db_begin(vault_db(v));
	if (!r) {
		r = gather(e);
		db_rollback(vault_db(v));
	}
	if (!r)
		r = check_kept(e);
	if (!r)
		*ret_unstamped = pack(e, out);
	for (unsigned i = 0; i < e->count; i++)
		buf_fini(&e->files[i].bytes);
	for (size_t i = 0; i < e->line_count; i++)
		buf_fini(&e->lines[i].json);
	free(e->lines);
	recording_free(e->recording);
	free(e);
	return r;
}

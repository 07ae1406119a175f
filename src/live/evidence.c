/* An alert, or lines of the journal, as evidence: see evidence.h. */
#include "live/evidence_private.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/note.h"
#include "crypto/random.h"
#include "crypto/timestamp.h"
#include "service/json.h"
#include "service/keeping.h"

_Static_assert(TRACK_COUNT == 2, "evidence_pages");
const char *const evidence_pages[TRACK_COUNT] = {"sound/live.pages", "sound/backfill.pages"};

struct buf *evidence_file(struct evidence *e, const char *name)
{
	struct file *f = &e->files[e->count++];

	snprintf(f->name, sizeof(f->name), "%s", name);
	return &f->bytes;
}

int evidence_check_size(struct evidence *e, size_t more)
{
	e->bytes += more;
	return e->bytes > LIMIT_EVIDENCE_BYTES ? -EFBIG : 0;
}

void evidence_hex(struct buf *b, const char *key, const void *bytes, size_t len)
{
	char text[2 * HASH_SIZE + 1];

	hex_encode(bytes, len, text);
	json_text(b, key, str_from(text));
}

/* --- the manifest */

static void list_files(const struct evidence *e, struct buf *b)
{
	json_open(b, "files", '[');
	for (unsigned i = 0; i < e->count; i++) {
		struct hash hash = hash_bytes(buf_str(&e->files[i].bytes));

		json_open(b, NULL, '{');
		json_word(b, "name", e->files[i].name);
		json_int(b, "bytes", (int64_t)e->files[i].bytes.len);
		evidence_hex(b, "sha256", hash.bytes, HASH_SIZE);
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
	evidence_hex(b, "key", key.bytes, sizeof(key.bytes));
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
		buf_add_str(evidence_file(e, e->order->lines ? EVIDENCE_READABLE_LINES
							     : EVIDENCE_READABLE),
			    e->order->readable);
}

static int gather_lines(struct evidence *e)
{
	int r;

	e->id = random_id_v7(e->order->now_ms);
	r = evidence_add_journal(e);
	if (!r) {
		add_readable(e);
		evidence_add_readme(e);
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
		r = evidence_add_journal(e);
	if (!r)
		r = evidence_add_sound(e);
	if (!r)
		r = evidence_add_clips(e);
	if (!r) {
		add_readable(e);
		evidence_add_readme(e);
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

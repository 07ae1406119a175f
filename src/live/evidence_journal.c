/* The lines of the journal in an archive of evidence, and their proofs: see evidence_private.h. */
#include <errno.h>

#include "base/alloc.h"
#include "crypto/note.h"
#include "live/evidence_private.h"
#include "service/json.h"
#include "store/journal.h"

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
		evidence_hex(&line->json, "salt", l->salt.ptr, l->salt.len);
	else
		json_nothing(&line->json, "salt");
	json_text(&line->json, "body", given ? entry->body : STR_NONE);
	evidence_hex(&line->json, "body_hash", l->body_hash.bytes, HASH_SIZE);
	return evidence_check_size(e, line->json.len);
}

static void print_line(const struct line *line, const struct hash *path, size_t len,
		       struct buf *out)
{
	buf_add_str(out, buf_str(&line->json));
	json_open(out, "path", '[');
	for (size_t i = 0; i < len; i++)
		evidence_hex(out, NULL, path[i].bytes, HASH_SIZE);
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
	struct buf *out = evidence_file(e, EVIDENCE_JOURNAL);
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
		r = evidence_check_size(e, out->len);
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
		  evidence_file(e, EVIDENCE_CHECKPOINT));
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

int evidence_add_journal(struct evidence *e)
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

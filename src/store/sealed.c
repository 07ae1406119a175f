/* Sealed columns of text: see sealed.h. */
#include "store/sealed.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "store/fix.h"

int copy_text(struct str text, char *out, size_t size)
{
	if (text.len >= size)
		return -EBADMSG;
	if (text.len)
		memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
	return 0;
}

int unseal_text(struct vault *v, struct str label, struct str sealed, char *out, size_t size)
{
	struct buf plain = BUF_INIT;
	int r = sealed.ptr ? vault_unseal(v, label, sealed, &plain) : 0;

	if (!r)
		r = copy_text(buf_str(&plain), out, size);
	buf_fini(&plain);
	return r;
}

void record_put(struct buf *record, uint8_t tag, struct str text)
{
	assert(text.len <= UINT16_MAX);
	if (!text.len)
		return;
	buf_add_byte(record, tag);
	buf_add_u16(record, (uint16_t)text.len);
	buf_add_str(record, text);
}

int record_next(struct cursor *record, uint8_t *ret_tag, struct str *ret_text)
{
	uint8_t tag;
	struct str text;

	if (!cursor_left(record))
		return 0;
	tag = cursor_u8(record);
	text = cursor_take(record, cursor_u16(record));
	if (!cursor_ok(record))
		return -EBADMSG;
	*ret_tag = tag;
	*ret_text = text;
	return 1;
}

int updated_one(struct vault *v, struct query *q)
{
	int r = db_done_after(q);

	if (!r && db_changes(vault_db(v)) == 0)
		r = -ESTALE;
	return r;
}

int deleted_one(struct vault *v, struct query *q)
{
	int r = db_done_after(q);

	if (!r && db_changes(vault_db(v)) == 0)
		r = -ENOENT;
	return r;
}

int step_to_row(struct query *q)
{
	int r = query_step(q);

	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

int id_after(struct query *q, struct id *ret_id)
{
	int r = step_to_row(q);

	if (!r)
		*ret_id = column_id(q, 0);
	db_done(q);
	return r;
}

int i64_after(struct query *q, int64_t *ret_value)
{
	int r = step_to_row(q);

	if (!r)
		*ret_value = column_i64(q, 0);
	db_done(q);
	return r;
}

int each_id_after(struct query *q, int limit, id_reader *on_id, void *context)
{
	struct id *list = xcalloc((size_t)limit, sizeof(*list));
	int count = 0, r = 0;

	while (count < limit && (r = query_step(q)) == 1)
		list[count++] = column_id(q, 0);
	db_done(q);
	r = r < 0 ? r : 0;
	for (int i = 0; !r && i < count; i++)
		r = on_id(context, list[i]);
	free(list);
	return r;
}

void bind_after(struct query *q, int at, const struct id *after)
{
	bind_blob(q, at, str_of(after->bytes, sizeof(after->bytes)));
}

int seal_fix(struct vault *v, struct id dossier, struct str label, const struct stored_fix *fix,
	     struct buf *sealed)
{
	uint8_t plain[FIX_SIZE];

	fix_encode(fix, plain);
	return vault_seal(v, dossier, label, str_of(plain, sizeof(plain)), sealed);
}

int fix_after(struct vault *v, struct query *q, struct str label, struct stored_fix *ret_fix)
{
	struct buf plain = BUF_INIT;
	int r = step_to_row(q);

	if (!r)
		r = vault_unseal(v, label, column_blob(q, 0), &plain);
	db_done(q);
	if (!r)
		r = fix_decode(buf_str(&plain), ret_fix);
	buf_fini(&plain);
	return r;
}

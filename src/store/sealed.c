/* Sealed columns of text: see sealed.h. */
#include "store/sealed.h"

#include <assert.h>
#include <errno.h>

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

int step_to_row(struct query *q)
{
	int r = query_step(q);

	return r == 1 ? 0 : r == 0 ? -ENOENT : r;
}

void bind_after(struct query *q, int at, const struct id *after)
{
	bind_blob(q, at, str_of(after->bytes, sizeof(after->bytes)));
}

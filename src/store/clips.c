/* Voice clips: see clips.h. */
#include "store/clips.h"

#include <errno.h>

#include "crypto/random.h"

SQL(clip_named, "SELECT clip, COUNT(*) FROM clip WHERE alert = $1 AND name = $2 GROUP BY clip");
SQL(part_add, "INSERT INTO clip (alert, clip, part, name, at_ms, body) VALUES ($1, $2, $3, $4, $5, "
	      "$6)");
SQL(part_get, "SELECT body FROM clip WHERE alert = $1 AND clip = $2 AND part = $3");
SQL(parts_count, "SELECT COUNT(*) FROM clip WHERE alert = $1");
SQL(parts_get, "SELECT body FROM clip WHERE alert = $1 AND clip = $2 ORDER BY part LIMIT $3");

SQL(clips_drop, "DELETE FROM clip WHERE alert = $1");
SQL(clips_get, "SELECT DISTINCT clip FROM clip WHERE alert = $1 ORDER BY clip LIMIT $2");

#define BODY_LABEL STR("clip.body")

static int find(struct vault *v, struct id alert, struct str name, struct id *ret_clip,
		int *ret_have)
{
	struct query *q = db_query(vault_db(v), &clip_named);
	int r;

	*ret_clip = ID_NONE;
	*ret_have = 0;
	bind_id(q, 1, alert);
	bind_blob(q, 2, name);
	r = query_step(q);
	if (r == 1) {
		*ret_clip = column_id(q, 0);
		*ret_have = (int)column_i64(q, 1);
		r = 0;
	}
	db_done(q);
	return r;
}

static int insert(struct vault *v, const struct clip_part *p, struct id clip, struct str name)
{
	struct buf sealed = BUF_INIT;
	struct query *q;
	int r = vault_seal(v, p->alert, BODY_LABEL, p->sound, &sealed);

	if (!r) {
		q = db_query(vault_db(v), &part_add);
		bind_id(q, 1, p->alert);
		bind_id(q, 2, clip);
		bind_i64(q, 3, p->part);
		bind_blob(q, 4, name);
		bind_time(q, 5, p->at_ms);
		bind_blob(q, 6, buf_str(&sealed));
		r = db_done_after(q);
	}
	buf_fini(&sealed);
	return r;
}

/* -ENOENT, or the part in `out`. */
static int load_part(struct vault *v, struct id alert, struct id clip, int part, struct buf *out)
{
	struct query *q = db_query(vault_db(v), &part_get);
	int r;

	bind_id(q, 1, alert);
	bind_id(q, 2, clip);
	bind_i64(q, 3, part);
	r = query_step(q);
	if (r == 1)
		r = vault_unseal(v, BODY_LABEL, column_blob(q, 0), out);
	else if (r == 0)
		r = -ENOENT;
	db_done(q);
	return r;
}

/* A watch counts its clips from one again when it starts: the same name may be another clip. */
static void index_name(struct vault *v, const struct clip_part *p, int again,
		       uint8_t ret_index[BLIND_SIZE])
{
	struct buf name = BUF_INIT;

	buf_add_byte(&name, (uint8_t)again);
	buf_add_str(&name, p->name);
	vault_index(v, STR("clip.name"), buf_str(&name), ret_index);
	buf_fini(&name);
}

/* The newest clip of that name, or the next one when this part of it says something else. */
static int find_place(struct vault *v, const struct clip_part *p, uint8_t ret_name[BLIND_SIZE],
		      struct id *ret_clip, int *ret_have, bool *ret_known)
{
	struct buf stored = BUF_INIT;
	struct id clip = ID_NONE;
	int have = 0, again = 0, r;

	do {
		*ret_clip = clip;
		*ret_have = have;
		index_name(v, p, again, ret_name);
		r = find(v, p->alert, str_of(ret_name, BLIND_SIZE), &clip, &have);
	} while (!r && !id_is_none(clip) && ++again < LIMIT_CLIP_PARTS);
	if (r)
		return r;
	*ret_known = false;
	if (again) {
		r = load_part(v, p->alert, *ret_clip, p->part, &stored);
		*ret_known = !r && str_eq(buf_str(&stored), p->sound);
		if (r == -ENOENT || *ret_known)
			index_name(v, p, again - 1, ret_name);
		else
			*ret_clip = ID_NONE;
		buf_fini(&stored);
	}
	return r == -ENOENT ? 0 : r;
}

int clip_part_add(struct vault *v, const struct clip_part *part, struct id *ret_clip,
		  bool *ret_is_new, int *ret_have)
{
	uint8_t name[BLIND_SIZE];
	bool known;
	int r = find_place(v, part, name, ret_clip, ret_have, &known);

	*ret_is_new = !r && !known;
	if (r || known)
		return r;
	if (id_is_none(*ret_clip)) {
		*ret_clip = random_id_v7(part->at_ms);
		*ret_have = 0;
	}
	r = insert(v, part, *ret_clip, str_of(name, sizeof(name)));
	*ret_have += 1;
	return r;
}

int clips_delete(struct vault *v, struct id alert, int64_t *ret_count)
{
	struct query *q;
	int r = clip_parts_of(v, alert, ret_count);

	if (r)
		return r;
	q = db_query(vault_db(v), &clips_drop);
	bind_id(q, 1, alert);
	return db_done_after(q);
}

int clips_of(struct vault *v, struct id alert, struct id *ret_list, int cap)
{
	struct query *q = db_query(vault_db(v), &clips_get);
	int r, count = 0;

	bind_id(q, 1, alert);
	bind_i64(q, 2, cap);
	while ((r = query_step(q)) == 1)
		ret_list[count++] = column_id(q, 0);
	db_done(q);
	return r ? r : count;
}

int clip_parts_of(struct vault *v, struct id alert, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &parts_count);

	bind_id(q, 1, alert);
	return db_number_after(q, 0, ret_count);
}

int clip_load(struct vault *v, struct id alert, struct id clip, struct buf *out)
{
	struct query *q = db_query(vault_db(v), &parts_get);
	int count = 0, r;

	bind_id(q, 1, alert);
	bind_id(q, 2, clip);
	bind_i64(q, 3, LIMIT_CLIP_PARTS);
	while ((r = query_step(q)) == 1) {
		r = vault_unseal(v, BODY_LABEL, column_blob(q, 0), out);
		if (r)
			break;
		count++;
	}
	db_done(q);
	return r ? r : count ? 0 : -ENOENT;
}

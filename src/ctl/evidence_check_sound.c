/* The sound in an archive of evidence, checked: see evidence_check_private.h. */
#include <errno.h>
#include <inttypes.h>

#include "base/cursor.h"
#include "ctl/evidence_check_private.h"
#include "live/evidence.h"
#include "live/recording.h"

/* Every page in order; its leaves make the track's tree as far as the journal speaks of it. */
static bool read_track(struct check *c, int kind, struct recording *r, uint64_t *ret_pages,
		       struct hash *ret_root)
{
	struct cursor at = cursor_of(check_need(c, evidence_pages[kind]));
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
		check_break(c, "%s : page %" PRIu64 " illisible", evidence_pages[kind], pages);
	else if (!c->is_settled)
		return;
	else if (pages < c->settled_pages[kind] || !hash_eq(&root, &c->settled_roots[kind]))
		check_break(c, "%s n'est pas ce que dit la ligne %" PRId64 " du journal",
			    evidence_pages[kind], c->settled_line);
	else if (pages > c->settled_pages[kind])
		check_remark(c,
			     "%s : les pages %" PRIu64 " à %" PRIu64
			     " sont plus récentes que la dernière clôture",
			     evidence_pages[kind], c->settled_pages[kind] + 1, pages);
	else
		check_hold(c, "%s : %" PRIu64 " pages, celles de la ligne %" PRId64 " du journal",
			   evidence_pages[kind], pages, c->settled_line);
}

static void check_audio(struct check *c, struct recording *r)
{
	const struct tar_member *audio = check_find(c, STR(EVIDENCE_AUDIO));
	struct buf again = BUF_INIT;
	int error = recording_order(r);

	if (error == -ENOENT && !audio) {
		/* That it was deleted is said where its line is read. */
		if (!c->deleted_line)
			check_remark(c, "aucun son n'a été enregistré");
	} else if (error || !audio) {
		check_break(c, "%s ne correspond pas aux pages", EVIDENCE_AUDIO);
	} else {
		recording_ogg(r, 0, UINT64_MAX, &again);
		if (str_eq(buf_str(&again), audio->bytes))
			check_hold(c, "%s : ce qu'on entend est le rendu de ces pages",
				   EVIDENCE_AUDIO);
		else
			check_remark(c, "%s vient d'une autre version d'Égide : les pages font foi",
				     EVIDENCE_AUDIO);
	}
	buf_fini(&again);
}

void check_sound(struct check *c)
{
	struct recording *r = recording_new(c->id);

	for (int kind = 0; kind < TRACK_COUNT; kind++)
		check_track(c, kind, r);
	check_audio(c, r);
	if (!c->is_settled && !c->deleted_line)
		check_remark(
			c, "le journal ne résume pas encore le son (alerte ouverte, ou sans son) : "
			   "seule la signature le couvre");
	recording_free(r);
}

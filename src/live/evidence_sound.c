/* The sound in an archive of evidence, as it was received: see evidence_private.h. */
#include <errno.h>

#include "live/evidence_private.h"
#include "store/clips.h"

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
	return r && r != -EBADMSG ? r : evidence_check_size(x->e, plain.len + 8);
}

static int add_track(struct evidence *e, enum track_kind kind)
{
	struct track_name name = {e->order->sound_folder, e->order->alert, kind};
	struct track_copy x = {e, kind, evidence_file(e, evidence_pages[kind])};
	struct track_end end;
	int r = track_read(e->v, &name, copy_page, &x, &end);

	e->pages[kind] = end.pages;
	e->damaged |= end.damaged;
	return r;
}

int evidence_add_sound(struct evidence *e)
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
		recording_json(e->recording, evidence_file(e, EVIDENCE_RECORDING));
		out = evidence_file(e, EVIDENCE_AUDIO);
		recording_ogg(e->recording, 0, UINT64_MAX, out);
		r = evidence_check_size(e, out->len);
	}
	return r;
}

int evidence_add_clips(struct evidence *e)
{
	struct id clips[LIMIT_ALERT_CLIP_PARTS];
	int count = clips_of(e->v, e->order->alert, clips, LIMIT_ALERT_CLIP_PARTS),
	    r = count < 0 ? count : 0;

	for (int i = 0; !r && i < count; i++) {
		char id[ID_TEXT_SIZE], name[TAR_NAME_MAX + 1];
		struct buf *out;

		id_print(clips[i], id);
		snprintf(name, sizeof(name), "clips/%s.amr", id);
		out = evidence_file(e, name);
		r = clip_load(e->v, e->order->alert, clips[i], out);
		if (!r)
			r = evidence_check_size(e, out->len);
	}
	return r;
}

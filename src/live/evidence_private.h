/* Inside live/: what the files that make an archive of evidence share. */
#ifndef LIVE_EVIDENCE_PRIVATE_H
#define LIVE_EVIDENCE_PRIVATE_H

#include "base/limits.h"
#include "live/evidence.h"
#include "live/recording.h"
#include "store/alerts.h"
#include "wire/tar.h"

enum { MAX_FILES = 16 + LIMIT_ALERT_CLIP_PARTS };

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

/* A new file of the archive; what is put into it is counted by evidence_check_size. */
struct buf *evidence_file(struct evidence *e, const char *name);
int evidence_check_size(struct evidence *e, size_t more); /* 0 or -EFBIG */
void evidence_hex(struct buf *b, const char *key, const void *bytes, size_t len);

/* The lines, each with its path, and the signed root (evidence_journal.c). */
int evidence_add_journal(struct evidence *e);
/* Both tracks and what is rendered from them; the clips of a watch (evidence_sound.c). */
int evidence_add_sound(struct evidence *e);
int evidence_add_clips(struct evidence *e);
/* What it is, for who finds it (evidence_readme.c). */
void evidence_add_readme(struct evidence *e);

#endif

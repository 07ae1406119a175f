/* Inside ctl/: what the files that check an archive of evidence share. */
#ifndef CTL_EVIDENCE_CHECK_PRIVATE_H
#define CTL_EVIDENCE_CHECK_PRIVATE_H

#include <jansson.h>

#include "base/limits.h"
#include "crypto/note.h"
#include "ctl/evidence_check.h"
#include "store/journal.h"
#include "store/track.h"
#include "wire/tar.h"

enum { MAX_MEMBERS = 32 + LIMIT_ALERT_CLIP_PARTS };

struct check {
	FILE *out;
	struct tar_member members[MAX_MEMBERS];
	bool listed[MAX_MEMBERS];
	size_t count;
	json_t *manifest;
	struct note_key key;
	bool key_is_pinned;
	bool of_lines; /* of the journal, whatever they are about; else an alert */
	struct id id;  /* what the notes name: the alert, or the archive */
	uint64_t size; /* of the journal's tree */
	struct hash root;
	/* What the journal says of the sound. */
	bool is_settled;
	int64_t settled_line;
	uint64_t settled_pages[TRACK_COUNT];
	struct hash settled_roots[TRACK_COUNT];
	int64_t deleted_line; /* 0: it was not deleted since */
	unsigned faults;
};

/* One line of what is said each: it holds, it does not (counted), or it is to be known. */
void check_hold(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_break(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_remark(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A file of the archive; NULL, or STR_NONE with a line that it is missing. */
const struct tar_member *check_find(const struct check *c, struct str name);
struct str check_need(struct check *c, const char *name);

/* What it says in JSON: NULL; STR_NONE; false where it is not that many bytes of hexadecimal;
 * INT64_MIN. */
json_t *check_parse(struct str text);
struct str check_text(const json_t *object, const char *key);
bool check_hex(struct str text, void *out, size_t len);
int64_t check_integer(const json_t *object, const char *key);

/* Parts of the check, in the order they are made: what the journal says of the sound is needed for
 * the sound. */
void check_journal(struct check *c);
void check_sound(struct check *c);

#endif

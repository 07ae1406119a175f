/*
 * An alert, or lines of the journal, as evidence: one archive that proves itself, on a machine that
 * has neither our server nor our keys (docs/protocol/evidence.md). Blocking; for a reader's thread,
 * or a command.
 */
#ifndef LIVE_EVIDENCE_H
#define LIVE_EVIDENCE_H

#include "base/buf.h"
#include "store/journal.h"
#include "store/vault.h"

/* Lines of the journal, whatever they are about. */
struct evidence_lines {
	struct journal_filter filter;
	int64_t since_ms, until_ms; /* as it was asked, for the manifest; 0: no bound */
	struct str reason;
};

struct evidence_order {
	struct id alert;
	const char *sound_folder;
	const struct evidence_lines *lines; /* instead of an alert; NULL */
	struct str readable; /* the alert, or the lines, as JSON with names; STR_NONE: left out */
	struct str by;       /* who asked for it, for the manifest */
	int64_t now_ms;
	/* RFC 3161: asks the service at that address (notify/timestamp.h); NULL: none is. */
	const char *timestamp_url;
	int (*timestamp)(const char *url, struct str request, struct buf *ret_reply);
};

/*
 * The archive, appended to out. -ENOENT: no such alert, or its key is gone, or no such line;
 * -EFBIG: too much for one archive; -errno. A service that does not stamp it is no error:
 * *ret_unstamped says why (0: it did, or none was asked).
 */
int evidence_make(struct vault *v, const struct evidence_order *order, struct buf *out,
		  int *ret_unstamped);

/* Names of what is in it, for who makes and who checks it. */
#define EVIDENCE_MANIFEST "manifest.json"
#define EVIDENCE_MANIFEST_NOTE "manifest.note"
#define EVIDENCE_CHECKPOINT "checkpoint.note"
#define EVIDENCE_JOURNAL "journal.jsonl"
#define EVIDENCE_AUDIO "sound/audio.ogg"
#define EVIDENCE_RECORDING "sound/recording.json"
#define EVIDENCE_READABLE "alert.json"
#define EVIDENCE_READABLE_LINES "lines.json"
#define EVIDENCE_README "LISEZMOI.txt"
/* Over the bytes of the manifest's note: too late for the signed list, so it has a note of its own.
 */
#define EVIDENCE_TIMESTAMP "timestamp.tsr"
#define EVIDENCE_TIMESTAMP_NOTE "timestamp.note"
/* Of each track: { number (4, big endian) ‖ length (4) ‖ plain page }… */
extern const char *const evidence_pages[2];
/* First line of the notes about a file; then the alert, then the file's SHA-256 (base64). */
#define EVIDENCE_SAYS_MANIFEST "egide/evidence"
#define EVIDENCE_SAYS_TIMESTAMP "egide/timestamp"
/* Who signs the notes. */
#define EVIDENCE_SIGNER "egide"

#endif

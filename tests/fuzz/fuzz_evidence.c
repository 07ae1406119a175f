/*
 * An archive of evidence from anybody: the bytes as an archive, and as what a signer that we trust
 * might have put in one: manifest, journal, pages of both tracks, sound, split at 0x1e.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/note.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ctl/evidence_check.h"
#include "live/evidence.h"
#include "wire/tar.h"

static struct buf checkpoint;
static char key[2 * NOTE_KEY_SIZE + 1];
static FILE *nowhere;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[] = "/tmp/egide-fuzz-XXXXXX", file[64];
	struct keyring *ring;
	struct note_key public;
	unsigned line;

	crypto_init();
	must(mkdtemp(path) != NULL);
	snprintf(file, sizeof(file), "%s/keys", path);
	must(!keyring_create(file) && !keyring_open(file, &ring, &line));
	unlink(file);
	rmdir(path);
	public = note_key_of(ring);
	hex_encode(public.bytes, sizeof(public.bytes), key);
	note_sign(ring, STR(EVIDENCE_SIGNER),
		  STR("egide/journal\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
		  &checkpoint);
	keyring_free(ring);
	nowhere = fopen("/dev/null", "w");
	return 0;
}

static void add(struct buf *archive, const char *name, struct str bytes)
{
	tar_header(str_from(name), bytes.len, 0, archive);
	buf_add_str(archive, bytes);
	tar_padding(bytes.len, archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const names[] = {EVIDENCE_MANIFEST,     EVIDENCE_JOURNAL, evidence_pages[0],
				     evidence_pages[1],     EVIDENCE_AUDIO,   EVIDENCE_TIMESTAMP,
				     EVIDENCE_MANIFEST_NOTE};
	struct str rest = size ? str_of(data + 1, size - 1) : STR_NONE, part;
	struct buf archive = BUF_INIT;

	must(!evidence_check(rest, STR_NONE, NULL, nowhere));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_split(&rest, '\x1e', &part))
			add(&archive, names[i], part);
	add(&archive, EVIDENCE_CHECKPOINT, buf_str(&checkpoint));
	tar_end(&archive);
	must(!evidence_check(buf_str(&archive), str_from(key), NULL, nowhere));
	buf_fini(&archive);
	return 0;
}

/*
 * Checking an archive of evidence, of an alert or of lines of the journal
 * (docs/protocol/evidence.md) with nothing but the archive: no server, no secret key, no network.
 * What it holds comes from anybody.
 */
#ifndef CTL_EVIDENCE_CHECK_H
#define CTL_EVIDENCE_CHECK_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"

/* ca_file: certificates of time-stamping services that are trusted (PEM), NULL: none.
 * key: the signer's public key in hexadecimal, had by another way; STR_NONE: the one the archive
 * names is believed, and that is said. Writes a French line a check to out; true: all of it holds.
 */
bool evidence_check(struct str archive, struct str key, const char *ca_file, FILE *out);

#endif

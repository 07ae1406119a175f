/*
 * What Kannel tells us over HTTP (docs/protocol/sms.md): receipts of the SMS we sent, and the SMS
 * that come in. Queries in, commands out; the caller checks that the peer is of kannel_networks.
 */
#ifndef API_KANNEL_H
#define API_KANNEL_H

#include "base/str.h"
#include "service/command.h"

/*
 * GET /kannel/receipt?id=OUTBOX_ID&d=MASK&secret=… → VERB_RECEIPT; GET
 * /kannel/inbound?from=…&text=…&id=…&secret=… → VERB_INBOUND. False, and nothing made, when the
 * secret is not ours or a piece is missing or malformed: answer 403. On success the caller owns
 * *ret_command; answer 200 with an empty body once it is committed (anything else makes Kannel call
 * again).
 */
bool kannel_receipt_command(struct str query, struct str secret, struct command **ret_command);
bool kannel_inbound_command(struct str query, struct str secret, struct command **ret_command);

#endif

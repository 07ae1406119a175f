/* Kinds of journal entries: one row a kind. The number is stored: never reuse one. */
#ifndef CORE_ENTRY_H
#define CORE_ENTRY_H

#include "base/str.h"

/* Which list an entry belongs to: the timeline, the trail of positions, the audit alone, a call to
 * 17. */
enum entry_class { ENTRY_TIMELINE, ENTRY_FIX, ENTRY_AUDIT, ENTRY_CALL };

#define ENTRY_KINDS(X)                                                          \
	X(ENTRY_RAISED, 1, "alert.raised", ENTRY_TIMELINE)                      \
	X(ENTRY_TRIGGERED, 2, "alert.triggered", ENTRY_TIMELINE)                \
	X(ENTRY_PAINTED, 3, "alert.painted", ENTRY_TIMELINE)                    \
	X(ENTRY_CLAIMED, 4, "alert.claimed", ENTRY_TIMELINE)                    \
	X(ENTRY_TAKEN_OVER, 5, "alert.taken_over", ENTRY_TIMELINE)              \
	X(ENTRY_NOTED, 6, "alert.noted", ENTRY_TIMELINE)                        \
	X(ENTRY_CLOSED, 7, "alert.closed", ENTRY_TIMELINE)                      \
	X(ENTRY_REOPENED, 8, "alert.reopened", ENTRY_TIMELINE)                  \
	X(ENTRY_CLIMBED, 9, "alert.climbed", ENTRY_TIMELINE)                    \
	X(ENTRY_UNIT_SENT, 10, "unit.sent", ENTRY_TIMELINE)                     \
	X(ENTRY_UNIT_RECEIVED, 11, "unit.received", ENTRY_TIMELINE)             \
	X(ENTRY_UNIT_EN_ROUTE, 12, "unit.en_route", ENTRY_TIMELINE)             \
	X(ENTRY_UNIT_ARRIVED, 13, "unit.arrived", ENTRY_TIMELINE)               \
	X(ENTRY_UNIT_DECLINED, 14, "unit.declined", ENTRY_TIMELINE)             \
	X(ENTRY_UNIT_SILENT, 15, "unit.silent", ENTRY_TIMELINE)                 \
	X(ENTRY_UNIT_CANCELLED, 16, "unit.cancelled", ENTRY_TIMELINE)           \
	X(ENTRY_CONTACT_MESSAGED, 17, "contact.messaged", ENTRY_TIMELINE)       \
	X(ENTRY_CONTACT_ANSWERED, 18, "contact.answered", ENTRY_TIMELINE)       \
	X(ENTRY_CONTACT_SILENT, 19, "contact.silent", ENTRY_TIMELINE)           \
	X(ENTRY_MESSAGE_ACCEPTED, 20, "message.accepted", ENTRY_TIMELINE)       \
	X(ENTRY_MESSAGE_SENT, 21, "message.sent", ENTRY_TIMELINE)               \
	X(ENTRY_MESSAGE_DELIVERED, 22, "message.delivered", ENTRY_TIMELINE)     \
	X(ENTRY_MESSAGE_FAILED, 23, "message.failed", ENTRY_TIMELINE)           \
	X(ENTRY_LINK_REVOKED, 24, "link.revoked", ENTRY_TIMELINE)               \
	X(ENTRY_DEVICE_ASKED, 25, "device.asked", ENTRY_TIMELINE)               \
	X(ENTRY_DEVICE_LOST, 26, "device.lost", ENTRY_TIMELINE)                 \
	X(ENTRY_DEVICE_BACK, 27, "device.back", ENTRY_TIMELINE)                 \
	X(ENTRY_VOICE, 28, "device.voice", ENTRY_TIMELINE)                      \
	X(ENTRY_MESSAGE_LATE, 29, "message.late", ENTRY_TIMELINE)               \
	X(ENTRY_DEVICE_UNREACHED, 30, "device.unreached", ENTRY_TIMELINE)       \
	X(ENTRY_END_ASKED, 31, "end.asked", ENTRY_TIMELINE)                     \
	X(ENTRY_END_DURESS, 32, "end.duress", ENTRY_TIMELINE)                   \
	X(ENTRY_END_REFUSED, 33, "end.refused", ENTRY_TIMELINE)                 \
	X(ENTRY_POSITION, 40, "fix", ENTRY_FIX)                                 \
	X(ENTRY_UNVERIFIED, 50, "unverified", ENTRY_AUDIT)                      \
	X(ENTRY_READ, 60, "read", ENTRY_AUDIT)                                  \
	X(ENTRY_LOGIN, 61, "session.opened", ENTRY_AUDIT)                       \
	X(ENTRY_LOGIN_REFUSED, 62, "session.refused", ENTRY_AUDIT)              \
	X(ENTRY_LOGOUT, 63, "session.closed", ENTRY_AUDIT)                      \
	X(ENTRY_CREATED, 64, "created", ENTRY_AUDIT)                            \
	X(ENTRY_CHANGED, 65, "changed", ENTRY_AUDIT)                            \
	X(ENTRY_DELETED, 66, "deleted", ENTRY_AUDIT)                            \
	X(ENTRY_EXPORTED, 67, "exported", ENTRY_AUDIT)                          \
	X(ENTRY_SOUND_LISTENED, 68, "sound.listened", ENTRY_TIMELINE)           \
	X(ENTRY_SOUND_RECORDED, 69, "sound.recorded", ENTRY_AUDIT)              \
	X(ENTRY_EPOCH, 70, "epoch", ENTRY_AUDIT)                                \
	X(ENTRY_SOUND_LEFT, 80, "sound.left", ENTRY_TIMELINE)                   \
	X(ENTRY_SOUND_MARKED, 81, "sound.marked", ENTRY_TIMELINE)               \
	X(ENTRY_TALK_BEGAN, 82, "talk.began", ENTRY_TIMELINE)                   \
	X(ENTRY_TALK_ENDED, 83, "talk.ended", ENTRY_TIMELINE)                   \
	X(ENTRY_SEAL_ASKED, 90, "sound.seal_asked", ENTRY_TIMELINE)             \
	X(ENTRY_SEALED, 91, "sound.sealed", ENTRY_TIMELINE)                     \
	X(ENTRY_SEAL_WITHDRAWN, 92, "sound.seal_withdrawn", ENTRY_TIMELINE)     \
	X(ENTRY_UNSEAL_ASKED, 93, "sound.unseal_asked", ENTRY_TIMELINE)         \
	X(ENTRY_UNSEALED, 94, "sound.unsealed", ENTRY_TIMELINE)                 \
	X(ENTRY_UNSEAL_WITHDRAWN, 95, "sound.unseal_withdrawn", ENTRY_TIMELINE) \
	X(ENTRY_SOUND_DELETED, 96, "sound.deleted", ENTRY_TIMELINE)             \
	X(ENTRY_VISIT_ANNOUNCED, 100, "visit.announced", ENTRY_TIMELINE)        \
	X(ENTRY_VISIT_EXTENDED, 101, "visit.extended", ENTRY_TIMELINE)          \
	X(ENTRY_VISIT_ENDED, 102, "visit.ended", ENTRY_TIMELINE)                \
	X(ENTRY_VISIT_MISSED, 103, "visit.missed", ENTRY_TIMELINE)              \
	X(ENTRY_CALL_RANG, 110, "call.rang", ENTRY_CALL)                        \
	X(ENTRY_CALL_ANSWERED, 111, "call.answered", ENTRY_CALL)                \
	X(ENTRY_CALL_HUNG_UP, 112, "call.hung_up", ENTRY_CALL)                  \
	X(ENTRY_CALL_CLAIMED, 113, "call.claimed", ENTRY_CALL)                  \
	X(ENTRY_CALL_IDENTIFIED, 114, "call.identified", ENTRY_CALL)            \
	X(ENTRY_CALL_LOCATED, 115, "call.located", ENTRY_CALL)                  \
	X(ENTRY_CALL_JOINED, 116, "call.joined", ENTRY_CALL)                    \
	X(ENTRY_CALL_CLOSED, 117, "call.closed", ENTRY_CALL)                    \
	X(ENTRY_CALLED, 118, "alert.called", ENTRY_TIMELINE)                    \
	X(ENTRY_OFFERED, 130, "alert.offered", ENTRY_TIMELINE)                  \
	X(ENTRY_ACCEPTED, 131, "alert.accepted", ENTRY_TIMELINE)                \
	X(ENTRY_OFFER_WITHDRAWN, 132, "alert.offer_withdrawn", ENTRY_TIMELINE)  \
	X(ENTRY_RELEASED, 133, "alert.released", ENTRY_TIMELINE)                \
	X(ENTRY_CALL_OFFERED, 134, "call.offered", ENTRY_CALL)                  \
	X(ENTRY_CALL_ACCEPTED, 135, "call.accepted", ENTRY_CALL)                \
	X(ENTRY_CALL_OFFER_WITHDRAWN, 136, "call.offer_withdrawn", ENTRY_CALL)  \
	X(ENTRY_MERGED, 140, "alert.merged", ENTRY_TIMELINE)                    \
	X(ENTRY_TOOK_IN, 141, "alert.took_in", ENTRY_TIMELINE)                  \
	X(ENTRY_UNMERGED, 142, "alert.unmerged", ENTRY_TIMELINE)                \
	X(ENTRY_LET_GO, 143, "alert.let_go", ENTRY_TIMELINE)                    \
	X(ENTRY_SHOWN, 144, "alert.shown", ENTRY_TIMELINE)                      \
	X(ENTRY_SILENCED, 145, "alert.silenced", ENTRY_TIMELINE)                \
	X(ENTRY_TERM_ASKED, 150, "term.asked", ENTRY_AUDIT)                     \
	X(ENTRY_TERM_WARNED, 151, "term.warned", ENTRY_AUDIT)                   \
	X(ENTRY_TERM_CONFIRMED, 152, "term.confirmed", ENTRY_AUDIT)             \
	X(ENTRY_TERM_GO_ON, 153, "term.go_on", ENTRY_AUDIT)                     \
	X(ENTRY_TERM_END_ASKED, 154, "term.end_asked", ENTRY_AUDIT)             \
	X(ENTRY_TERM_PROLONGED, 155, "term.prolonged", ENTRY_AUDIT)             \
	X(ENTRY_TERM_ENDED, 156, "term.ended", ENTRY_AUDIT)                     \
	X(ENTRY_TERM_TAKEN_BACK, 157, "term.taken_back", ENTRY_AUDIT)           \
	X(ENTRY_TERM_MANDATE_GONE, 158, "term.mandate_gone", ENTRY_AUDIT)       \
	X(ENTRY_TERM_MANDATE_BACK, 159, "term.mandate_back", ENTRY_AUDIT)       \
	X(ENTRY_HOLD_PLACED, 160, "hold.placed", ENTRY_AUDIT)                   \
	X(ENTRY_HOLD_LIFTED, 161, "hold.lifted", ENTRY_AUDIT)                   \
	X(ENTRY_HOLD_LIFT_ASKED, 162, "hold.lift_asked", ENTRY_AUDIT)           \
	X(ENTRY_HOLD_KEPT, 163, "hold.kept", ENTRY_AUDIT)                       \
	X(ENTRY_DATE_DOUBTED, 170, "date.doubted", ENTRY_AUDIT)                 \
	X(ENTRY_DATE_CONFIRMED, 171, "date.confirmed", ENTRY_AUDIT)             \
	X(ENTRY_READING_HELD, 180, "reading.held", ENTRY_AUDIT)                 \
	X(ENTRY_READING_CONFIRMED, 181, "reading.confirmed", ENTRY_AUDIT)

#define ENTRY_ENUM(symbol, number, name, list) symbol = number,
enum entry_kind { ENTRY_NONE = 0, ENTRY_KINDS(ENTRY_ENUM) };
#undef ENTRY_ENUM

const char *entry_kind_name(enum entry_kind kind); /* NULL for a number that is none */
/* -EINVAL: no kind has that name. */
int entry_kind_parse(struct str name, enum entry_kind *ret_kind);
enum entry_class entry_kind_class(enum entry_kind kind);

/* Who did it. Stored with the entry. */
enum actor_kind {
	ACTOR_SYSTEM,
	ACTOR_ACCOUNT,
	ACTOR_DEVICE,
	ACTOR_CONTACT,
	ACTOR_UNIT,
	ACTOR_CONTROL,
	ACTOR_GATEWAY,
	ACTOR_SWITCH,  /* the telephone switch of a room */
	ACTOR_OFFICIAL /* by a link of theirs, or with their own file open */
};
const char *actor_kind_name(enum actor_kind kind);

#endif

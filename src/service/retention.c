/* The table of retention: see retention.h. */
#include "service/retention.h"

#include <assert.h>

/* In the order in which what is over goes: sound before its alert, an alert before its person. */
const struct retention_row retention_rows[RETENTION_KINDS] = {
	/* Evidence that nobody sealed is no evidence. */
	[RETENTION_ALERT_SOUND] = {"alert_sound", "alert_closed", "delete", "P7D", "P30D", "P10Y",
				   true},
	[RETENTION_ALERT_POSITIONS] = {"alert_positions", "alert_closed", "delete", "P7D", "P1Y",
				       "P10Y", false},
	[RETENTION_ALERT] = {"alert", "alert_closed", "forget_key", "P30D", "P2Y", "P10Y", false},
	/* CSI R. 236-34: two years. */
	[RETENTION_CALL] = {"emergency_call", "call_closed", "forget_key", "P30D", "P2Y", "P2Y",
			    false},
	/* CSI R. 236-42: not longer than protection was asked for. So long it can be taken back. */
	[RETENTION_OFFICIAL] = {"official", "registration_ended", "forget_key", "P1D", "P15D",
				"P60D", true},
	[RETENTION_DRAFT] = {"registration_draft", "invited", "forget_key", "P1D", "P30D", "P1Y",
			     false},
	/* CSI R. 236-44: who did or read what, three years; that a line was there stays. */
	[RETENTION_AUDIT] = {"audit_line", "written", "anonymise", "P1Y", "P3Y", "P3Y", false},
	[RETENTION_SMS] = {"sms", "written", "delete", "P1D", "P30D", "P2Y", false},
	[RETENTION_VISIT] = {"visit", "visit_over", "forget_key", "PT1M", "PT1M", "P30D", false},
	[RETENTION_SESSION] = {"session", "session_expired", "delete", "PT1M", "PT1M", "P30D",
			       false},
	[RETENTION_ENROLMENT] = {"enrolment_code", "code_expired", "delete", "PT1M", "PT1M", "P30D",
				 false},
	[RETENTION_DEVICE_POSITION] = {"device_position", "received", "delete", "PT1M", "PT10M",
				       "P1D", false},
	[RETENTION_AML_POSITION] = {"aml_position", "received", "delete", "PT5M", "PT30M", "P1D",
				    false},
	[RETENTION_UNVERIFIED] = {"unverified_device", "last_heard", "delete", "P1D", "P7D", "P1Y",
				  false},
	/* So many a day may be asked for: they are counted. */
	[RETENTION_OWN_ACCESS] = {"own_code", "asked_for", "delete", "P1D", "P1D", "P30D", false},
	/* As long as the same command is a repeat (service/executor.c). */
	[RETENTION_REPEATS] = {"repeat_key", "command_done", "delete", "P1D", "P2D", "P30D", false},
};

struct retention retention_default(void)
{
	struct retention r;

	for (int i = 0; i < RETENTION_KINDS; i++) {
		int wrong = period_parse(str_from(retention_rows[i].shipped), &r.after[i]);

		assert(!wrong);
		(void)wrong;
	}
	return r;
}

int64_t retention_before_ms(const struct retention *r, enum retention_kind kind, int64_t now_ms)
{
	return paris_before(now_ms, &r->after[kind]);
}

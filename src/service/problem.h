/* The one table of problems: name, HTTP status, French title (RFC 9457; docs/protocol/api.md). */
#ifndef SERVICE_PROBLEM_H
#define SERVICE_PROBLEM_H

#include "service/command.h"

struct problem_row {
	const char *name;
	int status;
	const char *title;
};

const struct problem_row *problem_row(enum problem problem);
/* Why the alert machine refused, as a problem and a French sentence. */
enum problem refusal_problem(enum refusal refusal);
const char *refusal_text(enum refusal refusal);
/* −errno of storage → problem. */
enum problem error_problem(int error);

#endif

/* Places of telephones that call 17 (docs/protocol/calls.md). */
#ifndef API_AML_H
#define API_AML_H

#include "service/command.h"
#include "wire/aml.h"

/* Makes the command one that says where its `number` is. */
void location_command(struct command *command, const struct aml *aml);

#endif

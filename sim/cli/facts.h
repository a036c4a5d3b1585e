/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the program knows of itself, for manifests. */
#ifndef TIERCHAIN_SIM_CLI_FACTS_H
#define TIERCHAIN_SIM_CLI_FACTS_H

#include <time.h>

#include "sim/report/manifest.h"

#define FACTS_TIME_BYTES 32

/* RFC 3339, UTC. */
void facts_time(time_t time, char text[FACTS_TIME_BYTES]);

/* Everything but started and ended. The strings live as long as the program. */
struct manifest_facts facts_of_program(int argument_count, char **arguments);

#endif

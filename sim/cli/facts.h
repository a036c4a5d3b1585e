/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the program knows of itself, for manifests. */
#ifndef TIERCHAIN_SIM_CLI_FACTS_H
#define TIERCHAIN_SIM_CLI_FACTS_H

#include <time.h>

#include "sim/report/manifest.h"
#include "sim/scenario/scenario.h"

#define FACTS_TIME_BYTES 32

/* RFC 3339, UTC. */
void facts_time(time_t time, char text[FACTS_TIME_BYTES]);

/* Everything but started and ended. The strings live as long as the program. */
struct manifest_facts facts_of_program(int argument_count, char **arguments);

/* Every file that the scenario was made of, or names: its own text and what it includes as they were
 * read, tables and traces as they are now. Both arrays are to be freed. Returns how many. */
size_t facts_of_files(const struct scenario *scenario, struct manifest_file **files,
                      char (**digests)[MANIFEST_SHA256_BYTES]);

#endif

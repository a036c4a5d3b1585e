/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of keys as a JSON schema (draft-07, which editors' YAML modes read). */
#ifndef TIERCHAIN_SIM_SCENARIO_SCHEMA_H
#define TIERCHAIN_SIM_SCENARIO_SCHEMA_H

#include <stdio.h>

void schema_write(FILE *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a scenario's text must be before YAML is looked at. */
#ifndef TIERCHAIN_SIM_SCENARIO_TEXT_H
#define TIERCHAIN_SIM_SCENARIO_TEXT_H

#include "sim/scenario/diagnostics.h"

/* Valid UTF-8 without byte order mark, control characters, overlong lines; of limited size. 0, or
 * ERR_INVALID with the first fault in @diagnostics. */
int text_check(const struct source *source, struct diagnostics *diagnostics);

/* Bytes of the UTF-8 character at @at (RFC 3629 4), 0 when it is none; @left > 0 bytes are there.
 */
size_t text_character(const char *at, size_t left);

#endif

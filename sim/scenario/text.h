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

bool text_is_utf8(const char *text, size_t size);

/* Whether a value that YAML has unescaped holds what no text may: NUL, and control characters (C0,
 * DEL, C1) but tab and line feed. */
bool text_has_control(const char *text, size_t size);

/* Makes a message fit for a terminal, in place: a character that a limit has cut in two goes, other
 * bytes that are not UTF-8 become '?', control characters blanks. */
void text_clean(char *text);

#endif

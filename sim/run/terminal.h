/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the terminal behind a file descriptor can show. */
#ifndef TIERCHAIN_SIM_RUN_TERMINAL_H
#define TIERCHAIN_SIM_RUN_TERMINAL_H

#include "base/types.h"

/* Whether lines can be drawn over: a terminal that is not TERM=dumb. */
bool terminal_moves(int fd);

/* Whether colours and other escape sequences are wanted: such a terminal, and no NO_COLOR
 * (no-color.org: set and not empty). */
bool terminal_colours(int fd);

/* Characters of a line: the terminal's own word (TIOCGWINSZ), else COLUMNS, else 80. */
unsigned terminal_width(int fd);

#endif

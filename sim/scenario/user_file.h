/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables and traces of the user's that a scenario names. */
#ifndef TIERCHAIN_SIM_SCENARIO_USER_FILE_H
#define TIERCHAIN_SIM_SCENARIO_USER_FILE_H

#include "base/types.h"

#define USER_FILE_MAX (64u << 20) /* bytes; a week's trace, a row a second, has ten million */

/* The file's bytes, to be freed; NULL with errno set: EFBIG beyond USER_FILE_MAX. */
char *user_file_read(const char *path, size_t *size);

#endif

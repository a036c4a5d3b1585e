/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TIERCHAIN_SIM_WORLD_FILE_H
#define TIERCHAIN_SIM_WORLD_FILE_H

#include <stddef.h>

/* A file's whole text with a NUL behind it, to be freed by the caller; NULL when it can't be read.
 * */
char *file_read(const char *path, size_t *size);

#endif

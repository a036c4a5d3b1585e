/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A growing byte string: every report is first made in memory, then written at once. */
#ifndef TIERCHAIN_SIM_REPORT_TEXT_H
#define TIERCHAIN_SIM_REPORT_TEXT_H

#include "base/types.h"

struct text {
    char *bytes; /* NUL-terminated once anything was appended */
    size_t size, capacity;
};

void text_deinit(struct text *text);
void text_append(struct text *text, const void *bytes, size_t size);
void text_add(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes @path through @path.tmp, fsync and rename. 0, or ERR_INVALID with errno set and no
 * file left behind. */
int text_write(const struct text *text, const char *path);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Located errors, collected rather than printed, so that one run tells all of them:
 *
 *     komatsu.yaml:7:13: error: a duration needs a unit: ns, us, ms, s, min or h
 *        duration: 60
 *                  ^ */
#ifndef TIERCHAIN_SIM_SCENARIO_DIAGNOSTICS_H
#define TIERCHAIN_SIM_SCENARIO_DIAGNOSTICS_H

#include <stdio.h>

#include "base/types.h"

#define DIAGNOSTICS_MAX   20
#define DIAGNOSTIC_BYTES  320
#define SOURCE_LINE_BYTES 160
#define SOURCE_NAME_BYTES 256

/* A text that errors point into. Borrowed bytes. */
struct source {
    const char *name; /* as shown: a path, or "<command line>" */
    const char *text;
    size_t size;
    uint32_t first_line; /* the number of its first line */
};

/* Where a value was written; a default has source name NULL. */
struct origin {
    const char *name;
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in characters */
};

struct diagnostic {
    char name[SOURCE_NAME_BYTES];
    uint32_t line, column; /* 0: about the file as a whole */
    char message[DIAGNOSTIC_BYTES];
    char excerpt[SOURCE_LINE_BYTES]; /* the source line, cut around the column; "" without */
    uint32_t caret;                  /* characters before the caret in @excerpt */
};

struct diagnostics {
    struct diagnostic items[DIAGNOSTICS_MAX];
    size_t count;
    size_t omitted; /* errors beyond the table */
};

/* Notes an error at (line, column) of @source; one that is already there is dropped. A message
 * that is too long is cut between characters and ends with "…". */
void diagnostics_add(struct diagnostics *diagnostics, const struct source *source, uint32_t line,
                     uint32_t column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Whether there is no room for another error; it is then counted as omitted, and whoever asks need
 * not look for words for it: of 90,000 unknown keys twenty are explained. */
bool diagnostics_full(struct diagnostics *diagnostics);

/* Prints all in order of file, line and column, with colours if @colour. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *out, bool colour);

#endif

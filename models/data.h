/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The measured inputs, embedded in the binary at build time from models/data (Makefile). Every file
 * starts with '#' lines that state its source, date, licence and units. */
#ifndef TIERCHAIN_MODELS_DATA_H
#define TIERCHAIN_MODELS_DATA_H

#include "base/types.h"

struct data_file {
    const char *name; /* path below models/data, such as "net/aws_rtt.csv" */
    const char *text; /* a NUL follows the last byte */
    size_t size;      /* without that NUL */
};

extern const struct data_file data_files[];
extern const size_t data_file_count;

/* The file of that name, or NULL. */
const struct data_file *data_find(const char *name);

#endif

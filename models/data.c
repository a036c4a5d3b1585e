/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/data.h"

#include <string.h>

const struct data_file *data_find(const char *name) {
    for (size_t i = 0; i < data_file_count; i++)
        if (strcmp(data_files[i].name, name) == 0)
            return &data_files[i];
    return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

char *file_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && ftell(file) >= 0) {
        *size = (size_t)ftell(file);
        rewind(file);
        text = memory_new(*size + 1, 1);
        if (fread(text, 1, *size, file) != *size) {
            free(text);
            text = NULL;
        }
    }
    fclose(file);
    return text;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/user_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"

/* A file that shrinks meanwhile is read as far as it goes. */
static char *read_all(FILE *file, size_t *size) {
    struct stat status;
    if (fstat(fileno(file), &status) != 0)
        return NULL;
    if (status.st_size > (off_t)USER_FILE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    char *text = memory_new((size_t)status.st_size + 1, 1);
    *size = fread(text, 1, (size_t)status.st_size, file);
    if (!ferror(file))
        return text;
    free(text);
    return NULL;
}

char *user_file_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *text = read_all(file, size);
    int error = errno;
    fclose(file);
    errno = error;
    return text;
}

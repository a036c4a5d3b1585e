/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/text.h"

#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void text_deinit(struct text *text) {
    free(text->bytes);
    *text = (struct text){0};
}

static void text_reserve(struct text *text, size_t more) {
    if (text->capacity - text->size > more)
        return;
    text->capacity = size_max(2 * text->capacity, text->size + more + 1);
    text->bytes = realloc(text->bytes, text->capacity);
    assert(text->bytes != NULL);
}

void text_append(struct text *text, const void *bytes, size_t size) {
    text_reserve(text, size);
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_append(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *string = NULL;
    int size = vasprintf(&string, format, arguments);
    va_end(arguments);
    assert(size >= 0);
    text_append(text, string, (size_t)size);
    free(string);
}

int text_write(const struct text *text, const char *path) {
    struct text temporary = {0};
    text_format(&temporary, "%s.tmp", path);
    FILE *file = fopen(temporary.bytes, "wb");
    bool good = file != NULL;
    if (good) {
        good = fwrite(text->bytes == NULL ? "" : text->bytes, 1, text->size, file) == text->size;
        good = fflush(file) == 0 && fsync(fileno(file)) == 0 && good;
        good = fclose(file) == 0 && good;
        good = good && rename(temporary.bytes, path) == 0;
    }
    int cause = errno; /* what stands there half written helps nobody */
    if (!good && file != NULL)
        unlink(temporary.bytes);
    text_deinit(&temporary);
    errno = cause;
    return good ? OK : ERR_INVALID;
}

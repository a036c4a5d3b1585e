/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/text.h"

#include <string.h>

#include "base/error.h"
#include "sim/scenario/tree.h"

/* No overlong forms, no surrogates, nothing above U+10FFFF. */
size_t text_character(const char *text, size_t left) {
    const unsigned char *at = (const unsigned char *)text;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80             ? 1
                    : (at[0] & 0xe0) == 0xc0 ? 2
                    : (at[0] & 0xf0) == 0xe0 ? 3
                    : (at[0] & 0xf8) == 0xf0 ? 4
                                             : 0;
    if (length < 2 || length > left)
        return length == 1 ? 1 : 0;
    uint32_t code = at[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

static const char *character_fault(const char *at, size_t left, size_t *length) {
    *length = text_character(at, left);
    if (*length == 0)
        return "this byte is not valid UTF-8";
    if (*at == '\0')
        return "a NUL byte; is this a text file?";
    if ((unsigned char)*at < 0x20 ? strchr("\n\t\r", *at) == NULL : *at == 0x7f)
        return "a control character";
    return NULL;
}

int text_check(const struct source *source, struct diagnostics *diagnostics) {
    const char *text = source->text;
    uint32_t line = source->first_line, column = 1;
    size_t line_start = 0, length;
    const char *fault = NULL;
    if (source->size > TREE_TEXT_MAX)
        fault = "the file is larger than 1 MiB";
    else if (source->size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        fault = "a byte order mark; save the file as plain UTF-8";
    else if (source->size >= 2 &&
             (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        fault = "the file is UTF-16; save it as plain UTF-8";
    for (size_t at = 0; fault == NULL && at < source->size; at += length) {
        fault = character_fault(text + at, source->size - at, &length);
        if (fault == NULL && at - line_start >= TREE_LINE_MAX)
            fault = "the line is longer than 4096 bytes";
        if (fault != NULL)
            break;
        column++;
        if (text[at] == '\n') {
            line++;
            column = 1;
            line_start = at + 1;
        }
    }
    if (fault == NULL)
        return OK;
    diagnostics_add(diagnostics, source, line, column, "%s", fault);
    return ERR_INVALID;
}

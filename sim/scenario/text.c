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

bool text_is_utf8(const char *text, size_t size) {
    size_t at = 0, length = 1;
    for (; at < size && length > 0; at += length)
        length = text_character(text + at, size - at);
    return length > 0;
}

/* Of C0, DEL and C1 (U+0080 to U+009F, where terminals know escape sequences too). */
static bool is_control(const char *at, size_t length) {
    const unsigned char *byte = (const unsigned char *)at;
    return length == 1 ? byte[0] < 0x20 || byte[0] == 0x7f
                       : length == 2 && byte[0] == 0xc2 && byte[1] < 0xa0;
}

static const char *character_fault(const char *at, size_t left, size_t *length) {
    *length = text_character(at, left);
    if (*length == 0)
        return "this byte is not valid UTF-8";
    if (*at == '\0')
        return "a NUL byte; is this a text file?";
    if (is_control(at, *length) && strchr("\n\t\r", *at) == NULL)
        return "a control character";
    return NULL;
}

bool text_has_control(const char *text, size_t size) {
    size_t length;
    for (size_t at = 0; at < size; at += length) {
        length = size_max(1, text_character(text + at, size - at));
        if (is_control(text + at, length) && text[at] != '\t' && text[at] != '\n')
            return true;
    }
    return false;
}

/* A lead byte whose rest a limit has taken: nothing follows, or the quote behind a cut value. */
static bool is_cut(const char *at) {
    size_t length = 1;
    while (((unsigned char)at[length] & 0xc0) == 0x80)
        length++;
    return (unsigned char)at[0] >= 0xc2 && (at[length] == '\0' || at[length] == '\'');
}

void text_clean(char *text) {
    size_t left = strlen(text), used = 0, length;
    for (const char *at = text; left > 0; at += length, left -= length) {
        length = text_character(at, left);
        if (length == 0 && is_cut(at)) {
            for (length = 1; ((unsigned char)at[length] & 0xc0) == 0x80;)
                length++;
        } else if (length == 0) {
            length = 1;
            text[used++] = '?';
        } else if (is_control(at, length)) {
            text[used++] = ' ';
        } else {
            memmove(text + used, at, length);
            used += length;
        }
    }
    text[used] = '\0';
}

int text_check(const struct source *source, struct diagnostics *diagnostics) {
    const char *text = source->text;
    uint32_t line = source->first_line, column = 1;
    size_t line_start = 0, length;
    const char *fault = NULL;
    if (source->size > TREE_TEXT_MAX)
        fault = "the file is larger than 4 MiB";
    else if (source->size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        fault = "a byte order mark; save the file as plain UTF-8";
    else if (source->size >= 2 &&
             (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        fault = "the file is UTF-16; save it as plain UTF-8";
    for (size_t at = 0; fault == NULL && at < source->size; at += length) {
        fault = character_fault(text + at, source->size - at, &length);
        if (fault == NULL && at - line_start >= TREE_LINE_MAX)
            fault = "the line is longer than 32 KiB";
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

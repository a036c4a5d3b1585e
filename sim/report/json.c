/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

void json_init(struct json *json, struct text *out) {
    *json = (struct json){.out = out};
}

/* The length of the UTF-8 sequence at @at (RFC 3629 4), 0 when there is none. The NUL at the end is
 * no continuation byte, so nothing behind it is read. */
static size_t utf8_length(const char *at) {
    static const struct {
        uint8_t first, last, second_first, second_last, length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const uint8_t *bytes = (const uint8_t *)at;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
            continue;
        if (forms[i].length > 1 &&
            (bytes[1] < forms[i].second_first || bytes[1] > forms[i].second_last))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((bytes[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* Bytes that are not UTF-8, as a file name may hold, become U+FFFD: the file stays valid. */
static void quote(struct text *out, const char *value) {
    text_add(out, "\"");
    for (size_t length; *value != '\0'; value += size_max(length, 1)) {
        length = utf8_length(value);
        if (length == 0)
            text_add(out, "\xef\xbf\xbd");
        else if (*value == '"' || *value == '\\')
            text_format(out, "\\%c", *value);
        else if ((unsigned char)*value < 0x20)
            text_format(out, "\\u%04x", (unsigned)*value);
        else
            text_append(out, value, length);
    }
    text_add(out, "\"");
}

static void new_line(struct json *json) {
    text_format(json->out, "\n%*s", (int)(2 * json->depth), "");
}

static void begin(struct json *json, const char *key) {
    if (json->depth > 0) {
        if (json->filled[json->depth - 1])
            text_add(json->out, ",");
        json->filled[json->depth - 1] = true;
        new_line(json);
    }
    if (key != NULL) {
        quote(json->out, key);
        text_add(json->out, ": ");
    }
}

void json_open(struct json *json, const char *key, char bracket) {
    assert(json->depth < JSON_DEPTH_MAX);
    begin(json, key);
    text_append(json->out, &bracket, 1);
    json->filled[json->depth++] = false;
}

void json_close(struct json *json, char bracket) {
    assert(json->depth > 0);
    json->depth--;
    if (json->filled[json->depth])
        new_line(json);
    text_append(json->out, &bracket, 1);
    if (json->depth == 0)
        text_add(json->out, "\n");
}

void json_put_string(struct json *json, const char *key, const char *value) {
    begin(json, key);
    quote(json->out, value);
}

void json_put_unsigned(struct json *json, const char *key, uint64_t value) {
    begin(json, key);
    text_format(json->out, "%" PRIu64, value);
}

void json_put_integer(struct json *json, const char *key, int64_t value) {
    begin(json, key);
    text_format(json->out, "%" PRId64, value);
}

void json_put_double(struct json *json, const char *key, double value) {
    begin(json, key);
    if (isfinite(value))
        text_format(json->out, "%.17g", value);
    else
        text_add(json->out, "null");
}

void json_put_bool(struct json *json, const char *key, bool value) {
    begin(json, key);
    text_add(json->out, value ? "true" : "false");
}

void json_put_null(struct json *json, const char *key) {
    begin(json, key);
    text_add(json->out, "null");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

void json_init(struct json *json, struct text *out) {
    *json = (struct json){.out = out};
}

static void quote(struct text *out, const char *value) {
    text_add(out, "\"");
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            text_format(out, "\\%c", *at);
        else if ((unsigned char)*at < 0x20)
            text_format(out, "\\u%04x", (unsigned)*at);
        else
            text_append(out, at, 1);
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

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A canonical JSON writer (RFC 8259): two-space indent, members in the order they are written,
 * integers exact, doubles as %.17g, non-finite numbers as null. A NULL key means an array element.
 */
#ifndef TIERCHAIN_SIM_REPORT_JSON_H
#define TIERCHAIN_SIM_REPORT_JSON_H

#include "sim/report/text.h"

#define JSON_DEPTH_MAX 16

struct json {
    struct text *out;
    unsigned depth;
    bool filled[JSON_DEPTH_MAX]; /* whether the open container has a member */
};

void json_init(struct json *json, struct text *out);
void json_open(struct json *json, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *json, char bracket);                 /* '}' or ']' */
void json_put_string(struct json *json, const char *key, const char *value);
void json_put_unsigned(struct json *json, const char *key, uint64_t value);
void json_put_integer(struct json *json, const char *key, int64_t value);
void json_put_double(struct json *json, const char *key, double value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_null(struct json *json, const char *key);

#endif

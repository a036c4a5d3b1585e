/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

const char *error_text(int code) {
    switch (code) {
    case OK:
        return "success";
#define ERROR_CASE(name, value, text)                                                              \
    case value:                                                                                    \
        return text;
        ERROR_TABLE(ERROR_CASE)
#undef ERROR_CASE
    default:
        return "unknown error";
    }
}

const char *error_name(int code) {
    switch (code) {
    case OK:
        return "OK";
#define ERROR_CASE(name, value, text)                                                              \
    case value:                                                                                    \
        return #name;
        ERROR_TABLE(ERROR_CASE)
#undef ERROR_CASE
    default:
        return "ERR_?";
    }
}

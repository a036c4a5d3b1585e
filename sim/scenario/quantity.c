/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

struct unit {
    enum unit_kind kind;
    const char *name; /* "" for a bare number */
    int64_t scale;
    bool canonical;  /* used for output; in a kind, smaller ones come first */
    int64_t divisor; /* a unit is scale / divisor */
};

static const struct unit units[] = {
    {UNIT_COUNT, "", 1, true, 1},
    {UNIT_COUNT, "k", 1000, false, 1},
    {UNIT_COUNT, "M", 1000000, false, 1},
    {UNIT_DURATION, "ns", 1, true, 1},
    {UNIT_DURATION, "us", NS_PER_US, true, 1},
    {UNIT_DURATION, "µs", NS_PER_US, false, 1},
    {UNIT_DURATION, "ms", NS_PER_MS, true, 1},
    {UNIT_DURATION, "s", NS_PER_S, true, 1},
    {UNIT_DURATION, "min", 60 * NS_PER_S, true, 1},
    {UNIT_DURATION, "h", 3600 * NS_PER_S, true, 1},
    {UNIT_BYTES, "B", 1, true, 1},
    {UNIT_BYTES, "kB", 1000, true, 1},
    {UNIT_BYTES, "KiB", 1024, true, 1},
    {UNIT_BYTES, "MB", 1000000, true, 1},
    {UNIT_BYTES, "MiB", 1 << 20, true, 1},
    {UNIT_BYTES, "GB", 1000000000, true, 1},
    {UNIT_BYTES, "GiB", 1 << 30, true, 1},
    {UNIT_BANDWIDTH, "bit/s", 1, false, 1},
    {UNIT_BANDWIDTH, "kbit/s", 1000, false, 1},
    {UNIT_BANDWIDTH, "Mbit/s", 1000000, false, 1},
    {UNIT_BANDWIDTH, "Gbit/s", 1000000000, false, 1},
    {UNIT_BANDWIDTH, "Tbit/s", 1000000000000, false, 1},
    {UNIT_BANDWIDTH, "bit", 1, false, 1}, /* as people say it */
    {UNIT_BANDWIDTH, "kbit", 1000, false, 1},
    {UNIT_BANDWIDTH, "Mbit", 1000000, false, 1},
    {UNIT_BANDWIDTH, "Gbit", 1000000000, false, 1},
    {UNIT_BANDWIDTH, "Tbit", 1000000000000, false, 1},
    {UNIT_BANDWIDTH, "bps", 1, true, 1},
    {UNIT_BANDWIDTH, "kbps", 1000, true, 1},
    {UNIT_BANDWIDTH, "Mbps", 1000000, true, 1},
    {UNIT_BANDWIDTH, "Gbps", 1000000000, true, 1},
    {UNIT_BANDWIDTH, "Tbps", 1000000000000, true, 1},
    {UNIT_BANDWIDTH, "B/s", 8, false, 1},
    {UNIT_BANDWIDTH, "kB/s", 8000, false, 1},
    {UNIT_BANDWIDTH, "MB/s", 8000000, false, 1},
    {UNIT_BANDWIDTH, "GB/s", 8000000000, false, 1},
    {UNIT_RATE, "/s", 1000000, true, 1},
    {UNIT_RATE, "k/s", 1000000000, false, 1},
    {UNIT_RATE, "M/s", 1000000000000, false, 1},
    {UNIT_RATE, "/min", 1000000, false, 60},
    {UNIT_RATE, "/h", 1000000, false, 3600},
    {UNIT_SHARE, "ppm", 1, true, 1},
    {UNIT_SHARE, "%", 10000, true, 1},
    {UNIT_FACTOR, "", 1000000, true, 1},
    {UNIT_DRIFT, "ppb", 1, true, 1},
    {UNIT_DRIFT, "ppm", 1000, true, 1},
};

struct kind_row {
    const char *noun;
    const char *example;
};

static const struct kind_row kinds[] = {
    [UNIT_COUNT] = {"a whole number", "100"}, [UNIT_DURATION] = {"a duration", "80 ms"},
    [UNIT_BYTES] = {"a size", "4 KiB"},       [UNIT_BANDWIDTH] = {"a bandwidth", "1 Gbps"},
    [UNIT_RATE] = {"a rate", "200/s"},        [UNIT_SHARE] = {"a share", "0.1 %"},
    [UNIT_FACTOR] = {"a factor", "1.5"},      [UNIT_DRIFT] = {"a drift", "50 ppm"},
};

const char *quantity_example(enum unit_kind kind) {
    return kinds[kind].example;
}

const char *quantity_noun(enum unit_kind kind) {
    return kinds[kind].noun;
}

/* "ns, us, ms, s, min or h": the units that are written, for messages. */
static void list_units(enum unit_kind kind, char *out, size_t size) {
    const struct unit *listed[ARRAY_LEN(units)];
    size_t count = 0, at = 0;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (units[i].kind == kind && units[i].canonical)
            listed[count++] = &units[i];
    out[0] = '\0';
    for (size_t i = 0; i < count && at < size; i++) {
        const char *glue = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        at += (size_t)snprintf(out + at, size - at, "%s%s", glue, listed[i]->name);
    }
}

/* Digits with an optional fraction, as mantissa and number of decimals. Advances @text. */
struct decimal {
    uint64_t mantissa;
    int64_t divisor; /* 10^decimals */
    bool any, overflow;
};

static struct decimal read_decimal(const char **text) {
    struct decimal decimal = {.divisor = 1};
    bool fraction = false;
    const char *at = *text;
    for (;; at++) {
        if (*at == '.' && !fraction && decimal.any && at[1] >= '0' && at[1] <= '9') {
            fraction = true;
            continue;
        }
        if (*at == '_' && decimal.any && at[1] >= '0' && at[1] <= '9')
            continue;
        if (*at < '0' || *at > '9')
            break;
        decimal.any = true;
        uint64_t digit = (uint64_t)(*at - '0');
        decimal.overflow |= __builtin_mul_overflow(decimal.mantissa, 10u, &decimal.mantissa);
        decimal.overflow |= __builtin_add_overflow(decimal.mantissa, digit, &decimal.mantissa);
        if (fraction)
            decimal.overflow |= __builtin_mul_overflow(decimal.divisor, 10, &decimal.divisor);
    }
    *text = at;
    return decimal;
}

/* mantissa * scale / divisor, exact or ERR_INVALID. */
static int scale_decimal(const struct decimal *decimal, const struct unit *unit, int64_t *value,
                         char *message, size_t size) {
    unsigned __int128 product = (unsigned __int128)decimal->mantissa * (uint64_t)unit->scale;
    unsigned __int128 divisor =
        (unsigned __int128)(uint64_t)decimal->divisor * (uint64_t)(unit->divisor);
    if (decimal->overflow || product / divisor > INT64_MAX) {
        snprintf(message, size, "the number is too large");
        return ERR_INVALID;
    }
    if (product % divisor != 0) {
        if (unit->kind == UNIT_COUNT)
            snprintf(message, size, "expected a whole number");
        else if (unit->divisor > 1)
            snprintf(message, size,
                     "that is no whole number of millionths per second; a multiple of %d%s is",
                     (int)(unit->divisor / 20), unit->name);
        else
            snprintf(message, size, "the fraction is too fine to be represented");
        return ERR_INVALID;
    }
    *value = (int64_t)(product / divisor);
    return OK;
}

static int unit_missing(enum unit_kind kind, char *message, size_t size) {
    char list[80];
    list_units(kind, list, sizeof list);
    snprintf(message, size, "%s needs a unit: %s, such as '%s'", quantity_noun(kind), list,
             quantity_example(kind));
    return ERR_INVALID;
}

static int unit_unknown(const char *name, enum unit_kind kind, char *message, size_t size) {
    char list[80];
    list_units(kind, list, sizeof list);
    if (kind == UNIT_COUNT || kind == UNIT_FACTOR)
        snprintf(message, size, "expected %s without a unit, such as '%s', not '%.24s'",
                 quantity_noun(kind), quantity_example(kind), name);
    else
        snprintf(message, size, "'%.24s' is not a unit of %s; use %s", name, quantity_noun(kind),
                 list);
    return ERR_INVALID;
}

int quantity_parse(const char *text, enum unit_kind kind, int64_t *value, char *message,
                   size_t size) {
    const char *at = text + strspn(text, " \t");
    if (*at == '-' && at[1] >= '0' && at[1] <= '9') {
        snprintf(message, size, "%s must not be negative", quantity_noun(kind));
        return ERR_INVALID;
    }
    struct decimal decimal = read_decimal(&at);
    if (!decimal.any) {
        snprintf(message, size, "expected %s, such as '%s'", quantity_noun(kind),
                 quantity_example(kind));
        return ERR_INVALID;
    }
    at += strspn(at, " \t");
    size_t length = strlen(at);
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (units[i].kind == kind && strlen(units[i].name) == length &&
            memcmp(units[i].name, at, length) == 0)
            return scale_decimal(&decimal, &units[i], value, message, size);
    if (length == 0)
        return unit_missing(kind, message, size);
    return unit_unknown(at, kind, message, size);
}

/* At most six decimals of value / scale, or none when that is not exact. */
static bool format_in(int64_t value, const struct unit *unit, char out[QUANTITY_BYTES]) {
    int64_t whole = value / unit->scale, rest = value % unit->scale;
    char fraction[8] = "";
    if (rest != 0) {
        if (unit->scale > INT64_MAX / 10)
            return false;
        size_t digits = 0;
        fraction[digits++] = '.';
        for (; rest != 0 && digits < 7; digits++) {
            rest *= 10;
            fraction[digits] = (char)('0' + rest / unit->scale);
            rest %= unit->scale;
        }
        if (rest != 0)
            return false;
        fraction[digits] = '\0';
    }
    bool glued = unit->name[0] == '\0' || unit->name[0] == '/';
    snprintf(out, QUANTITY_BYTES, "%" PRId64 "%s%s%s", whole, fraction, glued ? "" : " ",
             unit->name);
    return true;
}

void quantity_format(int64_t value, enum unit_kind kind, char out[QUANTITY_BYTES]) {
    bool first = true;
    size_t best = SIZE_MAX;
    char text[QUANTITY_BYTES];
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        const struct unit *unit = &units[i];
        if (unit->kind != kind || !unit->canonical)
            continue;
        /* Larger units come later and win ties: 60 s is 1 min, 1500 ms is 1.5 s. */
        bool usable = first || kind == UNIT_SHARE || value >= unit->scale;
        if (usable && format_in(value, unit, text) && strlen(text) <= best) {
            best = strlen(text);
            memcpy(out, text, best + 1);
        }
        first = false;
    }
}

void quantity_pattern(enum unit_kind kind, char *out, size_t size) {
    size_t at = (size_t)snprintf(out, size, "^[0-9][0-9_]*(\\\\.[0-9][0-9_]*)? *(");
    bool first = true;
    for (size_t i = 0; i < ARRAY_LEN(units) && at < size; i++) {
        if (units[i].kind != kind)
            continue;
        at += (size_t)snprintf(out + at, size - at, "%s%s", first ? "" : "|", units[i].name);
        first = false;
    }
    if (at < size)
        snprintf(out + at, size - at, ")$");
}

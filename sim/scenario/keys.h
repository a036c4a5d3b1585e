/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of keys: it drives parsing, validation, defaults, the resolved output, `tierchain
 * list keys` and the JSON schema. A new key is a field in scenario.h and a row in keys.def. */
#ifndef TIERCHAIN_SIM_SCENARIO_KEYS_H
#define TIERCHAIN_SIM_SCENARIO_KEYS_H

#include "base/types.h"
#include "sim/scenario/quantity.h"

enum key_type {
    KEY_NUMBER,    /* int64_t; a quantity, or the word choices[0], which stands for @word */
    KEY_TEXT,      /* const char * */
    KEY_COMPONENT, /* const char *: can name a file */
    KEY_NAME,      /* const char *, one of choices */
    KEY_PLACE,     /* const char *, a place of the model */
    KEY_CHOICE,    /* an enum in the order of choices */
    KEY_FILE,      /* const char *: one of choices, or an existing file's absolute path */
    KEY_RANGE,     /* two int64_t: "3" or "0..2", both ends included */
    KEY_NAMES,     /* struct name_list of places */
    KEY_RECORD,    /* a struct in place, keys by @record */
    KEY_RECORDS,   /* pointer and count of structs, keys by @record */
    KEY_NODES,     /* struct node_selection: a place, a map by @record, or a list of both */
    KEY_SIDES,     /* pointer and count of such */
    KEY_EXPECTS,   /* pointer and count of struct scenario_expectation */
    KEY_MEMBERS, /* uint64_t: members of a committee, 2 or [0, 2, 2'], the last a twin: bit 32 + 2 */
    KEY_COSTS    /* int64_t[WORK_COUNT], a map from kinds of work to durations */
};

struct key_record;

struct key_row {
    const char *path; /* dotted; relative in a record */
    const char *help; /* one line */
    enum key_type type;
    enum unit_kind unit;        /* KEY_NUMBER */
    size_t offset;              /* in the struct */
    const char *fallback;       /* the default as text; NULL: UNSET, or stated in help */
    int64_t min, max;           /* KEY_NUMBER: in base units; lists: number of items */
    const char *const *choices; /* NULL behind the last; KEY_SIDES: its first word is the rest */
    int64_t word;               /* KEY_NUMBER: the value of choices[0] */
    const struct key_record *record;
    bool required;
};

struct key_record {
    const char *noun;           /* "a place" */
    const struct key_row *rows; /* path NULL behind the last */
    size_t size;
    size_t origin; /* offset of its struct origin */
};

/* What `places` and `faults` list. */
extern const struct key_record place_record, fault_record;

/* All keys of a scenario; path NULL behind the last. */
extern const struct key_row scenario_keys[];

/* The row's position, for struct scenario's origins. */
size_t key_index(const struct key_row *row);

/* The row's top-level path's position, or SCENARIO_KEYS. */
size_t key_find(const char *path);

#define KEY_RANGE_BYTES 80

/* From the least to the greatest value, "1..4096", "1 ms..24 h"; of a list its items; "-" where
 * there is none. */
void key_range_text(const struct key_row *row, char out[KEY_RANGE_BYTES]);

/* A type's name for people: "duration", "list of places". */
void key_type_text(const struct key_row *row, char *out, size_t size);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of the maps that a scenario lists: places, faults, choices of nodes. */
#include "base/limits.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

#define PLACE(field) offsetof(struct scenario_place, field)
#define FAULT(field) offsetof(struct scenario_fault, field)
#define NODES(field) offsetof(struct node_selector, field)
#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FOREVER      (365 * 24 * 3600 * NS_PER_S)

#define MULTIPLIER_MAX (1000000 * MILLION) /* in permille it fits into 32 bits */

static const struct key_row place_rows[] = {
    {.path = "id",
     .type = KEY_PLACE,
     .offset = PLACE(id),
     .required = true,
     .help = "the place's name, as the model knows it"},
    {.path = "nodes",
     .type = KEY_NUMBER,
     .unit = UNIT_COUNT,
     .offset = PLACE(nodes),
     .min = 1,
     .max = LIMIT_NODES,
     .required = true,
     .help = "nodes of the people who live there"},
    {.path = "share",
     .type = KEY_NUMBER,
     .unit = UNIT_SHARE,
     .offset = PLACE(share),
     .max = MILLION,
     .help = "share of the load; by the number of nodes unless given"},
    {.path = "multiplier",
     .type = KEY_NUMBER,
     .unit = UNIT_FACTOR,
     .offset = PLACE(multiplier),
     .fallback = "1",
     .max = MULTIPLIER_MAX,
     .help = "an event here: S1 favours holders of its municipality so much; 0 bars them"},
    {0},
};

const struct key_record place_record = {"a place", place_rows, sizeof(struct scenario_place),
                                        PLACE(origin)};

static const struct key_row selector_rows[] = {
    {.path = "tier",
     .type = KEY_CHOICE,
     .offset = NODES(tier),
     .fallback = "any",
     .choices = CHOICES("any", "city", "continent"),
     .help = "committee members of a tier only"},
    {.path = "place", .type = KEY_PLACE, .offset = NODES(place), .help = "nodes at this place"},
    {.path = "index",
     .type = KEY_RANGE,
     .offset = NODES(index_first),
     .max = LIMIT_NODES - 1,
     .help = "positions among them, from 0: 3 or 0..2"},
    {.path = "share",
     .type = KEY_NUMBER,
     .unit = UNIT_SHARE,
     .offset = NODES(share),
     .min = 1,
     .max = MILLION,
     .help = "a random share of them, drawn from the seed"},
    {0},
};

static const struct key_record selector_record = {"a choice of nodes", selector_rows,
                                                  sizeof(struct node_selector), NODES(origin)};

#define SELECTION(key, field, text)                                                                \
    {                                                                                              \
        .path = key, .type = KEY_NODES, .offset = FAULT(field), .record = &selector_record,        \
        .help = text                                                                               \
    }

static const struct key_row fault_rows[] = {
    {.path = "at",
     .type = KEY_NUMBER,
     .unit = UNIT_DURATION,
     .offset = FAULT(at),
     .max = FOREVER,
     .required = true,
     .help = "when it starts, since the start of the run"},
    {.path = "until",
     .type = KEY_NUMBER,
     .unit = UNIT_DURATION,
     .offset = FAULT(until),
     .max = FOREVER,
     .help = "when it ends; the end of the run unless given"},
    {.path = "kind",
     .type = KEY_CHOICE,
     .offset = FAULT(kind),
     .required = true,
     .choices = CHOICES("crash", "restart", "loss", "partition", "slow", "forget", "clock"),
     .help = "crash: for good; restart: back at `until` with what is durable; slow: its CPU; "
             "forget: promises to hold and drops blocks; clock: steps it"},
    SELECTION("nodes", nodes, "whom it hits; in a map all that is given, in a list any of them"),
    SELECTION("from", from, "loss: of what they send, instead of nodes"),
    SELECTION("to", to, "loss: of what they receive, instead of nodes"),
    {.path = "rate",
     .type = KEY_NUMBER,
     .unit = UNIT_SHARE,
     .offset = FAULT(rate),
     .min = 1,
     .max = MILLION,
     .help = "loss: share of the messages lost; forget: of each piece's blocks dropped"},
    {.path = "factor",
     .type = KEY_NUMBER,
     .unit = UNIT_FACTOR,
     .offset = FAULT(factor),
     .min = MILLION,
     .max = 1000000 * MILLION,
     .help = "slow: how many times slower"},
    {.path = "ahead",
     .type = KEY_NUMBER,
     .unit = UNIT_DURATION,
     .offset = FAULT(ahead),
     .min = 1,
     .max = FOREVER,
     .help = "clock: stepped ahead by so much; back again at `until`"},
    {.path = "behind",
     .type = KEY_NUMBER,
     .unit = UNIT_DURATION,
     .offset = FAULT(behind),
     .min = 1,
     .max = FOREVER,
     .help = "clock: set back by so much, likewise"},
    {.path = "groups",
     .type = KEY_SIDES,
     .offset = FAULT(groups),
     .record = &selector_record,
     .choices = CHOICES("rest"),
     .min = 2,
     .max = SCENARIO_GROUPS,
     .help = "partition: the sides that cannot talk; rest: everybody else"},
    SELECTION("isolate", isolate, "partition: these on one side, everybody else on the other"),
    {.path = "one_way",
     .type = KEY_CHOICE,
     .offset = FAULT(one_way),
     .fallback = "false",
     .choices = CHOICES("false", "true"),
     .help = "partition: only what the first side sends to the second is lost"},
    {0},
};

const char *fault_kind_name(enum fault_kind kind) {
    for (const struct key_row *row = fault_rows; row->path != NULL; row++)
        if (row->offset == FAULT(kind))
            return row->choices[kind];
    return NULL;
}

const struct key_record fault_record = {"a fault", fault_rows, sizeof(struct scenario_fault),
                                        FAULT(origin)};

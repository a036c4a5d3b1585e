/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One row, one value: the parsers of single key types. */
#ifndef TIERCHAIN_SIM_SCENARIO_VALUE_H
#define TIERCHAIN_SIM_SCENARIO_VALUE_H

#include "sim/scenario/keys.h"
#include "sim/scenario/resolve.h"

/* Parses a scalar into row's field of @base. Errors go to the resolver's diagnostics. */
void value_resolve(struct resolver *resolver, const struct key_row *row,
                   const struct tree_node *node, void *base);

/* Stores the row's default. */
void value_default(const struct key_row *row, void *base);

/* Whether the model knows the place; otherwise an error at @mark with the nearest name. */
bool value_check_place(struct resolver *resolver, const char *id, struct mark mark);

/* Why @text cannot name a file or folder of results, or NULL: it must be one component of a path, of
 * printable characters, at most SCENARIO_NAME_BYTES long. */
const char *value_component_fault(const char *text);

/* A list's field: pointer and count side by side, as in struct scenario. */
struct value_list {
    void *items;
    size_t count;
};

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a tree to the struct, as the table of keys says. */
#ifndef TIERCHAIN_SIM_SCENARIO_RESOLVE_H
#define TIERCHAIN_SIM_SCENARIO_RESOLVE_H

#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/tree.h"

struct resolver {
    struct scenario *scenario;
    struct arena *arena;
    struct diagnostics *diagnostics;
    const char *(*place_at)(size_t index);
    const struct key_row *keys; /* of the whole file; NULL: a scenario's */
};

/* Fills the scenario: defaults, then what the map @root gives. */
void resolve_scenario(struct resolver *resolver, const struct tree_node *root);

/* The same for a file with keys of its own (resolver->keys), into @base. */
void resolve_keys(struct resolver *resolver, const char *noun, void *base,
                  const struct tree_node *root);

/* Checks what binds several keys together; each error stands at a key that is given. */
void check_scenario(struct resolver *resolver, const struct tree_node *root);

/* The part of it that asks the models (check_models.c). */
void check_models(struct resolver *resolver, const struct tree_node *root);

/* Of the space-separated keys @paths the first that is written down; else the nearest map above the
 * first one. */
struct mark check_mark(const struct tree_node *root, const char *paths);

/* Adds an error at a mark. */
#define resolver_fail(resolver, mark, ...)                                                         \
    diagnostics_add((resolver)->diagnostics, (mark).source, (mark).line, (mark).column, __VA_ARGS__)

#endif

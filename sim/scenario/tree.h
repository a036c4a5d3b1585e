/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A YAML document as a tree in which every node knows where it was written. Scalars stay text: what
 * they mean is said by the key table alone, so `no` is never false and `012` never octal. Aliases
 * share the anchored node; `<<` merges maps, the map's own keys win. */
#ifndef TIERCHAIN_SIM_SCENARIO_TREE_H
#define TIERCHAIN_SIM_SCENARIO_TREE_H

#include "sim/scenario/arena.h"
#include "sim/scenario/diagnostics.h"

/* Limits of what is read. They leave room for the longest lists that a scenario may have, also as
 * scenario_write_resolved writes them. An alias counts like what it stands for. */
#define TREE_TEXT_MAX    ((size_t)4 << 20)  /* bytes of a scenario with all that it includes */
#define TREE_LINE_MAX    ((size_t)32 << 10) /* bytes of one line */
#define TREE_SCALAR_MAX  4096               /* bytes of one value or key, unescaped */
#define TREE_NODES_MAX   ((size_t)1 << 18)  /* nodes of a scenario with all that it includes */
#define TREE_ANCHORS_MAX 1000               /* anchors of one file */
#define TREE_DEPTH_MAX   16

enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

/* A place in a text. */
struct mark {
    const struct source *source;
    uint32_t line, column; /* from 1 */
};

struct tree_node {
    enum tree_kind kind;
    struct mark mark;
    const char *text;         /* scalar */
    bool absent;              /* a plain, empty scalar: "key:" */
    bool verbatim;            /* a plain scalar of one line: its text stands so in the file */
    struct tree_entry *first; /* list and map, in order */
    struct tree_entry *last;
    size_t count;
    size_t weight;             /* nodes of the tree below, itself included, aliases expanded */
    struct tree_entry **slots; /* map: entries by hash of the key; NULL while there are few */
    size_t slot_count;
};

struct tree_entry {
    const char *key;  /* map */
    struct mark mark; /* of the key */
    struct tree_node *value;
    struct tree_entry *next;
};

/* Parses one document. NULL when it has errors, which are then in @diagnostics. The tree and its
 * strings live in the arena and point to @source. */
struct tree_node *tree_parse(struct arena *arena, const struct source *source,
                             struct diagnostics *diagnostics);

struct tree_node *tree_new(struct arena *arena, enum tree_kind kind, struct mark mark);
void tree_append(struct arena *arena, struct tree_node *parent, const char *key, struct mark mark,
                 struct tree_node *value);

/* The entry of that key, or NULL. */
struct tree_entry *tree_find(const struct tree_node *map, const char *key);

/* A map with the entries of both: maps merge, anything else of @over wins. */
struct tree_node *tree_merge(struct arena *arena, const struct tree_node *base,
                             struct tree_node *over);

/* "a map", "a list", "a scalar" */
const char *tree_kind_name(const struct tree_node *node);

#endif

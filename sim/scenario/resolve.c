/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/value.h"

/* What a map is read by: the rows, where they store, how deep in the dotted paths it stands. */
struct scope {
    const struct key_row *rows;
    void *base;
    const char *noun;       /* "a scenario", "a place" */
    const char *prefix;     /* "" or "city.batch." */
    struct origin *origins; /* one a row, or NULL */
};

static void resolve_map(struct resolver *resolver, const struct scope *scope,
                        const struct tree_node *map);

static struct origin origin_of(struct mark mark) {
    return (struct origin){mark.source->name, mark.line, mark.column};
}

static bool starts_with(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void set_defaults(const struct key_row *rows, void *base) {
    for (const struct key_row *row = rows; row->path != NULL; row++) {
        value_default(row, base);
        if (row->type == KEY_RECORD)
            set_defaults(row->record->rows, (char *)base + row->offset);
    }
}

static bool expect_kind(struct resolver *resolver, const struct tree_node *node, const char *path,
                        enum tree_kind kind, const char *noun) {
    if (node->kind == kind)
        return true;
    const char *found = node->absent ? "nothing" : tree_kind_name(node);
    resolver_fail(resolver, node->mark, "%s: expected %s, found %s", path, noun, found);
    return false;
}

static void resolve_record(struct resolver *resolver, const struct key_record *record,
                           const struct tree_node *node, void *base) {
    const struct origin origin = origin_of(node->mark);
    memcpy((char *)base + record->origin, &origin, sizeof origin);
    const struct scope scope = {record->rows, base, record->noun, "", NULL};
    resolve_map(resolver, &scope, node);
}

/* The item's size and a list's memory: zeroed, in the arena. */
static size_t item_size(const struct key_row *row) {
    return row->type == KEY_RECORDS   ? row->record->size
           : row->type == KEY_SIDES   ? sizeof(struct node_selection)
           : row->type == KEY_EXPECTS ? sizeof(struct scenario_expectation)
                                      : sizeof(const char *);
}

static void resolve_expectation(struct resolver *resolver, const struct tree_node *node,
                                struct scenario_expectation *item) {
    char message[200];
    size_t at;
    item->text = node->text;
    item->origin = origin_of(node->mark);
    struct mark mark = node->mark;
    if (expectation_parse(node->text, &item->bound, message, sizeof message, &at) == OK)
        return;
    if (node->verbatim)
        mark.column += (uint32_t)at;
    resolver_fail(resolver, mark, "%s", message);
}

/* A place by its name, or a map. */
static void resolve_term(struct resolver *resolver, const struct key_row *row,
                         const struct tree_node *node, struct node_selector *term) {
    set_defaults(row->record->rows, term);
    if (node->kind == TREE_SCALAR && !node->absent) {
        term->origin = origin_of(node->mark);
        term->place = value_check_place(resolver, node->text, node->mark) ? node->text : NULL;
    } else if (expect_kind(resolver, node, row->path, TREE_MAP, "a place, or a map")) {
        resolve_record(resolver, row->record, node, term);
    }
}

static void resolve_selection(struct resolver *resolver, const struct key_row *row,
                              const struct tree_node *node, struct node_selection *selection) {
    bool list = node->kind == TREE_LIST;
    selection->origin = origin_of(node->mark);
    if (row->choices != NULL && node->kind == TREE_SCALAR &&
        strcmp(node->text, row->choices[0]) == 0) {
        selection->rest = true;
        return;
    }
    if (list && (node->count == 0 || node->count > SCENARIO_TERMS)) {
        resolver_fail(resolver, node->mark, "%s: %zu choices of nodes; the list must have 1 to %d",
                      row->path, node->count, SCENARIO_TERMS);
        return;
    }
    selection->count = list ? node->count : 1;
    selection->terms = arena_alloc(resolver->arena, selection->count * sizeof *selection->terms);
    size_t index = 0;
    if (!list)
        resolve_term(resolver, row, node, selection->terms);
    else
        for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next)
            resolve_term(resolver, row, entry->value, &selection->terms[index++]);
}

static void resolve_item(struct resolver *resolver, const struct key_row *row,
                         const struct tree_node *node, void *item) {
    if (row->type == KEY_SIDES) {
        resolve_selection(resolver, row, node, item);
        return;
    }
    if (row->type == KEY_RECORDS) {
        set_defaults(row->record->rows, item);
        if (expect_kind(resolver, node, row->path, TREE_MAP, row->record->noun))
            resolve_record(resolver, row->record, node, item);
        return;
    }
    const char *noun = row->type == KEY_EXPECTS ? "a bound, such as total.p99 < 800 ms" : "a place";
    if (!expect_kind(resolver, node, row->path, TREE_SCALAR, noun))
        return;
    if (row->type == KEY_EXPECTS)
        resolve_expectation(resolver, node, item);
    else if (value_check_place(resolver, node->text, node->mark))
        *(const char **)item = node->text;
}

static void resolve_list(struct resolver *resolver, const struct key_row *row,
                         const struct tree_node *node, void *base) {
    if (node->absent && row->min == 0)
        return;
    if (!expect_kind(resolver, node, row->path, TREE_LIST, "a list"))
        return;
    if ((int64_t)node->count < row->min || (int64_t)node->count > row->max) {
        resolver_fail(resolver, node->mark, "%s: %zu items; the list must have %d to %d", row->path,
                      node->count, (int)row->min, (int)row->max);
        return;
    }
    size_t size = item_size(row), index = 0;
    struct value_list list = {arena_alloc(resolver->arena, size * node->count), node->count};
    for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next)
        resolve_item(resolver, row, entry->value, (char *)list.items + size * index++);
    memcpy((char *)base + row->offset, &list, sizeof list);
}

static void resolve_costs(struct resolver *resolver, const struct key_row *row,
                          const struct tree_node *node, void *base) {
    if (!expect_kind(resolver, node, row->path, TREE_MAP, "a map"))
        return;
    for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next) {
        enum work work = work_find(entry->key);
        if (work < WORK_COUNT) {
            const struct key_row cost = {.path = entry->key,
                                         .type = KEY_NUMBER,
                                         .unit = UNIT_DURATION,
                                         .max = row->max,
                                         .offset = row->offset + work * sizeof(int64_t)};
            if (expect_kind(resolver, entry->value, entry->key, TREE_SCALAR, "a duration"))
                value_resolve(resolver, &cost, entry->value, base);
            continue;
        }
        if (diagnostics_full(resolver->diagnostics))
            continue;
        struct suggestion near;
        suggestion_init(&near, entry->key);
        for (unsigned i = 0; i < WORK_COUNT; i++)
            suggestion_offer(&near, work_name((enum work)i));
        resolver_fail(resolver, entry->mark, "unknown kind of work '%.48s'%s%s%s", entry->key,
                      near.found ? "; did you mean '" : "", near.found ? near.best : "",
                      near.found ? "'?" : "");
    }
}

/* "2" or "2'" */
static void resolve_member(struct resolver *resolver, const struct key_row *row,
                           const struct tree_node *node, uint64_t *members) {
    if (!expect_kind(resolver, node, row->path, TREE_SCALAR, "a member, such as 2, or its twin 2'"))
        return;
    const size_t digits = strspn(node->text, "0123456789");
    const bool twin = digits > 0 && node->text[digits] == '\'';
    const int64_t number = digits == 1 || digits == 2 ? atoi(node->text) : INT64_MAX;
    if (node->text[digits + (twin ? 1 : 0)] != '\0' || number > row->max) {
        resolver_fail(resolver, node->mark, "%s: '%.48s' is no member; they go from 0 to %d",
                      row->path, node->text, (int)row->max);
        return;
    }
    *members |= UINT64_C(1) << (number + (twin ? 32 : 0));
}

static void resolve_members(struct resolver *resolver, const struct key_row *row,
                            const struct tree_node *node, void *base) {
    uint64_t members = 0;
    if (node->kind != TREE_LIST)
        resolve_member(resolver, row, node, &members);
    else if (node->count == 0)
        resolver_fail(resolver, node->mark, "%s: the list is empty", row->path);
    else
        for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next)
            resolve_member(resolver, row, entry->value, &members);
    memcpy((char *)base + row->offset, &members, sizeof members);
}

static void resolve_row(struct resolver *resolver, const struct scope *scope,
                        const struct key_row *row, const struct tree_node *node) {
    void *base = scope->base;
    if (scope->origins != NULL)
        scope->origins[row - scope->rows] = origin_of(node->mark);
    switch (row->type) {
    case KEY_RECORD:
        if (expect_kind(resolver, node, row->path, TREE_MAP, row->record->noun))
            resolve_record(resolver, row->record, node, (char *)base + row->offset);
        break;
    case KEY_NODES:
        resolve_selection(resolver, row, node, (void *)((char *)base + row->offset));
        break;
    case KEY_RECORDS:
    case KEY_SIDES:
    case KEY_NAMES:
    case KEY_EXPECTS:
        resolve_list(resolver, row, node, base);
        break;
    case KEY_COSTS:
        resolve_costs(resolver, row, node, base);
        break;
    case KEY_MEMBERS:
        resolve_members(resolver, row, node, base);
        break;
    default:
        if (!expect_kind(resolver, node, row->path, TREE_SCALAR, "a single value"))
            break;
        if (node->absent && row->type != KEY_TEXT)
            resolver_fail(resolver, node->mark, "%s has no value", row->path);
        else
            value_resolve(resolver, row, node, base);
    }
}

/* The row of that path, or NULL; @group tells whether keys stand below it. */
static const struct key_row *find_row(const struct scope *scope, const char *path, bool *group) {
    char below[160];
    snprintf(below, sizeof below, "%s.", path);
    *group = false;
    for (const struct key_row *row = scope->rows; row->path != NULL; row++) {
        if (strcmp(row->path, path) == 0)
            return row;
        *group |= starts_with(row->path, below);
    }
    return NULL;
}

/* The nearest names in the map where the key stands. */
static void suggest_here(const struct scope *scope, struct suggestion *near) {
    for (const struct key_row *row = scope->rows; row->path != NULL; row++) {
        char name[SUGGESTION_BYTES];
        if (!starts_with(row->path, scope->prefix))
            continue;
        const char *rest = row->path + strlen(scope->prefix);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, "."), rest);
        suggestion_offer(near, name);
    }
}

/* Where else a key of almost that name stands: "comittee" is city.committee and
 * continent.committee. Each part of a path is offered: "batch" is city.batch. */
struct elsewhere {
    struct suggestion near; /* of the last parts */
    char paths[200];        /* of all at the same distance, as a message wants them */
    size_t count;
    char last[96]; /* path added last */
};

static void offer_elsewhere(struct elsewhere *found, const char *prefix, const char *path,
                            size_t length) {
    char full[96];
    snprintf(full, sizeof full, "%s%.*s", prefix, (int)length, path);
    const char *dot = strrchr(full, '.'), *name = dot != NULL ? dot + 1 : full;
    struct suggestion one;
    suggestion_init(&one, found->near.wanted);
    suggestion_offer(&one, name);
    if (!one.found || strcmp(full, found->last) == 0 ||
        (found->near.found && one.distance > found->near.distance))
        return;
    if (!found->near.found || one.distance < found->near.distance)
        found->count = 0;
    found->near = one;
    strcpy(found->last, full);
    size_t used = found->count == 0 ? 0 : strlen(found->paths);
    if (used + strlen(full) + 8 < sizeof found->paths && found->count < 3)
        snprintf(found->paths + used, sizeof found->paths - used, "%s%s",
                 found->count == 0 ? "" : " or ", full);
    found->count++;
}

static void suggest_elsewhere(struct elsewhere *found, const struct key_row *rows,
                              const char *prefix) {
    for (const struct key_row *row = rows; row->path != NULL; row++) {
        for (const char *dot = strchr(row->path, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
            offer_elsewhere(found, prefix, row->path, (size_t)(dot - row->path));
        offer_elsewhere(found, prefix, row->path, strlen(row->path));
        if (row->record == NULL)
            continue;
        char inner[96];
        snprintf(inner, sizeof inner, "%s%s%s.", prefix, row->path,
                 row->type == KEY_RECORDS ? "[]" : "");
        suggest_elsewhere(found, row->record->rows, inner);
    }
}

static void fail_unknown(struct resolver *resolver, const struct scope *scope,
                         const struct tree_entry *entry) {
    struct suggestion near;
    struct elsewhere other = {0};
    if (diagnostics_full(resolver->diagnostics))
        return;
    suggestion_init(&near, entry->key);
    suggestion_init(&other.near, entry->key);
    suggest_here(scope, &near);
    suggest_elsewhere(&other, resolver->keys != NULL ? resolver->keys : scenario_keys, "");
    /* Right in the wrong map is nearer than wrong in the right one. */
    if (near.found && !(other.near.found && other.near.distance < near.distance))
        resolver_fail(resolver, entry->mark, "unknown key '%.48s'; did you mean '%s'?", entry->key,
                      near.best);
    else if (other.near.found)
        resolver_fail(resolver, entry->mark, "unknown key '%.48s' here; did you mean %s?",
                      entry->key, other.paths);
    else if (strchr(entry->key, '.') != NULL)
        resolver_fail(resolver, entry->mark, "unknown key '%.48s'; in a file keys are nested",
                      entry->key);
    else
        resolver_fail(resolver, entry->mark, "unknown key '%.48s' in %s%s", entry->key, scope->noun,
                      resolver->keys != NULL ? "" : "; see `tierchain list keys`");
}

static void check_required(struct resolver *resolver, const struct scope *scope,
                           const struct tree_node *map) {
    for (const struct key_row *row = scope->rows; row->path != NULL; row++)
        if (row->required && tree_find(map, row->path) == NULL)
            resolver_fail(resolver, map->mark, "%s needs the key '%s': %s", scope->noun, row->path,
                          row->help);
}

static void resolve_map(struct resolver *resolver, const struct scope *scope,
                        const struct tree_node *map) {
    for (const struct tree_entry *entry = map->first; entry != NULL; entry = entry->next) {
        char path[128];
        bool group = false;
        const struct key_row *row = NULL;
        if (starts_with(entry->key, "x-"))
            continue;
        int length = snprintf(path, sizeof path, "%s%s", scope->prefix, entry->key);
        if ((size_t)length < sizeof path && strchr(entry->key, '.') == NULL)
            row = find_row(scope, path, &group);
        if (row != NULL) {
            resolve_row(resolver, scope, row, entry->value);
        } else if (group) {
            if (!expect_kind(resolver, entry->value, path, TREE_MAP, "a map"))
                continue;
            struct scope inner = *scope;
            inner.noun = path;
            inner.prefix = arena_format(resolver->arena, "%s.", path);
            resolve_map(resolver, &inner, entry->value);
        } else {
            fail_unknown(resolver, scope, entry);
        }
    }
    if (scope->prefix[0] == '\0')
        check_required(resolver, scope, map);
}

void resolve_scenario(struct resolver *resolver, const struct tree_node *root) {
    struct scenario *scenario = resolver->scenario;
    set_defaults(scenario_keys, scenario);
    const struct scope scope = {scenario_keys, scenario, "a scenario", "", scenario->origins};
    resolve_map(resolver, &scope, root);
}

void resolve_keys(struct resolver *resolver, const char *noun, void *base,
                  const struct tree_node *root) {
    set_defaults(resolver->keys, base);
    const struct scope scope = {resolver->keys, base, noun, "", NULL};
    resolve_map(resolver, &scope, root);
}

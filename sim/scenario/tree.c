/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/tree.h"

#include <libfyaml.h>
#include <string.h>

#include "base/rng.h"
#include "sim/scenario/text.h"

#define INDEX_FROM 16 /* entries; smaller maps are searched in order */

struct anchor {
    const char *name;
    struct tree_node *node;
    bool open; /* inside itself: an alias here would make a circle */
    struct anchor *next;
};

struct builder {
    struct arena *arena;
    const struct source *source;
    struct diagnostics *diagnostics;
    struct fy_parser *parser;
    struct anchor *anchors; /* newest first */
    size_t anchor_count;
    struct mark last; /* of the newest token: where a value that has none is missing */
    bool failed;
};

static struct tree_node *build(struct builder *builder, struct fy_event *event, unsigned depth);

struct tree_node *tree_new(struct arena *arena, enum tree_kind kind, struct mark mark) {
    struct tree_node *node = arena_alloc(arena, sizeof *node);
    node->kind = kind;
    node->mark = mark;
    node->weight = 1;
    return node;
}

/* Open addressing, linear probing, at most half full. The first of two equal keys is found. */
static void index_insert(struct tree_node *map, struct tree_entry *entry) {
    size_t at = hash_name(entry->key) & (map->slot_count - 1);
    while (map->slots[at] != NULL)
        at = (at + 1) & (map->slot_count - 1);
    map->slots[at] = entry;
}

static void index_grow(struct arena *arena, struct tree_node *map) {
    map->slot_count = map->slot_count == 0 ? 4 * INDEX_FROM : 2 * map->slot_count;
    map->slots = arena_alloc(arena, map->slot_count * sizeof(struct tree_entry *));
    for (struct tree_entry *entry = map->first; entry != NULL; entry = entry->next)
        index_insert(map, entry);
}

void tree_append(struct arena *arena, struct tree_node *parent, const char *key, struct mark mark,
                 struct tree_node *value) {
    struct tree_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct tree_entry){.key = key, .mark = mark, .value = value};
    if (parent->last != NULL)
        parent->last->next = entry;
    else
        parent->first = entry;
    parent->last = entry;
    parent->count++;
    parent->weight += value->weight;
    if (key == NULL || parent->count < INDEX_FROM)
        return;
    if (2 * parent->count > parent->slot_count)
        index_grow(arena, parent);
    else
        index_insert(parent, entry);
}

struct tree_entry *tree_find(const struct tree_node *map, const char *key) {
    if (map->slots != NULL) {
        size_t at = hash_name(key) & (map->slot_count - 1);
        while (map->slots[at] != NULL && strcmp(map->slots[at]->key, key) != 0)
            at = (at + 1) & (map->slot_count - 1);
        return map->slots[at];
    }
    for (struct tree_entry *entry = map->first; entry != NULL; entry = entry->next)
        if (entry->key != NULL && strcmp(entry->key, key) == 0)
            return entry;
    return NULL;
}

const char *tree_kind_name(const struct tree_node *node) {
    static const char *const names[] = {"a single value", "a list", "a map"};
    return names[node->kind];
}

struct tree_node *tree_merge(struct arena *arena, const struct tree_node *base,
                             struct tree_node *over) {
    if (base->kind != TREE_MAP || over->kind != TREE_MAP)
        return over;
    struct tree_node *merged = tree_new(arena, TREE_MAP, over->mark);
    for (struct tree_entry *entry = base->first; entry != NULL; entry = entry->next) {
        struct tree_entry *newer = tree_find(over, entry->key);
        struct tree_node *value =
            newer == NULL ? entry->value : tree_merge(arena, entry->value, newer->value);
        tree_append(arena, merged, entry->key, newer != NULL ? newer->mark : entry->mark, value);
    }
    for (struct tree_entry *entry = over->first; entry != NULL; entry = entry->next)
        if (tree_find(base, entry->key) == NULL)
            tree_append(arena, merged, entry->key, entry->mark, entry->value);
    return merged;
}

static void fail(struct builder *builder, struct mark mark, const char *message) {
    builder->failed = true;
    diagnostics_add(builder->diagnostics, builder->source, mark.line, mark.column, "%s", message);
}

static struct mark event_mark(struct builder *builder, struct fy_event *event) {
    struct fy_token *token = fy_event_get_token(event);
    const struct fy_mark *start = token != NULL ? fy_token_start_mark(token) : NULL;
    if (start != NULL && start->line >= 0 && start->column >= 0)
        builder->last =
            (struct mark){builder->source, builder->source->first_line + (uint32_t)start->line,
                          1 + (uint32_t)start->column};
    return builder->last;
}

/* The token's text, unescaped; "" after an error at @mark. */
static const char *token_copy(struct builder *builder, struct fy_token *token, struct mark mark) {
    size_t length = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &length) : NULL;
    const char *fault = text == NULL                     ? NULL
                        : length > TREE_SCALAR_MAX       ? "longer than 4096 bytes"
                        : text_has_control(text, length) ? "a control character"
                                                         : NULL;
    if (fault != NULL)
        fail(builder, mark, fault);
    bool good = text != NULL && fault == NULL;
    return arena_copy(builder->arena, good ? text : "", good ? length : 0);
}

/* Appends, unless the tree outgrows what may be expanded. */
static void append(struct builder *builder, struct tree_node *parent, const char *key,
                   struct mark mark, struct tree_node *value) {
    if (parent->weight + value->weight > TREE_NODES_MAX)
        fail(builder, mark, "more than 262144 values, aliases expanded");
    else
        tree_append(builder->arena, parent, key, mark, value);
}

/* The next event, NULL at the end of the stream or after an error of syntax. */
static struct fy_event *next_event(struct builder *builder) {
    return builder->failed ? NULL : fy_parser_parse(builder->parser);
}

static struct anchor *note_anchor(struct builder *builder, struct fy_event *event,
                                  struct tree_node *node) {
    struct fy_token *token = fy_event_get_anchor_token(event);
    if (token == NULL)
        return NULL;
    if (++builder->anchor_count > TREE_ANCHORS_MAX)
        fail(builder, node->mark, "more than 1000 anchors");
    struct anchor *anchor = arena_alloc(builder->arena, sizeof *anchor);
    *anchor = (struct anchor){token_copy(builder, token, node->mark), node, true, builder->anchors};
    builder->anchors = anchor;
    return anchor;
}

static struct tree_node *resolve_alias(struct builder *builder, struct fy_event *event) {
    const char *name = token_copy(builder, event->alias.anchor, event_mark(builder, event));
    struct anchor *anchor = builder->anchors;
    while (anchor != NULL && strcmp(anchor->name, name) != 0)
        anchor = anchor->next;
    if (anchor != NULL && !anchor->open)
        return anchor->node;
    fail(builder, event_mark(builder, event),
         anchor == NULL ? "this alias has no anchor before it" : "this alias contains itself");
    return NULL;
}

static struct tree_node *build_list(struct builder *builder, struct tree_node *list,
                                    unsigned depth) {
    for (;;) {
        struct fy_event *event = next_event(builder);
        if (event == NULL)
            return NULL;
        bool end = event->type == FYET_SEQUENCE_END;
        struct tree_node *item = end ? NULL : build(builder, event, depth + 1);
        fy_parser_event_free(builder->parser, event);
        if (end)
            return list;
        if (item == NULL)
            return NULL;
        append(builder, list, NULL, item->mark, item);
    }
}

/* Puts what `<<` brings behind the map's own entries, unless they have the key. */
static void merge_into(struct builder *builder, struct tree_node *map,
                       const struct tree_node *merged, struct mark mark) {
    if (merged->kind == TREE_LIST) {
        for (struct tree_entry *entry = merged->first; entry != NULL; entry = entry->next)
            if (entry->value->kind == TREE_MAP)
                merge_into(builder, map, entry->value, mark);
            else
                fail(builder, mark, "'<<' needs a map or a list of maps");
        return;
    }
    if (merged->kind != TREE_MAP) {
        fail(builder, mark, "'<<' needs a map or a list of maps");
        return;
    }
    for (struct tree_entry *entry = merged->first; entry != NULL; entry = entry->next)
        if (tree_find(map, entry->key) == NULL)
            append(builder, map, entry->key, entry->mark, entry->value);
}

/* The key's text; NULL at the map's end or after an error. */
static const char *build_key(struct builder *builder, struct fy_event *event, struct mark *mark) {
    *mark = event_mark(builder, event);
    if (event->type == FYET_MAPPING_END)
        return NULL;
    if (event->type == FYET_SCALAR)
        return token_copy(builder, event->scalar.value, *mark);
    fail(builder, *mark, "a key must be a plain name");
    return NULL;
}

static struct tree_node *build_map(struct builder *builder, struct tree_node *map, unsigned depth) {
    struct tree_entry merge = {0};
    for (;;) {
        struct mark mark;
        struct fy_event *event = next_event(builder);
        if (event == NULL)
            return NULL;
        const char *key = build_key(builder, event, &mark);
        fy_parser_event_free(builder->parser, event);
        if (key == NULL)
            break;
        event = next_event(builder);
        if (event == NULL)
            return NULL;
        struct tree_node *value = build(builder, event, depth + 1);
        fy_parser_event_free(builder->parser, event);
        if (value == NULL)
            return NULL;
        if (builder->failed)
            return NULL;
        const struct tree_entry *earlier = strcmp(key, "<<") != 0 ? tree_find(map, key)
                                           : merge.value != NULL  ? &merge
                                                                  : NULL;
        if (earlier != NULL)
            diagnostics_add(builder->diagnostics, builder->source, mark.line, mark.column,
                            "duplicate key '%.48s'; it is already given in line %u", key,
                            earlier->mark.line);
        else if (strcmp(key, "<<") == 0)
            merge = (struct tree_entry){.key = key, .mark = mark, .value = value};
        else
            append(builder, map, key, mark, value);
    }
    if (merge.value != NULL && !builder->failed)
        merge_into(builder, map, merge.value, merge.mark);
    return builder->failed ? NULL : map;
}

static void read_scalar(struct builder *builder, struct fy_token *token, struct tree_node *node) {
    const struct fy_mark *start = token != NULL ? fy_token_start_mark(token) : NULL;
    const struct fy_mark *end = token != NULL ? fy_token_end_mark(token) : NULL;
    bool plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
    node->text = token_copy(builder, token, node->mark);
    node->absent = plain && (node->text[0] == '\0' || strcmp(node->text, "~") == 0);
    node->verbatim = plain && start != NULL && end != NULL && start->line == end->line;
}

static struct tree_node *build(struct builder *builder, struct fy_event *event, unsigned depth) {
    struct mark mark = event_mark(builder, event);
    if (depth > TREE_DEPTH_MAX) {
        fail(builder, mark, "nested deeper than 16 levels");
        return NULL;
    }
    if (event->type == FYET_ALIAS)
        return resolve_alias(builder, event);
    enum tree_kind kind = event->type == FYET_SCALAR           ? TREE_SCALAR
                          : event->type == FYET_SEQUENCE_START ? TREE_LIST
                                                               : TREE_MAP;
    struct tree_node *node = tree_new(builder->arena, kind, mark);
    struct anchor *anchor = note_anchor(builder, event, node);
    if (kind == TREE_LIST) {
        node = build_list(builder, node, depth);
    } else if (kind == TREE_MAP) {
        node = build_map(builder, node, depth);
    } else {
        read_scalar(builder, event->scalar.value, node);
    }
    if (anchor != NULL)
        anchor->open = false;
    return node;
}

static struct tree_node *build_document(struct builder *builder) {
    struct tree_node *root = NULL;
    bool seen = false;
    for (struct fy_event *event; (event = next_event(builder)) != NULL;) {
        bool structure = event->type == FYET_STREAM_START || event->type == FYET_STREAM_END ||
                         event->type == FYET_DOCUMENT_END;
        if (event->type == FYET_DOCUMENT_START) {
            if (seen)
                fail(builder, event_mark(builder, event), "a second document; one is expected");
            seen = true;
        } else if (!structure) {
            root = build(builder, event, 0);
        }
        fy_parser_event_free(builder->parser, event);
    }
    return root;
}

/* libfyaml tells the cause first; what follows from it would only confuse. */
static void report_syntax(struct builder *builder, struct fy_diag *diag) {
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    bool located = error != NULL && error->line > 0;
    uint32_t line = located ? (uint32_t)error->line - 1 : 0;
    uint32_t column = located && error->column > 0 ? (uint32_t)error->column : 1;
    diagnostics_add(builder->diagnostics, builder->source, builder->source->first_line + line,
                    column, "%s", error != NULL ? error->msg : "this is not YAML");
}

struct tree_node *tree_parse(struct arena *arena, const struct source *source,
                             struct diagnostics *diagnostics) {
    if (text_check(source, diagnostics) < 0)
        return NULL;
    struct builder builder = {.arena = arena,
                              .source = source,
                              .diagnostics = diagnostics,
                              .last = {source, source->first_line, 1}};
    struct fy_diag_cfg diag_config = {.level = FYET_ERROR, .module_mask = ~0u};
    struct fy_diag *diag = fy_diag_create(&diag_config);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
    builder.parser = fy_parser_create(&config);
    struct tree_node *root = NULL;
    if (builder.parser != NULL &&
        fy_parser_set_string(builder.parser, source->text, source->size) == 0) {
        root = build_document(&builder);
        if (!builder.failed && fy_parser_get_stream_error(builder.parser)) {
            report_syntax(&builder, diag);
            builder.failed = true;
        }
    }
    fy_parser_destroy(builder.parser);
    fy_diag_destroy(diag);
    return builder.failed ? NULL : root;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/params.h"

#include "base/error.h"
#include "sim/report/text.h"
#include "sim/scenario/tree.h"

#include <string.h>

struct walk {
    void (*put)(void *context, const char *key, const char *value);
    void *context;
    struct text key;
};

static void walk_node(struct walk *walk, const struct tree_node *node) {
    if (node->kind == TREE_SCALAR || node->count == 0) {
        const char *value = node->kind == TREE_SCALAR && node->text != NULL ? node->text : "";
        walk->put(walk->context, walk->key.bytes, value);
        return;
    }
    size_t size = walk->key.size, index = 0;
    for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next) {
        text_add(&walk->key, size > 0 ? "." : "");
        if (node->kind == TREE_MAP)
            text_add(&walk->key, entry->key);
        else
            text_format(&walk->key, "%zu", index++);
        walk_node(walk, entry->value);
        walk->key.size = size;
        walk->key.bytes[size] = '\0';
    }
}

int params_each(const char *text, void (*put)(void *context, const char *key, const char *value),
                void *context) {
    struct diagnostics diagnostics = {0};
    const struct source source = {
        .name = "scenario", .text = text, .size = strlen(text), .first_line = 1};
    struct arena *arena = arena_new();
    const struct tree_node *root = tree_parse(arena, &source, &diagnostics);
    struct walk walk = {.put = put, .context = context};
    if (root != NULL) {
        text_add(&walk.key, "");
        walk_node(&walk, root);
    }
    text_deinit(&walk.key);
    arena_free(arena);
    return root != NULL ? OK : ERR_INVALID;
}

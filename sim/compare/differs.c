/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/differs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/report/text.h"
#include "sim/scenario/tree.h"

struct leaf {
    char *key, *value;
    uint32_t line;
};

struct leaves {
    struct leaf *list;
    size_t count;
};

static void add(struct leaves *leaves, const char *key, const struct tree_node *node) {
    leaves->list = memory_resize(leaves->list, leaves->count + 1, sizeof *leaves->list);
    leaves->list[leaves->count++] =
        (struct leaf){strdup(key), strdup(node->text != NULL ? node->text : ""), node->mark.line};
}

static void walk(struct leaves *leaves, const struct tree_node *node, struct text *key) {
    size_t size = key->size, index = 0;
    if (node->kind == TREE_SCALAR || node->count == 0) {
        add(leaves, key->bytes, node);
        return;
    }
    for (const struct tree_entry *entry = node->first; entry != NULL; entry = entry->next) {
        text_add(key, size > 0 ? "." : "");
        if (node->kind == TREE_MAP)
            text_add(key, entry->key);
        else
            text_format(key, "%zu", index++);
        walk(leaves, entry->value, key);
        key->size = size;
        key->bytes[size] = '\0';
    }
}

static int read_leaves(const char *text, struct leaves *leaves) {
    struct diagnostics diagnostics = {0};
    const struct source source = {
        .name = "scenario", .text = text, .size = strlen(text), .first_line = 1};
    struct arena *arena = arena_new();
    struct text key = {0};
    const struct tree_node *root = tree_parse(arena, &source, &diagnostics);
    if (root != NULL) {
        text_add(&key, "");
        walk(leaves, root, &key);
    }
    text_deinit(&key);
    arena_free(arena);
    return root != NULL ? OK : ERR_INVALID;
}

static void free_leaves(struct leaves *leaves) {
    for (size_t i = 0; i < leaves->count; i++) {
        free(leaves->list[i].key);
        free(leaves->list[i].value);
    }
    free(leaves->list);
}

static const struct leaf *find(const struct leaves *leaves, const char *key) {
    for (size_t i = 0; i < leaves->count; i++)
        if (strcmp(leaves->list[i].key, key) == 0)
            return &leaves->list[i];
    return NULL;
}

/* "seed", "expect.0": no run is another for them. */
static bool is_harmless(const char *key) {
    static const char *const keys[] = {"seed",        "repetitions", "name",
                                       "description", "expect",      "targets"};
    size_t length = strcspn(key, ".");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strlen(keys[i]) == length && strncmp(keys[i], key, length) == 0)
            return true;
    return false;
}

static void note(struct differences *differences, const struct leaf *first,
                 const struct leaf *second) {
    const char *key = first != NULL ? first->key : second->key;
    if (is_harmless(key) ||
        (first != NULL && second != NULL && strcmp(first->value, second->value) == 0))
        return;
    differences->list =
        memory_resize(differences->list, differences->count + 1, sizeof *differences->list);
    differences->list[differences->count++] = (struct difference){
        .key = strdup(key),
        .values = {first != NULL ? strdup(first->value) : NULL,
                   second != NULL ? strdup(second->value) : NULL},
        .lines = {first != NULL ? first->line : 0, second != NULL ? second->line : 0},
    };
}

int differences_find(const char *first, const char *second, struct differences *differences) {
    struct leaves a = {0}, b = {0};
    *differences = (struct differences){0};
    int error = read_leaves(first, &a);
    if (error == OK)
        error = read_leaves(second, &b);
    for (size_t i = 0; i < a.count && error == OK; i++)
        note(differences, &a.list[i], find(&b, a.list[i].key));
    for (size_t i = 0; i < b.count && error == OK; i++)
        if (find(&a, b.list[i].key) == NULL)
            note(differences, NULL, &b.list[i]);
    free_leaves(&a);
    free_leaves(&b);
    return error;
}

void differences_deinit(struct differences *differences) {
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->list[i].key);
        free(differences->list[i].values[0]);
        free(differences->list[i].values[1]);
    }
    free(differences->list);
    *differences = (struct differences){0};
}

bool difference_is_named(const struct difference *difference, const char *name) {
    size_t length = strlen(name);
    return strncmp(difference->key, name, length) == 0 &&
           (difference->key[length] == '\0' || difference->key[length] == '.');
}

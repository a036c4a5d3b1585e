/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/value.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"

#define MESSAGE_BYTES 240

_Static_assert(sizeof(enum fault_kind) == sizeof(unsigned), "choices are stored as unsigned");

static void *field(void *base, const struct key_row *row) {
    return (char *)base + row->offset;
}

static void store_number(void *base, const struct key_row *row, int64_t value) {
    memcpy(field(base, row), &value, sizeof value);
}

static void store_text(void *base, const struct key_row *row, const char *text) {
    memcpy(field(base, row), &text, sizeof text);
}

static void store_choice(void *base, const struct key_row *row, unsigned choice) {
    memcpy(field(base, row), &choice, sizeof choice);
}

/* The choice's position, or -1. */
static int find_choice(const struct key_row *row, const char *text) {
    for (int i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        if (strcmp(row->choices[i], text) == 0)
            return i;
    return -1;
}

static void fail_choice(struct resolver *resolver, const struct key_row *row,
                        const struct tree_node *node) {
    char list[120];
    size_t at = 0;
    struct suggestion near;
    suggestion_init(&near, node->text);
    for (size_t i = 0; row->choices[i] != NULL && at < sizeof list; i++) {
        bool last = row->choices[i + 1] == NULL;
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                               i == 0 ? ""
                               : last ? " or "
                                      : ", ",
                               row->choices[i]);
        suggestion_offer(&near, row->choices[i]);
    }
    if (near.found)
        resolver_fail(resolver, node->mark, "'%.48s' is not a %s; did you mean '%s'? (%s)",
                      node->text, row->path, near.best, list);
    else
        resolver_fail(resolver, node->mark, "'%.48s' is not a %s; use %s", node->text, row->path,
                      list);
}

static int parse_number(const struct key_row *row, const char *text, int64_t *value,
                        char message[MESSAGE_BYTES]) {
    if (row->choices != NULL && find_choice(row, text) == 0) {
        *value = row->word;
        return OK;
    }
    int result = quantity_parse(text, row->unit, value, message, MESSAGE_BYTES);
    if (result < 0 && row->choices != NULL) {
        size_t used = strlen(message);
        snprintf(message + used, MESSAGE_BYTES - used, ", or '%s'", row->choices[0]);
    }
    if (result < 0 || (*value >= row->min && *value <= row->max))
        return result;
    char low[QUANTITY_BYTES], high[QUANTITY_BYTES];
    quantity_format(row->min, row->unit, low);
    quantity_format(row->max, row->unit, high);
    if (row->min == row->max)
        snprintf(message, MESSAGE_BYTES, "%s must be %s", row->path, low);
    else
        snprintf(message, MESSAGE_BYTES, "%s is out of range; it goes from %s to %s", row->path,
                 low, high);
    return ERR_INVALID;
}

/* "3" or "0..2" */
static void resolve_range(struct resolver *resolver, const struct key_row *row,
                          const struct tree_node *node, void *base) {
    char message[MESSAGE_BYTES];
    int64_t bounds[2];
    const char *dots = strstr(node->text, "..");
    const char *from = arena_copy(resolver->arena, node->text,
                                  dots != NULL ? (size_t)(dots - node->text) : strlen(node->text));
    const char *to = dots != NULL ? dots + 2 : from;
    if (parse_number(row, from, &bounds[0], message) < 0 ||
        parse_number(row, to, &bounds[1], message) < 0)
        resolver_fail(resolver, node->mark, "%s: expected a position or a range such as 0..2: %s",
                      row->path, message);
    else if (bounds[0] > bounds[1])
        resolver_fail(resolver, node->mark, "the range is empty: it ends before it begins");
    else
        memcpy(field(base, row), bounds, sizeof bounds);
}

/* A path that a scenario names is relative to the file that names it. */
static void resolve_file(struct resolver *resolver, const struct key_row *row,
                         const struct tree_node *node, void *base) {
    if (find_choice(row, node->text) >= 0) {
        store_text(base, row, node->text);
        return;
    }
    const char *slash = strrchr(node->mark.source->name, '/');
    bool relative = node->text[0] != '/' && slash != NULL;
    const char *path =
        relative ? arena_format(resolver->arena, "%.*s/%s", (int)(slash - node->mark.source->name),
                                node->mark.source->name, node->text)
                 : node->text;
    char *absolute = realpath(path, NULL);
    struct stat status;
    if (absolute == NULL || stat(absolute, &status) < 0 || !S_ISREG(status.st_mode) ||
        !text_is_utf8(absolute, strlen(absolute)))
        resolver_fail(resolver, node->mark, "%s: there is no file '%.160s'", row->path, path);
    else
        store_text(base, row, arena_copy(resolver->arena, absolute, strlen(absolute)));
    free(absolute);
}

bool value_check_place(struct resolver *resolver, const char *id, struct mark mark) {
    if (id[0] == '\0') {
        resolver_fail(resolver, mark, "expected the name of a place");
        return false;
    }
    if (resolver->place_at == NULL)
        return true;
    struct suggestion near;
    suggestion_init(&near, id);
    const char *name;
    for (size_t i = 0; (name = resolver->place_at(i)) != NULL; i++) {
        if (strcmp(name, id) == 0)
            return true;
        suggestion_offer(&near, name);
    }
    if (near.found)
        resolver_fail(resolver, mark, "unknown place '%.48s'; did you mean '%s'?", id, near.best);
    else
        resolver_fail(resolver, mark, "unknown place '%.48s'", id);
    return false;
}

const char *value_component_fault(const char *text) {
    size_t length = strlen(text);
    if (length == 0)
        return "it is empty";
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return "'.' and '..' are folders";
    if (strchr(text, '/') != NULL)
        return "it has a '/'";
    if (strpbrk(text, "\t\n") != NULL || text_has_control(text, length))
        return "it has a control character";
    if (!text_is_utf8(text, length))
        return "it is not UTF-8";
    if (text[0] == ' ' || text[0] == '-' || text[length - 1] == ' ')
        return "it starts with '-' or a blank, or ends with one";
    return length > SCENARIO_NAME_BYTES ? "it is longer than 100 bytes" : NULL;
}

static void resolve_component(struct resolver *resolver, const struct key_row *row,
                              const struct tree_node *node, void *base) {
    const char *fault = value_component_fault(node->text);
    if (fault == NULL)
        store_text(base, row, node->text);
    else
        resolver_fail(resolver, node->mark, "%s: it must be able to name a folder, but %s",
                      row->path, fault);
}

void value_resolve(struct resolver *resolver, const struct key_row *row,
                   const struct tree_node *node, void *base) {
    char message[MESSAGE_BYTES];
    int64_t number;
    int choice = find_choice(row, node->text);
    switch (row->type) {
    case KEY_NUMBER:
        if (parse_number(row, node->text, &number, message) < 0)
            resolver_fail(resolver, node->mark, "%s", message);
        else
            store_number(base, row, number);
        break;
    case KEY_TEXT:
        store_text(base, row, node->text);
        break;
    case KEY_COMPONENT:
        resolve_component(resolver, row, node, base);
        break;
    case KEY_PLACE:
        if (value_check_place(resolver, node->text, node->mark))
            store_text(base, row, node->text);
        break;
    case KEY_NAME:
    case KEY_CHOICE:
        if (choice < 0)
            fail_choice(resolver, row, node);
        else if (row->type == KEY_NAME)
            store_text(base, row, row->choices[choice]);
        else
            store_choice(base, row, (unsigned)choice);
        break;
    case KEY_FILE:
        resolve_file(resolver, row, node, base);
        break;
    case KEY_RANGE:
        resolve_range(resolver, row, node, base);
        break;
    default:
        assert(!"lists and maps are resolved by resolve.c");
    }
}

void value_default(const struct key_row *row, void *base) {
    char message[MESSAGE_BYTES];
    int64_t number = UNSET;
    switch (row->type) {
    case KEY_NUMBER:
        if (row->fallback != NULL) {
            int result = parse_number(row, row->fallback, &number, message);
            assert(result == OK);
        }
        store_number(base, row, number);
        break;
    case KEY_TEXT:
    case KEY_COMPONENT:
    case KEY_NAME:
    case KEY_FILE:
    case KEY_PLACE:
        store_text(base, row, row->fallback);
        break;
    case KEY_CHOICE:
        if (row->fallback != NULL)
            store_choice(base, row, (unsigned)find_choice(row, row->fallback));
        break;
    case KEY_RANGE:
        memcpy(field(base, row), (int64_t[]){UNSET, UNSET}, 2 * sizeof number);
        break;
    case KEY_COSTS:
        for (size_t i = 0; i < WORK_COUNT; i++)
            memcpy((char *)field(base, row) + i * sizeof number, &number, sizeof number);
        break;
    default:
        break;
    }
}

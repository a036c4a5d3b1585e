/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files, includes and --set, put together into one tree; later wins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "sim/scenario/resolve.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/text.h"
#include "sim/scenario/tree.h"
#include "sim/scenario/value.h"

#define INCLUDE_DEPTH_MAX 16
#define INCLUDE_FILES_MAX 256 /* also of files that are included more than once */

struct loader {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const char *open[INCLUDE_DEPTH_MAX]; /* absolute paths, outermost first */
    size_t depth;
    struct scenario_file *files; /* all that was read, newest first */
    size_t file_count, bytes, nodes;
};

static struct tree_node *load_file(struct loader *loader, const char *path,
                                   const struct mark *named_at);

/* Errors about a file as a whole stand where an include names it. */
static void fail_file(struct loader *loader, const char *path, const struct mark *named_at,
                      const char *reason) {
    const struct source source = {.name = path};
    if (named_at != NULL)
        diagnostics_add(loader->diagnostics, named_at->source, named_at->line, named_at->column,
                        "cannot include '%.160s': %s", path, reason);
    else
        diagnostics_add(loader->diagnostics, &source, 0, 0, "%s", reason);
}

static struct tree_node *include_one(struct loader *loader, const struct tree_node *name,
                                     struct tree_node *merged) {
    if (name->kind != TREE_SCALAR || name->text[0] == '\0') {
        diagnostics_add(loader->diagnostics, name->mark.source, name->mark.line, name->mark.column,
                        "include: expected a file name or a list of them");
        return merged;
    }
    const char *from = name->mark.source->name, *slash = strrchr(from, '/');
    const char *path =
        name->text[0] == '/' || slash == NULL
            ? name->text
            : arena_format(loader->arena, "%.*s/%s", (int)(slash - from), from, name->text);
    struct tree_node *tree = load_file(loader, path, &name->mark);
    return tree == NULL ? merged : merged == NULL ? tree : tree_merge(loader->arena, merged, tree);
}

/* The map without `include` and x- keys, on top of what it includes. */
static struct tree_node *expand(struct loader *loader, const struct tree_node *root) {
    struct tree_node *own = tree_new(loader->arena, TREE_MAP, root->mark), *merged = NULL;
    for (const struct tree_entry *entry = root->first; entry != NULL; entry = entry->next)
        if (strncmp(entry->key, "x-", 2) != 0 && strcmp(entry->key, "include") != 0)
            tree_append(loader->arena, own, entry->key, entry->mark, entry->value);
    const struct tree_entry *include = tree_find(root, "include");
    if (include == NULL)
        return own;
    if (include->value->kind == TREE_LIST)
        for (const struct tree_entry *e = include->value->first; e != NULL; e = e->next)
            merged = include_one(loader, e->value, merged);
    else
        merged = include_one(loader, include->value, NULL);
    return merged == NULL ? own : tree_merge(loader->arena, merged, own);
}

static struct tree_node *load_source(struct loader *loader, const struct source *source) {
    size_t before = loader->diagnostics->count;
    struct tree_node *root = tree_parse(loader->arena, source, loader->diagnostics);
    if (root == NULL) {
        if (loader->diagnostics->count == before)
            diagnostics_add(loader->diagnostics, source, source->first_line, 1,
                            "the file is empty; a scenario starts with `schema: 1`");
        return NULL;
    }
    loader->nodes += root->weight;
    const char *fault =
        loader->nodes > TREE_NODES_MAX ? "more than 262144 values in all files" : NULL;
    if (root->kind == TREE_MAP && fault == NULL)
        return expand(loader, root);
    if (fault != NULL)
        diagnostics_add(loader->diagnostics, source, root->mark.line, root->mark.column, "%s",
                        fault);
    else
        diagnostics_add(loader->diagnostics, source, root->mark.line, root->mark.column,
                        "expected a map of keys, found %s", tree_kind_name(root));
    return NULL;
}

/* What is left of the stream, but not much more than may still be read: one byte above it shows
 * that there is too much. NULL with errno set. */
static char *read_stream(struct loader *loader, FILE *file, size_t *size) {
    size_t most = TREE_TEXT_MAX - size_min(loader->bytes, TREE_TEXT_MAX) + 1, room = 1 << 14;
    char *text = NULL, *copy = NULL;
    *size = 0;
    for (size_t got = 1; got > 0 && *size < most; *size += got) {
        room = *size + 1 < room ? room : 2 * room;
        text = realloc(text, room);
        if (text == NULL)
            abort();
        got = fread(text + *size, 1, size_min(room, most) - *size, file);
    }
    if (!ferror(file))
        copy = arena_copy(loader->arena, text, *size);
    int error = errno;
    free(text);
    errno = error;
    return copy;
}

/* The file's bytes, NULL with errno set. */
static char *read_file(struct loader *loader, const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    struct stat status;
    if (file == NULL)
        return NULL;
    char *text = NULL;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode))
        errno = EISDIR;
    else
        text = read_stream(loader, file, size);
    int error = errno;
    fclose(file);
    errno = error;
    return text;
}

/* Keeps what was read, for the manifest's digests, and parses it. */
static struct tree_node *load_text(struct loader *loader, const char *name, const char *path,
                                   const char *text, size_t size) {
    struct source *source = arena_alloc(loader->arena, sizeof *source);
    *source = (struct source){arena_copy(loader->arena, name, strlen(name)), text, size, 1};
    struct scenario_file *file = arena_alloc(loader->arena, sizeof *file);
    *file = (struct scenario_file){path != NULL ? path : source->name, text, size, loader->files};
    loader->files = file;
    loader->bytes += size;
    if (loader->bytes <= TREE_TEXT_MAX || size > TREE_TEXT_MAX)
        return load_source(loader, source);
    diagnostics_add(loader->diagnostics, source, 1, 1,
                    "the scenario with all that it includes is larger than 4 MiB");
    return NULL;
}

static struct tree_node *load_file(struct loader *loader, const char *path,
                                   const struct mark *named_at) {
    char *real = realpath(path, NULL);
    const char *absolute = real != NULL ? arena_copy(loader->arena, real, strlen(real)) : NULL;
    free(real);
    const char *fault = NULL;
    for (size_t i = 0; absolute != NULL && i < loader->depth; i++)
        if (strcmp(loader->open[i], absolute) == 0)
            fault = "it includes itself";
    if (fault == NULL && loader->depth == INCLUDE_DEPTH_MAX)
        fault = "includes are nested deeper than 16 files";
    if (fault == NULL && loader->file_count++ == INCLUDE_FILES_MAX)
        fault = "more than 256 files are included";
    size_t size = 0;
    char *text = absolute == NULL || fault != NULL ? NULL : read_file(loader, absolute, &size);
    if (text == NULL) {
        fail_file(loader, path, named_at, fault != NULL ? fault : strerror(errno));
        return NULL;
    }
    loader->open[loader->depth++] = absolute;
    struct tree_node *tree = load_text(loader, path, absolute, text, size);
    loader->depth--;
    return tree;
}

static struct tree_node *load_stdin(struct loader *loader) {
    size_t size;
    char *text = read_stream(loader, stdin, &size);
    if (text != NULL)
        return load_text(loader, SCENARIO_STDIN, NULL, text, size);
    fail_file(loader, SCENARIO_STDIN, NULL, strerror(errno));
    return NULL;
}

/* The value of key=value: flow YAML if it starts like it, otherwise the bare text. */
static struct tree_node *set_value(struct loader *loader, const struct source *source,
                                   const char *value) {
    uint32_t column = (uint32_t)(value - source->text) + 1;
    if (*value == '\0' || strchr("[{\"'", *value) == NULL) {
        struct tree_node *node =
            tree_new(loader->arena, TREE_SCALAR, (struct mark){source, source->first_line, column});
        node->text = value;
        node->absent = *value == '\0';
        return node;
    }
    /* Blanks in the key's place keep the columns. */
    char *text = arena_copy(loader->arena, source->text, source->size);
    memset(text, ' ', column - 1);
    struct source *flow = arena_alloc(loader->arena, sizeof *flow);
    *flow = *source;
    flow->text = text;
    return tree_parse(loader->arena, flow, loader->diagnostics);
}

/* "a.b=v" as the tree {a: {b: v}}; NULL after an error. */
static struct tree_node *parse_set(struct loader *loader, const char *text, size_t index) {
    struct source *source = arena_alloc(loader->arena, sizeof *source);
    *source = (struct source){SCENARIO_SETS, arena_copy(loader->arena, text, strlen(text)),
                              strlen(text), (uint32_t)index + 1};
    if (text_check(source, loader->diagnostics) != OK)
        return NULL;
    const char *equals = strchr(source->text, '=');
    if (equals == NULL || equals == source->text) {
        diagnostics_add(loader->diagnostics, source, source->first_line, 1,
                        "--set needs key=value, such as workload.rate=200/s");
        return NULL;
    }
    struct tree_node *node = set_value(loader, source, equals + 1);
    const char *end = equals;
    while (node != NULL) {
        const char *start = end;
        while (start > source->text && start[-1] != '.')
            start--;
        struct mark mark = {source, source->first_line, (uint32_t)(start - source->text) + 1};
        struct tree_node *map = tree_new(loader->arena, TREE_MAP, mark);
        tree_append(loader->arena, map, arena_copy(loader->arena, start, (size_t)(end - start)),
                    mark, node);
        node = map;
        if (start == source->text)
            return node;
        end = start - 1;
    }
    return NULL;
}

/* "scenarios/komatsu.yaml" is komatsu. */
static void derive_name(struct resolver *resolver, const char *path, struct mark root) {
    if (strcmp(path, SCENARIO_STDIN) == 0)
        path = "stdin";
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.'), *fault;
    size_t length = dot > base ? (size_t)(dot - base) : strlen(base);
    resolver->scenario->name = arena_copy(resolver->arena, base, length);
    fault = value_component_fault(resolver->scenario->name);
    if (fault != NULL)
        resolver_fail(resolver, root, "this file's name cannot name the results: %s; give a `name`",
                      fault);
}

/* What follows from other keys when it is not given. */
static void derive_defaults(struct resolver *resolver, const char *name, struct mark root) {
    struct scenario *scenario = resolver->scenario;
    struct arena *arena = scenario->arena;
    if (scenario->name == NULL)
        derive_name(resolver, name, root);
    if (scenario->continent_acks == UNSET)
        scenario->continent_acks = (scenario->continent.committee - 1) / 3 + 1;
    bool rate_given = scenario->origins[key_find("workload.rate")].name != NULL;
    if (scenario->workload.model == WORKLOAD_TRACE && !rate_given)
        scenario->workload.rate = RATE_AS_RECORDED;
    struct name_list *stand = &scenario->continent_places;
    if (stand->count > 0)
        return;
    stand->count = size_min(scenario->place_count, (size_t)scenario->continent.committee);
    stand->names = arena_alloc(arena, stand->count * sizeof *stand->names);
    for (size_t i = 0; i < stand->count; i++)
        stand->names[i] = scenario->places[i].id;
}

static int finish(struct loader *loader, struct scenario *scenario, struct tree_node *tree,
                  const char *name, const struct scenario_options *options) {
    struct diagnostics *diagnostics = loader->diagnostics;
    struct resolver resolver = {scenario, loader->arena, diagnostics,
                                options != NULL ? options->place_at : NULL, NULL};
    for (size_t i = 0; options != NULL && i < options->set_count; i++) {
        struct tree_node *set = parse_set(loader, options->sets[i], i);
        if (set != NULL && tree != NULL)
            tree = tree_merge(loader->arena, tree, set);
    }
    if (tree != NULL)
        resolve_scenario(&resolver, tree);
    /* Only values that stand alone can be held against each other. */
    if (tree != NULL && diagnostics->count == 0) {
        derive_defaults(&resolver, name, tree->mark);
        check_scenario(&resolver, tree);
    }
    scenario->files = loader->files;
    if (diagnostics->count == 0)
        return OK;
    scenario_deinit(scenario);
    return ERR_INVALID;
}

int scenario_load(struct scenario *scenario, const char *path,
                  const struct scenario_options *options, struct diagnostics *diagnostics) {
    *scenario = (struct scenario){.arena = arena_new()};
    *diagnostics = (struct diagnostics){0};
    struct loader loader = {.arena = scenario->arena, .diagnostics = diagnostics};
    if (strcmp(path, "-") == 0)
        return finish(&loader, scenario, load_stdin(&loader), SCENARIO_STDIN, options);
    return finish(&loader, scenario, load_file(&loader, path, NULL), path, options);
}

int scenario_load_text(struct scenario *scenario, const char *name, const char *text, size_t size,
                       const struct scenario_options *options, struct diagnostics *diagnostics) {
    *scenario = (struct scenario){.arena = arena_new()};
    *diagnostics = (struct diagnostics){0};
    struct loader loader = {.arena = scenario->arena, .diagnostics = diagnostics};
    struct tree_node *tree =
        load_text(&loader, name, NULL, arena_copy(loader.arena, text, size), size);
    return finish(&loader, scenario, tree, name, options);
}

void scenario_deinit(struct scenario *scenario) {
    arena_free(scenario->arena);
    *scenario = (struct scenario){0};
}

int64_t scenario_node_count(const struct scenario *scenario) {
    int64_t count = scenario->continent.committee;
    for (size_t i = 0; i < scenario->place_count; i++)
        count += scenario->places[i].nodes;
    return count;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct layout_place {
    const char *id;
    int64_t users, representatives;
    int64_t first; /* of its nodes */
};

/* Nodes as the world will number them. */
struct layout {
    struct layout_place *places;
    size_t count;
    int64_t committee;
};

/* Nodes of one side, or positions in a city's committee, [first, end). */
struct span {
    size_t side;
    const struct layout_place *city; /* NULL: nodes */
    int64_t first, end;
};

struct spans {
    struct span *list;
    size_t count, capacity;
};

static struct layout_place *place_of(struct layout *layout, const char *id) {
    for (size_t i = 0; i < layout->count; i++)
        if (strcmp(layout->places[i].id, id) == 0)
            return &layout->places[i];
    layout->places[layout->count] = (struct layout_place){.id = id};
    return &layout->places[layout->count++];
}

static struct layout layout_new(const struct scenario *scenario) {
    const struct name_list *stand = &scenario->continent_places;
    struct layout layout = {.committee = scenario->city.committee};
    layout.places = memory_new(scenario->place_count + stand->count, sizeof *layout.places);
    for (size_t i = 0; i < scenario->place_count; i++)
        place_of(&layout, scenario->places[i].id)->users = scenario->places[i].nodes;
    for (int64_t i = 0; i < scenario->continent.committee && stand->count > 0; i++)
        place_of(&layout, stand->names[(size_t)i % stand->count])->representatives++;
    for (size_t i = 1; i < layout.count; i++)
        layout.places[i].first = layout.places[i - 1].first + layout.places[i - 1].users +
                                 layout.places[i - 1].representatives;
    return layout;
}

/* What the term leaves at one place: nodes, or positions in the committee. */
static struct span at_place(const struct layout *layout, const struct layout_place *place,
                            enum node_tier tier) {
    int64_t users_end = place->first + place->users;
    switch (tier) {
    case TIER_CITY:
        return (struct span){.city = place, .end = place->users > 0 ? layout->committee : 0};
    case TIER_CONTINENT:
        return (struct span){.first = users_end, .end = users_end + place->representatives};
    default:
        return (struct span){.first = place->first, .end = users_end + place->representatives};
    }
}

static void append(struct spans *spans, const struct span *span) {
    if (spans->count == spans->capacity) {
        spans->capacity = 2 * spans->capacity + 16;
        spans->list = memory_resize(spans->list, spans->capacity, sizeof *spans->list);
    }
    spans->list[spans->count++] = *span;
}

/* Returns how many nodes the term leaves before its index; those behind it go to @spans. */
static int64_t add_term(const struct layout *layout, const struct node_selector *term, size_t side,
                        struct spans *spans) {
    int64_t index = 0, first = term->index_first, last = term->index_last;
    for (size_t i = 0; i < layout->count; i++) {
        const struct layout_place *place = &layout->places[i];
        if (term->place != NULL && strcmp(term->place, place->id) != 0)
            continue;
        struct span span = at_place(layout, place, term->tier);
        int64_t count = span.end - span.first;
        if (first != UNSET) {
            span.end = last + 1 < index + count ? span.first + last + 1 - index : span.end;
            span.first += first > index ? first - index : 0;
        }
        index += count;
        span.side = side;
        if (span.first < span.end && spans != NULL)
            append(spans, &span);
    }
    return index;
}

int64_t selector_count(const struct scenario *scenario, const struct node_selector *selector) {
    struct layout layout = layout_new(scenario);
    int64_t count = add_term(&layout, selector, 0, NULL);
    free(layout.places);
    return count;
}

/* Two spans that are sure to share a node. A committee lies among its city's users. */
static bool share_node(const struct span *a, const struct span *b) {
    if (a->city == b->city)
        return a->first < b->end && b->first < a->end;
    if (a->city != NULL && b->city != NULL)
        return false;
    const struct span *committee = a->city != NULL ? a : b, *nodes = a->city != NULL ? b : a;
    const struct layout_place *city = committee->city;
    return nodes->first <= city->first && city->first + city->users <= nodes->end;
}

static bool find_overlap(const struct spans *spans, size_t *first, size_t *second) {
    for (size_t i = 0; i < spans->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct span *a = &spans->list[k], *b = &spans->list[i];
            if (a->side == b->side || !share_node(a, b))
                continue;
            *first = a->side < b->side ? a->side : b->side;
            *second = a->side < b->side ? b->side : a->side;
            return true;
        }
    return false;
}

bool sides_overlap(const struct scenario *scenario, const struct scenario_fault *fault,
                   size_t *first, size_t *second) {
    struct layout layout = layout_new(scenario);
    struct spans spans = {0};
    for (size_t side = 0; side < fault->group_count; side++)
        for (size_t i = 0; i < fault->groups[side].count; i++) {
            const struct node_selector *term = &fault->groups[side].terms[i];
            if (term->share == UNSET || term->share == MILLION)
                add_term(&layout, term, side, &spans);
        }
    bool overlap = find_overlap(&spans, first, second);
    free(layout.places);
    free(spans.list);
    return overlap;
}

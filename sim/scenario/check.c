/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What binds several keys together. Each check names the keys that take part, the likeliest culprit
 * first; the error stands at the first of them that is written down. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "consensus/consensus.h"
#include "crypto/suite.h"
#include "pipeline/record.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/overlap.h"
#include "sim/scenario/resolve.h"
#include "tier/mempool.h"
#include "tier/once.h"

struct check {
    struct resolver *resolver;
    const struct scenario *scenario;
    const struct tree_node *root;
};

/* The mark of a dotted path below @node with list positions, "faults.2.until"; of its deepest part
 * that is written down. @whole tells whether that is all of it. */
static struct mark find_mark(const struct tree_node *node, const char *path, bool *whole) {
    while (*path != '\0') {
        char part[64];
        size_t length = strcspn(path, ".");
        struct tree_entry *entry = NULL;
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        if (node->kind == TREE_MAP)
            entry = tree_find(node, part);
        else if (node->kind == TREE_LIST)
            for (long skip = strtol(part, NULL, 10), i = 0; i <= skip; i++)
                entry = i == 0 ? node->first : entry->next;
        if (entry == NULL)
            break;
        node = entry->value;
        path += length + (path[length] == '.');
    }
    *whole = *path == '\0';
    return node->mark;
}

struct mark check_mark(const struct tree_node *root, const char *paths) {
    struct mark mark = root->mark;
    bool whole = false, first = true;
    while (!whole && *paths != '\0') {
        char path[96];
        size_t length = strcspn(paths, " ");
        snprintf(path, sizeof path, "%.*s", (int)length, paths);
        struct mark found = find_mark(root, path, &whole);
        if (whole || first)
            mark = found;
        first = false;
        paths += length + (paths[length] == ' ');
    }
    return mark;
}

/* @paths: as of check_mark. */
static void fail(const struct check *check, const char *paths, const char *format, ...) {
    char message[240];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    resolver_fail(check->resolver, check_mark(check->root, paths), "%s", message);
}

static char *path(const struct check *check, const char *list, size_t index, const char *key) {
    return arena_format(check->resolver->arena, "%s.%zu%s%s", list, index,
                        key[0] != '\0' ? "." : "", key);
}

static const char *duration(const struct check *check, int64_t value) {
    char *text = arena_alloc(check->resolver->arena, QUANTITY_BYTES);
    quantity_format(value, UNIT_DURATION, text);
    return text;
}

static void check_time(const struct check *check) {
    const struct scenario *s = check->scenario;
    if (s->warmup >= s->duration)
        fail(check, "warmup duration", "the warm-up (%s) must be shorter than the duration (%s)",
             duration(check, s->warmup), duration(check, s->duration));
}

static void check_places(const struct check *check) {
    const struct scenario *s = check->scenario;
    int64_t shares = 0;
    size_t given = 0;
    for (size_t i = 0; i < s->place_count; i++) {
        const struct scenario_place *place = &s->places[i];
        for (size_t j = 0; j < i; j++)
            if (strcmp(s->places[j].id, place->id) == 0)
                fail(check, path(check, "places", i, "id"), "'%s' is listed twice", place->id);
        if (place->nodes < s->city.committee)
            fail(check, arena_format(check->resolver->arena, "places.%zu.nodes city.committee", i),
                 "a committee of %" PRId64 " needs as many nodes; '%s' has %" PRId64,
                 s->city.committee, place->id, place->nodes);
        if (place->multiplier % (MILLION / 1000) != 0)
            fail(check, path(check, "places", i, "multiplier"),
                 "a multiplier is given in thousandths at the finest");
        if (s->city_delegates != UNSET && place->nodes < s->city_delegates)
            fail(check, "city.delegates places",
                 "%" PRId64 " delegates cannot be elected from the %" PRId64 " nodes of '%s'",
                 s->city_delegates, place->nodes, place->id);
        if (place->share != UNSET) {
            shares += place->share;
            given++;
        }
    }
    if (s->city_delegates != UNSET && s->city_delegates < s->city.committee)
        fail(check, "city.delegates city.committee",
             "a committee of %" PRId64 " cannot be drawn from %" PRId64 " delegates",
             s->city.committee, s->city_delegates);
    if (given > 0 && given < s->place_count)
        fail(check, "places", "give a share to all places or to none");
    else if (given > 0 && shares != MILLION)
        fail(check, path(check, "places", s->place_count - 1, "share"),
             "the shares add up to %g %%, not to 100 %%", (double)shares / 1e4);
    if (scenario_node_count(s) > LIMIT_NODES)
        fail(check, "places", "%" PRId64 " nodes in all; the limit is %d", scenario_node_count(s),
             LIMIT_NODES);
}

static void check_pipeline(const struct check *check) {
    const struct scenario *s = check->scenario;
    if (s->pipeline.needed > s->pipeline.acks)
        fail(check, "pipeline.acks pipeline.needed",
             "%" PRId64 " acknowledgements do not ensure the %" PRId64 " pieces needed to rebuild",
             s->pipeline.acks, s->pipeline.needed);
    if (s->pipeline.acks > s->pipeline.pieces)
        fail(check, "pipeline.acks pipeline.pieces",
             "%" PRId64 " acknowledgements cannot come from %" PRId64 " pieces", s->pipeline.acks,
             s->pipeline.pieces);
    if (s->pipeline.pieces != s->pipeline.holders)
        fail(check, "pipeline.pieces pipeline.holders",
             "every holder gets one piece, but there are %" PRId64 " pieces and %" PRId64
             " holders",
             s->pipeline.pieces, s->pipeline.holders);
    if (s->pipeline.audit.share > 0 && s->pipeline.audit.deadline >= s->pipeline.hold_ttl)
        fail(check, "pipeline.audit.deadline pipeline.hold_ttl pipeline.audit.share",
             "no audit's answer (%s) would come within the hold (%s)",
             duration(check, s->pipeline.audit.deadline), duration(check, s->pipeline.hold_ttl));
    if (s->pipeline.holders > s->pipeline.candidates)
        fail(check, "pipeline.holders pipeline.candidates",
             "%" PRId64 " holders cannot be chosen from %" PRId64 " candidates",
             s->pipeline.holders, s->pipeline.candidates);
    int64_t nodes = scenario_node_count(s) - s->continent.committee;
    if (s->place_count > 0 && s->pipeline.holders >= nodes)
        fail(check, "pipeline.holders places",
             "%" PRId64 " holders need more nodes beside the sender; the cities have %" PRId64,
             s->pipeline.holders, nodes);
}

static void check_continent(const struct check *check) {
    const struct scenario *s = check->scenario;
    int64_t members = s->continent.committee;
    if (s->continent_acks > members)
        fail(check, "continent.acks continent.committee",
             "%" PRId64 " acknowledgements cannot come from %" PRId64 " representatives",
             s->continent_acks, members);
    if ((int64_t)s->continent_places.count > members)
        fail(check, "continent.places continent.committee",
             "%zu places for %" PRId64 " representatives: some would stay empty",
             s->continent_places.count, members);
}

static void check_overlay(const struct check *check) {
    const struct scenario *s = check->scenario;
    for (size_t i = 0; i < s->expectation_count; i++)
        if (s->overlay.use == OVERLAY_OFF && s->expectations[i].bound.metric->overlay)
            fail(check, path(check, "expect", i, ""),
                 "nothing is announced without an overlay; did you mean overlay.use: on?");
}

static void check_presence(const struct check *check) {
    const struct scenario *s = check->scenario;
    if (s->presence.timeout <= s->presence.heartbeat)
        fail(check, "presence.timeout presence.heartbeat",
             "a node that is heard every %s would be taken for gone after %s",
             duration(check, s->presence.heartbeat), duration(check, s->presence.timeout));
}

/* A member remembers what it ordered until it expires (tier/once.h); one city may get the whole load. */
static void check_memory(const struct check *check) {
    const struct scenario *s = check->scenario;
    const time_ns kept = s->pipeline.hold_ttl + 2 * ONCE_ERROR;
    const double seconds = (double)(kept < s->duration ? kept : s->duration) / NS_PER_S;
    const double records = (double)s->workload.rate / MILLION * seconds;
    const bool rated =
        s->workload.model == WORKLOAD_POISSON || s->workload.model == WORKLOAD_CONSTANT;
    if (rated && records > LIMIT_ORDERED)
        fail(
            check, "pipeline.hold_ttl workload.rate",
            "a city's members remember a record until it expires: %.0f at that rate, and %u is the "
            "limit",
            records, LIMIT_ORDERED);
}

static void check_workload(const struct check *check) {
    const struct scenario *s = check->scenario;
    int64_t nodes = scenario_node_count(s) - s->continent.committee;
    if (s->workload.model != WORKLOAD_TRACE && s->workload.trace != NULL)
        fail(check, "workload.trace", "a trace is only used with `model: trace`");
    if (s->workload.model != WORKLOAD_TRACE && s->workload.rate == RATE_AS_RECORDED)
        fail(check, "workload.rate workload.model",
             "only a trace was recorded; give a rate, such as 10/s, or model: trace");
    if (s->workload.cross_city > 0 && s->place_count < 2)
        fail(check, "workload.cross_city places",
             "transfers to another city need two cities; there is %zu", s->place_count);
    if (s->workload.model == WORKLOAD_CLOSED_LOOP && s->workload.clients > nodes)
        fail(check, "workload.clients places",
             "%" PRId64 " clients need as many nodes; the cities have %" PRId64,
             s->workload.clients, nodes);
}

static void check_clock(const struct check *check) {
    const struct scenario *s = check->scenario;
    if (s->clock.asymmetry > 0 && s->clock.sync != CLOCK_SYNC_PTP)
        fail(check, "clock.asymmetry", "only used with `sync: ptp`");
    /* The sine falls by 2 pi amplitude / period at most, and time rises by 1. */
    if (s->clock.amplitude > s->clock.period / 7)
        fail(check, "clock.periodic.amplitude clock.periodic.period",
             "a sine of %s in %s makes clocks run back: at most a seventh of the period",
             duration(check, s->clock.amplitude), duration(check, s->clock.period));
}

/* @at: the choice's path. A term stands in a list there, or alone. */
static void check_selection(const struct check *check, const struct node_selection *selection,
                            const char *at) {
    struct arena *arena = check->resolver->arena;
    for (size_t i = 0; i < selection->count; i++) {
        const struct node_selector *term = &selection->terms[i];
        int64_t count = selector_count(check->scenario, term);
        if (count == 0)
            fail(check, arena_format(arena, "%s.%zu.place %s.place %s.%zu", at, i, at, at, i),
                 "there is no such node here");
        else if (term->index_last >= count)
            fail(check, arena_format(arena, "%s.%zu.index %s.index", at, i, at),
                 "there are only %" PRId64 " such nodes, 0..%" PRId64, count, count - 1);
    }
}

static void check_sides(const struct check *check, const struct scenario_fault *fault,
                        size_t index) {
    char *list = path(check, "faults", index, "groups");
    size_t first, second, rests = 0;
    bool isolates = fault->isolate.count > 0;
    if (isolates == (fault->group_count > 0))
        fail(check, path(check, "faults", index, isolates ? "isolate" : "kind"),
             "a partition fault needs either 'groups' or 'isolate'");
    check_selection(check, &fault->isolate, path(check, "faults", index, "isolate"));
    for (size_t i = 0; i < fault->group_count; i++) {
        check_selection(check, &fault->groups[i], path(check, list, i, ""));
        rests += fault->groups[i].rest;
        if (fault->groups[i].rest && rests > 1)
            fail(check, path(check, list, i, ""), "only one side can be the rest");
    }
    if (fault->one_way == ONE_WAY && fault->group_count > 2)
        fail(check, path(check, "faults", index, "one_way"),
             "one way is from the first side to the second; there are %zu", fault->group_count);
    if (sides_overlap(check->scenario, fault, &first, &second))
        fail(check, path(check, list, second, ""),
             "this side shares nodes with side %zu; the sides must be disjoint", first);
}

/* Which keys a kind of fault needs (+), may have ( ) or must not have (-). */
#define FAULT_KEYS 11

static const char *const fault_keys[FAULT_KEYS] = {"until",   "nodes",  "from",   "to",
                                                   "rate",    "factor", "groups", "isolate",
                                                   "one_way", "ahead",  "behind"};

static const struct {
    const char *name;
    const char rules[FAULT_KEYS + 1];
} fault_rules[] = {
    [FAULT_CRASH] = {"crash", "-+---------"}, [FAULT_RESTART] = {"restart", "++---------"},
    [FAULT_LOSS] = {"loss", "    +------"},   [FAULT_PARTITION] = {"partition", " -----   --"},
    [FAULT_SLOW] = {"slow", " +---+-----"},   [FAULT_FORGET] = {"forget", " +--+------"},
    [FAULT_CLOCK] = {"clock", " +-------  "},
};

static void check_fault_key(const struct check *check, size_t index, const char *key, char rule) {
    bool given;
    const struct scenario_fault *fault = &check->scenario->faults[index];
    char *at = path(check, "faults", index, key);
    find_mark(check->root, at, &given);
    if (rule == '+' && !given)
        fail(check, path(check, "faults", index, "kind"), "a %s fault needs '%s'",
             fault_rules[fault->kind].name, key);
    else if (rule == '-' && given)
        fail(check, at, "a %s fault has no '%s'%s", fault_rules[fault->kind].name, key,
             fault->kind == FAULT_CRASH && strcmp(key, "until") == 0
                 ? "; did you mean kind: restart?"
                 : "");
}

static void check_fault_nodes(const struct check *check, const struct scenario_fault *fault,
                              size_t index) {
    bool either = fault->nodes.count > 0 && (fault->from.count > 0 || fault->to.count > 0);
    if (fault->kind == FAULT_LOSS && either)
        fail(check, path(check, "faults", index, "nodes"),
             "give either 'nodes' or 'from' and 'to'");
    check_selection(check, &fault->nodes, path(check, "faults", index, "nodes"));
    check_selection(check, &fault->from, path(check, "faults", index, "from"));
    check_selection(check, &fault->to, path(check, "faults", index, "to"));
}

static void check_fault(const struct check *check, size_t index) {
    const struct scenario *s = check->scenario;
    const struct scenario_fault *fault = &s->faults[index];
    for (size_t i = 0; i < FAULT_KEYS; i++)
        check_fault_key(check, index, fault_keys[i], fault_rules[fault->kind].rules[i]);
    if (fault->kind == FAULT_CLOCK && (fault->ahead == UNSET) == (fault->behind == UNSET))
        fail(check, path(check, "faults", index, "kind"),
             "a clock fault needs either 'ahead' or 'behind'");
    if (fault->until != UNSET && fault->until <= fault->at)
        fail(check, path(check, "faults", index, "until"), "it ends (%s) before it starts (%s)",
             duration(check, fault->until), duration(check, fault->at));
    if (fault->at > s->duration + s->drain)
        fail(check, path(check, "faults", index, "at"), "it starts (%s) after the run's end (%s)",
             duration(check, fault->at), duration(check, s->duration + s->drain));
    check_fault_nodes(check, fault, index);
    if (fault->kind == FAULT_PARTITION)
        check_sides(check, fault, index);
}

static void check_members(const struct check *check, const char *tier_name,
                          const struct scenario_tier *tier) {
    const struct consensus_ops *ops = consensus_find(tier->consensus);
    if (ops->members_max > 0 && tier->committee > ops->members_max)
        fail(
            check,
            arena_format(check->resolver->arena, "%s.committee %s.consensus", tier_name, tier_name),
            "'%s' takes at most %" PRIu32 " members, not %" PRId64, ops->name, ops->members_max,
            tier->committee);
}

static void check_leaders(const struct check *check, const char *tier_name,
                          const struct scenario_tier *tier) {
    const struct consensus_ops *ops = consensus_find(tier->consensus);
    char *at =
        arena_format(check->resolver->arena, "%s.leaders %s.consensus", tier_name, tier_name);
    char list[64] = "";
    if (consensus_follows(ops, leaders_find(tier->leaders)))
        return;
    if (ops->leaders[0] == LEADERS_OWN) {
        fail(check, at, "'%s' has no leader: leave the key out", ops->name);
        return;
    }
    for (size_t i = 0, used = 0; ops->leaders[i] != LEADERS_OWN; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? " or " : "",
                                 leaders_name(ops->leaders[i]));
    fail(check, at, "'%s' has no '%s' leaders; use %s", ops->name, tier->leaders, list);
}

static void check_certificates(const struct check *check, const char *tier_name,
                               const struct scenario_tier *tier) {
    const char *suite = check->scenario->crypto.suite;
    const struct certificate_scheme *scheme = certificate_scheme_find(tier->certificates);
    if (scheme->suite != NULL && strcmp(scheme->suite, suite) != 0)
        fail(check, arena_format(check->resolver->arena, "%s.certificates crypto.suite", tier_name),
             "'%s' certificates need another suite than '%s'; did you mean crypto.suite: %s?",
             scheme->name, suite, scheme->suite);
    const struct consensus_ops *consensus = consensus_find(tier->consensus);
    if (!consensus_supports(consensus, scheme))
        fail(check,
             arena_format(check->resolver->arena, "%s.certificates %s.consensus", tier_name,
                          tier_name),
             "'%s' has no place for the signing round of '%s' certificates; did you mean "
             "%s.consensus: hotstuff?",
             consensus->name, scheme->name, tier_name);
}

/* A record has a promise of each holder, and stands in a batch as a whole. */
static void check_record(const struct check *check) {
    const struct scenario *s = check->scenario;
    const struct suite *suite = suite_find(s->crypto.suite, s->crypto.provider);
    const struct consensus_ops *ops = consensus_find(s->city.consensus);
    struct tx_record record = {.promise_count = (uint8_t)s->pipeline.holders};
    if (suite == NULL)
        return;
    size_t bytes = mempool_batch_bytes(tx_record_bytes(&record, suite->signature_bytes));
    size_t limit = consensus_batch_limit(ops, (uint32_t)s->city.committee);
    if (bytes > limit)
        fail(check, "pipeline.holders city.committee crypto.suite city.consensus",
             "a record with the promises of %" PRId64
             " holders has %zu bytes as '%s' signs; '%s' of %" PRId64 " orders at most %zu at once",
             s->pipeline.holders, bytes, s->crypto.suite, ops->name, s->city.committee, limit);
}

static void check_crypto(const struct check *check) {
    const struct scenario *s = check->scenario;
    if (suite_find(s->crypto.suite, s->crypto.provider) == NULL)
        fail(check, "crypto.provider crypto.suite",
             "'%s' exists only modelled; did you mean crypto.provider: modelled?", s->crypto.suite);
    check_certificates(check, "city", &s->city);
    check_certificates(check, "continent", &s->continent);
}

void check_scenario(struct resolver *resolver, const struct tree_node *root) {
    const struct check check = {resolver, resolver->scenario, root};
    check_time(&check);
    check_places(&check);
    check_continent(&check);
    check_pipeline(&check);
    check_overlay(&check);
    check_workload(&check);
    check_memory(&check);
    check_presence(&check);
    check_members(&check, "city", &check.scenario->city);
    check_members(&check, "continent", &check.scenario->continent);
    check_leaders(&check, "city", &check.scenario->city);
    check_leaders(&check, "continent", &check.scenario->continent);
    check_crypto(&check);
    check_record(&check);
    check_clock(&check);
    for (size_t i = 0; i < check.scenario->fault_count; i++)
        check_fault(&check, i);
    check_models(resolver, root);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client above each member: transactions are numbers. And the one
 * log that all members' decisions must be prefixes of. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/assembly/inside.h"

static uint64_t number_at(struct batch batch, size_t index) {
    struct reader reader;
    reader_init(&reader, batch.bytes + index * NUMBER_BYTES, NUMBER_BYTES);
    return read_u64(&reader);
}

static bool client_pending(void *context) {
    const struct member *member = context;
    return member->waiting > 0;
}

static uint64_t client_oldest(void *context) {
    struct member *member = context;
    while (member->oldest < member->known &&
           (member->transactions[member->arrivals[member->oldest]] & CLIENT_DECIDED) != 0)
        member->oldest++;
    return member->oldest == member->known ? 0 : member->oldest + 1;
}

void assembly_client_hear(struct member *member, uint64_t last, uint64_t count) {
    for (uint64_t number = last - count + 1; number <= last; number++) {
        uint8_t *transaction = &member->transactions[number];
        if ((*transaction & CLIENT_KNOWN) != 0)
            continue;
        *transaction |= CLIENT_KNOWN;
        member->arrivals[member->known++] = number;
        member->waiting += (*transaction & CLIENT_DECIDED) == 0;
        if (number > member->highest)
            member->highest = number;
    }
}

void assembly_client_forget(struct member *member) {
    memset(member->transactions, 0, member->assembly->config.transactions);
    member->known = member->waiting = member->oldest = member->highest = member->height = 0;
}

/* Whether an ancestor's batch holds the number. */
static bool is_held(const struct batch *ancestors, size_t count, uint64_t number) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < ancestors[i].size / NUMBER_BYTES; j++)
            if (number_at(ancestors[i], j) == number)
                return true;
    return false;
}

/* In order of numbers, so that members agree on what comes first. */
static struct frame *client_next_batch(void *context, const struct batch *ancestors, size_t count,
                                       struct part part) {
    const struct member *member = context;
    const node_id self = member->process.env.self;
    const bool censors = self < 64 && (member->assembly->config.censors >> self & 1) != 0;
    uint64_t chosen[256];
    size_t taken = 0, room = size_min(member->assembly->config.batch, ARRAY_LEN(chosen));
    room = size_min(room, part.limit / NUMBER_BYTES);
    if (member->waiting == 0)
        return NULL;
    for (uint64_t number = 1; number <= member->highest && taken < room; number++)
        if (member->transactions[number] == CLIENT_KNOWN && number % part.count == part.index &&
            !(censors && number % 2 == 0) && !is_held(ancestors, count, number))
            chosen[taken++] = number;
    if (taken == 0)
        return NULL;
    struct frame *frame = frame_new(taken * NUMBER_BYTES);
    struct writer writer;
    writer_init(&writer, frame->bytes, frame->size);
    for (size_t i = 0; i < taken; i++)
        write_u64(&writer, chosen[i]);
    return frame;
}

static bool client_valid(void *context, struct batch batch, struct part part) {
    const struct member *member = context;
    size_t count = batch.size / NUMBER_BYTES;
    if (count == 0 || count > member->assembly->config.batch || batch.size % NUMBER_BYTES != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = number_at(batch, i);
        if (number == 0 || number > member->assembly->submitted ||
            (member->transactions[number] & CLIENT_DECIDED) != 0 ||
            number % part.count != part.index)
            return false;
        for (size_t j = 0; j < i; j++)
            if (number_at(batch, j) == number)
                return false;
    }
    return true;
}

/* A hostile leader may propose what is in flight already, or was: who stands above orders it once
 * (tier/once.h). Correct leaders never make it come twice. */
static bool may_repeat(const struct assembly *assembly, uint64_t number, node_id proposer) {
    return assembly_is_faulty(assembly, proposer) ||
           assembly_is_faulty(assembly, assembly->in_log[number] - 1);
}

static void append(struct assembly *assembly, node_id node, const struct decision *decision) {
    assembly->log = realloc(assembly->log, (assembly->log_height + 1) * sizeof *assembly->log);
    if (assembly->log == NULL)
        abort();
    struct entry *entry = &assembly->log[assembly->log_height++];
    *entry = (struct entry){decision->block, decision->view, decision->proposer,
                            memory_new(decision->batch.size, 1), decision->batch.size};
    memcpy(entry->bytes, decision->batch.bytes, decision->batch.size);
    for (size_t i = 0; i < decision->batch.size / NUMBER_BYTES; i++) {
        uint64_t number = number_at(decision->batch, i);
        const bool submitted = number > 0 && number <= assembly->submitted;
        const bool again = submitted && assembly->in_log[number] != 0;
        if (!submitted || (again && !may_repeat(assembly, number, decision->proposer)))
            assembly_violate(assembly, RULE_VALIDITY, node, decision->height, number);
        if (!submitted || again)
            continue;
        assembly->in_log[number] = 1 + decision->proposer;
        assembly->log_transactions++;
    }
}

static void check_height(struct member *member, const struct decision *decision) {
    const struct assembly *assembly = member->assembly;
    bool follows = decision->height == member->height + 1;
    bool repeats = member->new_life && decision->height <= member->height;
    /* Again is only what an earlier life reported: the client's height is as durable as that. */
    if (decision->again && decision->height > member->reported)
        assembly_violate(member->assembly, RULE_HEIGHTS, member->station, decision->height,
                         member->reported);
    if (decision->height > member->reported)
        member->reported = decision->height;
    member->repeated += decision->again;
    if (decision->height == 0 || (!follows && !repeats))
        assembly_violate(member->assembly, RULE_HEIGHTS, member->station, decision->height,
                         member->height);
    if (decision->height > assembly->log_height + 1)
        assembly_violate(member->assembly, RULE_HEIGHTS, member->station, decision->height,
                         assembly->log_height);
    member->new_life = false;
    member->height = decision->height;
}

/* Against the one log, which the first member to come so far goes on with. */
static void check_decision(struct member *member, const struct decision *decision) {
    struct assembly *assembly = member->assembly;
    const node_id node = member->station;
    if (decision->batch.size == 0)
        assembly_violate(assembly, RULE_VALIDITY, node, decision->height, 0);
    if (decision->height == assembly->log_height + 1)
        append(assembly, node, decision);
    if (decision->height >= 1 && decision->height <= assembly->log_height) {
        const struct entry *entry = &assembly->log[decision->height - 1];
        if (memcmp(&entry->block, &decision->block, sizeof entry->block) != 0 ||
            entry->view != decision->view || entry->proposer != decision->proposer ||
            entry->size != decision->batch.size ||
            memcmp(entry->bytes, decision->batch.bytes, entry->size) != 0)
            assembly_violate(assembly, RULE_AGREEMENT, node, decision->height, decision->view);
    }
}

static void client_decide(void *context, const struct decision *decision) {
    struct member *member = context;
    check_height(member, decision);
    if (!assembly_is_faulty(member->assembly, member->station))
        check_decision(member, decision);
    for (size_t i = 0; i < decision->batch.size / NUMBER_BYTES; i++) {
        uint64_t number = number_at(decision->batch, i) % member->assembly->config.transactions;
        uint8_t *transaction = &member->transactions[number];
        member->waiting -= *transaction == CLIENT_KNOWN;
        *transaction |= CLIENT_DECIDED;
    }
}

struct consensus_client assembly_client(struct member *member) {
    return (struct consensus_client){client_pending, client_oldest, client_next_batch,
                                     client_valid,   client_decide, member};
}

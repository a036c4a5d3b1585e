/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The client above each member: transactions are numbers, all up to a highest are known. And the one
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
    return member->decided_count < member->known;
}

static uint64_t client_oldest(void *context) {
    struct member *member = context;
    while (member->oldest < member->known && member->decided[member->oldest + 1])
        member->oldest++;
    return member->oldest == member->known ? 0 : member->oldest + 1;
}

static struct frame *client_next_batch(void *context, const struct batch *ancestors, size_t count,
                                       struct part part) {
    const struct member *member = context;
    bool *held = memory_new(ASSEMBLY_TRANSACTIONS, 1);
    uint64_t chosen[256];
    size_t taken = 0, room = size_min(member->assembly->config.batch, ARRAY_LEN(chosen));
    room = size_min(room, part.limit / NUMBER_BYTES);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < ancestors[i].size / NUMBER_BYTES; j++)
            held[number_at(ancestors[i], j) % ASSEMBLY_TRANSACTIONS] = true;
    const bool censors = member->process.env.self < 64 &&
                         (member->assembly->config.censors >> member->process.env.self & 1) != 0;
    for (uint64_t number = 1; number <= member->known && taken < room; number++)
        if (!member->decided[number] && !held[number] && number % part.count == part.index &&
            !(censors && number % 2 == 0))
            chosen[taken++] = number;
    free(held);
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
        if (number == 0 || number > member->assembly->submitted || member->decided[number] ||
            number % part.count != part.index)
            return false;
        for (size_t j = 0; j < i; j++)
            if (number_at(batch, j) == number)
                return false;
    }
    return true;
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
        if (number == 0 || number > assembly->submitted || assembly->in_log[number])
            assembly_violate(assembly, "validity", node, decision->height, number);
        else
            assembly->in_log[number] = true;
        assembly->log_transactions++;
    }
}

static void check_height(struct member *member, const struct decision *decision) {
    const struct assembly *assembly = member->assembly;
    bool follows = decision->height == member->height + 1;
    bool repeats = member->new_life && decision->height <= member->height;
    /* Again is only what an earlier life reported: the client's height is as durable as that. */
    if (decision->again && decision->height > member->reported)
        assembly_violate(member->assembly, "heights", member->process.env.self, decision->height,
                         member->reported);
    if (decision->height > member->reported)
        member->reported = decision->height;
    member->repeated += decision->again;
    if (decision->height == 0 || (!follows && !repeats))
        assembly_violate(member->assembly, "heights", member->process.env.self, decision->height,
                         member->height);
    if (decision->height > assembly->log_height + 1)
        assembly_violate(member->assembly, "heights", member->process.env.self, decision->height,
                         assembly->log_height);
    member->new_life = false;
    member->height = decision->height;
}

static void client_decide(void *context, const struct decision *decision) {
    struct member *member = context;
    struct assembly *assembly = member->assembly;
    node_id node = member->process.env.self;
    check_height(member, decision);
    if (decision->batch.size == 0)
        assembly_violate(assembly, "validity", node, decision->height, 0);
    if (decision->height == assembly->log_height + 1)
        append(assembly, node, decision);
    if (decision->height >= 1 && decision->height <= assembly->log_height) {
        const struct entry *entry = &assembly->log[decision->height - 1];
        if (memcmp(&entry->block, &decision->block, sizeof entry->block) != 0 ||
            entry->view != decision->view || entry->proposer != decision->proposer ||
            entry->size != decision->batch.size ||
            memcmp(entry->bytes, decision->batch.bytes, entry->size) != 0)
            assembly_violate(assembly, "agreement", node, decision->height, decision->view);
    }
    for (size_t i = 0; i < decision->batch.size / NUMBER_BYTES; i++) {
        uint64_t number = number_at(decision->batch, i) % ASSEMBLY_TRANSACTIONS;
        if (!member->decided[number]) {
            member->decided[number] = true;
            member->decided_count++;
        }
    }
}

struct consensus_client assembly_client(struct member *member) {
    return (struct consensus_client){client_pending, client_oldest, client_next_batch,
                                     client_valid,   client_decide, member};
}

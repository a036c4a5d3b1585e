/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "One vote" as frames tell it: what an honest member says in messages of a type about one position, it
 * never says otherwise, restarts or not. Not all of it leaves a trace record. */
#include "base/rng.h"
#include "sim/assembly/inside.h"

/* Bytes of the body that name the position, and those that are what is said about it. */
struct saying {
    uint16_t type;
    uint8_t position;
    uint8_t from, to; /* 0: to the end, but for the signature */
};

static const struct saying sayings[] = {
    {MESSAGE_HOTSTUFF_VOTE, 8, 8, 40},     /* view: block */
    {MESSAGE_HOTSTUFF_PROPOSAL, 8, 8, 52}, /* view: parent's view, parent, payload's size */
    {MESSAGE_PBFT_PRE_PREPARE, 16, 16, 0}, /* view, sequence: value */
    {MESSAGE_PBFT_PREPARE, 16, 16, 48},    /* view, sequence: digest */
    {MESSAGE_PBFT_COMMIT, 16, 16, 48},     /* likewise */
    {MESSAGE_PBFT_CHECKPOINT, 16, 16, 48}, /* 0, sequence: digest */
    {MESSAGE_BROADCAST_READY, 8, 8, 40},   /* instance: commitment */
    {MESSAGE_ABBA_AUX, 10, 10, 11},        /* instance, round: set */
    {MESSAGE_ABBA_CONF, 10, 10, 11},       /* likewise */
    {MESSAGE_ABBA_TERM, 8, 10, 11},        /* instance: set */
};

static uint64_t hash_of(const uint8_t *bytes, size_t size) {
    uint64_t hash = size;
    for (size_t i = 0; i < size; i++)
        hash = hash_combine(hash, bytes[i]);
    return hash;
}

void assembly_check_said(struct assembly *assembly, node_id station,
                         const struct message *message) {
    for (size_t i = 0; i < ARRAY_LEN(sayings); i++) {
        const struct saying *saying = &sayings[i];
        size_t to = saying->to;
        if (saying->type != message->type)
            continue;
        if (to == 0 && message->size > assembly->certification.signature_bytes)
            to = message->size - assembly->certification.signature_bytes;
        if (to > message->size || to < saying->from)
            return;
        const struct trace_record record = {
            .node = station,
            .a = hash_of(message->body, saying->position),
            .b = hash_of(message->body + saying->from, to - saying->from),
        };
        assembly_check_position(assembly, RULE_ONE_VOTE, (uint64_t)(i + 1) << 32 | (station + 1),
                                &record);
        return;
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HotStuff's lock from outside. The tree of blocks is put together from proposals and answers as they
 * travel; each is named as traces name it. A vote's block must extend the block that its voter is locked
 * on, or its parent must be of a later view than that (Algorithm 3, safeNode). The other variants' votes
 * name nothing in the tree, and pass. */
#include <stdlib.h>

#include "base/memory.h"
#include "consensus/hotstuff/messages.h"
#include "sim/assembly/inside.h"

static struct known_block *find(struct assembly *assembly, uint64_t block) {
    struct known_block *found;
    HASH_FIND(hh, assembly->blocks, &block, sizeof block, found);
    return found;
}

static void note(struct assembly *assembly, const struct block_content *content) {
    struct digest id;
    block_content_id(&assembly->checker, ASSEMBLY_CHANNEL, content, &id);
    assembly->checker.out.count = 0; /* what it charged */
    const uint64_t block = trace_digest(&id);
    if (find(assembly, block) != NULL)
        return;
    struct known_block *known = memory_new(1, sizeof *known);
    *known = (struct known_block){.block = block,
                                  .parent = trace_digest(&content->parent),
                                  .view = content->view,
                                  .parent_view = content->parent_view};
    HASH_ADD(hh, assembly->blocks, block, sizeof known->block, known);
}

void assembly_note_blocks(struct assembly *assembly, const struct message *message) {
    struct proposal proposal;
    struct blocks blocks;
    if (message->type == MESSAGE_HOTSTUFF_PROPOSAL) {
        if (proposal_decode(&proposal, &assembly->certification, message) == OK)
            note(assembly, &proposal.block);
    } else if (message->type == MESSAGE_HOTSTUFF_BLOCKS) {
        if (blocks_decode(&blocks, &assembly->certification, message) == OK)
            for (uint32_t i = 0; i < blocks.count; i++)
                note(assembly, &blocks.list[i]);
    }
}

/* Whether @block descends from the lock, as far as the tree is known: what is not known is believed. */
static bool extends(struct assembly *assembly, const struct known_block *block,
                    const struct lock *lock) {
    while (block != NULL && block->parent != lock->block) {
        if (block->parent_view <= lock->view)
            return false;
        block = find(assembly, block->parent);
    }
    return true;
}

void assembly_check_lock(struct assembly *assembly, struct member *member, uint64_t block) {
    const struct known_block *known = find(assembly, block);
    if (known == NULL || known->parent_view > member->lock.view ||
        extends(assembly, known, &member->lock))
        return;
    assembly_violate(assembly, RULE_LOCK, member->station, known->view, member->lock.view);
}

void assembly_locks_deinit(struct assembly *assembly) {
    struct known_block *block, *next;
    HASH_ITER(hh, assembly->blocks, block, next) {
        HASH_DEL(assembly->blocks, block);
        free(block);
    }
}

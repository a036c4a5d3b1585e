/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: read three ways, as a challenge, as an answer, and as patches of three bytes (position,
 * little endian, and value) to a genuine answer. A challenge that decodes must encode to the same
 * bytes, and only the genuine answer may pass. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "hold/audit.h"

#define BLOCKS 11
#define PIECE  (BLOCKS * AUDIT_BLOCK_BYTES - 9)
#define COUNT  4
#define ROOM   (DIGEST_BYTES + COUNT * (AUDIT_BLOCK_BYTES + 4 * DIGEST_BYTES))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An open audit of a piece of zeros, and its answer. */
static size_t make_audit(struct audit *audit, uint8_t answer[ROOM]) {
    static const uint8_t piece[PIECE], output[VRF_OUTPUT_SIZE];
    struct digest nodes[2 * BLOCKS + 64];
    struct merkle_tree tree;
    struct writer writer;
    audit_leaves(piece, PIECE, nodes);
    merkle_tree_init(&tree, nodes, BLOCKS);
    *audit = (struct audit){
        .challenge = {.root = *merkle_tree_root(&tree), .size = PIECE, .count = COUNT}};
    audit_draw_blocks(output, PIECE, COUNT, &audit->draw);
    writer_init(&writer, answer, ROOM);
    audit_response_write(&writer, &audit->challenge, &audit->draw, &tree, piece);
    if (writer.error != OK)
        abort();
    return writer.at;
}

static void check_challenge(const uint8_t *data, size_t size) {
    struct audit_challenge challenge;
    struct reader reader;
    struct writer writer;
    uint8_t bytes[AUDIT_CHALLENGE_BYTES];
    const uint8_t output[VRF_OUTPUT_SIZE] = {1};
    struct audit_draw draw;
    reader_init(&reader, data, size);
    audit_challenge_read(&reader, &challenge);
    if (reader_finish(&reader) != OK)
        return;
    writer_init(&writer, bytes, sizeof bytes);
    audit_challenge_write(&writer, &challenge);
    if (writer.error != OK || writer.at != size || memcmp(bytes, data, size) != 0)
        abort();
    audit_draw_blocks(output, challenge.size, challenge.count, &draw);
    for (size_t i = 0; i < draw.count; i++)
        if (draw.blocks[i] >= audit_block_count(challenge.size))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t genuine[ROOM], patched[ROOM];
    struct audit audit;
    if (sodium_init() < 0)
        return 0;
    const size_t bytes = make_audit(&audit, genuine);
    check_challenge(data, size);
    bool same = size == bytes && memcmp(data, genuine, bytes) == 0;
    if ((audit_judge(&audit, 0, data, size) == OK) != same)
        abort();
    audit.answered = false;
    memcpy(patched, genuine, bytes);
    for (size_t at = 0; at + 3 <= size; at += 3)
        patched[(data[at] | data[at + 1] << 8) % bytes] = data[at + 2];
    same = memcmp(patched, genuine, bytes) == 0;
    if ((audit_judge(&audit, 0, patched, bytes) == OK) != same)
        abort();
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "select/sortition.h"

_Static_assert(VRF_OUTPUT_SIZE == SORTITION_OUTPUT_BYTES, "outputs decide seats");

static const char domain[] = "tierchain draw";

void draw_input(const struct digest *seed, enum draw_role role, uint16_t channel,
                uint8_t out[DRAW_INPUT_BYTES]) {
    struct writer writer;
    memset(out, 0, DRAW_INPUT_BYTES);
    writer_init(&writer, out, DRAW_INPUT_BYTES);
    write_bytes(&writer, domain, sizeof domain);
    write_digest(&writer, seed);
    write_u8(&writer, (uint8_t)role);
    write_u16(&writer, channel);
}

int draw_output(const struct suite *suite, const uint8_t public_key[VRF_KEY_SIZE],
                const uint8_t input[DRAW_INPUT_BYTES], const uint8_t proof[VRF_PROOF_SIZE],
                uint8_t output[VRF_OUTPUT_SIZE]) {
    uint8_t proven[VRF_OUTPUT_SIZE];
    if (!suite->vrf_verify(public_key, input, DRAW_INPUT_BYTES, proof, proven))
        return ERR_PROOF;
    memcpy(output, proven, sizeof proven);
    return OK;
}

static int by_output(const void *left, const void *right) {
    const struct draw_ticket *a = left, *b = right;
    int order = memcmp(a->output, b->output, sizeof a->output);
    if (order != 0)
        return order;
    return a->delegate < b->delegate ? -1 : a->delegate > b->delegate;
}

static int by_seats(const void *left, const void *right) {
    const struct draw_ticket *a = left, *b = right;
    if (a->seats != b->seats)
        return a->seats > b->seats ? -1 : 1;
    return by_output(left, right);
}

int draw_committee(struct draw_ticket *tickets, size_t count, size_t size) {
    uint64_t total = 0;
    if (count < size)
        return ERR_NOT_ENOUGH;
    for (size_t i = 0; i < count; i++) {
        if (tickets[i].stake > UINT64_MAX - total)
            return ERR_LIMIT;
        total += tickets[i].stake;
    }
    for (size_t i = 0; i < count; i++) {
        struct draw_ticket *ticket = &tickets[i];
        int error = sortition_seats(ticket->output, ticket->stake, total, size, &ticket->seats);
        if (error != OK)
            return error;
    }
    qsort(tickets, count, sizeof *tickets, by_seats);
    qsort(tickets, size, sizeof *tickets, by_output);
    return OK;
}

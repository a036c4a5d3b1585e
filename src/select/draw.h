/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The draw of a committee among delegates by verifiable sortition: each delegate proves its VRF
 * output over (epoch seed, role, channel), and the output says how many seats its stake wins
 * (sortition.h). The seed must be fixed after the keys were registered: then nobody can try keys
 * until one wins, and a proof under any other key is refused. The output is unique for a key and
 * an input, so there is no second throw either.
 *
 * A committee here has a fixed size and one vote a member, so seats only rank: the members are the
 * delegates with the most seats, of equal ones those with the lowest outputs; they take their
 * places (and lead) in the order of their outputs. */
#ifndef TIERCHAIN_SELECT_DRAW_H
#define TIERCHAIN_SELECT_DRAW_H

#include "crypto/suite.h"

#define DRAW_INPUT_BYTES 64

enum draw_role { DRAW_MEMBER = 1 };

struct draw_ticket {
    uint32_t delegate; /* distinct */
    uint64_t stake;
    uint64_t seats; /* filled by draw_committee */
    uint8_t output[VRF_OUTPUT_SIZE];
};

/* The VRF input: a domain's name, the seed, the role and the channel, then zeros. */
void draw_input(const struct digest *seed, enum draw_role role, uint16_t channel,
                uint8_t out[DRAW_INPUT_BYTES]);

/* Checks a proof under the delegate's registered @public_key and fills in its output.
 * 0 or ERR_PROOF; @output is written only on success. */
int draw_output(const struct suite *suite, const uint8_t public_key[VRF_KEY_SIZE],
                const uint8_t input[DRAW_INPUT_BYTES], const uint8_t proof[VRF_PROOF_SIZE],
                uint8_t output[VRF_OUTPUT_SIZE]);

/* Sorts the tickets so that the first @size are the committee in its order. 0; ERR_NOT_ENOUGH for
 * fewer tickets than seats; ERR_INVALID unless all stake together exceeds @size; ERR_LIMIT as of
 * sortition_seats, and for more stake than 64 bits hold. */
int draw_committee(struct draw_ticket *tickets, size_t count, size_t size);

#endif

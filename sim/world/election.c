/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a city's committee comes about: its users vote, weighted by stake, for delegates (DPoS), and
 * a verifiable draw among the delegates picks the committee. Votes are cast and proofs are checked
 * while the world is built: an epoch's outcome stands before the run begins.
 *
 * Voters have no opinions: each approves APPROVALS users, drawn uniformly. Stakes are equal, or
 * follow a Pareto law whose exponent gives a fifth of the people four fifths of the whole. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "select/draw.h"
#include "select/election.h"
#include "sim/world/internal.h"

#define APPROVALS       8
#define STAKE_LEAST     1000.0
#define STAKE_MOST      1e9
#define PARETO_EXPONENT 1.160964 /* log 5 / log 4 */

_Static_assert(APPROVALS <= ELECTION_APPROVALS, "a valid ballot");

static uint64_t stake_of(const struct world *world, node_id node) {
    struct rng rng;
    if (world->scenario->stake == STAKE_EQUAL)
        return (uint64_t)STAKE_LEAST;
    rng_init(&rng, world->seed, node, "stake");
    double uniform = ((double)(rng_next(&rng) >> 11) + 0.5) * 0x1p-53;
    return (uint64_t)fmin(STAKE_LEAST * pow(uniform, -1 / PARETO_EXPONENT), STAKE_MOST);
}

/* Distinct candidates for one ballot. Returns how many: all, where there are no more. */
static size_t approve(struct rng *rng, uint32_t candidates, uint32_t approved[APPROVALS]) {
    size_t count = 0;
    while (count < size_min(APPROVALS, candidates)) {
        uint32_t candidate = (uint32_t)rng_below(rng, candidates);
        size_t i = 0;
        while (i < count && approved[i] != candidate)
            i++;
        if (i == count)
            approved[count++] = candidate;
    }
    return count;
}

/* The delegates' positions among the city's users. */
static size_t elect(const struct world *world, uint32_t place, uint32_t *delegates, size_t seats) {
    uint32_t users = world->places[place].users;
    struct election election;
    uint64_t *votes = memory_new(users, sizeof *votes);
    bool *voted = memory_new(users, sizeof *voted);
    election_init(&election, votes, users, voted, users);
    for (uint32_t voter = 0; voter < users; voter++) {
        node_id node = world_user(world, place, voter);
        uint32_t approved[APPROVALS];
        struct rng rng;
        rng_init(&rng, world->seed, node, "vote");
        size_t count = approve(&rng, users, approved);
        if (election_vote(&election, voter, stake_of(world, node), approved, count) != OK)
            abort(); /* made here, so valid */
    }
    size_t count = election_delegates(&election, delegates, seats);
    free(votes);
    free(voted);
    return count;
}

/* The delegate's proof, and what everybody makes of it. */
static int take_ticket(const struct world *world, const uint8_t input[DRAW_INPUT_BYTES],
                       node_id node, struct draw_ticket *ticket) {
    const struct key_directory *directory = &world->directory;
    const uint8_t *public_key = directory->vrf_keys + (size_t)node * VRF_KEY_SIZE;
    uint8_t proof[VRF_PROOF_SIZE], output[VRF_OUTPUT_SIZE];
    struct identity identity;
    identity_init(&identity, directory, node);
    directory->suite->vrf_prove(identity.vrf_seed, public_key, input, DRAW_INPUT_BYTES, proof,
                                output);
    identity_deinit(&identity);
    *ticket = (struct draw_ticket){.delegate = node, .stake = stake_of(world, node)};
    return draw_output(directory->suite, public_key, input, proof, ticket->output);
}

static int draw(const struct world *world, uint32_t place, uint16_t channel,
                const uint32_t *delegates, size_t count, size_t size, node_id *members) {
    struct draw_ticket *tickets = memory_new(count, sizeof *tickets);
    struct digest seed;
    struct rng rng;
    uint8_t input[DRAW_INPUT_BYTES];
    int error = OK;
    rng_init(&rng, world->seed, 0, "epoch");
    rng_fill(&rng, seed.bytes, sizeof seed.bytes);
    draw_input(&seed, DRAW_MEMBER, channel, input);
    for (size_t i = 0; i < count && error == OK; i++)
        error = take_ticket(world, input, world_user(world, place, delegates[i]), &tickets[i]);
    if (error == OK)
        error = draw_committee(tickets, count, size);
    for (size_t i = 0; i < size && error == OK; i++)
        members[i] = tickets[i].delegate;
    free(tickets);
    return error;
}

int world_elect(const struct world *world, uint32_t place, uint16_t channel, node_id *members) {
    const struct scenario *scenario = world->scenario;
    size_t size = (size_t)scenario->city.committee;
    size_t seats = scenario->city_delegates != UNSET ? (size_t)scenario->city_delegates : 4 * size;
    seats = size_min(seats, world->places[place].users);
    uint32_t *delegates = memory_new(seats, sizeof *delegates);
    size_t count = elect(world, place, delegates, seats);
    int error = draw(world, place, channel, delegates, count, size, members);
    free(delegates);
    if (error != OK)
        fprintf(stderr, "tierchain: the committee of '%s': %s\n", world->places[place].id,
                error_text(error));
    return error;
}

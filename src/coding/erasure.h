/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Systematic Reed–Solomon coding over GF(2^8) (polynomial 0x11d) on ISA-L: any k of n pieces give
 * the message back. Cauchy matrices only: every square submatrix of one is invertible, which is not
 * true of ISA-L's Vandermonde matrices (the first failures are at k = 4 of n = 26, 5 of 11, 8 of
 * 13).
 *
 * The pieces of a message lie one behind the other in one buffer: the message itself is the first
 * k of them, so that encoding copies nothing. The message's size travels beside the pieces. */
#ifndef TIERCHAIN_CODING_ERASURE_H
#define TIERCHAIN_CODING_ERASURE_H

#include "base/limits.h"
#include "base/types.h"

/* A set of pieces; bit i % 64 of word i / 64 stands for piece i. */
struct erasure_set {
    uint64_t words[4];
};

/* The tables that rebuild the missing data pieces from one set of k survivors. */
struct erasure_decoder {
    struct erasure_set survivors;
    uint64_t used;   /* when last, in decodes; 0: never, the slot is free */
    uint8_t *tables; /* 32 bytes for each missing piece and survivor */
};

struct erasure_code {
    unsigned k;
    unsigned n;
    uint8_t *matrix; /* n rows of k: the identity, then the parity rows */
    uint8_t *tables; /* ISA-L's form of the parity rows */
    uint8_t *scratch;
    struct erasure_decoder *decoders; /* a cache; the least recently used one is replaced */
    size_t decoder_count;
    uint64_t decodes;  /* that needed a decoder */
    uint64_t computed; /* decoders computed; the others came from the cache */
};

/* One piece that arrived. */
struct erasure_piece {
    unsigned index;
    const uint8_t *bytes;
};

/* Prepares k-of-n coding with a cache of @decoders >= 1 decoders, each of at most
 * 32 * k * min(k, n - k) bytes; all memory is allocated here. 0; ERR_INVALID unless
 * 1 <= k <= n <= LIMIT_PIECES and @decoders >= 1; ERR_NO_MEMORY. */
int erasure_code_init(struct erasure_code *code, unsigned k, unsigned n, size_t decoders);
void erasure_code_deinit(struct erasure_code *code);

/* The bytes of each piece of a message of @size bytes: size / k, rounded up. */
size_t erasure_piece_size(unsigned k, size_t size);

/* Codes the message that the first @size bytes of @pieces hold: clears the padding up to k pieces
 * and writes the n - k parity pieces behind. @pieces has room for n * erasure_piece_size(k, @size)
 * bytes. 0, or ERR_LIMIT for a piece above INT_MAX bytes. */
int erasure_encode(const struct erasure_code *code, uint8_t *pieces, size_t size);

/* Recovers the k data pieces into @out (k * @piece_size bytes) from @count pieces, of which those
 * with the k lowest indexes are used. A piece that already lies at its place in @out is not copied;
 * other overlaps are not allowed. Whether pieces are genuine is not checked. 0; ERR_INVALID for an
 * index >= n; ERR_DUPLICATE for an index given twice; ERR_NOT_ENOUGH; ERR_LIMIT as above. @out is
 * touched only on success. */
int erasure_decode(struct erasure_code *code, const struct erasure_piece *pieces, size_t count,
                   size_t piece_size, uint8_t *out);

/* The coefficients that rebuild the missing data pieces, in order, from the k @survivors, taken in
 * order: one row of k for each missing piece, at most min(k, n - k) of them. Returns the number of
 * rows. */
size_t erasure_decode_rows(const struct erasure_code *code, const struct erasure_set *survivors,
                           uint8_t *rows);

static inline bool erasure_set_has(const struct erasure_set *set, unsigned index) {
    return set->words[index / 64] >> (index % 64) & 1;
}

static inline void erasure_set_add(struct erasure_set *set, unsigned index) {
    set->words[index / 64] |= UINT64_C(1) << (index % 64);
}

#endif

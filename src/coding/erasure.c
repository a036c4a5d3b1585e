/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "coding/erasure.h"

#include <assert.h>
#include <isa-l/erasure_code.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define TABLE_BYTES 32 /* of ISA-L, for each coefficient */

_Static_assert(LIMIT_PIECES <= 64 * ARRAY_LEN(((struct erasure_set *)0)->words), "set too small");

/* At most so many data pieces can be missing while k pieces are left. */
static size_t missing_limit(const struct erasure_code *code) {
    return size_min(code->k, code->n - code->k);
}

int erasure_code_init(struct erasure_code *code, unsigned k, unsigned n, size_t decoders) {
    *code = (struct erasure_code){.k = k, .n = n};
    if (k < 1 || k > n || n > LIMIT_PIECES || decoders < 1)
        return ERR_INVALID;
    size_t missing = missing_limit(code);
    code->matrix = malloc((size_t)n * k);
    code->tables = malloc((size_t)TABLE_BYTES * k * (n - k) + 1);
    code->scratch = malloc(missing * (2 * missing + k) + 1);
    code->decoders = calloc(decoders, sizeof code->decoders[0]);
    bool complete = code->matrix && code->tables && code->scratch && code->decoders;
    while (complete && code->decoder_count < decoders) {
        uint8_t *tables = malloc(TABLE_BYTES * k * missing + 1);
        complete = tables != NULL;
        code->decoders[code->decoder_count++].tables = tables;
    }
    if (!complete) {
        erasure_code_deinit(code);
        return ERR_NO_MEMORY;
    }
    gf_gen_cauchy1_matrix(code->matrix, (int)n, (int)k);
    ec_init_tables((int)k, (int)(n - k), code->matrix + k * k, code->tables);
    return OK;
}

void erasure_code_deinit(struct erasure_code *code) {
    for (size_t i = 0; i < code->decoder_count; i++)
        free(code->decoders[i].tables);
    free(code->decoders);
    free(code->scratch);
    free(code->tables);
    free(code->matrix);
    *code = (struct erasure_code){.k = 0};
}

size_t erasure_piece_size(unsigned k, size_t size) {
    return size / k + (size % k != 0);
}

int erasure_encode(const struct erasure_code *code, uint8_t *pieces, size_t size) {
    uint8_t *places[LIMIT_PIECES];
    size_t piece_size = erasure_piece_size(code->k, size);
    if (piece_size > INT_MAX)
        return ERR_LIMIT;
    if (piece_size == 0)
        return OK;
    memset(pieces + size, 0, code->k * piece_size - size);
    for (unsigned i = 0; i < code->n; i++)
        places[i] = pieces + i * piece_size;
    if (code->n > code->k)
        ec_encode_data((int)piece_size, (int)code->k, (int)(code->n - code->k), code->tables,
                       places, places + code->k);
    return OK;
}

/* With M the missing data pieces, D those present and P the parity pieces that stand in for M:
 * P = A d_D + B d_M, hence d_M = B^-1 (P + A d_D). B is a square submatrix of the Cauchy matrix.
 * Inverting B alone costs |M|^3 instead of the k^3 of the usual k x k inversion. */
size_t erasure_decode_rows(const struct erasure_code *code, const struct erasure_set *survivors,
                           uint8_t *rows) {
    unsigned k = code->k, missing[LIMIT_PIECES], parity[LIMIT_PIECES];
    size_t count = 0, parities = 0;
    for (unsigned i = 0; i < k; i++)
        if (!erasure_set_has(survivors, i))
            missing[count++] = i;
    for (unsigned i = k; i < code->n && parities < count; i++)
        if (erasure_set_has(survivors, i))
            parity[parities++] = i;
    assert(parities == count);
    if (count == 0)
        return 0;
    uint8_t *square = code->scratch, *inverse = square + count * count;
    for (size_t row = 0; row < count; row++)
        for (size_t column = 0; column < count; column++)
            square[row * count + column] = code->matrix[parity[row] * k + missing[column]];
    int singular = gf_invert_matrix(square, inverse, (int)count);
    assert(singular == 0);
    for (size_t row = 0; row < count; row++) {
        const uint8_t *factors = inverse + row * count;
        uint8_t *out = rows + row * k;
        for (unsigned data = 0; data < k; data++) {
            if (!erasure_set_has(survivors, data))
                continue;
            uint8_t sum = 0;
            for (size_t i = 0; i < count; i++)
                sum ^= gf_mul(factors[i], code->matrix[parity[i] * k + data]);
            *out++ = sum;
        }
        memcpy(out, factors, count);
    }
    return count;
}

/* The decoder for @survivors: from the cache, or computed in the place of the oldest. */
static struct erasure_decoder *find_decoder(struct erasure_code *code,
                                            const struct erasure_set *survivors) {
    struct erasure_decoder *oldest = &code->decoders[0];
    code->decodes++;
    for (size_t i = 0; i < code->decoder_count; i++) {
        struct erasure_decoder *decoder = &code->decoders[i];
        if (decoder->used > 0 && memcmp(&decoder->survivors, survivors, sizeof *survivors) == 0) {
            decoder->used = code->decodes;
            return decoder;
        }
        if (decoder->used < oldest->used)
            oldest = decoder;
    }
    size_t missing = missing_limit(code);
    uint8_t *rows = code->scratch + 2 * missing * missing;
    size_t count = erasure_decode_rows(code, survivors, rows);
    ec_init_tables((int)code->k, (int)count, rows, oldest->tables);
    oldest->survivors = *survivors;
    oldest->used = code->decodes;
    code->computed++;
    return oldest;
}

/* Sorts the arrived pieces by index: @places[i] is piece i or NULL. */
static int place_pieces(const struct erasure_code *code, const struct erasure_piece *pieces,
                        size_t count, const uint8_t **places) {
    struct erasure_set seen = {{0}};
    memset(places, 0, code->n * sizeof places[0]);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].index >= code->n)
            return ERR_INVALID;
        if (erasure_set_has(&seen, pieces[i].index))
            return ERR_DUPLICATE;
        erasure_set_add(&seen, pieces[i].index);
        places[pieces[i].index] = pieces[i].bytes;
    }
    return count >= code->k ? OK : ERR_NOT_ENOUGH;
}

int erasure_decode(struct erasure_code *code, const struct erasure_piece *pieces, size_t count,
                   size_t piece_size, uint8_t *out) {
    const uint8_t *places[LIMIT_PIECES];
    uint8_t *sources[LIMIT_PIECES], *targets[LIMIT_PIECES];
    struct erasure_set survivors = {{0}};
    size_t used = 0, missing = 0;
    if (piece_size > INT_MAX)
        return ERR_LIMIT;
    int error = place_pieces(code, pieces, count, places);
    if (error != OK || piece_size == 0)
        return error;
    for (unsigned i = 0; i < code->n && used < code->k; i++) {
        uint8_t *place = out + i * piece_size;
        if (places[i] != NULL) {
            erasure_set_add(&survivors, i);
            sources[used++] = (uint8_t *)places[i]; /* ISA-L only reads it */
            if (i < code->k && places[i] != place)
                memcpy(place, places[i], piece_size);
        } else if (i < code->k) {
            targets[missing++] = place;
        }
    }
    if (missing > 0)
        ec_encode_data((int)piece_size, (int)code->k, (int)missing,
                       find_decoder(code, &survivors)->tables, sources, targets);
    return OK;
}

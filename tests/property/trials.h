/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a decoder or a verifier is tried with. Each row of decoders.def has a function that fills a
 * struct trial; decoders_test.c turns it into a property of PROPERTY_CASES cases:
 *
 *   decode   never crashes, reads nothing outside, and what it takes encodes to the same bytes
 *   verify   takes the samples and nothing else
 *
 * Both return OK or the reason for the refusal. ERR_PROOF, ERR_SIGNATURE and ERR_MISMATCH count as
 * disproved: the input was well-formed, and the computation ran to its end. */
#ifndef TIERCHAIN_TESTS_PROPERTY_TRIALS_H
#define TIERCHAIN_TESTS_PROPERTY_TRIALS_H

#include "base/cursor.h"
#include "base/error.h"
#include "tests/lib/property.h"
#include "wire/message.h"

#define TRIAL_SAMPLES 24

struct trial {
    int (*decode)(const uint8_t *bytes, size_t size, struct writer *again);
    int (*verify)(const uint8_t *bytes, size_t size);
    struct sample samples[TRIAL_SAMPLES]; /* owned copies */
    size_t sample_count;
    bool fixed_size, sampled;  /* see property.h */
    uint32_t random_per_mille; /* many keep costly verifiers affordable */
    uint64_t computed;         /* at least so many cases ran to the end; 0: one in ten */
};

/* What the property says about an input. */
enum verdict trial_verdict(const struct trial *trial, const uint8_t *bytes, size_t size);

/* Adds a valid input. */
void trial_sample(struct trial *trial, const void *bytes, size_t size);

/* Frees the samples. */
void trial_deinit(struct trial *trial);

/* Adds the body of a message, or the whole frame; gives the reference back. */
void trial_body(struct trial *trial, struct frame *frame);
void trial_frame(struct trial *trial, struct frame *frame);

/* The message of @type with this body. Its frame is a dummy that keeps nothing alive. */
struct message trial_message(uint16_t type, const uint8_t *body, size_t size);

/* Writes the body of @frame and gives the reference back. */
void trial_again(struct writer *again, struct frame *frame);

/* Aborts unless @condition: trials run in fuzz targets, too, where Check's assertions don't work. */
void trial_require(bool condition);

/* Bytes that depend on @seed only. */
void trial_bytes(void *out, size_t size, uint64_t seed);

#define DECODER(function, fill) void fill(struct trial *out);
#define ELSEWHERE(function, via, test, fuzz)
#define EXEMPT(function, reason)
#include "tests/property/decoders.def"
#undef DECODER
#undef ELSEWHERE
#undef EXEMPT

#endif

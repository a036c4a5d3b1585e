/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/property/trials.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool is_sample(const struct trial *trial, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < trial->sample_count; i++)
        if (trial->samples[i].size == size && memcmp(trial->samples[i].bytes, bytes, size) == 0)
            return true;
    return false;
}

static enum verdict verdict_of(int error) {
    if (error == OK)
        return VERDICT_ACCEPTED;
    return error == ERR_PROOF || error == ERR_SIGNATURE || error == ERR_MISMATCH ? VERDICT_DISPROVED
                                                                                 : VERDICT_REFUSED;
}

enum verdict trial_verdict(const struct trial *trial, const uint8_t *bytes, size_t size) {
    struct writer again;
    if (trial->verify != NULL) {
        const int error = trial->verify(bytes, size);
        return (error == OK) == is_sample(trial, bytes, size) ? verdict_of(error) : VERDICT_BROKEN;
    }
    uint8_t *room = memory_new(size + 1, 1);
    writer_init(&again, room, size + 1);
    const int error = trial->decode(bytes, size, &again);
    const bool same = again.error == OK && again.at == size && memcmp(room, bytes, size) == 0;
    free(room);
    return error != OK || same ? verdict_of(error) : VERDICT_BROKEN;
}

void trial_sample(struct trial *trial, const void *bytes, size_t size) {
    trial_require(trial->sample_count < TRIAL_SAMPLES);
    void *copy = memory_new(size, 1);
    if (size > 0)
        memcpy(copy, bytes, size);
    trial->samples[trial->sample_count++] = (struct sample){copy, size};
}

void trial_deinit(struct trial *trial) {
    for (size_t i = 0; i < trial->sample_count; i++)
        free((void *)trial->samples[i].bytes);
    trial->sample_count = 0;
}

void trial_body(struct trial *trial, struct frame *frame) {
    trial_sample(trial, frame->bytes + MESSAGE_HEADER_BYTES, frame->size - MESSAGE_HEADER_BYTES);
    frame_unref(frame);
}

void trial_frame(struct trial *trial, struct frame *frame) {
    trial_sample(trial, frame->bytes, frame->size);
    frame_unref(frame);
}

struct message trial_message(uint16_t type, const uint8_t *body, size_t size) {
    static struct frame dummy = {.references = 1};
    return (struct message){.type = type, .body = body, .size = (uint32_t)size, .frame = &dummy};
}

void trial_again(struct writer *again, struct frame *frame) {
    trial_require(frame != NULL);
    write_bytes(again, frame->bytes + MESSAGE_HEADER_BYTES, frame->size - MESSAGE_HEADER_BYTES);
    frame_unref(frame);
}

void trial_bytes(void *out, size_t size, uint64_t seed) {
    struct rng rng;
    rng_init(&rng, seed, 0, "trial");
    rng_fill(&rng, out, size);
}

void trial_require(bool condition) {
    if (!condition)
        abort();
}

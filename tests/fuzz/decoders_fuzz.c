/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every trial of tests/property/decoders.def as a target: TIERCHAIN_DECODER=function chooses one,
 * else the first byte of the input does. Inputs begin as genuine samples, which the fuzzer changes:
 * random bytes never make a signature or a group element. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/property/trials.h"

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

static struct target {
    const char *function;
    void (*fill)(struct trial *trial);
    struct trial trial;
} targets[] = {
#define DECODER(name, how) {#name, how, {0}},
#define ELSEWHERE(function, via, test, fuzz)
#define EXEMPT(function, reason)
#include "tests/property/decoders.def"
#undef DECODER
#undef ELSEWHERE
#undef EXEMPT
};

static struct target *chosen; /* NULL: by the first byte */

static struct target *filled(struct target *target) {
    if (target->trial.sample_count == 0)
        target->fill(&target->trial);
    return target;
}

/* What libFuzzer learns from comparisons is a modelled verifier's key to forgery: the right tag. */
static void without_comparisons(int *argument_count, char ***arguments) {
    static char option[] = "-use_cmp=0";
    char **longer = calloc((size_t)*argument_count + 2, sizeof *longer);
    if (longer == NULL)
        abort();
    memcpy(longer, *arguments, (size_t)*argument_count * sizeof *longer);
    longer[(*argument_count)++] = option;
    *arguments = longer;
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments) {
    const char *wanted = getenv("TIERCHAIN_DECODER");
    if (sodium_init() < 0)
        return -1;
    for (size_t i = 0; wanted != NULL && i < ARRAY_LEN(targets); i++)
        if (strcmp(targets[i].function, wanted) == 0)
            chosen = &targets[i];
    if (wanted != NULL && chosen == NULL) {
        fprintf(stderr, "decoders_fuzz: decoders.def has no row %s\n", wanted);
        exit(EXIT_FAILURE);
    }
    if (chosen == NULL || filled(chosen)->trial.verify != NULL)
        without_comparisons(argument_count, arguments);
    return 0;
}

static struct target *target_of(const uint8_t **data, size_t *size) {
    if (chosen != NULL)
        return filled(chosen);
    if (*size == 0)
        return NULL;
    struct target *target = &targets[**data % ARRAY_LEN(targets)];
    *data += 1;
    *size -= 1;
    return filled(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct target *target = target_of(&data, &size);
    if (target == NULL || (target->trial.fixed_size && size != target->trial.samples[0].size))
        return 0;
    if (trial_verdict(&target->trial, data, size) == VERDICT_BROKEN)
        abort();
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    const size_t front = chosen == NULL;
    if (seed % 8 != 0 || room <= front)
        return LLVMFuzzerMutate(data, size, room);
    if (front > 0)
        data[0] = (uint8_t)(seed / 8 % ARRAY_LEN(targets));
    const struct target *target = filled(chosen != NULL ? chosen : &targets[data[0]]);
    const struct sample *sample = &target->trial.samples[seed / 1024 % target->trial.sample_count];
    const size_t kept = size_min(sample->size, room - front);
    memcpy(data + front, sample->bytes, kept);
    return front + LLVMFuzzerMutate(data + front, kept, room - front);
}

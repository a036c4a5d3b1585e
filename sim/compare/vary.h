/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `--vary`: which variants of a scenario are compared. Each option is an axis with two values or more:
 *
 *     city.consensus=pbft,hotstuff          what the key may be; commas within brackets and quotes do not separate
 *     n=4,16,64                             n: the size of the committee that another axis is about, or of the only one
 *     city.certificates=list,frost+seed=2   a value may bring other settings along, each after a '+'
 *
 * The variants are the axes' cartesian product, the last axis turning fastest. */
#ifndef TIERCHAIN_SIM_COMPARE_VARY_H
#define TIERCHAIN_SIM_COMPARE_VARY_H

#include "base/types.h"

#define VARY_AXES     8
#define VARY_VALUES   64
#define VARY_VARIANTS 256
#define VARY_LETTERS  4

struct vary_value {
    char *text;  /* "frost" */
    char *label; /* "city.certificates=frost+seed=2" as it was typed */
    char **sets; /* "city.certificates=frost", "seed=2" */
    size_t set_count;
};

struct vary_axis {
    char *key;    /* in full */
    char *called; /* as it was typed: "n" */
    struct vary_value values[VARY_VALUES];
    size_t value_count;
};

struct vary {
    struct vary_axis axes[VARY_AXES];
    size_t axis_count;
    size_t variant_count; /* of the product; 1 without axes */
};

/* Parses the options. 0, or ERR_INVALID: @message then says what is wrong with options[*bad], at the offset *at.
 * Free with vary_deinit in both cases. */
int vary_parse(struct vary *vary, const char *const *options, size_t count, char *message,
               size_t size, size_t *bad, size_t *at);
void vary_deinit(struct vary *vary);

/* Which value the axis has in a variant. */
const struct vary_value *vary_value(const struct vary *vary, size_t variant, size_t axis);

/* Puts the variant's settings behind each other into @sets (room for vary_set_count) and returns how many. */
size_t vary_set_count(const struct vary *vary);
size_t vary_sets(const struct vary *vary, size_t variant, const char **sets);

/* A … Z, AA …: the variant's name in tables. */
void vary_letter(size_t variant, char letter[VARY_LETTERS]);

/* "city.consensus=pbft n=4"; "" without axes. To be freed. */
char *vary_label(const struct vary *vary, size_t variant);

#endif

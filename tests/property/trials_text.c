/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that people write: tables, scenarios, quantities, command lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/csv.h"
#include "models/quantiles.h"
#include "sim/cli/options.h"
#include "sim/compare/bound.h"
#include "sim/compare/vary.h"
#include "sim/scenario/expectation.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/plan.h"
#include "tests/property/trials.h"

static void add_text(struct trial *trial, const char *text) {
    trial_sample(trial, text, strlen(text));
}

/* ---- tables ---- */

static void write_row(struct writer *again, const struct csv_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_bytes(again, fields[i].text, fields[i].size);
        write_u8(again, i + 1 < count ? ',' : '\n');
    }
}

/* Comments, a missing last line feed, and what editors add (a byte order mark, CR LF, empty lines at the
 * end) are the only liberties: such texts are taken as read. */
static bool has_liberties(const uint8_t *bytes, size_t size) {
    return bytes[size - 1] != '\n' || bytes[0] == '#' || memmem(bytes, size, "\n#", 2) != NULL ||
           bytes[0] == 0xef || memmem(bytes, size, "\r\n", 2) != NULL ||
           (size > 1 && bytes[size - 2] == '\n');
}

static int decode_csv(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct csv csv;
    int error = csv_init(&csv, (const char *)bytes, size);
    if (error != OK)
        return error;
    write_row(again, csv.columns, csv.column_count);
    while ((error = csv_next(&csv)) == 1) {
        double number;
        int64_t integer;
        for (size_t i = 0; i < csv.column_count; i++)
            if (csv_integer(csv.fields[i], &integer) == OK &&
                (csv_number(csv.fields[i], &number) != OK || number != (double)integer))
                abort();
        write_row(again, csv.fields, csv.column_count);
    }
    if (error == OK && has_liberties(bytes, size)) {
        again->at = 0;
        write_bytes(again, bytes, size);
    }
    return error;
}

void trial_csv(struct trial *out) {
    add_text(out, "from,to,ms\ntokyo,osaka,9.25\nosaka,tokyo,-10\n");
    add_text(out, "# from somewhere\na,b\n1,2\n# more\n,x\n");
    out->decode = decode_csv;
}

static int decode_quantiles(const uint8_t *bytes, size_t size, struct writer *again) {
    static struct csv csv;
    struct quantiles read;
    int error = csv_init(&csv, (const char *)bytes, size);
    if (error == OK)
        error = csv_next(&csv) == 1 ? OK : ERR_TRUNCATED;
    if (error == OK)
        error = quantiles_read(&read, &csv);
    if (error != OK)
        return error;
    for (size_t i = 1; i < read.count; i++)
        if (!(read.probability[i - 1] < read.probability[i] && read.value[i - 1] <= read.value[i]))
            return OK; /* and nothing is written: broken */
    write_bytes(again, bytes, size);
    return OK;
}

void trial_quantiles(struct trial *out) {
    add_text(out, "p0,p50,p99.9,p100\n1,2,3.5,40\n");
    add_text(out, "p0,p100\n0,0\n");
    out->decode = decode_quantiles;
}

/* ---- scenarios ---- */

static char *resolve(const uint8_t *bytes, size_t size, size_t *written) {
    const struct scenario_options options = {0};
    struct diagnostics diagnostics;
    struct scenario scenario;
    char *text = NULL;
    if (scenario_load_text(&scenario, "trial.yaml", (const char *)bytes, size, &options,
                           &diagnostics) == OK) {
        FILE *out = open_memstream(&text, written);
        scenario_write_resolved(&scenario, out, false);
        fclose(out);
    } else if (diagnostics.count == 0) {
        abort(); /* a refusal that says nothing */
    }
    scenario_deinit(&scenario);
    return text;
}

/* What is taken says the same when it is written out and read again. */
static int decode_scenario(const uint8_t *bytes, size_t size, struct writer *again) {
    size_t first_size, second_size;
    char *first = resolve(bytes, size, &first_size);
    if (first == NULL)
        return ERR_INVALID;
    char *second = resolve((const uint8_t *)first, first_size, &second_size);
    if (second != NULL && second_size == first_size && memcmp(first, second, first_size) == 0)
        write_bytes(again, bytes, size);
    free(second);
    free(first);
    return OK;
}

void trial_scenario(struct trial *out) {
    add_text(out, "schema: 1\nplaces:\n  - {id: komatsu, nodes: 9, share: 60 %}\n"
                  "  - {id: osaka, nodes: 9, share: 40 %}\n");
    add_text(out,
             "schema: 1\nplaces: [{id: komatsu, nodes: 20}]\ncity: {committee: 4}\n"
             "faults: [{at: 1 s, until: 2 s, kind: restart, nodes: {tier: city, index: 0..1}}]\n"
             "expect: [total.p99 < 800 ms]\n");
    out->decode = decode_scenario;
    out->random_per_mille = 850;
    out->computed = 500;
}

/* First byte: which kind. What is understood is written in another way that means the same. */
static int decode_quantity(const uint8_t *bytes, size_t size, struct writer *again) {
    char text[256], message[256], shortest[QUANTITY_BYTES];
    int64_t value, same;
    if (size == 0 || size > sizeof text || bytes[0] > UNIT_FACTOR)
        return ERR_INVALID;
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    const enum unit_kind kind = (enum unit_kind)bytes[0];
    const int error = quantity_parse(text, kind, &value, message, sizeof message);
    if (error != OK)
        return error;
    quantity_format(value, kind, shortest);
    if (quantity_parse(shortest, kind, &same, message, sizeof message) == OK && same == value)
        write_bytes(again, bytes, size);
    return OK;
}

void trial_quantity(struct trial *out) {
    for (uint8_t kind = UNIT_COUNT; kind <= UNIT_FACTOR; kind++) {
        char text[64];
        text[0] = (char)kind;
        strcpy(text + 1, quantity_example((enum unit_kind)kind));
        trial_sample(out, text, 1 + strlen(text + 1));
    }
    out->decode = decode_quantity;
}

static int decode_expectation(const uint8_t *bytes, size_t size, struct writer *again) {
    char text[40], message[256];
    struct expectation bound;
    size_t at = 0;
    if (size >= sizeof text || memchr(bytes, '\0', size) != NULL)
        return ERR_LIMIT;
    memcpy(text, bytes, size);
    text[size] = '\0';
    const int error = expectation_parse(text, &bound, message, sizeof message, &at);
    if (error == OK ? bound.metric != NULL && bound.comparison < COMPARISON_COUNT
                    : at <= size && message[0] != '\0')
        write_bytes(again, bytes, size);
    else
        abort(); /* a refusal that says nothing, or a bound on nothing */
    return error;
}

void trial_expectation(struct trial *out) {
    add_text(out, "total.p99 < 800 ms");
    add_text(out, "committed_share >= 99.5 %");
    add_text(out, "invariants.violations == 0");
    out->decode = decode_expectation;
    out->computed = 5000;
}

/* Arguments, one a line. Messages go nowhere. */
static int decode_command(const uint8_t *bytes, size_t size, struct writer *again) {
    char text[256], program[] = "tierchain", *arguments[34] = {program}, *state;
    int count = 1;
    struct command command;
    if (size >= sizeof text)
        return ERR_LIMIT;
    memcpy(text, bytes, size);
    text[size] = '\0';
    for (char *word = strtok_r(text, "\n", &state); word != NULL && count < 33;
         word = strtok_r(NULL, "\n", &state))
        arguments[count++] = word;
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    FILE *before = stderr;
    stderr = nowhere;
    const int error = command_parse(&command, count, arguments);
    stderr = before;
    if (error == OK && (command.help || command.version || command.verb != NULL))
        write_bytes(again, bytes, size);
    command_deinit(&command);
    return error;
}

void trial_command(struct trial *out) {
    add_text(out, "run\n--seed=7\n--set\ncity.committee=4\n--jobs\n2\na.yaml\nb.yaml");
    add_text(out, "check\nscenarios/komatsu.yaml");
    add_text(out, "list\nmetrics");
    add_text(out, "--help");
    out->decode = decode_command;
}

/* Options of --vary, one a line. What is taken is written again from the axes and the labels of their values. */
static int decode_vary(const uint8_t *bytes, size_t size, struct writer *again) {
    char text[256], message[256], *rest = text;
    const char *options[VARY_AXES + 2];
    size_t count = 0, bad = 0, at = 0;
    struct vary vary;
    if (size >= sizeof text || memchr(bytes, '\0', size) != NULL)
        return ERR_LIMIT;
    memcpy(text, bytes, size);
    text[size] = '\0';
    while (rest != NULL) {
        if (count == ARRAY_LEN(options))
            return ERR_LIMIT;
        options[count++] = strsep(&rest, "\n");
    }
    const int error = vary_parse(&vary, options, count, message, sizeof message, &bad, &at);
    trial_require(error == OK || (bad < count && at <= strlen(options[bad]) && message[0] != '\0'));
    for (size_t a = 0; error == OK && a < vary.axis_count; a++) {
        write_bytes(again, a > 0 ? "\n" : "", a > 0);
        write_bytes(again, vary.axes[a].called, strlen(vary.axes[a].called));
        for (size_t v = 0; v < vary.axes[a].value_count; v++) {
            write_bytes(again, v > 0 ? "," : "=", 1);
            write_bytes(again, vary.axes[a].values[v].label, strlen(vary.axes[a].values[v].label));
        }
    }
    vary_deinit(&vary);
    return error;
}

void trial_vary(struct trial *out) {
    add_text(out, "city.consensus=pbft,hotstuff");
    add_text(out, "continent.consensus=pbft,hotstuff\nn=4,16,64");
    add_text(out,
             "continent.places=[tokyo,osaka],\"a,b\"\ncity.certificates=list,frost+duration=2 s");
    out->decode = decode_vary;
}

static int decode_bound(const uint8_t *bytes, size_t size, struct writer *again) {
    char text[64], message[256];
    struct bound bound;
    size_t at = 0;
    if (size >= sizeof text || memchr(bytes, '\0', size) != NULL)
        return ERR_LIMIT;
    memcpy(text, bytes, size);
    text[size] = '\0';
    const int error = bound_parse(text, &bound, message, sizeof message, &at);
    trial_require(error == OK ? bound.measure < measure_count() && isfinite(bound.limit)
                              : at <= size && message[0] != '\0');
    write_bytes(again, bytes, size);
    return error;
}

void trial_bound(struct trial *out) {
    add_text(out, "felt.p99 > +5 %");
    add_text(out, "messages < -100");
    add_text(out, "stuck < -2");
    out->decode = decode_bound;
    out->computed = 5000;
}

/* ---- plans of a committee ---- */

static char *rewrite_plan(const uint8_t *bytes, size_t size, size_t *written) {
    struct diagnostics diagnostics;
    struct plan plan;
    char *text = NULL;
    if (plan_read_text(&plan, "trial.yaml", (const char *)bytes, size, &diagnostics) == OK) {
        FILE *out = open_memstream(&text, written);
        plan_write(&plan, out);
        fclose(out);
    } else if (diagnostics.count == 0) {
        abort(); /* a refusal that says nothing */
    }
    plan_deinit(&plan);
    return text;
}

/* What is taken says the same when it is written out and read again. */
static int decode_plan(const uint8_t *bytes, size_t size, struct writer *again) {
    size_t first_size, second_size;
    char *first = rewrite_plan(bytes, size, &first_size);
    if (first == NULL)
        return ERR_INVALID;
    char *second = rewrite_plan((const uint8_t *)first, first_size, &second_size);
    if (second != NULL && second_size == first_size && memcmp(first, second, first_size) == 0)
        write_bytes(again, bytes, size);
    free(second);
    free(first);
    return OK;
}

void trial_plan(struct trial *out) {
    add_text(out,
             "schema: committee/1\n"
             "committee: {variant: hotstuff, n: 7, leaders: random, certificates: frost}\n"
             "load:\n  - {at: 1 s, count: 3, members: [0, 2'], spread: 5 ms, draw: 7}\n"
             "faults:\n  - {kind: twins, members: 2}\n"
             "  - {kind: cut, at: 1 ms, until: 2 s, from: [0, 2'], to: [1, 2], one_way: true}\n"
             "  - {kind: crash, at: 3 s, members: 5, after: 6, until: 4 s, lose: all}\n"
             "heal: 5 s\nresend: 900 ms\nexpect: {live: any, decided_least: 3}\n");
    add_text(out, "schema: committee/1\n"
                  "faults:\n  - {kind: loss, rate: 2.5 %, type: pbft.commit, view: 3}\n"
                  "  - {kind: cut, from: 0, to: [1, 2, 3], every: 3 ms}\n"
                  "  - {kind: hostile, members: [3], behaviour: equivocate}\n");
    out->decode = decode_plan;
    out->computed = 5000;
}

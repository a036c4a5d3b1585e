/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/manifest.h"

#include "models/data.h"
#include "sim/report/json.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

const char *manifest_status(const struct run_result *runs, size_t count) {
    bool complete = count > 0;
    for (size_t r = 0; r < count; r++)
        complete = complete && runs[r].complete;
    return complete ? "complete" : "partial";
}

static void put_known(struct json *json, const char *key, const char *value) {
    if (value == NULL)
        json_put_null(json, key);
    else
        json_put_string(json, key, value);
}

void manifest_sha256(const void *bytes, size_t size, char hex[MANIFEST_SHA256_BYTES]) {
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, bytes, size);
    sodium_bin2hex(hex, MANIFEST_SHA256_BYTES, digest, sizeof digest);
}

static void put_sha256(struct json *json, const char *key, const char *bytes, size_t size) {
    char hex[MANIFEST_SHA256_BYTES];
    manifest_sha256(bytes, size, hex);
    json_put_string(json, key, hex);
}

static void put_program(struct json *json, const struct manifest_facts *facts) {
    put_known(json, "version", facts->version);
    put_known(json, "git_commit", facts->git_commit);
    put_known(json, "compiler", facts->compiler);
    put_known(json, "simgrid_version", facts->simgrid_version);
    put_known(json, "simgrid_configuration", facts->simgrid_configuration);
    json_open(json, "libraries", '{');
    for (size_t i = 0; i < facts->library_count; i++)
        put_known(json, facts->libraries[i].name, facts->libraries[i].version);
    json_close(json, '}');
    json_open(json, "arguments", '[');
    for (int i = 0; i < facts->argument_count; i++)
        json_put_string(json, NULL, facts->arguments[i]);
    json_close(json, ']');
    put_known(json, "directory", facts->directory);
    put_known(json, "reproduce", facts->reproduce);
    put_known(json, "started", facts->started);
    put_known(json, "ended", facts->ended);
    if (facts->wall_s > 0)
        json_put_double(json, "wall_s", facts->wall_s);
    else
        json_put_null(json, "wall_s");
    put_known(json, "host", facts->host);
    put_known(json, "cpu", facts->cpu);
    put_known(json, "kernel", facts->kernel);
}

static void put_files(struct json *json, const struct manifest_facts *facts) {
    json_open(json, "files_sha256", '{');
    for (size_t i = 0; i < facts->file_count; i++)
        put_known(json, facts->files[i].path, facts->files[i].sha256);
    json_close(json, '}');
}

static void put_failures(struct json *json, const struct manifest_facts *facts) {
    json_open(json, "failures", '[');
    for (size_t i = 0; i < facts->failure_count; i++) {
        char seed[21];
        snprintf(seed, sizeof seed, "%" PRIu64, facts->failures[i].seed);
        json_open(json, NULL, '{');
        json_put_unsigned(json, "repetition", facts->failures[i].repetition);
        json_put_string(json, "seed", seed);
        json_put_string(json, "reason", facts->failures[i].reason);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void put_inputs(struct json *json, const char *scenario_text) {
    json_open(json, "data_sha256", '{');
    for (size_t i = 0; i < data_file_count; i++)
        put_sha256(json, data_files[i].name, data_files[i].text, data_files[i].size);
    json_close(json, '}');
    put_known(json, "scenario_text", scenario_text);
    if (scenario_text == NULL)
        json_put_null(json, "scenario_sha256");
    else
        put_sha256(json, "scenario_sha256", scenario_text, strlen(scenario_text));
}

static void put_runs(struct json *json, const struct run_result *runs, size_t count) {
    json_open(json, "repetitions", '[');
    for (size_t r = 0; r < count; r++) {
        /* Strings: most readers of JSON keep only 53 bits of a number. */
        char hash[17], seed[21];
        snprintf(seed, sizeof seed, "%" PRIu64, runs[r].seed);
        snprintf(hash, sizeof hash, "%016" PRIx64, runs[r].trace_hash);
        json_open(json, NULL, '{');
        json_put_unsigned(json, "repetition", runs[r].repetition);
        json_put_string(json, "seed", seed);
        json_put_string(json, "trace_hash", hash);
        json_put_bool(json, "complete", runs[r].complete);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void manifest_json(const struct manifest_facts *facts, const char *scenario_text,
                   const struct run_result *runs, size_t count, struct text *out) {
    static const struct manifest_facts nothing_known;
    struct json json;
    json_init(&json, out);
    json_open(&json, NULL, '{');
    if (facts == NULL)
        facts = &nothing_known;
    json_put_string(&json, "status",
                    facts->status != NULL      ? facts->status
                    : facts->failure_count > 0 ? "partial"
                                               : manifest_status(runs, count));
    json_put_string(&json, "scenario", count > 0 ? runs[0].scenario : "");
    put_program(&json, facts);
    put_runs(&json, runs, count);
    put_failures(&json, facts);
    put_files(&json, facts);
    put_inputs(&json, scenario_text);
    json_close(&json, '}');
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios as text: what is too large, too deep or not printable is refused in no time, and what
 * scenario_write_resolved says can be read again, whatever it is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rng.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/text.h"
#include "sim/scenario/tree.h"

#define HEAD "schema: 1\nplaces: [{id: komatsu, nodes: 50}]\n"

static struct diagnostics told;

static int load(struct scenario *scenario, const char *text, size_t size) {
    return scenario_load_text(scenario, "t.yaml", text, size, NULL, &told);
}

/* Whether loading ends with that part of a message, within a second of CPU time. */
static void refused(const char *text, size_t size, const char *part) {
    struct scenario scenario;
    clock_t start = clock();
    int result = load(&scenario, text, size);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    scenario_deinit(&scenario);
    ck_assert_msg(result == ERR_INVALID, "'%.200s' was taken", text);
    ck_assert_msg(strstr(told.items[0].message, part) != NULL, "'%s', wanted '%s'",
                  told.items[0].message, part);
    ck_assert_msg(seconds < 1, "%.1f s", seconds);
}

/* Ten anchors, each ten times the one before: 10^9 values in half a kilobyte. */
static size_t write_bomb(char *text, size_t room, const char *head, const char *open,
                         const char *item, const char *close) {
    size_t at = (size_t)snprintf(text, room, "%s", head);
    for (int level = 0; level < 9; level++) {
        at += (size_t)snprintf(text + at, room - at, "x-%d: &a%d %s", level, level, open);
        for (int i = 0; i < 10; i++) {
            at += (size_t)snprintf(text + at, room - at, item, i);
            at += (size_t)snprintf(text + at, room - at, level > 0 ? "*a%d" : "1", level - 1);
            at += (size_t)snprintf(text + at, room - at, ",");
        }
        at += (size_t)snprintf(text + at, room - at, "%s\n", close);
    }
    return at;
}

START_TEST(aliases_do_not_explode) {
    char text[4096];
    size_t size = write_bomb(text, sizeof text, HEAD, "[", "", "]");
    ck_assert_uint_lt(size, 1024);
    refused(text, size, "more than 262144 values, aliases expanded");
    size = write_bomb(text, sizeof text, HEAD, "{", "k%d: ", "}");
    refused(text, size, "more than 262144 values, aliases expanded");
}
END_TEST

/* Two files of a kilobyte, whose maps are merged: the bound holds for both together. */
START_TEST(merging_includes_does_not_explode) {
    char directory[] = "/tmp/tierchain-text-XXXXXX", path[64], text[4096];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    for (int file = 0; file < 3; file++) {
        snprintf(path, sizeof path, "%s/%d.yaml", directory, file);
        FILE *out = fopen(path, "w");
        ck_assert_ptr_nonnull(out);
        fprintf(out, "schema: 1\nplaces: [{id: komatsu, nodes: 50}]\n");
        if (file == 2)
            fprintf(out, "include: [0.yaml, 1.yaml]\n");
        for (int level = 0; level < 5 && file < 2; level++) {
            fprintf(out, "%s%d: &a%d {", level == 4 ? "k" : "x-", level, level);
            for (int i = 0; i < 11; i++)
                fprintf(out, level > 0 ? "k%d: *a%d, " : "k%d: 1, ", i, level - 1);
            fprintf(out, "}\n");
        }
        fclose(out);
    }
    struct scenario scenario;
    clock_t start = clock();
    ck_assert_int_eq(scenario_load(&scenario, path, NULL, &told), ERR_INVALID);
    ck_assert_double_lt((double)(clock() - start) / CLOCKS_PER_SEC, 1);
    ck_assert_ptr_nonnull(strstr(told.items[0].message, "more than 262144 values"));
    snprintf(text, sizeof text, "rm -r %s", directory);
    ck_assert_int_eq(system(text), 0);
}
END_TEST

/* A file that includes itself twice through others would be read 2^16 times. */
START_TEST(included_files_are_counted) {
    char directory[] = "/tmp/tierchain-text-XXXXXX", path[64], command[64];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    for (int file = 0; file < 12; file++) {
        snprintf(path, sizeof path, "%s/%d.yaml", directory, file);
        FILE *out = fopen(path, "w");
        ck_assert_ptr_nonnull(out);
        fprintf(out, HEAD);
        if (file > 0)
            fprintf(out, "include: [%d.yaml, %d.yaml]\n", file - 1, file - 1);
        fclose(out);
    }
    struct scenario scenario;
    ck_assert_int_eq(scenario_load(&scenario, path, NULL, &told), ERR_INVALID);
    ck_assert_msg(strstr(told.items[0].message, "more than 256 files") != NULL, "%s",
                  told.items[0].message);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

/* Duplicates are found by hash, and errors beyond the twenty that are told cost nothing. */
START_TEST(ninety_thousand_keys_take_no_time) {
    char *text = malloc(4 << 20);
    ck_assert_ptr_nonnull(text);
    size_t at = (size_t)sprintf(text, HEAD);
    for (int i = 0; i < 90000; i++)
        at += (size_t)sprintf(text + at, "key%d: 1\n", i);
    refused(text, at, "unknown key 'key0'");
    ck_assert_uint_eq(told.omitted, 90000 - DIAGNOSTICS_MAX);
    at += (size_t)sprintf(text + at, "key77777: 1\n");
    refused(text, at, "duplicate key 'key77777'; it is already given in line 77780");
    free(text);
}
END_TEST

START_TEST(anchors_are_counted) {
    char *text = malloc(1 << 20);
    ck_assert_ptr_nonnull(text);
    size_t at = (size_t)sprintf(text, HEAD "x-a:\n");
    for (int i = 0; i < 2000; i++)
        at += (size_t)sprintf(text + at, "  - &a%d 1\n", i);
    refused(text, at, "more than 1000 anchors");
    free(text);
}
END_TEST

START_TEST(texts_and_values_have_a_length) {
    size_t room = TREE_TEXT_MAX + 1024;
    char *text = malloc(room);
    ck_assert_ptr_nonnull(text);
    size_t at = (size_t)sprintf(text, HEAD);
    while (at <= TREE_TEXT_MAX)
        at += (size_t)sprintf(text + at, "# comment\n");
    refused(text, at, "larger than 4 MiB");
    at = (size_t)sprintf(text, HEAD "description: \"");
    for (int i = 0; i < 100; i++)
        at += (size_t)sprintf(text + at, "%060d\n  ", i);
    at += (size_t)sprintf(text + at, "\"\n");
    refused(text, at, "longer than 4096 bytes");
    free(text);
}
END_TEST

static const char *const control_texts[] = {
    "description: \"a\\x07b\"",       "description: \"a\\0b\"",    "description: \"a\\eb\"",
    "description: \"a\\x7fb\"",       "description: \"a\\x9bb\"",  "description: \"a\\u0085b\"",
    "description: \"a\\rb\"",         "\"na\\x07me\": 1",          "x-a: {\"\\x1b\": 1}",
    "expect: [\"commits\\x08 > 1\"]", "description: \"\xc2\x9b\"",
};

START_TEST(control_characters_are_refused_unescaped_too) {
    char text[256];
    size_t size = (size_t)snprintf(text, sizeof text, HEAD "%s\n", control_texts[_i]);
    refused(text, size, "a control character");
    ck_assert_uint_eq(told.items[0].line, 3);
}
END_TEST

START_TEST(sets_are_text_too) {
    const char *const sets[] = {"description=a\033[2Jb", "name=\xff", "description=\"\\x07\""};
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        const struct scenario_options options = {.sets = &sets[i], .set_count = 1};
        struct scenario scenario;
        ck_assert_int_eq(scenario_load_text(&scenario, "t", HEAD, sizeof HEAD - 1, &options, &told),
                         ERR_INVALID);
        ck_assert_str_eq(told.items[0].name, SCENARIO_SETS);
        scenario_deinit(&scenario);
    }
}
END_TEST

static const struct {
    const char *name, *fault;
} names[] = {
    {"a", NULL},          {"komatsu 2", NULL},  {"小松", NULL},   {"a'b\\\\c", NULL},
    {"a/b", "'/'"},       {"/tmp/x", "'/'"},    {".", "folders"}, {"..", "folders"},
    {"", "empty"},        {"-x", "'-'"},        {" x", "blank"},  {"x ", "blank"},
    {"a\\tb", "control"}, {"a\\nb", "control"}, {"...", NULL},    {".hidden", NULL},
    {"../../x", "'/'"},
};

START_TEST(a_name_is_one_component_of_a_path) {
    char text[256];
    struct scenario scenario;
    size_t size = (size_t)snprintf(text, sizeof text, HEAD "name: \"%s\"\n", names[_i].name);
    int result = load(&scenario, text, size);
    scenario_deinit(&scenario);
    ck_assert_int_eq(result, names[_i].fault == NULL ? OK : ERR_INVALID);
    if (result == OK)
        return;
    ck_assert_uint_eq(told.items[0].line, 3);
    ck_assert_uint_eq(told.items[0].column, 8);
    ck_assert_msg(strstr(told.items[0].message, names[_i].fault) != NULL, "%s",
                  told.items[0].message);
}
END_TEST

START_TEST(a_name_has_a_length) {
    char text[512];
    struct scenario scenario;
    size_t size = (size_t)snprintf(text, sizeof text, HEAD "name: %0100d\n", 1);
    ck_assert_int_eq(load(&scenario, text, size), OK);
    scenario_deinit(&scenario);
    size = (size_t)snprintf(text, sizeof text, HEAD "name: %0101d\n", 1);
    refused(text, size, "longer than 100 bytes");
    /* The file's name is the fallback, and must do too. */
    ck_assert_int_eq(scenario_load_text(&scenario, "a/-b.yaml", HEAD, sizeof HEAD - 1, NULL, &told),
                     ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(told.items[0].message, "give a `name`"));
    scenario_deinit(&scenario);
}
END_TEST

static const struct {
    const char *line, *advice;
} misspelt[] = {
    {"comittee: 7", "did you mean city.committee or continent.committee?"},
    {"commitee: 7", "did you mean city.committee or continent.committee?"},
    {"workload: {commitee: 7}", "did you mean city.committee or continent.committee?"},
    {"workload: {hold_tll: 7 s}", "did you mean pipeline.hold_ttl?"},
    {"city: {batch: {siez: 7}}", "did you mean 'size'?"},
    {"batch: {size: 7}", "did you mean city.batch or continent.batch?"},
    {"pieces: 7", "did you mean pipeline.pieces?"}, /* not 'places', two edits away */
    {"multiplyer: 2", "did you mean places[].multiplier?"},
    {"placse: 7", "did you mean 'places'?"},
    {"quite_another: 7", "see `tierchain list keys`"},
};

START_TEST(a_misspelt_key_is_looked_for_everywhere) {
    char text[256];
    size_t size = (size_t)snprintf(text, sizeof text, HEAD "%s\n", misspelt[_i].line);
    refused(text, size, misspelt[_i].advice);
}
END_TEST

/* Every message is UTF-8, whatever is cut, and says that it was cut. */
START_TEST(messages_are_cut_between_characters) {
    char text[8192], copy[DIAGNOSTIC_BYTES];
    for (size_t shift = 0; shift < 4; shift++) {
        size_t at = (size_t)sprintf(text, HEAD "%.*s", (int)shift, "abc");
        for (int i = 0; i < 300; i++)
            at += (size_t)sprintf(text + at, "小𝄞é");
        at += (size_t)sprintf(text + at, ": 1\n");
        refused(text, at, "unknown key");
        const char *message = told.items[0].message;
        ck_assert(text_is_utf8(message, strlen(message)));
        ck_assert(text_is_utf8(told.items[0].excerpt, strlen(told.items[0].excerpt)));
    }
    /* The whole message, too: a path of 300 characters. */
    size_t at = (size_t)sprintf(text, HEAD "cpu: {table: x");
    for (int i = 0; i < 300; i++)
        at += (size_t)sprintf(text + at, "小");
    at += (size_t)sprintf(text + at, "}\n");
    refused(text, at, "there is no file");
    strcpy(copy, told.items[0].message);
    ck_assert(text_is_utf8(copy, strlen(copy)));
}
END_TEST

START_TEST(a_message_beyond_its_room_ends_with_an_ellipsis) {
    const struct source source = {.name = "t"};
    for (int shift = 0; shift < 3; shift++) {
        struct diagnostics diagnostics = {0};
        char long_text[1024] = "";
        snprintf(long_text, sizeof long_text, "%.*s", shift, "ab");
        while (strlen(long_text) < 900)
            strcat(long_text, "小");
        diagnostics_add(&diagnostics, &source, 0, 0, "%s", long_text);
        const char *message = diagnostics.items[0].message;
        size_t length = strlen(message);
        ck_assert(text_is_utf8(message, length));
        ck_assert_uint_ge(length, DIAGNOSTIC_BYTES - 8);
        ck_assert_str_eq(message + length - strlen("…"), "…");
    }
}
END_TEST

static const struct {
    const char *text, *clean;
} cleaned[] = {
    {"plain é 小", "plain é 小"},
    {"cut \xe5\xb0", "cut "},
    {"'cut \xe5\xb0' more", "'cut ' more"},
    {"caf\xe9.yaml", "caf?.yaml"},
    {"a\033[31mb\x7f", "a [31mb "},
    {"c1 \xc2\x9b", "c1  "},
    {"\x80", "?"},
    {"tab\tline\n", "tab line "},
};

START_TEST(texts_are_cleaned_for_terminals) {
    char text[64];
    strcpy(text, cleaned[_i].text);
    text_clean(text);
    ck_assert_str_eq(text, cleaned[_i].clean);
}
END_TEST

/* The resolved text of @scenario, to be freed. */
static char *resolved(const struct scenario *scenario, bool origins, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    ck_assert_ptr_nonnull(out);
    scenario_write_resolved(scenario, out, origins);
    fclose(out);
    return text;
}

/* Whether it is a scenario; then its resolved text must be the same one. */
static bool reads_back(const char *text, size_t size) {
    struct scenario first, second;
    int result = load(&first, text, size);
    for (int origins = 0; origins < 2 && result == OK; origins++) {
        size_t out_size, again_size;
        char *out = resolved(&first, origins != 0, &out_size);
        ck_assert_msg(load(&second, out, out_size) == OK, "%u: %s\n%.1200s", told.items[0].line,
                      told.items[0].message, out);
        char *plain = resolved(&first, false, &out_size);
        char *again = resolved(&second, false, &again_size);
        size_t same = 0;
        while (again[same] != '\0' && again[same] == plain[same])
            same++;
        ck_assert_msg(again[same] == plain[same], "'%.80s' became '%.80s'", plain + same,
                      again + same);
        ck_assert_str_eq(second.description, first.description);
        ck_assert_str_eq(second.name, first.name);
        free(out);
        free(plain);
        free(again);
        scenario_deinit(&second);
    }
    scenario_deinit(&first);
    return result == OK;
}

/* Characters that YAML, JSON, shells or terminals care about. */
static const char *const characters[] = {
    "a",       "Z",       "0", " ",  " ", "\\t",     "\\n",     "\\\"",    "'",
    "\\\\",    ":",       "#", "-",  "?", "{",       "}",       "[",       "]",
    ",",       "&",       "*", "!",  "|", ">",       "%",       "@",       "`",
    "~",       "<<",      "é", "小", "𝄞", "\\u2028", "\\u2029", "\\ufeff", "\\ufffe",
    "\\uffff", "\\u00a0", "=", "$",  ";", "null",    "yes",     "---",     "...",
};

static void put_text(FILE *out, struct rng *rng, size_t most) {
    for (uint64_t left = rng_below(rng, most); left > 0; left--)
        fputs(characters[rng_below(rng, ARRAY_LEN(characters))], out);
}

/* A value within the row's range, often at its ends; in the row's own words. */
static void put_number(FILE *out, struct rng *rng, const struct key_row *row) {
    char text[QUANTITY_BYTES];
    uint64_t span = (uint64_t)(row->max - row->min), pick = rng_below(rng, 4);
    uint64_t above = pick == 0                ? 0
                     : pick == 1              ? span
                     : pick == 2 && span > 10 ? rng_below(rng, 10)
                     : span < INT64_MAX       ? rng_below(rng, span + 1)
                                              : rng_below(rng, span);
    quantity_format(row->min + (int64_t)above, row->unit, text);
    fputs(row->choices != NULL && pick == 2 ? row->choices[0] : text, out);
}

/* "a.b.c" as {b: {c: value}}: the part behind the first dot, opened; returns how many braces. */
static int open_path(FILE *out, const char *path) {
    int depth = 0;
    for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1, depth++)
        fprintf(out, "%.*s: {", (int)(dot - path), path);
    fprintf(out, "%s: ", path);
    return depth;
}

static bool put_row(FILE *out, struct rng *rng, const struct key_row *row) {
    size_t choices = 0;
    while (row->choices != NULL && row->choices[choices] != NULL)
        choices++;
    if (row->type != KEY_NUMBER && row->type != KEY_TEXT && row->type != KEY_COMPONENT &&
        row->type != KEY_NAME && row->type != KEY_CHOICE)
        return false;
    int depth = open_path(out, row->path);
    if (row->type == KEY_NUMBER) {
        put_number(out, rng, row);
    } else if (choices > 0) {
        fputs(row->choices[rng_below(rng, choices)], out);
    } else {
        fputc('"', out);
        put_text(out, rng, row->type == KEY_TEXT ? 900 : 20);
        fputc('"', out);
    }
    while (depth-- > 0)
        fputc('}', out);
    fputc('\n', out);
    return true;
}

static size_t count_rows(void) {
    size_t count = 0;
    while (scenario_keys[count].path != NULL)
        count++;
    return count;
}

/* Some keys of the table at random, each of another group, so that no key is given twice. */
static void put_scenario(FILE *out, struct rng *rng) {
    char seen[8][32];
    size_t used = 0, rows = count_rows();
    fputs(HEAD, out);
    for (uint64_t tries = 1 + rng_below(rng, 3); tries > 0; tries--) {
        const struct key_row *row = &scenario_keys[rng_below(rng, rows)];
        char group[32];
        snprintf(group, sizeof group, "%.*s", (int)strcspn(row->path, "."), row->path);
        bool again = strcmp(group, "schema") == 0;
        for (size_t i = 0; i < used; i++)
            again |= strcmp(seen[i], group) == 0;
        if (!again && put_row(out, rng, row))
            strcpy(seen[used++], group);
    }
    if (rng_chance(rng, 1, 2)) {
        fputs("x-text: &t \"", out);
        put_text(out, rng, 40);
        fputs("\"\n", out);
    }
}

/* Whatever else is drawn below. */
START_TEST(each_character_reads_back) {
    char text[256];
    int size = snprintf(text, sizeof text, HEAD "description: \"a%sb\"\n", characters[_i]);
    ck_assert_msg(reads_back(text, (size_t)size), "%s: %s", characters[_i], told.items[0].message);
}
END_TEST

START_TEST(random_scenarios_read_back) {
    struct rng rng;
    size_t good = 0;
    rng_init(&rng, 1, 0, "scenario_text");
    for (int i = 0; i < 4000; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(out);
        put_scenario(out, &rng);
        fclose(out);
        good += reads_back(text, size);
        free(text);
    }
    ck_assert_msg(good >= 1500, "only %zu of 4000 were scenarios", good);
}
END_TEST

/* What other readers of YAML take for the end of a line, or refuse, stays the escape that it was. */
START_TEST(what_is_no_character_stays_an_escape) {
    static const char *const escapes[] = {"\\u2028", "\\u2029", "\\ufeff", "\\ufffe", "\\uffff"};
    struct scenario scenario;
    char text[256];
    size_t out_size;
    int size = snprintf(text, sizeof text, HEAD "description: \"a%sb\"\n", escapes[_i]);
    ck_assert_int_eq(load(&scenario, text, (size_t)size), OK);
    char *out = resolved(&scenario, false, &out_size);
    ck_assert_ptr_nonnull(strstr(out, escapes[_i]));
    free(out);
    scenario_deinit(&scenario);
}
END_TEST

/* The longest lists that there may be: lines are folded, and the limits leave room. */
START_TEST(the_longest_lists_read_back) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    fputs("schema: 1\ndescription: \"", out);
    for (int i = 0; i < 33; i++)
        fprintf(out, "%0120d\\t \\\n  ", i);
    fputs("\"\ncontinent: {committee: 256, places: [\n", out);
    for (int i = 0; i < 256; i++)
        fprintf(out, "  representatives-stand-at-%d,\n", i);
    fputs("  ]}\nplaces:\n", out);
    for (int i = 0; i < 64; i++)
        fprintf(out, "  - {id: city-%d, nodes: 20}\n", i);
    fputs("faults:\n", out);
    for (int i = 0; i < 1024; i++) {
        fputs("  - {at: 1 s, until: 2.000000001 s, kind: partition, groups: [\n", out);
        for (int side = 0; side < 16; side++)
            fprintf(out, "    {tier: city, place: city-%d, index: 1..3, share: 33.3333 %%},\n",
                    side);
        fputs("    ]}\n", out);
    }
    fputs("expect:\n", out);
    for (int i = 0; i < 256; i++)
        fputs("  - total.p99 < 800.000001 ms\n", out);
    fclose(out);
    bool good = reads_back(text, size);
    ck_assert_msg(good, "%u: %s", told.items[0].line, told.items[0].message);
    free(text);
}
END_TEST

START_TEST(files_that_were_read_are_known) {
    struct scenario scenario;
    ck_assert_int_eq(scenario_load(&scenario, "scenarios/seed-budget.yaml", NULL, &told), OK);
    ck_assert_ptr_nonnull(scenario.files);
    ck_assert_ptr_nonnull(scenario.files->next);
    ck_assert_ptr_null(scenario.files->next->next);
    ck_assert_ptr_nonnull(strstr(scenario.files->path, "/scenarios/shared/seed-budget.yaml"));
    ck_assert_ptr_nonnull(strstr(scenario.files->next->path, "/scenarios/seed-budget.yaml"));
    ck_assert_uint_eq(scenario.files->size, strlen(scenario.files->text));
    scenario_deinit(&scenario);
}
END_TEST

Suite *scenario_text_suite(void) {
    Suite *suite = suite_create("scenario_text");
    TCase *tcase = tcase_create("scenario_text");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, aliases_do_not_explode);
    tcase_add_test(tcase, merging_includes_does_not_explode);
    tcase_add_test(tcase, included_files_are_counted);
    tcase_add_test(tcase, ninety_thousand_keys_take_no_time);
    tcase_add_test(tcase, anchors_are_counted);
    tcase_add_test(tcase, texts_and_values_have_a_length);
    tcase_add_loop_test(tcase, control_characters_are_refused_unescaped_too, 0,
                        (int)ARRAY_LEN(control_texts));
    tcase_add_test(tcase, sets_are_text_too);
    tcase_add_loop_test(tcase, a_name_is_one_component_of_a_path, 0, (int)ARRAY_LEN(names));
    tcase_add_test(tcase, a_name_has_a_length);
    tcase_add_loop_test(tcase, a_misspelt_key_is_looked_for_everywhere, 0,
                        (int)ARRAY_LEN(misspelt));
    tcase_add_test(tcase, messages_are_cut_between_characters);
    tcase_add_test(tcase, a_message_beyond_its_room_ends_with_an_ellipsis);
    tcase_add_loop_test(tcase, texts_are_cleaned_for_terminals, 0, (int)ARRAY_LEN(cleaned));
    tcase_add_loop_test(tcase, each_character_reads_back, 0, ARRAY_LEN(characters));
    tcase_add_loop_test(tcase, what_is_no_character_stays_an_escape, 0, 5);
    tcase_add_test(tcase, random_scenarios_read_back);
    tcase_add_test(tcase, the_longest_lists_read_back);
    tcase_add_test(tcase, files_that_were_read_are_known);
    suite_add_tcase(suite, tcase);
    return suite;
}

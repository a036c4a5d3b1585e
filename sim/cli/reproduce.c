/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/reproduce.h"

#include <inttypes.h>
#include <string.h>

/* One word, quoted where a shell would see more than a word. */
static void add_word(struct text *out, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=,:@%+";
    if (out->size > 0)
        text_add(out, " ");
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        text_add(out, word);
        return;
    }
    text_add(out, "'");
    for (; *word != '\0'; word++)
        if (*word == '\'')
            text_add(out, "'\\''");
        else
            text_append(out, word, 1);
    text_add(out, "'");
}

static bool sets_key(const char *set, const char *key) {
    size_t length = strlen(key);
    return strncmp(set, key, length) == 0 && set[length] == '=';
}

void reproduce_line(const struct reproduce *run, struct text *out) {
    struct text file = {0};
    /* A name that looks like an option is a path all the same. */
    text_format(&file, "%s%s", run->file[0] == '-' ? "./" : "", run->file);
    if (run->directory != NULL) {
        add_word(out, "cd");
        add_word(out, run->directory);
        text_add(out, " &&");
    }
    add_word(out, run->program);
    add_word(out, "run");
    add_word(out, file.bytes);
    text_deinit(&file);
    for (size_t i = 0; i < run->set_count; i++) {
        if (sets_key(run->sets[i], "seed") || sets_key(run->sets[i], "repetitions"))
            continue;
        add_word(out, "--set");
        add_word(out, run->sets[i]);
    }
    if (run->output != NULL) {
        add_word(out, "-o");
        add_word(out, run->output);
    }
    text_format(out, " --seed %" PRIu64 " --repetitions %" PRId64, run->seed, run->repetitions);
}

void reproduce_command(const char *directory, int count, char *const *arguments, struct text *out) {
    if (directory != NULL) {
        add_word(out, "cd");
        add_word(out, directory);
        text_add(out, " &&");
    }
    for (int i = 0; i < count; i++)
        add_word(out, arguments[i]);
}

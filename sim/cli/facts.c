/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/facts.h"

#include <gsl/gsl_version.h>
#include <isa-l.h>
#include <libfyaml.h>
#include <simgrid/engine.h>
#include <simgrid/version.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "sim/driver/driver.h"
#include "sim/scenario/keys.h"

#define TEXT_OF(value)   #value
#define MACRO_TEXT(name) TEXT_OF(name)

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

void facts_time(time_t time, char text[FACTS_TIME_BYTES]) {
    struct tm utc;
    strftime(text, FACTS_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
}

/* The first "model name" of /proc/cpuinfo; "" where there is none. */
static const char *cpu_name(void) {
    static char name[128];
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file != NULL && name[0] == '\0' && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "model name : %127[^\n]", name) != 1)
            name[0] = '\0';
    if (file != NULL)
        fclose(file);
    return name;
}

struct manifest_facts facts_of_program(int argument_count, char **arguments) {
    static struct library_fact libraries[6];
    static char isal[32], directory[4096];
    static struct utsname system;
    uname(&system);
    if (getcwd(directory, sizeof directory) == NULL)
        directory[0] = '\0';
    snprintf(isal, sizeof isal, "%d.%d.%d", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
             ISAL_PATCH_VERSION);
    libraries[0] = (struct library_fact){"libsodium", sodium_version_string()};
    libraries[1] = (struct library_fact){"isa-l", isal};
    libraries[2] = (struct library_fact){"gsl", GSL_VERSION};
    libraries[3] = (struct library_fact){"libfyaml", fy_library_version()};
    libraries[4] = (struct library_fact){"sqlite", sqlite3_libversion()};
    libraries[5] = (struct library_fact){"zlib", zlibVersion()};
    return (struct manifest_facts){
        .version = TIERCHAIN_VERSION,
        .git_commit = TIERCHAIN_COMMIT,
        .compiler = COMPILER,
        .simgrid_version = MACRO_TEXT(SIMGRID_VERSION_MAJOR) "." MACRO_TEXT(SIMGRID_VERSION_MINOR),
        .simgrid_configuration = driver_simgrid_configuration(),
        .libraries = libraries,
        .library_count = 6,
        .argument_count = argument_count,
        .arguments = (const char *const *)arguments,
        .directory = directory,
        .host = system.nodename,
        .cpu = cpu_name(),
        .kernel = system.release,
    };
}

/* The digest of the file at @path; false when it cannot be read. */
static bool digest_file(const char *path, char hex[MANIFEST_SHA256_BYTES]) {
    uint8_t part[1 << 14], digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    crypto_hash_sha256_init(&state);
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        crypto_hash_sha256_update(&state, part, size);
    bool good = !ferror(file);
    fclose(file);
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2hex(hex, MANIFEST_SHA256_BYTES, digest, sizeof digest);
    return good;
}

/* The row's file, or NULL: a choice such as "measured" is none. */
static const char *file_of(const struct scenario *scenario, const struct key_row *row) {
    const char *path;
    if (row->type != KEY_FILE)
        return NULL;
    memcpy(&path, (const char *)scenario + row->offset, sizeof path);
    return path != NULL && path[0] == '/' ? path : NULL;
}

static bool is_there(const struct manifest_file *files, size_t count, const char *path) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].path, path) == 0)
            return true;
    return false;
}

size_t facts_of_files(const struct scenario *scenario, struct manifest_file **files,
                      char (**digests)[MANIFEST_SHA256_BYTES]) {
    size_t count = 0, most = 0;
    for (const struct scenario_file *file = scenario->files; file != NULL; file = file->next)
        most++;
    most += SCENARIO_KEYS;
    *files = memory_new(most, sizeof **files);
    *digests = memory_new(most, sizeof **digests);
    for (const struct scenario_file *file = scenario->files; file != NULL; file = file->next) {
        if (is_there(*files, count, file->path))
            continue;
        manifest_sha256(file->text, file->size, (*digests)[count]);
        (*files)[count] = (struct manifest_file){file->path, (*digests)[count]};
        count++;
    }
    for (const struct key_row *row = scenario_keys; row->path != NULL; row++) {
        const char *path = file_of(scenario, row);
        if (path == NULL || is_there(*files, count, path))
            continue;
        bool read = digest_file(path, (*digests)[count]);
        (*files)[count] = (struct manifest_file){path, read ? (*digests)[count] : NULL};
        count++;
    }
    return count;
}

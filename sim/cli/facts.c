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
#include <zlib.h>

#include "sim/driver/driver.h"

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

struct manifest_facts facts_of_program(int argument_count, char **arguments) {
    static struct library_fact libraries[6];
    static char isal[32];
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
    };
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/places.h"
#include "base/error.h"
#include "models/csv.h"
#include "models/data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

enum { PLACE_MAX = 256 };

static struct place_info table[PLACE_MAX];
static size_t table_count;
static once_flag table_once = ONCE_FLAG_INIT;

/* The columns, in the file's order. */
enum { ID, NAME, COUNTRY, CONTINENT, LAT, LON, POPULATION, AWS_REGION, AWS_KM, COLUMN_COUNT };

static bool read_row(const struct csv_field *fields, struct place_info *place) {
    return csv_copy(fields[ID], place->id, sizeof place->id) == OK &&
           csv_copy(fields[NAME], place->name, sizeof place->name) == OK &&
           csv_copy(fields[COUNTRY], place->country, sizeof place->country) == OK &&
           csv_copy(fields[CONTINENT], place->continent, sizeof place->continent) == OK &&
           csv_number(fields[LAT], &place->lat) == OK &&
           csv_number(fields[LON], &place->lon) == OK &&
           csv_integer(fields[POPULATION], &place->population) == OK &&
           csv_copy(fields[AWS_REGION], place->aws_region, sizeof place->aws_region) == OK &&
           csv_number(fields[AWS_KM], &place->aws_km) == OK;
}

/* The file is part of the program: a malformed one is a bug, hence asserts. */
static void read_table(void) {
    const struct data_file *file = data_find("place/cities.csv");
    assert(file);
    struct csv csv;
    int more = csv_init(&csv, file->text, file->size);
    assert(more == OK && csv.column_count == COLUMN_COUNT);
    while ((more = csv_next(&csv)) > 0) {
        assert(table_count < PLACE_MAX);
        struct place_info *place = &table[table_count++];
        bool valid = read_row(csv.fields, place);
        assert(valid);
        assert(table_count == 1 || strcmp(place[-1].id, place->id) < 0);
    }
    assert(more == 0);
}

const struct place_info *places_at(size_t index) {
    call_once(&table_once, read_table);
    return index < table_count ? &table[index] : NULL;
}

const char *places_name_at(size_t index) {
    const struct place_info *place = places_at(index);
    return place ? place->id : NULL;
}

static int compare_id(const void *id, const void *place) {
    return strcmp(id, ((const struct place_info *)place)->id);
}

const struct place_info *places_find(const char *id) {
    call_once(&table_once, read_table);
    return bsearch(id, table, table_count, sizeof table[0], compare_id);
}

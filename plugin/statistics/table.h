/* table.h
 * What our tables (stat_tap_table_ui) have in common: a table that several windows show, cells
 * with texts, and one use in a run of tshark.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef MQTT5_STATISTICS_TABLE_H
#define MQTT5_STATISTICS_TABLE_H

#include "compat.h"

#include <epan/stat_tap_ui.h>

/* A table with what Wireshark needs to know of it. Its callbacks call the functions below. */
typedef struct {
    stat_tap_table_ui ui;
    /* Rows that a window may still use although the table was filled again for another window. */
    GPtrArray *retired;
} mqtt5_table;

/* Makes the table, or empties it if there is one. */
void mqtt5_table_begin(mqtt5_table *table);

/* Empties it, for one window. */
void mqtt5_table_reset(mqtt5_table *table);

/* Frees what a cell points to: stat_tap_free_table_item_cb. */
void mqtt5_table_free_cell(stat_tap_table *table, unsigned row, unsigned column, stat_tap_table_item_type *cell);

/* Used twice in one run of tshark, both would count into the same table: sets *error then. Windows
 * use it one after the other. */
void mqtt5_table_check_once(mqtt5_table *table, char **error);

/* How many rows there are; the cells of row `number`. */
unsigned mqtt5_table_rows(const mqtt5_table *table);
stat_tap_table_item_type *mqtt5_table_row(const mqtt5_table *table, unsigned number);

/* Appends a row with 0 in each number and "-" in each text. */
stat_tap_table_item_type *mqtt5_table_add(mqtt5_table *table);

/* Gives a cell a copy of the text. */
void mqtt5_table_set_text(stat_tap_table_item_type *cell, const char *text);

/* Adds to a number. Stops at the largest one instead of wrapping around to 0. */
void mqtt5_table_count(stat_tap_table_item_type *cell, uint32_t number);

#endif

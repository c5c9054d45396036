/* table.c
 * What our tables have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "statistics/table.h"

static stat_tap_table *inner(const mqtt5_table *table)
{
    return stat_tap_find_table((stat_tap_table_ui *)&table->ui, table->ui.title);
}

static void free_row(const mqtt5_table *table, stat_tap_table_item_type *cells)
{
    for (unsigned i = 0; i < table->ui.nfields; i++)
        mqtt5_table_free_cell(NULL, 0, i, &cells[i]);
    g_free(cells);
}

void mqtt5_table_free_cell(stat_tap_table *table, unsigned row, unsigned column, stat_tap_table_item_type *cell)
{
    (void)table;
    (void)row;
    (void)column;
    if (cell->type == TABLE_ITEM_STRING)
        g_free((char *)cell->value.string_value);
}

void mqtt5_table_reset(mqtt5_table *table)
{
    stat_tap_table *rows = inner(table);
    bool shared = table->ui.refcount > 1;

    if (!table->retired)
        table->retired = g_ptr_array_new();
    /* This window releases its rows now; other windows do not know about it. */
    for (unsigned i = 0; !shared && i < table->retired->len; i++)
        free_row(table, g_ptr_array_index(table->retired, i));
    if (!shared)
        g_ptr_array_set_size(table->retired, 0);
    for (unsigned i = 0; rows && i < rows->num_elements; i++) {
        if (shared)
            g_ptr_array_add(table->retired, rows->elements[i]);
        else
            free_row(table, rows->elements[i]);
    }
    if (rows)
        rows->num_elements = 0;
}

void mqtt5_table_begin(mqtt5_table *table)
{
    if (inner(table))
        mqtt5_table_reset(table);
    else
        stat_tap_add_table(&table->ui, stat_tap_init_table(table->ui.title, (int)table->ui.nfields, 0, NULL));
}

void mqtt5_table_check_once(mqtt5_table *table, char **error)
{
    if (table->ui.refcount == 0 && inner(table))
        *error = g_strdup_printf("-z %s can be given only once in a run", table->ui.cli_string);
}

unsigned mqtt5_table_rows(const mqtt5_table *table)
{
    const stat_tap_table *rows = inner(table);

    return rows ? rows->num_elements : 0;
}

stat_tap_table_item_type *mqtt5_table_row(const mqtt5_table *table, unsigned number)
{
    return inner(table)->elements[number];
}

stat_tap_table_item_type *mqtt5_table_add(mqtt5_table *table)
{
    stat_tap_table *rows = inner(table);
    stat_tap_table_item_type *cells = g_new0(stat_tap_table_item_type, table->ui.nfields);
    unsigned number = rows->num_elements;

    for (unsigned i = 0; i < table->ui.nfields; i++) {
        cells[i].type = table->ui.fields[i].type;
        if (cells[i].type == TABLE_ITEM_STRING)
            cells[i].value.string_value = g_strdup("-");
    }
    stat_tap_init_table_row(rows, number, (unsigned)table->ui.nfields, cells);
    g_free(cells);
    return rows->elements[number];
}

void mqtt5_table_set_text(stat_tap_table_item_type *cell, const char *text)
{
    g_free((char *)cell->value.string_value);
    cell->value.string_value = g_strdup(text);
}

void mqtt5_table_count(stat_tap_table_item_type *cell, uint32_t number)
{
    cell->value.uint_value += MIN(number, G_MAXUINT - cell->value.uint_value);
}

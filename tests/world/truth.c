/* truth.c
 * What a capture of a simulated world really shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "truth.h"

/* Where a packet is: the frame with its last byte, and which of those that end there it is. */
typedef struct {
    unsigned frame, nth;
} place;

static place *place_of(GHashTable *places, const packet *p)
{
    static place nowhere;
    place *found = p ? g_hash_table_lookup(places, p) : NULL;

    return found ? found : &nowhere;
}

static void find_in_frame(GHashTable *places, const frame *f, unsigned number)
{
    const GArray *marks = f->connection->ends[f->direction].marks;
    unsigned nth = 0;

    for (guint i = 0; i < marks->len; i++) {
        const tcp_mark *mark = &g_array_index(marks, tcp_mark, i);
        place *made;

        if (mark->end <= f->offset || mark->end > f->offset + f->length)
            continue;
        nth++;
        if (g_hash_table_contains(places, mark->packet))
            continue;
        made = g_new(place, 1);
        *made = (place){number, nth};
        g_hash_table_insert(places, (void *)mark->packet, made);
    }
}

static void write_packet(FILE *file, GHashTable *places, const tcp_connection *c, unsigned end, const packet *p, arena *memory)
{
    const place *here = place_of(places, p), *there;

    fprintf(file, "packet\t%u\t%u\t%u\t%s\t%s\n", here->frame, here->nth, c->number, end ? "server" : "client", packet_describe(memory, p));
    if (p->sent_first) {
        there = place_of(places, p->sent_first);
        fprintf(file, "again\t%u\t%u\t%u\t%u\n", here->frame, here->nth, there->frame, there->nth);
    }
    if (p->original) {
        there = place_of(places, p->original);
        fprintf(file, "copy\t%u\t%u\t%u\t%u\n", here->frame, here->nth, there->frame, there->nth);
    }
    if (p->fault)
        fprintf(file, "fault\t%u\t%u\t%s\t%s\n", here->frame, here->nth, p->fault, p->found_later ? "later" : "there");
}

static void write_connection(FILE *file, GHashTable *places, const tcp_connection *c, arena *memory)
{
    for (unsigned end = 0; end < 2; end++)
        for (guint i = 0; i < c->ends[end].marks->len; i++)
            write_packet(file, places, c, end, g_array_index(c->ends[end].marks, tcp_mark, i).packet, memory);
}

void truth_write(FILE *file, const world *w, const GArray *captures, unsigned first)
{
    GHashTable *places = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    arena *memory = arena_new();

    fprintf(file, "world\t%u\t%u\t%u\t%u\t%u\n", w->plan.number, first, first + captures->len - 1, w->plan.seed, w->plan.number);
    for (guint i = 0; i < captures->len; i++) {
        const capture *c = &g_array_index(captures, capture, i);

        find_in_frame(places, &c->frame, first + i);
        if (c->what)
            fprintf(file, "tap\t%u\t%s\n", first + i, c->what);
    }
    for (guint i = 0; i < w->network.connections->len; i++)
        write_connection(file, places, w->network.connections->pdata[i], memory);
    if (w->fault.done && !w->fault.shown)
        fprintf(file, "fault\t0\t0\t%s\tlater\n", w->plan.fault);
    g_hash_table_destroy(places);
    arena_free(memory);
}

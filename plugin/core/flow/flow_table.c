/* flow_table.c
 * Flows in a pool, and a table of two levels over the 16 bits of the Packet Identifier that says
 * where in it each of them is; as long as there are only a few, a list does. The entry that was freed last is used next: who has few messages in
 * flight uses the same few entries all the time, whatever their identifiers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "core/flow/flow_table.h"

#include "core/rules/finding.h"

#include <string.h>

/* Identifiers of one page, and flows of one piece of the pool. */
#define PAGE_BITS 9
#define PAGE (1u << PAGE_BITS)
#define PIECE_BITS 2
#define PIECE (1u << PIECE_BITS)

G_STATIC_ASSERT(MQTT5_FLOW_PAGES << PAGE_BITS == 65536);

struct mqtt5_flow_page {
    unsigned used;
    /* in the pool, plus 1; 0: none. There are 65,535 identifiers, as 0 is none. */
    uint16_t places[PAGE];
};

mqtt5_flows *mqtt5_flows_new(void)
{
    return g_new0(mqtt5_flows, 1);
}

void mqtt5_flows_free(mqtt5_flows *flows)
{
    if (!flows)
        return;
    for (unsigned i = 0; flows->pages && i < MQTT5_FLOW_PAGES; i++)
        g_free(flows->pages[i]);
    g_free(flows->pages);
    for (uint32_t i = 0; i < flows->pieces; i++)
        g_free(flows->pool[i]);
    g_free(flows->pool);
    if (flows->owed)
        g_hash_table_destroy(flows->owed);
    if (flows->spares)
        g_hash_table_destroy(flows->spares);
    g_free(flows->topics);
    g_free(flows->closed);
    g_free(flows->closed_buckets);
    g_free(flows);
}

static mqtt5_flow *flow_at(const mqtt5_flows *flows, unsigned place)
{
    return &flows->pool[place >> PIECE_BITS][place & (PIECE - 1)];
}

static mqtt5_flow *find_in_pages(const mqtt5_flows *flows, uint16_t id)
{
    const mqtt5_flow_page *page = flows->pages[id >> PAGE_BITS];
    unsigned place = page ? page->places[id & (PAGE - 1)] : 0;

    return place != 0 ? flow_at(flows, place - 1) : NULL;
}

mqtt5_flow *mqtt5_flow_find(const mqtt5_flows *flows, uint16_t id)
{
    if (!flows || flows->open == 0 || id == 0)
        return NULL;
    if (flows->pages)
        return find_in_pages(flows, id);
    for (unsigned place = 0; place < MQTT5_FLOWS_FEW; place++)
        if (flows->few[place] == id)
            return flow_at(flows, place);
    return NULL;
}

/* One more piece of the pool, for when no entry is free. */
static void add_piece(mqtt5_flows *flows)
{
    mqtt5_flow *piece = g_new0(mqtt5_flow, PIECE);

    /* Room for a power of two of pieces. */
    if ((flows->pieces & (flows->pieces - 1)) == 0)
        flows->pool = g_renew(mqtt5_flow *, flows->pool, MAX(2 * flows->pieces, 1));
    for (unsigned i = PIECE; i > 0; i--) {
        piece[i - 1].place = (uint16_t)(flows->pieces * PIECE + i - 1);
        piece[i - 1].next = flows->free;
        flows->free = &piece[i - 1];
    }
    flows->pool[flows->pieces++] = piece;
}

/* Notes in its page where a flow is. */
static void enter(mqtt5_flows *flows, uint16_t id, unsigned place)
{
    mqtt5_flow_page **page = &flows->pages[id >> PAGE_BITS];

    if (!*page)
        *page = g_new0(mqtt5_flow_page, 1);
    (*page)->used++;
    (*page)->places[id & (PAGE - 1)] = (uint16_t)(place + 1);
}

/* From now on there are pages. */
static MQTT5_SELDOM void make_pages(mqtt5_flows *flows)
{
    flows->pages = g_new0(mqtt5_flow_page *, MQTT5_FLOW_PAGES);
    for (unsigned place = 0; place < MQTT5_FLOWS_FEW; place++)
        if (flows->few[place] != 0)
            enter(flows, flows->few[place], place);
}

mqtt5_flow *mqtt5_flow_open(mqtt5_flows *flows, uint16_t id, mqtt5_packet_type awaits)
{
    mqtt5_flow *flow;

    if (!flows->free)
        add_piece(flows);
    flow = flows->free;
    flows->free = flow->next;
    flow->next = NULL;
    if (!flows->pages && flow->place >= MQTT5_FLOWS_FEW)
        make_pages(flows);
    if (flows->pages)
        enter(flows, id, flow->place);
    else
        flows->few[flow->place] = id;
    flows->open++;
    flow->id = id;
    flow->awaits = (uint8_t)awaits;
    return flow;
}

/* As those of pages, in the order of the identifiers. */
static void visit_few(const mqtt5_flows *flows, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data)
{
    unsigned last = 0;

    for (unsigned left = flows->open; left > 0; left--) {
        unsigned next = UINT_MAX, at = 0;

        for (unsigned place = 0; place < MQTT5_FLOWS_FEW; place++)
            if (flows->few[place] > last && flows->few[place] < next)
                next = flows->few[at = place];
        visit(flow_at(flows, at), data);
        last = next;
    }
}

void mqtt5_flows_foreach(const mqtt5_flows *flows, void (*visit)(mqtt5_flow *flow, gpointer data), gpointer data)
{
    if (!flows->pages) {
        visit_few(flows, visit, data);
        return;
    }
    for (unsigned id = 1; id <= UINT16_MAX; id++) {
        mqtt5_flow *flow;

        if (!flows->pages[id >> PAGE_BITS] || flows->pages[id >> PAGE_BITS]->used == 0)
            id |= PAGE - 1;
        else if ((flow = mqtt5_flow_find(flows, (uint16_t)id)))
            visit(flow, data);
    }
}

/* One empty page stays, so that a sender with one message in flight does not cost an allocation for
 * each. */
static void keep_one_idle(mqtt5_flows *flows, unsigned number)
{
    if (flows->idle != 0 && flows->idle != number + 1) {
        mqtt5_flow_page **other = &flows->pages[flows->idle - 1];

        if (*other && (*other)->used == 0)
            g_clear_pointer(other, g_free);
    }
    flows->idle = number + 1;
}

static void leave_page(mqtt5_flows *flows, uint16_t id)
{
    mqtt5_flow_page *page = flows->pages[id >> PAGE_BITS];

    page->places[id & (PAGE - 1)] = 0;
    if (--page->used == 0)
        keep_one_idle(flows, id >> PAGE_BITS);
}

mqtt5_closed_flow *mqtt5_flow_close(mqtt5_flows *flows, mqtt5_flow *flow, uint32_t frame, bool failed)
{
    mqtt5_closed_flow *closed = mqtt5_flow_remember(flows, flow->id);

    closed->awaited = flow->awaits;
    closed->failed = failed;
    closed->sound = !flow->doubtful && !flow->resent && flow->request_frame != 0;
    closed->completed = flow->awaits == MQTT5_PUBCOMP && !flow->reopened;
    closed->crossing = flow->crossing;
    closed->waiting_frame = flow->frame;
    closed->epoch = flow->epoch;
    closed->request_frame = flow->request_frame;
    closed->frame = frame;
    mqtt5_flow_dequeue(flows, flow);
    if (flows->pages)
        leave_page(flows, flow->id);
    else
        flows->few[flow->place] = 0;
    *flow = (mqtt5_flow){.next = flows->free, .place = flow->place};
    flows->free = flow;
    flows->open--;
    return closed;
}

void mqtt5_flow_enqueue(mqtt5_flows *flows, mqtt5_flow *flow)
{
    mqtt5_flow_queue *queue = &flows->queues[flow->awaits];

    flow->next = NULL;
    flow->previous = queue->tail;
    flow->queued = true;
    if (queue->tail)
        queue->tail->next = flow;
    else
        queue->head = flow;
    queue->tail = flow;
}

void mqtt5_flow_dequeue(mqtt5_flows *flows, mqtt5_flow *flow)
{
    mqtt5_flow_queue *queue = &flows->queues[flow->awaits];

    if (!flow->queued)
        return;
    if (flow->previous) {
        flow->previous->next = flow->next;
    } else {
        queue->head = flow->next;
        queue->overtaken = 0;
    }
    if (flow->next)
        flow->next->previous = flow->previous;
    else
        queue->tail = flow->previous;
    flow->next = flow->previous = NULL;
    flow->queued = false;
}

void mqtt5_flow_await(mqtt5_flows *flows, mqtt5_flow *flow, mqtt5_packet_type awaits)
{
    mqtt5_flow_dequeue(flows, flow);
    flow->awaits = (uint8_t)awaits;
}

/* Answers that are owed for one identifier. */
typedef struct {
    unsigned count;
    mqtt5_answer *abandoned;
} debt;

void mqtt5_flow_owe(mqtt5_flows *flows, uint16_t id, mqtt5_answer *abandoned)
{
    debt *owed;

    if (!flows->owed)
        flows->owed = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    owed = g_hash_table_lookup(flows->owed, GUINT_TO_POINTER(id));
    if (!owed) {
        owed = g_new0(debt, 1);
        g_hash_table_insert(flows->owed, GUINT_TO_POINTER(id), owed);
    }
    owed->count++;
    owed->abandoned = abandoned;
}

bool mqtt5_flow_is_owed(const mqtt5_flows *flows, uint16_t id)
{
    return flows->owed && g_hash_table_contains(flows->owed, GUINT_TO_POINTER(id));
}

void mqtt5_flow_repay(mqtt5_flows *flows, uint16_t id)
{
    debt *owed = flows && flows->owed ? g_hash_table_lookup(flows->owed, GUINT_TO_POINTER(id)) : NULL;

    if (!owed)
        return;
    /* So the one that was given up was answered after all, but it is not known in which packet. */
    if (owed->abandoned)
        *owed->abandoned = (mqtt5_answer){0, false};
    owed->abandoned = NULL;
    if (--owed->count == 0)
        g_hash_table_remove(flows->owed, GUINT_TO_POINTER(id));
}

static unsigned spares_of(const mqtt5_flows *flows, uint16_t id)
{
    return flows->spares ? GPOINTER_TO_UINT(g_hash_table_lookup(flows->spares, GUINT_TO_POINTER(id))) : 0;
}

void mqtt5_flow_allow(mqtt5_flows *flows, uint16_t id)
{
    if (id == 0) {
        flows->spare = MIN(flows->spare, UINT32_MAX - 2) + 2;
        return;
    }
    if (!flows->spares)
        flows->spares = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(flows->spares, GUINT_TO_POINTER(id), GUINT_TO_POINTER(MIN(spares_of(flows, id), UINT16_MAX) + 2));
}

bool mqtt5_flow_has_spare(const mqtt5_flows *flows, uint16_t id)
{
    if (!flows)
        return false;
    return flows->spare > 0 || (id == 0 ? flows->spares && g_hash_table_size(flows->spares) > 0 : spares_of(flows, id) > 0);
}

bool mqtt5_flow_take_spare(mqtt5_flows *flows, uint16_t id)
{
    unsigned own = flows ? spares_of(flows, id) : 0;

    if (!mqtt5_flow_has_spare(flows, id))
        return false;
    if (own > 1)
        g_hash_table_insert(flows->spares, GUINT_TO_POINTER(id), GUINT_TO_POINTER(own - 1));
    else if (own == 1)
        g_hash_table_remove(flows->spares, GUINT_TO_POINTER(id));
    else
        flows->spare--;
    return true;
}

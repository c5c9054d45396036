/* test_topic.c
 * Syntax of Topic Filters, and which Topic Names they match (4.7, 4.8.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <glib.h>
#include <string.h>

#include "core/standard/topic.h"

static mqtt5_topic_filter_fault check(const char *filter, gboolean shared)
{
    return mqtt5_topic_filter_check((const guint8 *)filter, (guint32)strlen(filter), shared);
}

static void test_syntax(void)
{
    static const struct {
        const char *filter;
        mqtt5_topic_filter_fault fault, in_old; /* in MQTT 5, and before */
    } cases[] = {
        {"a", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"/", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"a/b/c", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"a//c", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"/#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"a/#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"+", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"+/+", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"+/a/#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"/+", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"$SYS/#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"", MQTT5_TOPIC_FILTER_EMPTY, MQTT5_TOPIC_FILTER_EMPTY},
        {"##", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
        {"a#", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
        {"#/a", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
        {"a/#/b", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
        {"a/#/", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
        {"a+", MQTT5_TOPIC_FILTER_PLUS, MQTT5_TOPIC_FILTER_PLUS},
        {"+a", MQTT5_TOPIC_FILTER_PLUS, MQTT5_TOPIC_FILTER_PLUS},
        {"a/b+/c", MQTT5_TOPIC_FILTER_PLUS, MQTT5_TOPIC_FILTER_PLUS},
        {"++", MQTT5_TOPIC_FILTER_PLUS, MQTT5_TOPIC_FILTER_PLUS},
        {"$share/g/a", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"$share/g/+/#", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"$share/g//", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"$shared/a", MQTT5_TOPIC_FILTER_VALID, MQTT5_TOPIC_FILTER_VALID},
        {"$share", MQTT5_TOPIC_FILTER_SHARE_NAME, MQTT5_TOPIC_FILTER_VALID},
        {"$share/", MQTT5_TOPIC_FILTER_SHARE_NAME, MQTT5_TOPIC_FILTER_VALID},
        {"$share//a", MQTT5_TOPIC_FILTER_SHARE_NAME, MQTT5_TOPIC_FILTER_VALID},
        {"$share/g", MQTT5_TOPIC_FILTER_SHARE_SYNTAX, MQTT5_TOPIC_FILTER_VALID},
        {"$share/g/", MQTT5_TOPIC_FILTER_SHARE_SYNTAX, MQTT5_TOPIC_FILTER_VALID},
        {"$share/+/a", MQTT5_TOPIC_FILTER_SHARE_SYNTAX, MQTT5_TOPIC_FILTER_VALID},
        {"$share/g#/a", MQTT5_TOPIC_FILTER_SHARE_SYNTAX, MQTT5_TOPIC_FILTER_HASH},
        {"$share/g/a#", MQTT5_TOPIC_FILTER_HASH, MQTT5_TOPIC_FILTER_HASH},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (check(cases[i].filter, TRUE) != cases[i].fault || check(cases[i].filter, FALSE) != cases[i].in_old)
            g_test_message("%s", cases[i].filter);
        g_assert_cmpint(check(cases[i].filter, TRUE), ==, cases[i].fault);
        g_assert_cmpint(check(cases[i].filter, FALSE), ==, cases[i].in_old);
    }
}

static void test_shared(void)
{
    static const struct {
        const char *filter;
        gboolean shared;
        const char *body;
    } cases[] = {
        {"a/b", FALSE, "a/b"},         {"$share", FALSE, "$share"}, {"$shared/g/a", FALSE, "$shared/g/a"},
        {"$share/g/a/b", TRUE, "a/b"}, {"$share/g/#", TRUE, "#"},   {"$share/g", TRUE, ""},
        {"$share//a", TRUE, "a"},      {"$share/g//a", TRUE, "/a"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *filter = cases[i].filter;
        guint32 length = (guint32)strlen(filter), body = mqtt5_topic_filter_body((const guint8 *)filter, length);
        gboolean shared;

        g_assert_cmpint(mqtt5_topic_filter_is_shared((const guint8 *)filter, length), ==, cases[i].shared);
        g_assert_cmpuint(body, <=, length);
        g_assert_cmpstr(filter + body, ==, cases[i].body);
        /* in two steps: without a filter after it, it is not shared */
        shared = cases[i].shared && *cases[i].body != '\0';
        g_assert_cmpint(mqtt5_topic_filter_split((const guint8 *)filter, length, &body), ==, shared);
        g_assert_cmpstr(filter + body, ==, shared ? cases[i].body : filter);
    }
}

static const struct {
    const char *filter, *topic;
    gboolean matches, levels; /* by 4.7.2, and without it */
} pairs[] = {
    /* the examples of 4.7.1 */
    {"sport/tennis/player1/#", "sport/tennis/player1", TRUE, TRUE},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", TRUE, TRUE},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", TRUE, TRUE},
    {"sport/#", "sport", TRUE, TRUE},
    {"#", "sport", TRUE, TRUE},
    {"sport/tennis/+", "sport/tennis/player1", TRUE, TRUE},
    {"sport/tennis/+", "sport/tennis/player1/ranking", FALSE, FALSE},
    {"sport/+", "sport", FALSE, FALSE},
    {"sport/+", "sport/", TRUE, TRUE},
    {"+/+", "/finance", TRUE, TRUE},
    {"/+", "/finance", TRUE, TRUE},
    {"+", "/finance", FALSE, FALSE},
    /* 4.7.2 */
    {"#", "$SYS/monitor", FALSE, TRUE},
    {"+/monitor/Clients", "$SYS/monitor/Clients", FALSE, TRUE},
    {"$SYS/#", "$SYS/monitor", TRUE, TRUE},
    {"$SYS/monitor/+", "$SYS/monitor/Clients", TRUE, TRUE},
    {"a/+", "a/$SYS", TRUE, TRUE},
    {"/#", "$SYS", FALSE, FALSE},
    /* 4.7.3: case, slashes and blanks count */
    {"ACCOUNTS", "Accounts", FALSE, FALSE},
    {"/finance", "finance", FALSE, FALSE},
    {"finance", "/finance", FALSE, FALSE},
    {"finance/", "finance", FALSE, FALSE},
    {"finance", "finance/", FALSE, FALSE},
    {"a b", "a b", TRUE, TRUE},
    {"/", "/", TRUE, TRUE},
    {"/", "//", FALSE, FALSE},
    /* more */
    {"a", "a", TRUE, TRUE},
    {"a", "ab", FALSE, FALSE},
    {"ab", "a", FALSE, FALSE},
    {"a/b", "a/c", FALSE, FALSE},
    {"a/#", "ab", FALSE, FALSE},
    {"a/#", "a/", TRUE, TRUE},
    {"a/+/c", "a/b/c", TRUE, TRUE},
    {"a/+/c", "a//c", TRUE, TRUE},
    {"a/+/c", "a/b/d", FALSE, FALSE},
    {"a/+/c", "a/b/cd", FALSE, FALSE},
    {"a/+/c", "a/b", FALSE, FALSE},
    {"+/+/#", "a/b", TRUE, TRUE},
    {"+/+/#", "a", FALSE, FALSE},
    {"+/#", "a", TRUE, TRUE},
    {"#", "/", TRUE, TRUE},
    {"+", "", TRUE, TRUE},
    {"", "", TRUE, TRUE},
    {"", "a", FALSE, FALSE},
};

static void test_matching(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const guint8 *filter = (const guint8 *)pairs[i].filter, *topic = (const guint8 *)pairs[i].topic;
        guint32 filter_length = (guint32)strlen(pairs[i].filter), topic_length = (guint32)strlen(pairs[i].topic);

        if (mqtt5_topic_matches(filter, filter_length, topic, topic_length) != pairs[i].matches)
            g_test_message("%s and %s", pairs[i].filter, pairs[i].topic);
        g_assert_cmpint(mqtt5_topic_matches(filter, filter_length, topic, topic_length), ==, pairs[i].matches);
        g_assert_cmpint(mqtt5_topic_matches_levels(filter, filter_length, topic, topic_length), ==, pairs[i].levels);
    }
}

/* The same by the text of 4.7, level by level. */
static gboolean matches_by_levels(const char *filter, const char *topic)
{
    char **f = g_strsplit(filter, "/", -1), **t = g_strsplit(topic, "/", -1);
    guint i = 0;
    gboolean result;

    if (!*filter)
        f = (g_strfreev(f), g_new0(char *, 2)), f[0] = g_strdup("");
    if (!*topic)
        t = (g_strfreev(t), g_new0(char *, 2)), t[0] = g_strdup("");
    while (f[i] && t[i] && strcmp(f[i], "#") != 0 && (strcmp(f[i], "+") == 0 || strcmp(f[i], t[i]) == 0))
        i++;
    result = f[i] ? strcmp(f[i], "#") == 0 : !t[i];
    if (topic[0] == '$' && (filter[0] == '#' || filter[0] == '+'))
        result = FALSE;
    g_strfreev(f);
    g_strfreev(t);
    return result;
}

/* Writes the number `n` into `text`, with `letters` as digits: at least one, and no leading first
 * letter. */
static void spell(guint n, const char *letters, char *text)
{
    guint base = (guint)strlen(letters), length = 0;

    do {
        text[length++] = letters[n % base];
        n /= base;
    } while (n > 0);
    text[length] = '\0';
}

/* Every valid filter of up to five of a few characters, against every topic of up to four. */
static void test_matching_every(void)
{
    guint compared = 0;

    for (guint i = 0; i < 5 * 5 * 5 * 5 * 5; i++) {
        char filter[8], topic[8];

        spell(i, "a$/+#", filter);
        if (check(filter, FALSE) != MQTT5_TOPIC_FILTER_VALID)
            continue;
        for (guint j = 0; j < 3 * 3 * 3 * 3; j++, compared++) {
            spell(j, "/a$", topic);
            if (mqtt5_topic_matches((guint8 *)filter, (guint32)strlen(filter), (guint8 *)topic, (guint32)strlen(topic)) !=
                matches_by_levels(filter, topic))
                g_error("%s and %s", filter, topic);
        }
    }
    g_assert_cmpuint(compared, >, 10000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/topic/syntax", test_syntax);
    g_test_add_func("/topic/shared", test_shared);
    g_test_add_func("/topic/matching", test_matching);
    g_test_add_func("/topic/matching-every", test_matching_every);
    return g_test_run();
}

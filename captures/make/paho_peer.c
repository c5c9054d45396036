/* A client on Paho C: paho_peer ROLE [ARGUMENT...].
 *
 * Each role is one function below; the scenes say which one they want. The
 * environment tells which broker: BROKER_USER is the user name that it insists
 * on, MAX_QOS what it can do, NO_MQTT31 that it knows no MQTT 3.1. Anything that
 * it does not grant ends the program with an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <MQTTClient.h>

#define PLAIN "tcp://127.0.0.1:1883"
#define PATIENCE 10000 /* milliseconds */

static void check(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "paho_peer: %s failed\n", what);
        exit(1);
    }
}

static void check_response(MQTTResponse response, const char *what)
{
    check(response.reasonCode >= 0 && response.reasonCode < 0x80, what);
    MQTTResponse_free(response);
}

/* --- properties, named by their identifiers */

static void add_number(MQTTProperties *list, enum MQTTPropertyCodes identifier, unsigned value)
{
    MQTTProperty property = {.identifier = identifier};
    switch (MQTTProperty_getType(identifier)) {
    case MQTTPROPERTY_TYPE_BYTE: property.value.byte = (unsigned char)value; break;
    case MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER: property.value.integer2 = (unsigned short)value; break;
    default: property.value.integer4 = value;
    }
    check(MQTTProperties_add(list, &property) == 0, "a property");
}

static void add_text(MQTTProperties *list, enum MQTTPropertyCodes identifier, const char *name, const char *value)
{
    MQTTProperty property = {.identifier = identifier};
    property.value.data = (MQTTLenString){(int)strlen(name), (char *)name};
    if (value) {
        property.value.value = (MQTTLenString){(int)strlen(value), (char *)value};
    }
    check(MQTTProperties_add(list, &property) == 0, "a property");
}

/* --- a client */

static int max_qos(void)
{
    const char *text = getenv("MAX_QOS");
    return text ? atoi(text) : 2;
}

static void log_in(MQTTClient_connectOptions *options)
{
    options->username = getenv("BROKER_USER");
    options->password = options->username ? "any" : NULL;
}

static MQTTClient create(const char *uri, const char *client_id, int version, const char *persistence)
{
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    MQTTClient client;
    options.MQTTVersion = version;
    int rc =
        MQTTClient_createWithOptions(&client, uri, client_id, persistence ? MQTTCLIENT_PERSISTENCE_DEFAULT : MQTTCLIENT_PERSISTENCE_NONE,
                                     (void *)persistence, &options);
    check(rc == MQTTCLIENT_SUCCESS, "create");
    return client;
}

static void connect_v5(MQTTClient client, int clean_start, int in_flight, MQTTProperties *properties)
{
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer5;
    log_in(&options);
    options.cleanstart = clean_start;
    options.reliable = 0;
    options.maxInflightMessages = in_flight;
    check_response(MQTTClient_connect5(client, &options, properties, NULL), "connect");
}

static void subscribe_v5(MQTTClient client, const char *filter, int qos)
{
    check_response(MQTTClient_subscribe5(client, filter, qos, NULL, NULL), "subscribe");
}

static void publish_v5(MQTTClient client, const char *topic, const char *text, int qos, MQTTProperties *properties)
{
    MQTTClient_deliveryToken token;
    check_response(MQTTClient_publish5(client, topic, (int)strlen(text), text, qos, 0, properties, &token), "publish");
}

static void wait_delivered(MQTTClient client)
{
    MQTTClient_deliveryToken *pending;
    while (MQTTClient_getPendingDeliveryTokens(client, &pending) == MQTTCLIENT_SUCCESS && pending) {
        MQTTClient_waitForCompletion(client, pending[0], PATIENCE);
        MQTTClient_free(pending);
    }
}

static void receive(MQTTClient client, int count)
{
    while (count--) {
        char *topic = NULL;
        int length;
        MQTTClient_message *message = NULL;
        int rc = MQTTClient_receive(client, &topic, &length, &message, PATIENCE);
        check((rc == MQTTCLIENT_SUCCESS || rc == MQTTCLIENT_TOPICNAME_TRUNCATED) && message, "receive");
        MQTTClient_freeMessage(&message);
        MQTTClient_free(topic);
    }
}

/* --- roles */

static void tour_v5(const char *uri)
{
    static char *const filters[] = {"demo/paho-c/+", "demo/other/#", "demo/third"};
    static char *const left[] = {"demo/third", "demo/never"};
    int qos[] = {max_qos(), 1, 0};
    MQTTSubscribe_options how[] = {MQTTSubscribe_options_initializer, MQTTSubscribe_options_initializer, MQTTSubscribe_options_initializer};
    how[0].retainAsPublished = 1;
    how[1].noLocal = 1;
    how[2].retainHandling = 2;

    MQTTProperties connecting = MQTTProperties_initializer;
    add_number(&connecting, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 30);
    add_number(&connecting, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, 20);
    add_number(&connecting, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, 100000);
    add_text(&connecting, MQTTPROPERTY_CODE_USER_PROPERTY, "peer", "Paho C");
    MQTTClient client = create(uri, "paho-c-v5", MQTTVERSION_5, NULL);
    connect_v5(client, 1, 10, &connecting);

    MQTTProperties subscribing = MQTTProperties_initializer;
    add_number(&subscribing, MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, 128);
    check_response(MQTTClient_subscribeMany5(client, 3, filters, qos, how, &subscribing), "subscribe");

    MQTTProperties publishing = MQTTProperties_initializer;
    add_number(&publishing, MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR, 1);
    add_number(&publishing, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, 60);
    add_text(&publishing, MQTTPROPERTY_CODE_CONTENT_TYPE, "text/plain", NULL);
    add_text(&publishing, MQTTPROPERTY_CODE_RESPONSE_TOPIC, "demo/paho-c/answer", NULL);
    add_text(&publishing, MQTTPROPERTY_CODE_CORRELATION_DATA, "request 1", NULL);
    add_text(&publishing, MQTTPROPERTY_CODE_USER_PROPERTY, "name", "value");
    for (int i = 0; i <= max_qos(); i++) {
        publish_v5(client, "demo/paho-c/message", "hello", i, &publishing);
    }
    wait_delivered(client);
    receive(client, max_qos() + 1);
    check_response(MQTTClient_unsubscribeMany5(client, 2, left, NULL), "unsubscribe");

    MQTTProperties leaving = MQTTProperties_initializer;
    add_number(&leaving, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 0);
    check(MQTTClient_disconnect5(client, PATIENCE, MQTTREASONCODE_NORMAL_DISCONNECTION, &leaving) == 0, "disconnect");
    MQTTClient_destroy(&client);
    MQTTProperties_free(&connecting);
    MQTTProperties_free(&subscribing);
    MQTTProperties_free(&publishing);
    MQTTProperties_free(&leaving);
}

static void tour_v3(const char *uri, const char *client_id, int version)
{
    MQTTClient client = create(uri, client_id, version, NULL);
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    options.MQTTVersion = version;
    log_in(&options);
    check(MQTTClient_connect(client, &options) == MQTTCLIENT_SUCCESS, "connect");
    check(MQTTClient_subscribe(client, "demo/paho-c/+", max_qos()) == MQTTCLIENT_SUCCESS, "subscribe");
    for (int qos = 0; qos <= max_qos(); qos++) {
        MQTTClient_deliveryToken token;
        int rc = MQTTClient_publish(client, "demo/paho-c/message", 5, "hello", qos, 0, &token);
        check(rc == MQTTCLIENT_SUCCESS && MQTTClient_waitForCompletion(client, token, PATIENCE) == 0, "publish");
    }
    receive(client, max_qos() + 1);
    check(MQTTClient_unsubscribe(client, "demo/paho-c/+") == MQTTCLIENT_SUCCESS, "unsubscribe");
    check(MQTTClient_disconnect(client, PATIENCE) == MQTTCLIENT_SUCCESS, "disconnect");
    MQTTClient_destroy(&client);
}

/* A bit of everything, as MQTT 5, 3.1.1 and 3.1. */
static void tour(const char *uri)
{
    tour_v5(uri);
    tour_v3(uri, "paho-c-v311", MQTTVERSION_3_1_1);
    if (!getenv("NO_MQTT31")) {
        tour_v3(uri, "paho-c-v31", MQTTVERSION_3_1);
    }
}

static int arrived;

static int on_message(void *context, char *topic, int length, MQTTClient_message *message)
{
    (void)context;
    (void)length;
    arrived++;
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
    return 1;
}

/* COUNT messages of QoS 2 in flight at once, to the broker and back to the same
 * client: both directions use the same identifiers at the same time. */
static void interleave(const char *count_text)
{
    int count = atoi(count_text);
    MQTTClient client = create(PLAIN, "interleaver", MQTTVERSION_5, NULL);
    check(MQTTClient_setCallbacks(client, NULL, NULL, on_message, NULL) == MQTTCLIENT_SUCCESS, "callbacks");
    connect_v5(client, 1, count, NULL);
    subscribe_v5(client, "demo/interleaved", 2);
    for (int i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        publish_v5(client, "demo/interleaved", text, 2, NULL);
    }
    wait_delivered(client);
    for (int waited = 0; arrived < count && waited < PATIENCE; waited += 10) {
        usleep(10000);
    }
    check(arrived == count, "receive");
    usleep(200000);
    check(MQTTClient_disconnect5(client, PATIENCE, MQTTREASONCODE_NORMAL_DISCONNECTION, NULL) == 0, "disconnect");
    MQTTClient_destroy(&client);
}

static MQTTClient lasting(const char *folder)
{
    MQTTProperties connecting = MQTTProperties_initializer;
    add_number(&connecting, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 300);
    MQTTClient client = create(PLAIN, "persistent", MQTTVERSION_5, folder);
    connect_v5(client, 0, 10, &connecting);
    MQTTProperties_free(&connecting);
    return client;
}

/* Sends what it will not see acknowledged: "connected" and "sent" on standard output
 * tell the scene when to stop the broker and when to let it go on. */
static void dies_sending(const char *folder)
{
    MQTTClient client = lasting(folder);
    puts("connected");
    fflush(stdout);
    getchar();
    publish_v5(client, "demo/resent", "one", 1, NULL);
    publish_v5(client, "demo/resent", "two", 2, NULL);
    publish_v5(client, "demo/resent", "three", 1, NULL);
    publish_v5(client, "demo/resent", "four", 2, NULL);
    _exit(0);
}

/* The same session in a new process: Paho sends again what it finds in FOLDER. */
static void resends(const char *folder)
{
    MQTTClient client = lasting(folder);
    wait_delivered(client);
    MQTTProperties leaving = MQTTProperties_initializer;
    add_number(&leaving, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 0);
    check(MQTTClient_disconnect5(client, PATIENCE, MQTTREASONCODE_NORMAL_DISCONNECTION, &leaving) == 0, "disconnect");
    MQTTProperties_free(&leaving);
    MQTTClient_destroy(&client);
}

static void print_version(const char *unused)
{
    (void)unused;
    for (MQTTClient_nameValue *info = MQTTClient_getVersionInfo(); info->name; info++) {
        if (strcmp(info->name, "Version") == 0) {
            puts(info->value);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*play)(const char *argument);
    } roles[] = {
        {"tour", tour}, {"interleave", interleave}, {"dies-sending", dies_sending}, {"resends", resends}, {"version", print_version},
    };
    for (size_t i = 0; argc > 1 && i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(argv[1], roles[i].name) == 0) {
            roles[i].play(argc > 2 ? argv[2] : PLAIN);
            return 0;
        }
    }
    fprintf(stderr, "usage: paho_peer ROLE [ARGUMENT]\n");
    return 2;
}

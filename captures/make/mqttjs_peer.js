// A client on MQTT.js: mqttjs_peer.js ROLE [ARGUMENT...].
//
// Each role is one function below; the scenes say which one they want. The
// environment tells which broker: BROKER is its address, BROKER_USER the user name
// that it insists on, MAX_QOS what it can do, NO_MQTT31 that it knows no MQTT 3.1.
'use strict'

const fs = require('fs')
const { once } = require('events')
const mqtt = require('mqtt')

const plain = `mqtt://${process.env.BROKER || '127.0.0.1'}:1883`
const login = process.env.BROKER_USER ? { username: process.env.BROKER_USER, password: 'any' } : {}
const allQos = [0, 1, 2].filter((qos) => qos <= Number(process.env.MAX_QOS || 2))
const v5 = 5
const v311 = 4

// Never by itself again: what is in a capture is what a role did.
function connect(url, clientId, version, options = {}) {
    return mqtt.connectAsync(url, {
        clientId, protocolVersion: version, reconnectPeriod: 0, resubscribe: false, ...login, ...options
    })
}

// Until COUNT messages have come.
function received(client, count) {
    return new Promise((resolve) => {
        client.on('message', () => { if (--count === 0) resolve() })
    })
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function exchange(client, topic, { properties, long } = {}) {
    await client.subscribeAsync(`${topic}/#`, { qos: allQos.at(-1) })
    const all = received(client, allQos.length + (long ? 1 : 0))
    for (const qos of allQos) {
        await client.publishAsync(`${topic}/message`, `QoS ${qos}`, { qos, properties })
    }
    if (long) await client.publishAsync(`${topic}/message`, 'long '.repeat(long), { qos: 1 })
    await all
    await client.unsubscribeAsync(`${topic}/#`)
}

// A bit of everything, as MQTT 5, 3.1.1 and 3.1.
async function tour() {
    const client = await connect(plain, 'mqttjs-v5', v5, {
        properties: {
            sessionExpiryInterval: 30, receiveMaximum: 20, maximumPacketSize: 100000, topicAliasMaximum: 4,
            requestResponseInformation: true, requestProblemInformation: true, userProperties: { peer: 'MQTT.js' }
        },
        will: {
            topic: 'demo/mqttjs/will', payload: 'unused', qos: 1, retain: false,
            properties: { willDelayInterval: 5, contentType: 'text/plain', payloadFormatIndicator: true }
        }
    })
    await client.subscribeAsync({
        'demo/other/#': { qos: 1, nl: true }, 'demo/third': { qos: 0, rh: 2 }
    }, { properties: { subscriptionIdentifier: 20000, userProperties: { why: 'the tour' } } })
    await exchange(client, 'demo/mqttjs', {
        properties: {
            contentType: 'text/plain', payloadFormatIndicator: true, messageExpiryInterval: 60,
            responseTopic: 'demo/mqttjs/answer', correlationData: Buffer.from([0, 1, 2]),
            userProperties: { twice: ['first', 'second'] }
        }
    })
    await client.unsubscribeAsync(['demo/third', 'demo/never'])
    await client.endAsync(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0, reasonString: 'done' } })

    const older = [['mqttjs-v311', v311, {}], ['mqttjs-v31', 3, { protocolId: 'MQIsdp' }]]
    for (const [clientId, version, more] of process.env.NO_MQTT31 ? older.slice(0, 1) : older) {
        const old = await connect(plain, clientId, version, more)
        await exchange(old, 'demo/mqttjs')
        await old.endAsync()
    }
}

async function websocket() {
    for (const [clientId, version] of [['mqttjs-ws-v5', v5], ['mqttjs-ws-v311', v311]]) {
        const client = await connect('ws://127.0.0.1:8080/mqtt', clientId, version, { wsOptions: { perMessageDeflate: false } })
        await exchange(client, 'demo/websocket', { long: 2000 })
        await client.endAsync()
    }
}

// Aliases in both directions: MQTT.js assigns its own, the broker its own. The first is set by
// hand, so that the two do not come to the same numbers.
async function aliasesBoth() {
    const client = await connect(plain, 'alias-both', v5, {
        autoAssignTopicAlias: true, properties: { topicAliasMaximum: 2 }
    })
    await client.subscribeAsync('demo/alias/#', { qos: 1 })
    const topics = ['one', 'two', 'one', 'two', 'three', 'one', 'three', 'two']
    const all = received(client, topics.length + 1)
    await client.publishAsync('demo/alias/zero', 'zero', { qos: 1, properties: { topicAlias: 3 } })
    for (const topic of topics) {
        await client.publishAsync(`demo/alias/${topic}`, topic, { qos: 1 })
    }
    await all
    await client.endAsync()
}

async function tls(caFile, clientId) {
    const client = await connect('mqtts://localhost:8883', clientId, v5, { ca: fs.readFileSync(caFile) })
    await exchange(client, 'demo/tls')
    await client.endAsync()
}

// MQTT.js assigns aliases to topics by itself, up to the broker's Topic Alias Maximum (3 here):
// the fourth topic takes over the alias that was used least recently.
async function aliases() {
    const client = await connect(plain, 'alias-mqttjs', v5, {
        autoAssignTopicAlias: true, properties: { topicAliasMaximum: 5 }
    })
    for (const topic of ['one', 'two', 'one', 'three', 'two', 'four', 'four', 'one', 'two']) {
        await client.publishAsync(`demo/alias/${topic}`, topic, { qos: 1 })
    }
    await client.endAsync()
}

// Packets of 200 to 500 bytes that leave in one piece, so that each TCP segment but the last
// has SEGMENT bytes. The sizes of the first ones are chosen so that each segment ends after
// the first of the two bytes of a Remaining Length; those of the others are mixed.
async function bulk(segment) {
    const header = 15 // fixed header, topic demo/bulk, no properties
    const sizes = []
    for (let i = 0; i < 24; i++) sizes.push(200, 237, 311, 400, segment - 1148 - (i === 0 ? 2 : 0))
    for (let i = 0; i < 120; i++) sizes.push(200 + (i * 37) % 301)
    const client = await connect(plain, 'bulk', v5)
    client.stream.cork()
    const sent = sizes.map((size, i) => client.publishAsync('demo/bulk', `${i} `.padEnd(size - header, '.')))
    client.stream.uncork()
    await Promise.all(sent)
    await client.endAsync()
}

// The connection breaks when the first PUBREC comes; MQTT.js comes back by itself and goes
// on where it was: PUBREL for that message, PUBLISH with DUP for the others.
async function resends() {
    const client = mqtt.connect(plain, {
        clientId: 'mqttjs-resends', protocolVersion: v5, reconnectPeriod: 300, clean: false,
        properties: { sessionExpiryInterval: 300 }
    })
    await once(client, 'connect')
    client.on('packetsend', (packet) => {
        // The first PUBREL goes out, its PUBCOMP is not waited for.
        if (packet.cmd === 'pubrel' && !client.broken) {
            client.broken = true
            setImmediate(() => client.stream.destroy())
        }
    })
    await Promise.all([1, 2, 3, 4].map((n) => client.publishAsync('demo/resent', `message ${n}`, { qos: 1 + n % 2 })))
    await client.endAsync(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } })
}

const roles = { tour, websocket, tls, aliases, 'aliases-both': aliasesBoth, bulk, resends }

roles[process.argv[2]](...process.argv.slice(3)).catch((error) => {
    console.error(error)
    process.exit(1)
})

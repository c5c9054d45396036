// The control packets of a capture through mqtt-packet (npm), the parser of MQTT.js: node parser.js MODULE_FOLDER CAPTURE.pcap [ROUNDS]
// Each side of a connection has a parser of its own, and gets a new one after a packet that it refuses, as MQTT.js would connect anew.
'use strict'
const fs = require('fs')
const mqtt = require(process.argv[2] + '/node_modules/mqtt-packet')

const HEADERS = 54
const data = fs.readFileSync(process.argv[3])
const payloads = []
const streams = new Map()
for (let at = 24; at + 16 <= data.length;) {
  const length = data.readUInt32LE(at + 8)
  const ports = data.readUInt32BE(at + 16 + 34)
  if (!streams.has(ports)) streams.set(ports, streams.size)
  if (length > HEADERS) payloads.push({ stream: streams.get(ports), bytes: data.subarray(at + 16 + HEADERS, at + 16 + length) })
  at += 16 + length
}
let best = Infinity
let packets = 0
let refused = 0
for (let round = 0; round < Number(process.argv[4] || 5); round++) {
  const parsers = new Array(streams.size)
  packets = refused = 0
  const fresh = (stream) => {
    const made = mqtt.parser({ protocolVersion: 5 })
    made.on('packet', () => packets++)
    made.on('error', () => {
      refused++
      parsers[stream] = undefined
    })
    return made
  }
  const start = process.cpuUsage()
  for (const { stream, bytes } of payloads) (parsers[stream] ??= fresh(stream)).parse(bytes)
  const used = process.cpuUsage(start)
  best = Math.min(best, (used.user + used.system) * 1000)
}
console.log(`${packets} packets, ${refused} refused, ${(best / (packets + refused)).toFixed(1)} ns a packet`)

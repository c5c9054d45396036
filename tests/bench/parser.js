// The control packets of a capture through mqtt-packet (npm), the parser of MQTT.js: node parser.js MODULE_FOLDER CAPTURE.pcap [ROUNDS]
'use strict'
const fs = require('fs')
const parser = require(process.argv[2] + '/node_modules/mqtt-packet')

const HEADERS = 54
const data = fs.readFileSync(process.argv[3])
const payloads = []
for (let at = 24; at + 16 <= data.length;) {
  const length = data.readUInt32LE(at + 8)
  if (length > HEADERS) payloads.push(data.subarray(at + 16 + HEADERS, at + 16 + length))
  at += 16 + length
}
let best = Infinity
let packets = 0
for (let round = 0; round < Number(process.argv[4] || 5); round++) {
  const each = parser.parser({ protocolVersion: 5 })
  let errors = 0
  packets = 0
  each.on('packet', () => packets++)
  each.on('error', () => errors++)
  const start = process.cpuUsage()
  for (const payload of payloads) each.parse(payload)
  const used = process.cpuUsage(start)
  best = Math.min(best, (used.user + used.system) * 1000)
  if (errors) console.error(`${errors} errors`)
}
console.log(`${packets} packets, ${(best / packets).toFixed(1)} ns a packet`)

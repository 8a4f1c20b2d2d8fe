import { expect, test } from 'vitest'
import { brokerSettings, toProperties } from './config.ts'

const BASE = { dataDir: '/data', controllerPort: 20_001, ports: { PLAINTEXT: 20_002 } }

test('listeners are on loopback and the controller is not advertised', () => {
  expect(brokerSettings({ ...BASE, ports: { PLAINTEXT: 20_002, SSL: 20_003 } })).toMatchObject({
    listeners: 'PLAINTEXT://127.0.0.1:20002,SSL://127.0.0.1:20003,CONTROLLER://127.0.0.1:20001',
    'advertised.listeners': 'PLAINTEXT://127.0.0.1:20002,SSL://127.0.0.1:20003',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT',
  })
})

test("the caller's settings win", () => {
  const settings = brokerSettings({
    ...BASE,
    overrides: { 'auto.create.topics.enable': false, 'message.max.bytes': 9 },
  })
  expect(settings).toMatchObject({ 'auto.create.topics.enable': false, 'message.max.bytes': 9 })
})

test('passwords are quoted for JAAS', () => {
  const settings = brokerSettings({ ...BASE, users: { alice: 'a"b\\c' } })
  expect(settings['listener.name.sasl_plaintext.plain.sasl.jaas.config']).toBe(
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="a\\"b\\\\c";',
  )
})

test('values of several lines, with backslashes or a leading blank survive the properties format', () => {
  expect(toProperties({ pem: 'a\r\nb', path: 'C:\\data', text: ' x', flag: true })).toBe(
    'pem=a\\nb\npath=C:\\\\data\ntext=\\ x\nflag=true\n',
  )
})

import { expect, test } from 'vitest'
import { redact, redactLog } from './redact.ts'

const M = '‹redacted›'
const placeholder = (name: string) => `$\{${name}}`

test.each([
  ['password: hunter2', `password: ${M}`],
  ['  secretAccessKey: "abc" # of the bucket', `  secretAccessKey: "${M}" # of the bucket`],
  ['  - sasl.jaas.config: org.x required password="p";', `  - sasl.jaas.config: ${M}`],
  ['ssl.keystore.password=p', `ssl.keystore.password=${M}`],
  ['{"accessKeyId":"AK","secret":"s","topic":"t"}', `{"accessKeyId":"${M}","secret":"${M}","topic":"t"}`],
  ["token: 'a', topic: 'b'", `token: '${M}', topic: 'b'`],
  ['address: kafka://user:pw@host:9092', `address: kafka://${M}@host:9092`],
  [`secretKey: ${placeholder('KEY:-hunter2')} # x`, `secretKey: ${placeholder(`KEY:-${M}`)} # x`],
  ['const apiKey = "k1"', `const apiKey = "${M}"`],
])('%s has no secret any more', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test.each([
  `secretAccessKey: ${placeholder('AWS_SECRET_ACCESS_KEY')}`,
  `password: "${placeholder('PASSWORD')}" # from the environment`,
  'password: process.env.PASSWORD,',
  'credentials:',
  'credentials: {',
  'topic: counter.commands',
  'url: http://127.0.0.1:4566/path',
  '- isolation.level: read_committed',
])('%s stays', (text) => {
  expect(redact(text)).toBe(text)
})

test('a block of YAML below a secret name is gone with all its lines', () => {
  expect(redact('a:\n  private-key: |\n    line 1\n\n    line 2\n  topic: t\n')).toBe(
    `a:\n  private-key: ${M}\n  topic: t\n`,
  )
})

test('variables of a container lose their values, also where name and value are fields of their own', () => {
  const env = (value: string) =>
    `env:\n  - name: DB_PASSWORD\n    value: ${value}\n  - name: TOPIC\n    value: t\n`
  expect(redact(env('hunter2'))).toBe(env(M))
  const json = (value: string) => `[{"name":"API_TOKEN","value":"${value}"},{"name":"TOPIC","value":"t"}]`
  expect(redact(json('hunter2'))).toBe(json(M))
  expect(redact(JSON.stringify(JSON.parse(json('hunter2')), null, 2))).not.toContain('hunter2')
  const reference =
    '  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        key: password\n        name: db\n'
  expect(redact(reference)).toBe(reference)
})

test.each([
  ['INFO  s3.access-key: abc123, s3.secret-key: x/y+z', `INFO  s3.access-key: ${M}, s3.secret-key: ${M}`],
  ['login with password=hunter2 failed after 3 tries', `login with password=${M} failed after 3 tries`],
  ['{"level":"info","apiKey":"k 1","message":"m"}', `{"level":"info","apiKey":${M},"message":"m"}`],
  ['GET / authorization: Bearer abcdefgh.ijkl', `GET / authorization: Bearer ${M}`],
  ['key AKIAABCDEFGHIJKLMNOP of https://user:pw@host/', `key ${M} of https://${M}@host/`],
])('a line of a log, %s, keeps all but the secret', (line, expected) => {
  expect(redactLog(line)).toBe(expected)
})

test.each(['the token of the message is gone', 'topic: counter.commands, offset=3', 'no credentials'])(
  'a line of a log, %s, stays',
  (line) => {
    expect(redactLog(line)).toBe(line)
  },
)

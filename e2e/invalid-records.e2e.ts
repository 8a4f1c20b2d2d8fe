import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@statefun/gate/test'
import { CounterResult } from '../examples/counter/counter.ts'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

/** The second app's module, with a topic of a test's own: what poisons it must not reach another test. */
async function moduleOf(topic: string, policy: 'skip' | 'fail'): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'app', 'module.invalid.yaml'), 'utf8')
  return text.replace('invalid.commands', topic).replace(/\$\{INVALID_RECORDS:-skip\}/, policy)
}

const SKIPPED = 'deserializer_numInvalidRecordsSkipped'
// Each has a second app and topics of its own.
describe.concurrent('records without a key or a value', () => {
  test('are skipped, logged and counted, and the others go on', {
    tags: ['kafka', 'invalid-records'],
  }, async ({ app, kafka }) => {
    const [id, topic] = [newId('valid'), 'invalid.commands']
    await using invalid = await app.deploy({ name: newId('invalid'), module: await moduleOf(topic, 'skip') })
    await kafka.send(topic, [{ value: 'without a key' }, { key: 'poison-tombstone', value: null }])
    await kafka.send(topic, addTo(id, 3n))
    const result = await kafka.read('counter.results', {
      as: CounterResult,
      match: ({ value }) => value.id === id,
    })
    expect(result.value.total).toBe(3n)
    expect((await invalid.status()).state).toBe('running')
    const log = await invalid.log()
    const skipped = log.split('\n').filter((line) => line.includes('Skipping invalid record'))
    expect(skipped).toHaveLength(2)
    expect(skipped[0]).toMatch(
      /defect \[NULL_KEY\], topic \[invalid\.commands\], partition \[0\], offset \[\d+\], timestamp \[\d+\], key \[null\], value size \[13\]/,
    )
    expect(skipped[1]).toMatch(
      /defect \[NULL_VALUE\], topic \[invalid\.commands\], partition \[0\], offset \[\d+\], timestamp \[\d+\], key \[poison-tombstone\], value size \[-1\]/,
    )
    expect(await invalid.metric(SKIPPED)).toBe(2)
  })

  test('without a key fail the job with their coordinates when told so', {
    tags: ['kafka', 'invalid-records'],
  }, async ({ app, kafka }) => {
    const topic = `invalid.commands.${newId('key')}`
    await using invalid = await app.deploy({
      name: newId('invalid'),
      module: await moduleOf(topic, 'fail'),
      restartAttempts: 1,
    })
    await kafka.send(topic, { value: 'without a key' })
    await invalid.until('failed')
    const log = await invalid.log()
    expect(log).toContain(
      'The io.statefun.kafka.v1/ingress ingress requires a UTF-8 key set for each record. ' +
        `Offending record: topic [${topic}], partition [0], offset [0], timestamp [`,
    )
  })

  test('without a value fail the job with their coordinates and key', {
    tags: ['kafka', 'invalid-records'],
  }, async ({ app, kafka }) => {
    const topic = `invalid.commands.${newId('value')}`
    await using invalid = await app.deploy({
      name: newId('invalid'),
      module: await moduleOf(topic, 'fail'),
      restartAttempts: 1,
    })
    await kafka.send(topic, { key: 'poison-tombstone', value: null })
    await invalid.until('failed')
    expect(await invalid.log()).toMatch(
      new RegExp(
        String.raw`cannot process a tombstone \(null value\) record\. Offending record: topic \[${topic.replaceAll('.', String.raw`\.`)}\], ` +
          String.raw`partition \[0\], offset \[0\], timestamp \[\d+\], key \[poison-tombstone\]`,
      ),
    )
  })
})

import { StatefunError } from '@statefun/protocol'
import { expect, it } from 'vitest'
import { FlushGenerations } from './flush-generations.ts'

async function settled(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), new Promise<false>((end) => setImmediate(end, false))])
}

it('ends a flush when all before it is closed, whatever comes after', async () => {
  const flushes = new FlushGenerations()
  await flushes.wait()
  const first = flushes.opened()
  const one = flushes.wait()
  const second = flushes.opened()
  const two = flushes.wait()
  const third = flushes.opened()
  flushes.closed(second)
  expect(await settled(two)).toBe(false)
  flushes.closed(first)
  expect(await settled(one)).toBe(true)
  expect(await settled(two)).toBe(true)
  flushes.closed(third)
  await flushes.wait()
})

it('waits for an older flush even when nothing came after it', async () => {
  const flushes = new FlushGenerations()
  const first = flushes.opened()
  const one = flushes.wait()
  const two = flushes.wait()
  expect(await settled(two)).toBe(false)
  flushes.closed(first)
  await Promise.all([one, two])
})

it('rejects what waits', async () => {
  const flushes = new FlushGenerations()
  flushes.opened()
  const wait = flushes.wait()
  flushes.reject(new StatefunError('SF_TEST', 'ended'))
  await expect(wait).rejects.toMatchObject({ code: 'SF_TEST' })
})

import { expect, it } from 'vitest'
import { Pause } from './pause.ts'

it('lets several wait, each for its own time', async () => {
  const pause = new Pause()
  const ended: string[] = []
  const wait = (name: string, ms: number) => pause.wait(ms).then(() => void ended.push(name))
  const long = wait('long', Number.POSITIVE_INFINITY)
  await Promise.all([wait('late', 30), wait('early', 5)])
  expect(ended).toEqual(['early', 'late'])
  pause.wake()
  await long
})

it('a wake that found nobody waiting ends the next wait, and no more', async () => {
  const pause = new Pause()
  pause.wake()
  await pause.wait(Number.POSITIVE_INFINITY)
  const ended: string[] = []
  const waiting = pause.wait(Number.POSITIVE_INFINITY).then(() => void ended.push('second'))
  await new Promise(setImmediate)
  expect(ended).toEqual([])
  pause.wake()
  await waiting
})

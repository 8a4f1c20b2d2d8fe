import { expect, it } from 'vitest'
import { DeadlineQueue } from './deadline-queue.ts'
import { VirtualClock } from './testing/virtual-clock.ts'

it('expires each entry exactly after its time, with one timer armed at most', () => {
  const clock = new VirtualClock()
  const expired: string[] = []
  const queue = new DeadlineQueue<string>(100, clock, (item) => expired.push(`${item}@${clock.now()}`))
  queue.add('a', 0)
  clock.advance(30)
  queue.add('b', 30)
  queue.add('c', 30)
  expect(clock.due).toEqual([100])
  clock.advance(69)
  expect(expired).toEqual([])
  clock.advance(1)
  expect(expired).toEqual(['a@100'])
  clock.advance(100)
  expect(expired).toEqual(['a@100', 'b@130', 'c@130'])
  expect(clock.due).toEqual([])
})

it('forgets cancelled entries wherever they stand', () => {
  const clock = new VirtualClock()
  const expired: string[] = []
  const queue = new DeadlineQueue<string>(10, clock, (item) => expired.push(item))
  const [first, , middle, , last] = ['a', 'b', 'c', 'd', 'e'].map((item) => queue.add(item, 0))
  first?.cancel()
  middle?.cancel()
  last?.cancel()
  last?.cancel()
  queue.add('f', 0)
  clock.advance(10)
  expect(expired).toEqual(['b', 'd', 'f'])
})

it('may be added to while it expires', () => {
  const clock = new VirtualClock()
  const times: number[] = []
  const queue = new DeadlineQueue<number>(10, clock, (round) => {
    times.push(clock.now())
    if (round < 3) queue.add(round + 1, clock.now())
  })
  queue.add(1, 0)
  clock.advance(100)
  expect(times).toEqual([10, 20, 30])
})

it('clear leaves no timer and expires nothing', () => {
  const clock = new VirtualClock()
  const queue = new DeadlineQueue<string>(10, clock, () => expect.unreachable())
  const entry = queue.add('a', 0)
  queue.clear()
  entry.cancel()
  expect(clock.due).toEqual([])
  clock.advance(20)
})

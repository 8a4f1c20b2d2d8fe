import { describe, expect, it } from 'vitest'
import { ReadPatience } from './read-patience.ts'

/** Which of so many reads were waited for, each of which takes as long as the callback says. */
function waits(patience: ReadPatience, reads: number, milliseconds: (read: number) => number): number[] {
  const waited: number[] = []
  for (let read = 0; read < reads; read++) {
    if (!patience.next()) continue
    waited.push(read)
    patience.took(milliseconds(read))
  }
  return waited
}

describe('reads of the disk backend', () => {
  it('are nearly all left to other threads when the disk is slow', () => {
    const waited = waits(new ReadPatience(false), 10_000, () => 5)
    expect(waited.slice(0, 3)).toEqual([0, 9, 26])
    expect(waited.length).toBeLessThan(50)
  })

  it('are nearly all waited for when one is slow now and then', () => {
    const waited = waits(new ReadPatience(false), 10_000, (read) => (read % 500 === 0 ? 5 : 0.001))
    expect(waited.length).toBeGreaterThan(9_800)
  })

  it('are waited for again once the disk is fast again', () => {
    const patience = new ReadPatience(false)
    waits(patience, 10_000, () => 5)
    expect(waits(patience, 10_000, () => 0.001).length).toBeGreaterThan(9_700)
    // As after the first slow one.
    expect(waits(patience, 20, () => 5)).toEqual([0, 9])
  })

  it('are never waited for where that is not wanted', () => {
    expect(waits(new ReadPatience(true), 1000, () => 0)).toEqual([])
  })
})

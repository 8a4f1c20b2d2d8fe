/** Random values that a seed repeats. */
export interface Random {
  /** From `low` (inclusive) to `high` (exclusive). */
  between(low: number, high: number): number
  /** A whole number from 0 on, below `limit`. */
  below(limit: number): number
  /** One of them, each as likely. */
  pick<T>(choices: readonly T[]): T
  chance(probability: number): boolean
}

/**
 * A generator for one purpose: `seed` and `purpose` together decide what it draws, so that a run of one fault draws what it
 * drew in a run of all. The algorithm is mulberry32.
 */
export function seededRandom(seed: number, purpose: string): Random {
  let state = seed | 0
  for (const character of purpose) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    between: (low, high) => low + next() * (high - low),
    below: (limit) => Math.floor(next() * limit),
    pick: (choices) => choices[Math.floor(next() * choices.length)]!,
    chance: (probability) => next() < probability,
  }
}

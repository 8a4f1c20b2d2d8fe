import { closest, distance } from 'fastest-levenshtein'

/** The candidate that `text` is most likely a misspelling of; undefined when none is near (more than half differs). */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined
  const best = closest(text, candidates)
  return distance(text, best) <= Math.max(text.length, best.length) / 2 ? best : undefined
}

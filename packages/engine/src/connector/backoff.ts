/** Milliseconds before attempt `attempt` (1, 2, …): doubling from `baseMs` to `maxMs`, spread by 20 % (KIP-580). */
export function backoffMs(
  attempt: number,
  baseMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const raw = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30))
  return raw * (0.8 + random() * 0.4)
}

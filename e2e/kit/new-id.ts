/** An id that no other run or test has: topics stay from one run to the next where a cluster is kept. */
export function newId(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`
}

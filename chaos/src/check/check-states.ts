import { setTimeout as sleep } from 'node:timers/promises'
import { types } from '@statefun/protocol'
import { type Plan, recordsByKey } from '../stream/plan.ts'

const AT_ONCE = 16
const POLL_MS = 100

/**
 * Asks the engine for the total of every key until all are what they have to be: an engine that was just started may still be
 * on its way there.
 *
 * @param admin base URL of the admin API of the engine that runs now
 * @returns what is still different after `timeoutMs`, in words; empty when all is right
 */
export async function checkStates(
  admin: () => Promise<string>,
  plan: Plan,
  timeoutMs: number,
): Promise<readonly string[]> {
  const expected = [...recordsByKey(plan)].map(([key, records]) => ({ key, total: records.length }))
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const wrong = await differences(await admin(), expected)
    if (wrong.length === 0 || performance.now() > deadline) return wrong
    await sleep(POLL_MS)
  }
}

async function differences(
  admin: string,
  expected: readonly { readonly key: string; readonly total: number }[],
): Promise<string[]> {
  const wrong: string[] = []
  for (let at = 0; at < expected.length; at += AT_ONCE) {
    await Promise.all(
      expected.slice(at, at + AT_ONCE).map(async ({ key, total }) => {
        const found = await totalOf(admin, key)
        if (found !== total) wrong.push(`${key}: the state is ${found}, not ${total}`)
      }),
    )
  }
  return wrong
}

async function totalOf(admin: string, key: string): Promise<number | string> {
  try {
    const response = await fetch(`${admin}/state/test/tally/${key}`)
    const { states } = (await response.json()) as { states?: { value: string }[] }
    const value = states?.[0]?.value
    return value === undefined ? 'missing' : Number(types.long.deserialize(Buffer.from(value, 'base64')))
  } catch {
    return 'not to be had'
  }
}

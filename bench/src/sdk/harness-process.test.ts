import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeFromFunction } from '@statefun/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { npmPackage, ours } from './contenders.ts'
import { readFrames, writeFrames } from './harness.ts'
import { HarnessProcess } from './harness-process.ts'
import { benchRequests, checkAnswer } from './requests.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-bench-test-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it.each([ours(), npmPackage()])(
  '$title answers rightly, time after time',
  { timeout: 20_000 },
  async (contender) => {
    const requests = benchRequests(3, 5, contender.totalType)
    const files = [join(folder, 'requests'), join(folder, 'answers')] as const
    writeFileSync(files[0], writeFrames(requests.map(({ bytes }) => bytes)))
    await using harness = contender.start()
    for (let round = 0; round < 2; round++) {
      const { batches, nanos, cpuNanos } = await harness.measure(...files, 5)
      expect(nanos).toBeGreaterThanOrEqual(5e6)
      expect(Math.min(batches, cpuNanos)).toBeGreaterThan(0)
      const answers = readFrames(readFileSync(files[1]))
      expect(answers).toHaveLength(5)
      for (const [index, answer] of answers.entries()) {
        checkAnswer(decodeFromFunction(answer), requests[index]?.total ?? 0n, contender.totalType)
      }
    }
  },
)

it('says what the process wrote when it ends early', async () => {
  await using harness = new HarnessProcess('planted', process.execPath, [
    '-e',
    'console.error("boom"); process.exit(3)',
  ])
  await expect(harness.measure('a', 'b', 1)).rejects.toThrow(/the planted process ended:\nboom/)
})

it('says that the program is not there', async () => {
  await using harness = new HarnessProcess('planted', join(folder, 'no-such-program'), [])
  await expect(harness.measure('a', 'b', 1)).rejects.toThrow('ENOENT')
})

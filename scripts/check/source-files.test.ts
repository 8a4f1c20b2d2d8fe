import { expect, it } from 'vitest'
import type { CheckoutFile } from './checkout-files.ts'
import { checkSourceFiles } from './source-files.ts'

function file(path: string, bytes: number): CheckoutFile {
  return { path, text: '', bytes }
}

it('wants file names in kebab-case', () => {
  const good = ['a.ts', 'to-function.test.ts', 'start-kafka.real.test.ts', 'vitest.config.ts', 'v2-codec.ts']
  expect(checkSourceFiles(good.map((path) => file(path, 10))).findings).toEqual([])
  const bad = ['toFunction.ts', 'to_function.ts', 'To-Function.ts', '-a.ts']
  expect(checkSourceFiles(bad.map((path) => file(`src/${path}`, 10))).findings).toHaveLength(bad.length)
})

it('names a file above 20 kB, but not generated code', () => {
  const small = ['a.ts', 'b.ts', 'c.ts'].map((path) => file(path, 1000))
  const { findings } = checkSourceFiles([
    ...small,
    file('src/big.ts', 20_992),
    file('src/gen/table.ts', 90_000),
  ])
  expect(findings).toMatchObject([
    { where: 'src/big.ts:1', rule: 'file-size', message: '20.5 kB is more than 20.0 kB' },
  ])
})

it('wants half of the files below 5 kB and says how large they are', () => {
  const files = [file('a.ts', 1024), file('b.ts', 6144), file('c.ts', 7168)]
  const { summary, findings } = checkSourceFiles(files)
  expect(summary).toBe('3 files, median 6.0 kB, largest 7.0 kB (c.ts)')
  expect(findings).toMatchObject([
    { rule: 'file-size', message: 'the median file has 6.0 kB, not 5.0 kB or less' },
  ])
})

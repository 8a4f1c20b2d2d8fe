import { posix } from 'node:path'
import { type CheckoutFile, isOwnSource } from './checkout-files.ts'
import type { Finding, StepResult } from './step.ts'

const LIMIT_BYTES = 20 * 1024
const MEDIAN_BYTES = 5 * 1024
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * A file is a concept: names in kebab-case, none above 20 kB, half of them below 5 kB (generated code in `gen/` is free).
 */
export function checkSourceFiles(files: readonly CheckoutFile[]): StepResult {
  const findings: Finding[] = []
  const sources = files.filter(({ path }) => isOwnSource(path))
  for (const { path, bytes } of sources) {
    const name = posix.basename(path).split('.')[0] ?? ''
    if (!KEBAB_CASE.test(name)) {
      findings.push({ where: `${path}:1`, rule: 'file-name', message: `"${name}" is not kebab-case` })
    }
    if (bytes > LIMIT_BYTES) {
      findings.push({
        where: `${path}:1`,
        rule: 'file-size',
        message: `${kilobytes(bytes)} is more than ${kilobytes(LIMIT_BYTES)}`,
        hint: 'a file is a concept: find the second one in it',
      })
    }
  }
  const sorted = sources.map(({ bytes }) => bytes).sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? 0
  if (median > MEDIAN_BYTES) {
    findings.push({
      where: '.',
      rule: 'file-size',
      message: `the median file has ${kilobytes(median)}, not 5.0 kB or less`,
    })
  }
  const largest = sources.reduce<CheckoutFile | undefined>(
    (a, b) => (a === undefined || b.bytes > a.bytes ? b : a),
    undefined,
  )
  const top = largest === undefined ? '' : `, largest ${kilobytes(largest.bytes)} (${largest.path})`
  return { summary: `${sources.length} files, median ${kilobytes(median)}${top}`, findings }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} kB`
}

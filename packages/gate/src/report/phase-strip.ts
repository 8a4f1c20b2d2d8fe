import type { ReportedPhase } from './run-report.ts'

/**
 * A phase as a bar on the time of the run, in characters: `  ███▌    `.
 *
 * @param total seconds of the whole run
 */
export function phaseStrip(
  { begin, seconds }: Pick<ReportedPhase, 'begin' | 'seconds'>,
  total: number,
  width: number,
): string {
  const cells = total <= 0 ? 0 : width / total
  const first = Math.min(Math.floor(begin * cells), width - 1)
  const last = Math.min(Math.max(Math.ceil((begin + seconds) * cells), first + 1), width)
  return ' '.repeat(first) + '█'.repeat(last - first) + ' '.repeat(width - last)
}

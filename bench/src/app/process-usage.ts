import { readFileSync } from 'node:fs'

/** What one or several processes took. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number
  /** Largest resident set, MiB; of several processes, the sum of each one's. */
  readonly peakMb: number
}

/** Of the kernel's accounting (`getconf CLK_TCK`), the same on every Linux. */
const TICKS_PER_SECOND = 100

/** What a process that still runs took since its start. @throws Error when it is gone */
export function processUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakMb: Number(peak?.[1]) / 1024,
  }
}

/** What they took together. */
export function sumUsage(usages: readonly Usage[]): Usage {
  return {
    cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMb: usages.reduce((sum, { peakMb }) => sum + peakMb, 0),
  }
}

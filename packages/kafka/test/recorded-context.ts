import type { ConnectorContext, Logger, MetricRegistry } from '@statefun/engine'

/** A log that tests look at. */
export class RecordedLog implements Logger {
  readonly lines: string[] = []
  debug = (_: object, message: string) => void this.lines.push(`debug ${message}`)
  info = (_: object, message: string) => void this.lines.push(`info ${message}`)
  warn = (_: object, message: string) => void this.lines.push(`warn ${message}`)
  error = (_: object, message: string) => void this.lines.push(`error ${message}`)

  matching(part: string): string[] {
    return this.lines.filter((line) => line.includes(part))
  }
}

/** Counters and gauges by `name{label="value",…}`. */
export class RecordedMetrics implements MetricRegistry {
  readonly counters = new Map<string, number>()
  readonly gauges = new Map<string, () => number>()

  counter(name: string, _help: string, labels: Readonly<Record<string, string>> = {}) {
    const series = seriesOf(name, labels)
    return { inc: (amount = 1) => void this.counters.set(series, (this.counters.get(series) ?? 0) + amount) }
  }

  gauge(name: string, _help: string, labels: Readonly<Record<string, string>>, read: () => number): void {
    this.gauges.set(seriesOf(name, labels), read)
  }

  histogram() {
    return { observe() {} }
  }

  async render(): Promise<string> {
    return ''
  }
}

function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
  return `${name}{${pairs.join(',')}}`
}

/** A context with what it recorded. */
export interface TestContext extends ConnectorContext {
  readonly logger: RecordedLog
  readonly metrics: RecordedMetrics
}

/** A context of its own for one source or sink. */
export function newContext(): TestContext {
  return { app: 'test', logger: new RecordedLog(), metrics: new RecordedMetrics() }
}

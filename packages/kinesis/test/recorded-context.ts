import type { ConnectorContext, Logger, MetricRegistry } from '@statefun/engine'

/** A context whose log and metrics can be looked at. */
export interface RecordedContext extends ConnectorContext {
  readonly lines: readonly string[]
  /** Value of a counter or gauge by `name{label="value",…}`. */
  metric(series: string): number | undefined
}

/** A context of its own for one source or sink. */
export function recordedContext(): RecordedContext {
  const lines: string[] = []
  const log = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`)
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const series = new Map<string, () => number | undefined>()
  const nameOf = (name: string, labels: Readonly<Record<string, string>>) =>
    `${name}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`)}}`
  const metrics: MetricRegistry = {
    counter(name, _help, labels = {}) {
      let value = 0
      series.set(nameOf(name, labels), () => value)
      return {
        inc(amount = 1) {
          value += amount
        },
      }
    },
    gauge: (name, _help, labels, read) => void series.set(nameOf(name, labels), read),
    histogram: () => ({ observe: () => undefined }),
    render: async () => '',
  }
  return { app: 'test', logger, metrics, lines, metric: (name) => series.get(name)?.() }
}

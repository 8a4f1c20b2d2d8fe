import { Gauge, Counter as PrometheusCounter, Registry } from 'prom-client'
import type { Counter, Histogram, Labels, MetricRegistry } from './registry.ts'
import { SlidingWindow } from './sliding-window.ts'

/** What Flink's Prometheus reporter puts before every operator metric, so that dashboards and alerts made for it hold. */
export const FLINK_PREFIX = 'flink_taskmanager_job_task_operator_'

/** Those of Flink's reporter. */
const QUANTILES = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999] as const

interface Series {
  readonly labels: Labels
  readonly read: () => number | undefined
}

/**
 * Metrics for Prometheus. Names are those of contract 5.8: dots become underscores and the prefix goes in front, as with
 * Flink's reporter. Counting adds to a plain number; Prometheus sees it when it scrapes.
 */
export class PrometheusRegistry implements MetricRegistry {
  readonly #prefix: string
  readonly #registry = new Registry()
  readonly #series = new Map<string, Series[]>()

  constructor(prefix: string = FLINK_PREFIX) {
    this.#prefix = prefix
  }

  counter(name: string, help: string, labels: Labels = {}): Counter {
    let value = 0
    this.#add(name, help, 'counter', { labels, read: () => value })
    return {
      inc(amount = 1) {
        value += amount
      },
    }
  }

  gauge(name: string, help: string, labels: Labels, read: () => number | undefined): void {
    this.#add(name, help, 'gauge', { labels, read })
  }

  histogram(name: string, help: string, labels: Labels = {}): Histogram {
    const window = new SlidingWindow()
    for (const share of QUANTILES) {
      this.gauge(name, help, { ...labels, quantile: String(share) }, () => window.quantile(share))
    }
    this.gauge(`${name}_count`, `${help}: how many`, labels, () => window.count)
    this.gauge(`${name}_sum`, `${help}: sum`, labels, () => window.sum)
    return window
  }

  async render(): Promise<string> {
    return await this.#registry.metrics()
  }

  #name(name: string): string {
    return this.#prefix + name.replace(/[^a-zA-Z0-9_]/g, '_')
  }

  #add(name: string, help: string, type: 'counter' | 'gauge', series: Series): void {
    const full = this.#name(name)
    const known = this.#series.get(full)
    if (known !== undefined) {
      // A restarted job registers its series again: the new one counts from here.
      const at = known.findIndex((other) => sameLabels(other.labels, series.labels))
      if (at === -1) known.push(series)
      else known[at] = series
      return
    }
    const all = [series]
    this.#series.set(full, all)
    const Metric = type === 'counter' ? PrometheusCounter : Gauge
    new Metric({
      name: full,
      help,
      labelNames: Object.keys(series.labels),
      registers: [this.#registry],
      collect() {
        this.reset()
        for (const one of [...all]) {
          const value = one.read()
          if (value === undefined) all.splice(all.indexOf(one), 1)
          else this.inc(one.labels, value)
        }
      },
    })
  }
}

function sameLabels(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

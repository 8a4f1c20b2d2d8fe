import type { Job } from '../engine/job.ts'
import type { Outbox } from '../engine/outbox.ts'
import type { MetricRegistry } from './registry.ts'

/** Metrics of the engine itself; Flink has others for these things, so the names are ours. */
export function registerEngineMetrics(
  registry: MetricRegistry,
  job: () => Job | undefined,
  restarts: () => number,
  /** Ids of egresses whose records are published with their epoch. */
  exactlyOnce: readonly string[],
): void {
  const gauge = (name: string, help: string, read: (job: Job) => number) => {
    registry.gauge(name, help, {}, () => {
      const current = job()
      return current === undefined ? 0 : read(current)
    })
  }
  registry.gauge('numRestarts', 'restarts of the job after a failure', {}, restarts)
  gauge('running', '1 while records are processed', (current) => (current.running ? 1 : 0))
  gauge('pendingMessages', 'messages received and not yet answered', ({ core }) => core.pendingMessages)
  gauge('pendingBytes', 'estimated memory of those messages', ({ core }) => core.pendingBytes)
  gauge('pendingTimers', 'delayed messages that wait', ({ core }) => core.timers.size)
  gauge(
    'pendingTimerBytes',
    'memory of their records, outside of the JavaScript heap',
    ({ core }) => core.timers.recordBytes.room,
  )
  gauge('checkpoints.completed', 'durable epochs', ({ checkpoints }) => checkpoints.statistics.completed)
  gauge(
    'checkpoints.lastEpoch',
    'number of the last durable epoch',
    ({ checkpoints }) => checkpoints.statistics.lastEpoch,
  )
  gauge(
    'checkpoints.lastBytes',
    'bytes of the last epoch',
    ({ checkpoints }) => checkpoints.statistics.lastBytes,
  )
  gauge(
    'checkpoints.lastDuration',
    'milliseconds from the cut until the epoch was durable',
    ({ checkpoints }) => checkpoints.statistics.lastDurationMs,
  )
  gauge(
    'checkpoints.lastAppend',
    'milliseconds that the storage took for the last epoch',
    ({ checkpoints }) => checkpoints.statistics.lastAppendMs,
  )
  gauge(
    'checkpoints.late',
    'epochs that took longer than the interval, so that the next one was cut late',
    ({ checkpoints }) => checkpoints.statistics.late,
  )
  gauge(
    'checkpoints.lastCut',
    'milliseconds that the job stood still for the cut',
    ({ checkpoints }) => checkpoints.statistics.lastCutMs,
  )
  gauge(
    'checkpoints.snapshots',
    'base snapshots written',
    ({ checkpoints }) => checkpoints.statistics.snapshots,
  )
  gauge('state.cachedBytes', 'estimated memory of the instances that are not on disk', ({ disk }) =>
    disk === undefined ? 0 : disk.cachedBytes,
  )
  gauge('state.diskInstances', 'instances on disk', ({ disk }) =>
    disk === undefined ? 0 : disk.statistics.instances,
  )
  gauge('state.diskBytes', 'bytes of the files that they are in', ({ disk }) =>
    disk === undefined ? 0 : disk.statistics.fileBytes,
  )
  const outboxGauge = (name: string, help: string, read: (outbox: Outbox) => number) => {
    for (const egress of exactlyOnce) {
      registry.gauge(name, help, { egress }, () => {
        const outbox = job()?.outboxes.find(({ id }) => id === egress)
        return outbox === undefined ? 0 : read(outbox)
      })
    }
  }
  outboxGauge('outbox.pendingBytes', 'bytes emitted and not yet published', (outbox) => outbox.pendingBytes)
  outboxGauge('outbox.publishedEpoch', 'number of the last published epoch', (outbox) => outbox.published)
}

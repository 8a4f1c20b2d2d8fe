import type { Job } from '../engine/job.ts'
import type { MetricRegistry } from './registry.ts'

/** Metrics of the engine itself; Flink has others for these things, so the names are ours. */
export function registerEngineMetrics(
  registry: MetricRegistry,
  job: () => Job | undefined,
  restarts: () => number,
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
    'checkpoints.lastCut',
    'milliseconds that the job stood still for the cut',
    ({ checkpoints }) => checkpoints.statistics.lastCutMs,
  )
  gauge(
    'checkpoints.snapshots',
    'base snapshots written',
    ({ checkpoints }) => checkpoints.statistics.snapshots,
  )
}

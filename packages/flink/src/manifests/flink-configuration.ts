import type { Deployment, FlinkJob, Storage } from '../deploy/deployment.ts'
import { MODULE_FOLDER } from './module-object.ts'

/**
 * Settings of Flink, as text and in the order of their names. What differs between the lines of Flink are the names of
 * backend, high availability, restart strategy and JVM options: the wrong form of a name does nothing, without a word
 * (contract 7.2).
 */
export function flinkConfiguration(deployment: Deployment, flink: FlinkJob): Record<string, string> {
  const { storage, metricsPort } = deployment
  const settings: Record<string, string | number | boolean> = {
    // A class of StateFun that the job's loader found would not be the one of its context (contract 5.3).
    'classloader.parent-first-patterns.additional':
      'org.apache.flink.statefun;org.apache.kafka;com.google.protobuf',
    'classloader.resolve-order': 'parent-first',
    'kubernetes.operator.jm-deployment-recovery.enabled': true,
    'pipeline.auto-generate-uids': false,
    'statefun.flink-job-name': deployment.app,
    'statefun.remote.module-name': `file://${MODULE_FOLDER}/module.yaml`,
    'taskmanager.numberOfTaskSlots': flink.slots,
    ...(metricsPort === undefined ? {} : prometheus(metricsPort)),
    ...(storage === undefined ? {} : stateSettings(storage, flink)),
    ...restartSettings(flink),
    ...(flink.flinkVersion === 'v1_16' ? {} : { 'env.java.opts.all': OPENED_MODULES }),
    ...flink.configuration,
  }
  return Object.fromEntries(
    Object.entries(settings)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, String(value)]),
  )
}

/** The name of a setting whose short form Flink 2 does not take, and whose long form Flink 1.16 does not know. */
function typed(flink: FlinkJob, key: 'state.backend' | 'high-availability' | 'restart-strategy'): string {
  return flink.flinkVersion === 'v1_16' ? key : `${key}.type`
}

function stateSettings(storage: Storage, flink: FlinkJob): Record<string, string | number | boolean> {
  const { checkpoint } = flink
  return {
    'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
    'execution.checkpointing.interval': `${checkpoint.intervalMs} ms`,
    'execution.checkpointing.max-concurrent-checkpoints': 1,
    // A checkpoint that takes as long as the interval must not leave the job without time to work.
    'execution.checkpointing.min-pause': `${Math.ceil(checkpoint.intervalMs / 2)} ms`,
    'execution.checkpointing.mode': 'EXACTLY_ONCE',
    'execution.checkpointing.timeout': `${checkpoint.timeoutMs} ms`,
    'execution.checkpointing.tolerable-failed-checkpoints': 3,
    [typed(flink, 'high-availability')]: HA_FACTORY,
    'high-availability.kubernetes.leader-election.lease-duration': '15 s',
    'high-availability.kubernetes.leader-election.renew-deadline': '10 s',
    'high-availability.kubernetes.leader-election.retry-period': '2 s',
    'high-availability.storageDir': storage.highAvailability,
    [typed(flink, 'state.backend')]: 'rocksdb',
    'state.backend.incremental': true,
    'state.checkpoints.dir': storage.checkpoints,
    'state.checkpoints.num-retained': checkpoint.retain,
    'state.savepoints.dir': storage.savepoints,
    ...(storage.endpoint === undefined ? {} : { 's3.endpoint': storage.endpoint }),
    ...(storage.endpoint !== undefined || storage.pathStyle
      ? { 's3.path-style-access': storage.pathStyle }
      : {}),
  }
}

function restartSettings(flink: FlinkJob): Record<string, string | number> {
  const strategy = typed(flink, 'restart-strategy')
  if (flink.restart !== undefined) {
    return {
      [strategy]: 'fixed-delay',
      'restart-strategy.fixed-delay.attempts': flink.restart.attempts,
      'restart-strategy.fixed-delay.delay': `${flink.restart.delayMs} ms`,
    }
  }
  return {
    [strategy]: 'exponential-delay',
    'restart-strategy.exponential-delay.initial-backoff': '1 s',
    'restart-strategy.exponential-delay.max-backoff': '60 s',
    'restart-strategy.exponential-delay.reset-backoff-threshold': '10 min',
  }
}

function prometheus(port: number): Record<string, string | number> {
  return {
    'metrics.reporter.prom.factory.class': 'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
    'metrics.reporter.prom.port': port,
  }
}

const HA_FACTORY = 'org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory'

const exported = [
  ...['java.base/sun.net.util', 'java.rmi/sun.rmi.registry', 'java.security.jgss/sun.security.krb5'],
  ...['api', 'file', 'parser', 'tree', 'util'].map((part) => `jdk.compiler/com.sun.tools.javac.${part}`),
]
const opened = [
  ...['java.lang', 'java.lang.reflect', 'java.net', 'java.io', 'java.nio', 'sun.nio.ch', 'java.text'],
  ...['java.time', 'java.util', 'java.util.concurrent', 'java.util.concurrent.atomic'],
  'java.util.concurrent.locks',
]

/** What Flink needs of the modules of Java 17 and newer: its own settings say so, which those of a deployment replace. */
const OPENED_MODULES = [
  ...exported.map((name) => `--add-exports=${name}=ALL-UNNAMED`),
  ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
].join(' ')

import type { KafkaBroker } from '../../kafka/kafka-broker.ts'
import type { LocalStack } from '../../localstack/localstack.ts'
import type { Part } from '../topology.ts'
import type { EngineProcess } from './engine-process.ts'
import type { FlinkApp } from './flink-app.ts'
import type { FunctionServer } from './function-server.ts'
import { readLog } from './read-log.ts'

/** The broker of one deployment. */
export function brokerPart(kafka: KafkaBroker): Part {
  return {
    name: 'broker',
    title: `Kafka ${kafka.version}`,
    reach: kafka.bootstrap,
    logPath: kafka.logPath,
    log: () => readLog(kafka.logPath),
    kill: () => kafka.kill(),
    start: () => kafka.restart(),
    pause: async () => kafka.pause(),
    resume: async () => kafka.resume(),
  }
}

/** LocalStack, which deployments share: it can be frozen, but what it holds would be gone with its process. */
export function localStackPart(aws: LocalStack): Part {
  return {
    name: 'localstack',
    title: `LocalStack ${aws.version}`,
    reach: aws.endpoint,
    logPath: aws.logPath,
    log: () => readLog(aws.logPath),
    pause: async () => aws.pause(),
    resume: async () => aws.resume(),
  }
}

/** The function server of one deployment. */
export function functionsPart(server: FunctionServer): Part {
  return {
    name: 'functions',
    title: 'function server',
    reach: server.url,
    logPath: server.logPath,
    log: () => server.log(),
    kill: () => server.kill(),
    start: () => server.start(),
    pause: async () => server.pause(),
    resume: async () => server.resume(),
  }
}

/** The process of an app on the embedded engine. */
export function engineParts(engine: EngineProcess): readonly Part[] {
  return [
    {
      name: 'worker',
      title: 'embedded engine',
      reach: engine.adminUrl,
      logPath: engine.logPath,
      log: () => readLog(engine.logPath),
      kill: () => engine.kill(),
      start: () => engine.start(),
      pause: async () => engine.pause(),
      resume: async () => engine.resume(),
    },
  ]
}

/** The two processes of an app on Flink. A JobManager takes its job along: it cannot be killed. */
export function flinkParts({ cluster }: FlinkApp): readonly Part[] {
  return [
    {
      name: 'job-manager',
      title: `Flink ${cluster.version} JobManager`,
      reach: cluster.restUrl,
      logPath: cluster.logPaths.jobManager,
      log: () => readLog(cluster.logPaths.jobManager),
    },
    {
      name: 'worker',
      title: `Flink ${cluster.version} TaskManager`,
      logPath: cluster.logPaths.taskManager,
      log: () => readLog(cluster.logPaths.taskManager),
      kill: () => cluster.killTaskManager(),
      start: () => cluster.startTaskManager(),
    },
  ]
}

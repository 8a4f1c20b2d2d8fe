import type { Capability } from './capability.ts'
import type { EngineName, TopologyName } from './topology.ts'

/**
 * All that tests in another process know of one deployment: an app on one engine with its own broker. It is plain data; what
 * is done to the deployment goes through its control server.
 */
export interface DeploymentAccess {
  /** `embedded`, `process on flink`: names the deployment in reports. */
  readonly name: string
  readonly topology: TopologyName
  readonly engine: EngineName
  /** How a report calls the engine with its release: `Flink 1.16.2 (Apache StateFun 3.3.0)`. */
  readonly engineTitle: string
  readonly capabilities: readonly Capability[]
  /** The app, as its configuration names it. */
  readonly app: string
  /** Where Kafka records go to and come from. */
  readonly kafka: KafkaAccess
  /** Kinesis and S3; absent where there are none. */
  readonly aws?: AwsAccess
  readonly control: ControlAccess
}

/** Topics: of a real broker, or those in the gate's own process, which the control server serves. */
export type KafkaAccess =
  | { readonly kind: 'broker'; readonly bootstrap: string }
  | { readonly kind: 'in-process' }

/** Kinesis and S3 of a LocalStack, or streams in the gate's own process, which the control server serves. */
export interface AwsAccess {
  readonly kinesis: 'localstack' | 'in-process'
  /** `http://127.0.0.1:<port>`; absent where everything is in-process. */
  readonly endpoint?: string
  /** Deployments of one run that share a LocalStack are told apart by their region. */
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Where checkpoints lie; absent where they are in a folder. */
  readonly checkpoints?: { readonly bucket: string; readonly prefix: string }
}

/** The control server: HTTP on loopback, `authorization: Bearer <token>`. */
export interface ControlAccess {
  /** `http://127.0.0.1:<port>/<deployment>` */
  readonly url: string
  readonly token: string
}

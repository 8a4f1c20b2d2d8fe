/** What a module.yaml says once it is parsed and checked (contract 4). Durations are milliseconds. */
export interface ModuleDefinition {
  readonly endpoints: readonly EndpointDefinition[]
  readonly ingresses: readonly IngressDefinition[]
  readonly egresses: readonly EgressDefinition[]
}

/** Place of a value in a file, 1-based, columns in UTF-16 units. That of a definition is its id or function pattern. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Name and value of one `properties` element, values as text. */
export type PropertyList = readonly (readonly [name: string, value: string])[]

/** `io.statefun.transports.v1/async` (contract 4.2). */
export interface AsyncTransport {
  readonly type: 'async'
  readonly callMs: number
  readonly connectMs: number
  /** 0 keeps connections for ever. */
  readonly poolTtlMs: number
  readonly poolSize: number
  readonly payloadMaxBytes: number
  readonly trustCacerts: string | undefined
  readonly clientCert: string | undefined
  readonly clientKey: string | undefined
  /** Path of a file that holds the password. */
  readonly clientKeyPassword: string | undefined
}

/** `io.statefun.transports.v1/okhttp` (contract 4.2). */
export interface OkHttpTransport {
  readonly type: 'okhttp'
  readonly callMs: number
  readonly connectMs: number
  readonly readMs: number
  readonly writeMs: number
}

/**
 * What happens when a call's retry budget is used up.
 *
 * `fail` restarts the job as Flink does. `park` and `deadLetter` are extensions of the embedded engine (`failurePolicy` of
 * an endpoint's spec): `park` keeps the key's messages until they are redriven, `deadLetter` sends them to a Kafka topic
 * of an egress with their coordinates as headers.
 */
export type FailurePolicy =
  | { readonly type: 'fail' }
  | { readonly type: 'park' }
  | { readonly type: 'deadLetter'; readonly egress: string; readonly topic: string }

/** `io.statefun.endpoints.v2/http` and `v1/http`. */
export interface EndpointDefinition {
  readonly kind: string
  /** `<ns>/<name>` or `<ns>/*`. */
  readonly functions: string
  readonly namespace: string
  /** Undefined for `<ns>/*`. */
  readonly name: string | undefined
  readonly urlPathTemplate: string
  /** <= 0 means unlimited. */
  readonly maxNumBatchRequests: number
  readonly transport: AsyncTransport | OkHttpTransport
  readonly failurePolicy: FailurePolicy
  /** Whether calls may go together in one request to a server that offers it; an extension of the embedded engine. */
  readonly multiCall: boolean
  readonly location: SourceLocation
}

export type InvalidRecordHandling =
  | { readonly type: 'skip'; readonly logLevel: 'debug' | 'info' | 'warn' | 'error' }
  | { readonly type: 'fail' }

export interface KafkaTopicRoute {
  readonly topic: string
  readonly valueType: string
  readonly targets: readonly string[]
  readonly forwardHeaders: boolean
  readonly invalidRecordHandling: InvalidRecordHandling
}

export type KafkaStartupPosition =
  | { readonly type: 'group-offsets' }
  | { readonly type: 'earliest' }
  | { readonly type: 'latest' }
  | {
      readonly type: 'specific-offsets'
      readonly offsets: readonly {
        readonly topic: string
        readonly partition: number
        readonly offset: number
      }[]
    }
  | { readonly type: 'date'; readonly epochMs: number }

/** `io.statefun.kafka.v1/ingress` (contract 4.3). */
export interface KafkaIngressDefinition {
  readonly kind: 'io.statefun.kafka.v1/ingress'
  readonly id: string
  /** Bootstrap servers; already merged with `properties` (this field wins). */
  readonly address: string | undefined
  readonly consumerGroupId: string | undefined
  readonly topics: readonly KafkaTopicRoute[]
  readonly autoOffsetResetPosition: 'earliest' | 'latest'
  readonly startupPosition: KafkaStartupPosition
  /** Consumer properties, without those that have a field here (`bootstrap.servers`, `group.id`, `auto.offset.reset`). */
  readonly properties: PropertyList
  readonly location: SourceLocation
}

/** `io.statefun.kafka.v1/egress` (contract 4.4). */
export interface KafkaEgressDefinition {
  readonly kind: 'io.statefun.kafka.v1/egress'
  readonly id: string
  readonly address: string | undefined
  readonly deliverySemantic:
    | { readonly type: 'at-least-once' }
    | { readonly type: 'none' }
    | { readonly type: 'exactly-once'; readonly transactionTimeoutMs: number }
  /** Producer properties, without `bootstrap.servers` and, with exactly-once, `transaction.timeout.ms`. */
  readonly properties: PropertyList
  readonly location: SourceLocation
}

export type AwsRegion =
  | { readonly type: 'default' }
  | { readonly type: 'specific'; readonly id: string }
  | { readonly type: 'custom-endpoint'; readonly endpoint: string; readonly id: string }

export type AwsCredentials =
  | { readonly type: 'default' }
  | { readonly type: 'basic'; readonly accessKeyId: string; readonly secretAccessKey: string }
  | { readonly type: 'profile'; readonly profileName: string; readonly profilePath: string | undefined }

/** `io.statefun.kinesis.v1/ingress` (contract 4.5). */
export interface KinesisIngressDefinition {
  readonly kind: 'io.statefun.kinesis.v1/ingress'
  readonly id: string
  readonly awsRegion: AwsRegion
  readonly awsCredentials: AwsCredentials
  readonly startupPosition:
    | { readonly type: 'latest' }
    | { readonly type: 'earliest' }
    | { readonly type: 'date'; readonly epochMs: number }
  readonly streamArn: string | undefined
  readonly streams: readonly {
    readonly stream: string
    readonly valueType: string
    readonly targets: readonly string[]
  }[]
  readonly clientConfigProperties: PropertyList
  readonly location: SourceLocation
}

/** `io.statefun.kinesis.v1/egress` (contract 4.5). */
export interface KinesisEgressDefinition {
  readonly kind: 'io.statefun.kinesis.v1/egress'
  readonly id: string
  readonly awsRegion: AwsRegion
  readonly awsCredentials: AwsCredentials
  readonly maxOutstandingRecords: number
  readonly streamName: string | undefined
  readonly clientConfigProperties: PropertyList
  readonly location: SourceLocation
}

/** `io.statefun.playground.v1/ingress` (contract 4.6). */
export interface PlaygroundIngressDefinition {
  readonly kind: 'io.statefun.playground.v1/ingress'
  readonly id: 'io.statefun.playground/ingress'
  readonly port: number
  readonly location: SourceLocation
}

/** `io.statefun.playground.v1/egress` (contract 4.6). */
export interface PlaygroundEgressDefinition {
  readonly kind: 'io.statefun.playground.v1/egress'
  readonly id: 'io.statefun.playground/egress'
  readonly port: number
  readonly topics: readonly string[]
  readonly location: SourceLocation
}

export type IngressDefinition =
  | KafkaIngressDefinition
  | KinesisIngressDefinition
  | PlaygroundIngressDefinition
export type EgressDefinition = KafkaEgressDefinition | KinesisEgressDefinition | PlaygroundEgressDefinition

import type { EnvValue, Profile, ResourceRequirements, Resources, StorageConfig } from './deploy-config.ts'

/** A description with everything decided: what the manifests are made from. */
export interface Deployment {
  readonly app: string
  readonly name: string
  readonly namespace: string
  readonly profile: Profile
  readonly labels: Readonly<Record<string, string>>
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never' | undefined
  readonly imagePullSecrets: readonly string[]
  /** module.yaml as it is deployed; for Flink with its placeholders expanded. */
  readonly module: { readonly text: string; readonly as: 'ConfigMap' | 'Secret' }
  readonly storage: Storage | undefined
  readonly serviceAccount: string
  readonly metricsPort: number | undefined
  readonly functions: FunctionServer | undefined
  /** Of the profiles `kzm` and `apache`. */
  readonly flink: FlinkJob | undefined
  /** Of the profile `embedded`. */
  readonly engine: EmbeddedEngine | undefined
}

/** Where state is kept. */
export interface Storage extends Pick<StorageConfig, 'endpoint' | 'region' | 'credentials'> {
  readonly checkpoints: string
  readonly savepoints: string
  readonly highAvailability: string
  readonly pathStyle: boolean
}

/** See `FunctionsConfig`, with its defaults. */
export interface FunctionServer {
  readonly name: string
  readonly image: string
  readonly port: number
  readonly healthPath: string
  readonly replicas: number
  readonly autoscaling:
    | { readonly min: number; readonly max: number; readonly cpuPercent: number }
    | undefined
  readonly resources: { readonly requests: Resources; readonly limits: Resources }
  readonly env: Readonly<Record<string, EnvValue>>
  readonly terminationGraceSeconds: number
}

/** The job and its processes, with the defaults of {@link resolveDeployment}. */
export interface FlinkJob {
  readonly image: string
  readonly flinkVersion: FlinkVersion
  readonly operatorVersion: string
  readonly jar: string
  readonly parallelism: number
  readonly slots: number
  readonly jobManager: { readonly cpu: number; readonly memory: string; readonly replicas: number }
  readonly taskManager: { readonly cpu: number; readonly memory: string }
  readonly upgradeMode: 'savepoint' | 'last-state' | 'stateless'
  readonly initialSavepointPath: string | undefined
  readonly allowNonRestoredState: boolean
  readonly restart: { readonly attempts: number; readonly delayMs: number } | undefined
  readonly checkpoint: { readonly intervalMs: number; readonly timeoutMs: number; readonly retain: number }
  readonly configuration: Readonly<Record<string, string | number | boolean>>
  readonly env: Readonly<Record<string, EnvValue>>
  readonly logConfiguration: Readonly<Record<string, string>>
}

/** The one pod of the embedded engine. */
export interface EmbeddedEngine {
  readonly image: string
  readonly command: readonly string[] | undefined
  readonly resources: ResourceRequirements
  readonly env: Readonly<Record<string, EnvValue>>
  readonly drainMs: number
  readonly adminPort: number
}

/** Names that the operator gives to the lines of Flink it knows (contract 7.1). */
export type FlinkVersion = 'v1_16' | 'v2_0' | 'v2_2'

/** What runs the app on Kubernetes: StateFun continued by kzmlabs, StateFun 3.3.0 of Apache, or our own engine. */
export type Profile = 'kzm' | 'apache' | 'embedded'

/** CPU as Kubernetes writes it (`'500m'`, `1`) and memory with a unit (`'512Mi'`). */
export interface Resources {
  readonly cpu?: string | number
  readonly memory?: string
}

/** Requests and limits of a container. */
export interface ResourceRequirements {
  readonly requests?: Resources
  readonly limits?: Resources
}

/** A value of a variable: plain text, or the key of a Secret. */
export type EnvValue = string | { readonly secret: string; readonly key: string }

/** How S3 is reached. Values of keys are never part of it. */
export interface StorageConfig {
  /** `s3://bucket/prefix` of this app alone: checkpoints lie in `checkpoints` below it. */
  readonly checkpoints?: string
  /** `s3://bucket/prefix` for savepoints; default `savepoints` beside `checkpoints`. */
  readonly savepoints?: string
  /** `s3://bucket/prefix` for the metadata of high availability; default `ha` beside `checkpoints`. */
  readonly highAvailability?: string
  /** Of a store other than Amazon's: `http://minio:9000`. */
  readonly endpoint?: string
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`; default true with an endpoint. */
  readonly pathStyle?: boolean
  readonly region?: string
  /**
   * A Secret with the keys `access-key-id` and `secret-access-key` (other names in `accessKeyId`, `secretAccessKey`), or
   * a role that the service account assumes (IRSA). Without it: the role of the node.
   */
  readonly credentials?:
    | { readonly secret: string; readonly accessKeyId?: string; readonly secretAccessKey?: string }
    | { readonly role: string }
}

/** The function server's Deployment, Service, autoscaler and disruption budget. */
export interface FunctionsConfig {
  /** Default: the name of the app with `-functions`. Endpoints of module.yaml name it: `http://<name>:<port>/statefun`. */
  readonly name?: string
  readonly image?: string
  /** Where the server listens; default 8000. */
  readonly port?: number
  /** Of the readiness and liveness probe; default `/health`. */
  readonly healthPath?: string
  /** Default 2; with `autoscaling` the autoscaler decides. */
  readonly replicas?: number
  readonly autoscaling?: { readonly min: number; readonly max: number; readonly cpuPercent?: number }
  readonly resources?: ResourceRequirements
  readonly env?: Readonly<Record<string, EnvValue>>
  /** Milliseconds, or a duration such as `'30 s'`: how long a pod may take to end; default 30 s. */
  readonly terminationGrace?: string | number
}

/** Size of a JobManager or TaskManager: cores, and memory as Flink writes it (`'2048m'`). */
export interface FlinkResource {
  readonly cpu?: number
  readonly memory?: string
}

/** The job on Flink; of the profiles `kzm` and `apache`. */
export interface FlinkConfig {
  /** Flink with StateFun and its runner jar. */
  readonly image?: string
  /** Version of the Flink Kubernetes Operator in the cluster: `'1.11'`, `'1.15'`, …; default `'1.15'`, for apache `'1.11'`. */
  readonly operatorVersion?: string
  /** Default `local:///opt/flink/statefun-flink-runner.jar`. */
  readonly jar?: string
  readonly parallelism?: number
  /** Of a TaskManager; default 2. */
  readonly slots?: number
  readonly jobManager?: FlinkResource & { readonly replicas?: number }
  readonly taskManager?: FlinkResource
  /** What a change of the deployment goes on from; default `last-state`. */
  readonly upgradeMode?: 'savepoint' | 'last-state' | 'stateless'
  /** Default: the name with `-flink`. */
  readonly serviceAccount?: string
  /** Starts from this savepoint, once. */
  readonly initialSavepointPath?: string
  /** State that no operator of the job claims is dropped in place of failing the start; default false. */
  readonly allowNonRestoredState?: boolean
  /** Restarts this many times; default: without limit, 1 s to 60 s apart. */
  readonly restart?: { readonly attempts: number; readonly delay: string | number }
  /** Settings of Flink, over all that is set from the rest of the description. */
  readonly configuration?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, EnvValue>>
  /** Files of `logConfiguration`, such as `log4j-console.properties`. */
  readonly logConfiguration?: Readonly<Record<string, string>>
}

/** Our engine in a StatefulSet of one replica; of the profile `embedded`. */
export interface EngineConfig {
  /** An image of the app whose entry point is `statefun`. */
  readonly image?: string
  /** In place of the image's entry point. */
  readonly command?: readonly string[]
  readonly resources?: ResourceRequirements
  readonly env?: Readonly<Record<string, EnvValue>>
  /** How long work under way may take to finish at a stop; default 20 s. */
  readonly drain?: string | number
  /** Of the admin API; default 4680. */
  readonly adminPort?: number
}

/** How an app is deployed on Kubernetes: `deploy` of `statefun.config.ts`. */
export interface DeployConfig {
  /** Default `kzm`. */
  readonly profile?: Profile
  /** Of the objects; default: the name of the app. Lower-case letters, digits and "-", at most 40. */
  readonly name?: string
  /** Default: that of the current context. */
  readonly namespace?: string
  /** Put before every image: `registry.example.com/proxy/`; default `IMAGE_REGISTRY_PREFIX` of the environment. */
  readonly imageRegistryPrefix?: string
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  /** Secrets with which images are pulled. */
  readonly imagePullSecrets?: readonly string[]
  /** Further labels of every object. */
  readonly labels?: Readonly<Record<string, string>>
  /** Values of the placeholders in module.yaml, over the environment. For the engine they become variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Where module.yaml is kept; `Secret` when it holds credentials. Default `ConfigMap`. */
  readonly moduleAs?: 'ConfigMap' | 'Secret'
  /** `false`: the functions run elsewhere. */
  readonly functions?: FunctionsConfig | false
  readonly flink?: FlinkConfig
  readonly engine?: EngineConfig
  readonly storage?: StorageConfig
  /** Checkpoints of Flink: default 10 s apart, the newest 3 kept. For the engine see `checkpoint` of the configuration. */
  readonly checkpoint?: {
    readonly interval?: string | number
    readonly timeout?: string | number
    readonly retain?: number
  }
  /** Prometheus; default on, port 9249. `false`: no reporter. */
  readonly metrics?: { readonly port?: number } | false
}

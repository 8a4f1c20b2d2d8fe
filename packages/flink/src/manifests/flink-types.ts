import type { ObjectMeta } from './kubernetes-object.ts'

/** `FlinkDeployment` of the Flink Kubernetes Operator, the fields that are used here (contract 7.1). */
export interface FlinkDeployment {
  readonly apiVersion: 'flink.apache.org/v1beta1'
  readonly kind: 'FlinkDeployment'
  readonly metadata: ObjectMeta
  readonly spec: FlinkDeploymentSpec
  readonly status?: FlinkDeploymentStatus
}

export interface FlinkDeploymentSpec {
  readonly image: string
  readonly imagePullPolicy?: string
  readonly flinkVersion: string
  readonly serviceAccount: string
  readonly flinkConfiguration: Readonly<Record<string, string>>
  readonly logConfiguration?: Readonly<Record<string, string>>
  /** What its pods have besides what Flink gives them; `spec` is that of a Pod. */
  readonly podTemplate: {
    readonly apiVersion: 'v1'
    readonly kind: 'Pod'
    readonly metadata: ObjectMeta
    readonly spec: object
  }
  readonly jobManager: { readonly replicas: number; readonly resource: FlinkPodResource }
  readonly taskManager: { readonly resource: FlinkPodResource }
  readonly job: FlinkJobSpec
}

/** Cores, and memory of the process in Flink's notation (`2048m`). */
export interface FlinkPodResource {
  readonly cpu: number
  readonly memory: string
}

export interface FlinkJobSpec {
  readonly jarURI: string
  readonly parallelism: number
  readonly upgradeMode: 'savepoint' | 'last-state' | 'stateless'
  readonly state: 'running' | 'suspended'
  readonly initialSavepointPath?: string
  readonly allowNonRestoredState?: boolean
  readonly savepointTriggerNonce?: number
}

export interface FlinkDeploymentStatus {
  readonly error?: string
  readonly lifecycleState?: string
  readonly jobManagerDeploymentStatus?: 'READY' | 'DEPLOYED_NOT_READY' | 'DEPLOYING' | 'MISSING' | 'ERROR'
  readonly observedGeneration?: number
  readonly clusterInfo?: Readonly<Record<string, string>>
  readonly jobStatus?: {
    readonly jobId?: string
    readonly jobName?: string
    readonly state?: string
    readonly startTime?: string
    readonly updateTime?: string
    readonly upgradeSavepointPath?: string
    readonly savepointInfo?: {
      readonly triggerId?: string
      readonly lastSavepoint?: {
        readonly location?: string
        readonly timeStamp?: number
        readonly triggerNonce?: number
      }
    }
  }
  readonly reconciliationStatus?: {
    readonly state?: 'DEPLOYED' | 'ROLLED_BACK' | 'ROLLING_BACK' | 'UPGRADING'
    readonly lastReconciledSpec?: string
    readonly lastStableSpec?: string
  }
}

/** `FlinkStateSnapshot`: how operators since 1.10 keep savepoints. */
export interface FlinkStateSnapshot {
  readonly apiVersion: 'flink.apache.org/v1beta1'
  readonly kind: 'FlinkStateSnapshot'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly jobReference?: { readonly kind?: string; readonly name?: string }
    readonly savepoint?: { readonly path?: string }
  }
  readonly status?: { readonly state?: string; readonly path?: string; readonly error?: string }
}

export { type CheckInput, checkDeployment } from './check/check-deployment.ts'
export type { SourceFile } from './check/locate.ts'
export type { ApplyOptions, Cluster, LiveObject, LogOptions, WatchEvent } from './cluster/cluster.ts'
export { KubeApi, type KubeRequest, openKubeApi } from './cluster/kube-api.ts'
export { openKubeCluster } from './cluster/kube-cluster.ts'
export type { KubeLogin, KubeOptions } from './cluster/kube-login.ts'
export { LiveObjects } from './cluster/live-objects.ts'
export { type Controller, MemoryCluster } from './cluster/memory-cluster.ts'
export { KINDS, kindOf, type ResourceKind } from './cluster/resource-kind.ts'
export {
  CONTAINER_ENGINES,
  type ContainerEngine,
  type ContainerEngineName,
  containerEngine,
  type EngineCommandOptions,
  findContainerEngine,
  runCommand,
} from './container/container-engine.ts'
export {
  checkedPrefix,
  IMAGE_REGISTRY_PREFIX,
  prefixedImage,
  prefixFromEnvironment,
} from './container/image-reference.ts'
export { checkDeployShape } from './deploy/check-shape.ts'
export type * from './deploy/deploy-config.ts'
export type { Deployment } from './deploy/deployment.ts'
export { type DeploymentPlan, type PlanInput, planDeployment } from './deploy/plan-deployment.ts'
export { type DeploymentInput, deploymentName, resolveDeployment } from './deploy/resolve-deployment.ts'
export {
  type BuildImageOptions,
  buildFunctionImage,
  type FunctionImage,
  IMAGE_TEMPLATE,
  NODE_IMAGE,
  writeBuildContext,
} from './image/build-image.ts'
export { bundleEngine, bundleServer, type ServerBundle } from './image/bundle-server.ts'
export { type ImageStart, imagePullSize, startFunctionImage } from './image/measure-image.ts'
export type * from './manifests/flink-types.ts'
export type { KubernetesObject, ObjectMeta } from './manifests/kubernetes-object.ts'
export {
  type Applied,
  type ApplyManifestsOptions,
  applyManifests,
  checkCluster,
  generationsOf,
} from './operate/apply-manifests.ts'
export { deleteDeployment, objectsOf } from './operate/delete-deployment.ts'
export { type DeploymentStatus, deploymentStatus } from './operate/deployment-status.ts'
export { diffManifests, leftOvers, type ObjectDiff } from './operate/diff-manifests.ts'
export { LOG_COMPONENTS, type LogComponent, type ShowLogsOptions, showLogs } from './operate/follow-logs.ts'
export { podReasons } from './operate/pod-reasons.ts'
export { type Readiness, readinessOf } from './operate/readiness.ts'
export { type SavepointOptions, takeSavepoint } from './operate/take-savepoint.ts'
export { type UpgradeOptions, upgradeDeployment, withUpgradeMode } from './operate/upgrade-deployment.ts'
export { type Progress, podsOf, type WaitOptions, waitUntilReady } from './operate/wait-until-ready.ts'
export { type Manifest, manifestsOf } from './render/manifests-of.ts'
export { type RenderedFile, renderFolder } from './render/render-folder.ts'
export { toYaml, toYamlStream } from './render/to-yaml.ts'

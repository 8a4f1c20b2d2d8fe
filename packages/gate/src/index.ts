export { ControlClient } from './control/control-client.ts'
export type { MavenArtifact } from './fetch/artifact.ts'
export { cacheDir } from './fetch/cache-dir.ts'
export {
  type ArtifactRepository,
  type FetchArtifactsOptions,
  type FetchProgress,
  fetchArtifacts,
} from './fetch/fetch-artifacts.ts'
export { httpRepository } from './fetch/http-repository.ts'
export { mavenClient } from './fetch/maven-client.ts'
export { FLINK_VERSION, STATEFUN_VERSION } from './flink/artifacts.ts'
export type { FlinkBucket } from './flink/bucket.ts'
export type { FlinkMemory, FlinkSettings } from './flink/config.ts'
export type { FlinkCluster } from './flink/flink-cluster.ts'
export { type FlinkInstallation, type InstallFlinkOptions, installFlink } from './flink/install-flink.ts'
export { KINESIS_WITHOUT_CERTIFICATE } from './flink/kinesis.ts'
export type { FlinkJob } from './flink/rest.ts'
export { type StartFlinkOptions, startFlink } from './flink/start-flink.ts'
export { type FindJavaOptions, findJava, type Java } from './java/java.ts'
export { type JavaSources, javaClasses } from './java/java-classes.ts'
export { STATEFUN_SDK_JAVA } from './java/statefun-sdk.ts'
export type { KafkaListener, KafkaSettings, KafkaTls, KafkaUsers } from './kafka/config.ts'
export { KAFKA_JARS } from './kafka/jars.ts'
export type { KafkaBroker, TopicOptions } from './kafka/kafka-broker.ts'
export { type KafkaProgress, type StartKafkaOptions, startKafka } from './kafka/start-kafka.ts'
export type { LocalStack, LocalStackService, StreamOptions } from './localstack/localstack.ts'
export {
  type LocalStackProgress,
  type StartLocalStackOptions,
  startLocalStack,
} from './localstack/start-localstack.ts'
export { type Child, type ChildExit, type ChildOptions, startChild } from './process/child.ts'
export { freePorts } from './process/free-ports.ts'
export { type WaitUntilReadyOptions, waitUntilReady } from './process/wait-until-ready.ts'
export { type PythonRequirement, pythonPackages } from './python/python-packages.ts'
export { type Random, seededRandom } from './random/seeded-random.ts'
export { type Phase, type PhaseContext, Phases } from './run/phases.ts'
export {
  type NewRunEvent,
  type PartFacts,
  type RunEvent,
  RunEvents,
  type RunTally,
  type TestFailure,
  type TestRef,
  type Verdict,
} from './run/run-events.ts'
export { CAPABILITIES, type Capability, TAGS, type Tag } from './topology/capability.ts'
export type { AwsAccess, ControlAccess, DeploymentAccess, KafkaAccess } from './topology/deployment-access.ts'
export { processTopology } from './topology/process/process-topology.ts'
export type {
  AppStatus,
  AppUnderTest,
  Deployment,
  DeploymentFacts,
  DeployOptions,
  EngineName,
  Part,
  PartName,
  RunningApp,
  StartRequest,
  StateOfInstance,
  Topology,
  TopologyName,
} from './topology/topology.ts'

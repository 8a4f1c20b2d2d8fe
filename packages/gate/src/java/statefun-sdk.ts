import type { MavenArtifact } from '../fetch/artifact.ts'

/** Apache's Java SDK: one jar that carries its protocol and protobuf classes. */
export const STATEFUN_SDK_JAVA: MavenArtifact = {
  coordinate: 'org.apache.flink:statefun-sdk-java:3.3.0',
  sha256: 'd385d0e467eeda62fda9dc83c6e548cc87b82edc86371440d4e9d2aefbb0ec44',
}

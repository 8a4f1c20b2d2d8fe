import { join } from 'node:path'
import { fetchArtifacts, findJava, type MavenArtifact } from '@statefun/gate'
import { HarnessProcess } from './harness-process.ts'
import { FUNCTION_TYPENAME, type TotalType } from './requests.ts'

/** It carries its own copy of protobuf: no other jar is needed. */
const JAVA_SDK: MavenArtifact = {
  coordinate: 'org.apache.flink:statefun-sdk-java:3.3.0',
  sha256: 'd385d0e467eeda62fda9dc83c6e548cc87b82edc86371440d4e9d2aefbb0ec44',
}

/** One SDK in the comparison. */
export interface Contender {
  readonly name: 'ours' | 'npm' | 'java'
  /** With version: what the table says. */
  readonly title: string
  readonly totalType: TotalType
  start(): HarnessProcess
}

/** Our SDK on this Node. */
export function ours(): Contender {
  return nodeContender('ours', '@statefun/sdk', 'long', 'harness-statefun.ts')
}

/** The npm package apache-flink-statefun on this Node. */
export function npmPackage(): Contender {
  return nodeContender('npm', 'npm apache-flink-statefun 3.3.0', 'int', 'harness-npm-package.ts')
}

/**
 * The Java SDK on this machine's Java, its harness compiled when it starts.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA`, `SF_GATE_FETCH_FAILED`
 */
export async function javaSdk(): Promise<Contender> {
  const [java, [jar = '']] = await Promise.all([findJava(), fetchArtifacts([JAVA_SDK])])
  const source = join(import.meta.dirname, 'SdkHarness.java')
  return {
    name: 'java',
    title: `Java SDK 3.3.0 (Java ${java.version})`,
    totalType: 'long',
    start: () => new HarnessProcess('java', java.command, ['-cp', jar, source, FUNCTION_TYPENAME]),
  }
}

function nodeContender(name: 'ours' | 'npm', title: string, totalType: TotalType, file: string): Contender {
  const path = join(import.meta.dirname, file)
  return { name, title, totalType, start: () => new HarnessProcess(name, process.execPath, [path]) }
}

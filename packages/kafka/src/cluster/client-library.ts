import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

type Library = typeof import('./whole-client-library.ts')
type SaslPart = 'saslAuthenticateV2' | 'saslHandshakeV1' | 'saslOAuthBearer' | 'saslPlain' | 'saslScramSha'

/** Parts that are what a file exports. */
const NAMESPACES = {
  addOffsetsToTxnV3: 'apis/producer/add-offsets-to-txn-v3.js',
  addPartitionsToTxnV3: 'apis/producer/add-partitions-to-txn-v3.js',
  apiVersionsV3: 'apis/metadata/api-versions-v3.js',
  createTopicsV7: 'apis/admin/create-topics-v7.js',
  describeConfigsV4: 'apis/admin/describe-configs-v4.js',
  endTxnV3: 'apis/producer/end-txn-v3.js',
  findCoordinatorV4: 'apis/metadata/find-coordinator-v4.js',
  initProducerIdV4: 'apis/producer/init-producer-id-v4.js',
  listOffsetsV7: 'apis/consumer/list-offsets-v7.js',
  metadataV12: 'apis/metadata/metadata-v12.js',
  offsetCommitV8: 'apis/consumer/offset-commit-v8.js',
  offsetFetchV8: 'apis/consumer/offset-fetch-v8.js',
  txnOffsetCommitV3: 'apis/producer/txn-offset-commit-v3.js',
} satisfies Partial<Record<keyof Library, string>>

const SASL_NAMESPACES = {
  saslAuthenticateV2: 'apis/security/sasl-authenticate-v2.js',
  saslHandshakeV1: 'apis/security/sasl-handshake-v1.js',
  saslOAuthBearer: 'protocol/sasl/oauth-bearer.js',
  saslPlain: 'protocol/sasl/plain.js',
  saslScramSha: 'protocol/sasl/scram-sha.js',
} satisfies Record<SaslPart, string>

/** Files whose exports are parts. */
const FILES = [
  'errors.js',
  'protocol/compression.js',
  'protocol/crc32c.js',
  'protocol/errors.js',
  'protocol/reader.js',
  'protocol/writer.js',
]

/**
 * The parts of the client library that every engine uses. It has one entry point, which also loads its clients, schema registries
 * and the versions of all calls: 40 MB and a quarter of a second. So the files are loaded that hold these parts; the version of
 * the library is fixed (decision 0003).
 */
const parts = await load(NAMESPACES, FILES)
export const AuthenticationError: Library['AuthenticationError'] = parts.AuthenticationError
export const addOffsetsToTxnV3: Library['addOffsetsToTxnV3'] = parts.addOffsetsToTxnV3
export const addPartitionsToTxnV3: Library['addPartitionsToTxnV3'] = parts.addPartitionsToTxnV3
export const apiVersionsV3: Library['apiVersionsV3'] = parts.apiVersionsV3
export const compressionsAlgorithms: Library['compressionsAlgorithms'] = parts.compressionsAlgorithms
export const crc32c: Library['crc32c'] = parts.crc32c
export const createTopicsV7: Library['createTopicsV7'] = parts.createTopicsV7
export const describeConfigsV4: Library['describeConfigsV4'] = parts.describeConfigsV4
export const endTxnV3: Library['endTxnV3'] = parts.endTxnV3
export const findCoordinatorV4: Library['findCoordinatorV4'] = parts.findCoordinatorV4
export const initProducerIdV4: Library['initProducerIdV4'] = parts.initProducerIdV4
export const listOffsetsV7: Library['listOffsetsV7'] = parts.listOffsetsV7
export const MultipleErrors: Library['MultipleErrors'] = parts.MultipleErrors
export const metadataV12: Library['metadataV12'] = parts.metadataV12
export const NetworkError: Library['NetworkError'] = parts.NetworkError
export const offsetCommitV8: Library['offsetCommitV8'] = parts.offsetCommitV8
export const offsetFetchV8: Library['offsetFetchV8'] = parts.offsetFetchV8
export const protocolErrors: Library['protocolErrors'] = parts.protocolErrors
export const protocolErrorsCodesById: Library['protocolErrorsCodesById'] = parts.protocolErrorsCodesById
export const Reader: Library['Reader'] = parts.Reader
export const TimeoutError: Library['TimeoutError'] = parts.TimeoutError
export const txnOffsetCommitV3: Library['txnOffsetCommitV3'] = parts.txnOffsetCommitV3
export const UserError: Library['UserError'] = parts.UserError
export const Writer: Library['Writer'] = parts.Writer

export type Reader = InstanceType<Library['Reader']>
export type Writer = InstanceType<Library['Writer']>

/** The parts for SASL, which bring the rest of the calls with them. */
export function loadSasl(): Promise<Pick<Library, SaslPart>> {
  return load(SASL_NAMESPACES, [])
}

async function load(namespaces: Record<string, string>, files: readonly string[]): Promise<Library> {
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve('@platformatic/kafka')
  } catch {
    // In a bundle there are no packages: there the parts come with it.
    return await import('./whole-client-library.ts')
  }
  const part = (file: string) => import(new URL(file, pathToFileURL(entry)).href)
  const [named, exported] = await Promise.all([
    Promise.all(Object.entries(namespaces).map(async ([name, file]) => [name, await part(file)])),
    Promise.all(files.map(part)),
  ])
  return Object.assign(Object.fromEntries(named), ...exported)
}

import { MultipleErrors, protocolErrorsCodesById } from './client-library.ts'

/** The error codes of the Kafka protocol that this connector decides by. */
export const ERROR = {
  unknownServerError: -1,
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  offsetMetadataTooLarge: 12,
  networkException: 13,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  recordListTooLarge: 18,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  topicAlreadyExists: 36,
  policyViolation: 44,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  invalidTransactionTimeout: 50,
  concurrentTransactions: 51,
  transactionCoordinatorFenced: 52,
  transactionalIdAuthorizationFailed: 53,
  operationNotAttempted: 55,
  storageError: 56,
  saslAuthenticationFailed: 58,
  unknownProducerId: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  producerFenced: 90,
  unknownTopicId: 100,
  transactionAbortable: 120,
} as const

/** The name that Kafka's documentation uses, such as `NOT_LEADER_OR_FOLLOWER`. */
export function errorName(code: number): string {
  return protocolErrorsCodesById[code] ?? `error code ${code}`
}

/** True when the partition is led elsewhere or by nobody for the moment, so that fresh metadata helps. */
export function isStaleLeader(code: number): boolean {
  switch (code) {
    case ERROR.unknownTopicOrPartition:
    case ERROR.leaderNotAvailable:
    case ERROR.notLeaderOrFollower:
    case ERROR.replicaNotAvailable:
    case ERROR.storageError:
    case ERROR.fencedLeaderEpoch:
    case ERROR.unknownLeaderEpoch:
    case ERROR.unknownTopicId:
      return true
    default:
      return false
  }
}

/** Protocol error code within an error of the library; undefined for connection failures and everything else. */
export function protocolCodeOf(error: unknown): number | undefined {
  if (error instanceof MultipleErrors) {
    for (const inner of error.errors) {
      const code = protocolCodeOf(inner)
      if (code !== undefined) return code
    }
  }
  const code = error instanceof Error && 'apiCode' in error ? error.apiCode : undefined
  return typeof code === 'number' ? code : undefined
}

/** The response that the library attached to its error because only a part of it was refused. */
export function partialResponseOf(error: unknown): unknown {
  return error instanceof MultipleErrors && 'response' in error ? error.response : undefined
}

/** Text of the innermost cause, which names the socket error or the refusal. */
export function rootMessage(error: unknown): string {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    const inner: unknown =
      current.cause ?? (current instanceof AggregateError ? current.errors[0] : undefined)
    if (!(inner instanceof Error)) return current.message || String(current)
    current = inner
  }
  return String(current)
}

import { StatefunError } from '@statefun/protocol'
import { MultipleErrors, protocolErrors } from '../cluster/client-library.ts'
import { ERROR, errorName, protocolCodeOf, rootMessage } from '../cluster/protocol-error.ts'
import { SessionError, type SessionTrouble } from './transaction-session.ts'

/**
 * What a failed call means for its transaction.
 *
 * @param where names what was refused, for an error that no repetition can mend
 */
export function classifyError(error: unknown, egress: string, where: string): SessionError | StatefunError {
  if (error instanceof StatefunError || error instanceof SessionError) return error
  const code = decidingCode(error)
  if (code === undefined) return new SessionError('broken', rootMessage(error), { cause: error })
  return classifyCode(code, egress, where, error)
}

/** As {@link classifyError}, for a protocol error code other than 0. */
export function classifyCode(
  code: number,
  egress: string,
  where: string,
  cause?: unknown,
): SessionError | StatefunError {
  const name = errorName(code)
  const trouble = troubleOf(code)
  if (trouble !== undefined) return new SessionError(trouble, `${name} (${where})`, { cause })
  switch (code) {
    case ERROR.topicAuthorizationFailed:
    case ERROR.groupAuthorizationFailed:
    case ERROR.clusterAuthorizationFailed:
    case ERROR.transactionalIdAuthorizationFailed:
      return new StatefunError('SF_KAFKA_NOT_AUTHORIZED', `egress ${egress} was refused: ${name}`, {
        where,
        hint:
          'grant the client WRITE and DESCRIBE on the topics and on the transactional id, and READ on the marker group ' +
          'and the epochs topic',
        cause,
      })
    default:
      return new StatefunError('SF_KAFKA_PUBLISH_FAILED', `egress ${egress} was refused: ${name}`, {
        where,
        cause,
      })
  }
}

function troubleOf(code: number): SessionTrouble | undefined {
  switch (code) {
    case ERROR.invalidProducerEpoch:
    case ERROR.producerFenced:
      return 'fenced'
    case ERROR.unknownServerError:
    case ERROR.networkException:
    case ERROR.outOfOrderSequence:
    case ERROR.invalidTransactionState:
    case ERROR.invalidProducerIdMapping:
    case ERROR.transactionCoordinatorFenced:
    case ERROR.operationNotAttempted:
    case ERROR.unknownProducerId:
    case ERROR.transactionAbortable:
      return 'broken'
    default:
      return protocolErrors[errorName(code)]?.canRetry === true ? 'retry' : undefined
  }
}

/** A request about several partitions is refused as a whole: one of them has the reason, the others were not attempted. */
function decidingCode(error: unknown): number | undefined {
  if (error instanceof MultipleErrors) {
    for (const inner of error.errors) {
      const code = protocolCodeOf(inner)
      if (code !== undefined && code !== ERROR.operationNotAttempted) return code
    }
  }
  return protocolCodeOf(error)
}

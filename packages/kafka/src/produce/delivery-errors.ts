import { protocolErrors } from '../cluster/client-library.ts'
import { ERROR, errorName } from '../cluster/protocol-error.ts'

/** True when sending the same batch again may succeed. */
export function isRetriable(errorCode: number): boolean {
  return protocolErrors[errorName(errorCode)]?.canRetry === true
}

/** True when the broker no longer knows the sequence of this producer, so that only a new producer id helps. */
export function needsNewIdentity(errorCode: number): boolean {
  return (
    errorCode === ERROR.outOfOrderSequence ||
    errorCode === ERROR.invalidProducerEpoch ||
    errorCode === ERROR.unknownProducerId
  )
}

export { formatAddress } from './address.ts'
export { decodeFromFunction } from './decode-from-function.ts'
export { parseDuration } from './duration.ts'
export * from './egress/kafka-producer-record.ts'
export { KafkaRecordView, readKafkaProducerRecord } from './egress/kafka-record-view.ts'
export * from './egress/kinesis-egress-record.ts'
export { encodeFromFunction } from './encode-from-function.ts'
export type { InvocableFunction } from './invocable-function.ts'
export * from './messages.ts'
export {
  type MultiCallAnswer,
  MultiCallAnswers,
  type MultiCallListener,
  MultiCallReader,
} from './multi-call/answer.ts'
export {
  formatMultiCallOffer,
  MULTI_CALL_HEADER,
  MULTI_CALL_TYPE,
  type MultiCallLimits,
  parseMultiCallOffer,
} from './multi-call/offer.ts'
export { decodeMultiCall, encodeMultiCall } from './multi-call/request.ts'
export { nearestName } from './nearest-name.ts'
export { StatefunError, type StatefunErrorOptions } from './statefun-error.ts'
export { decodeToFunction, encodeToFunction, readToFunction } from './to-function.ts'
export { parseTypename, type Typename } from './typename.ts'
export { types } from './types/builtin-types.ts'
export { bytesType, customType, jsonType, textType } from './types/raw-types.ts'
export { toTypedValue } from './types/to-typed-value.ts'
export type { Type } from './types/type.ts'
export { TypedValueView } from './wire/typed-value-view.ts'

/**
 * Write stateful functions in TypeScript.
 *
 * @module
 */
export {
  type Address,
  bytesType,
  customType,
  formatAddress,
  type InvocableFunction,
  jsonType,
  StatefunError,
  type Type,
  textType,
  types,
} from '@statefun/protocol'
export type { Context, SendAfterOptions, SendOptions } from './context.ts'
export {
  defineFunction,
  type FunctionOptions,
  type HandledValue,
  type StatefulFunction,
} from './define-function.ts'
export { type Duration, type DurationText, type DurationUnit, parseDuration } from './duration.ts'
export { type EgressRef, egress, type PlainValue } from './egress.ts'
export { type FunctionRef, functionRef, type SendableTo } from './function-ref.ts'
export { toFetchHandler } from './handlers/fetch.ts'
export type { HandlerOptions } from './handlers/handle-request.ts'
export { type LambdaEvent, type LambdaResult, toLambdaHandler } from './handlers/lambda.ts'
export { type NodeHandler, toNodeHandler } from './handlers/node.ts'
export { type FunctionServer, type ServeOptions, serve, type TlsOptions } from './handlers/serve.ts'
export { type Header, type HeadersInput, type HeaderValue, MessageHeaders } from './headers.ts'
export { type KafkaEgressOptions, type KafkaRecord, kafkaEgress } from './kafka-egress.ts'
export { type KinesisEgressOptions, type KinesisRecord, kinesisEgress } from './kinesis-egress.ts'
export { consoleLogger, type Logger } from './logger.ts'
export type { Message } from './message.ts'
export { message } from './message-type.ts'
export {
  type ExpireAfter,
  type NoState,
  type StateDeclarations,
  type StateSlot,
  type StateValueOf,
  type StateView,
  value,
} from './state-declaration.ts'
export { type TypedPayload, typed } from './typed.ts'
export type { AnyValueType, InputOf, OutputOf, ValueType } from './value-type.ts'

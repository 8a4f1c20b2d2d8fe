import {
  formatMultiCallOffer,
  type InvocableFunction,
  MULTI_CALL_HEADER,
  MULTI_CALL_TYPE,
  StatefunError,
} from '@statefun/protocol'
import { consoleLogger, type Logger } from '../logger.ts'
import { bodyTooLarge } from './body-too-large.ts'
import { decompress, isSupportedEncoding } from './decompress.ts'
import { errorBody } from './error-body.ts'
import { FunctionCaller } from './function-caller.ts'
import { MOST_BYTES, MOST_CALLS, MultiCallRun } from './multi-call.ts'

/** What every handler adapter takes. */
export interface HandlerOptions {
  /** The only path that answers function calls; any path by default. */
  readonly path?: string
  /** Where a GET also answers 200 besides the function path itself; `/health` by default. */
  readonly healthPath?: string
  /** The longest request body in bytes, after decompression too; 33554432 (32 MiB) by default. */
  readonly bodyLimit?: number
  /** How many calls run at once before others are answered 503; unlimited by default. */
  readonly maxConcurrent?: number
  /** Whether an engine of ours may send several calls in one request, where the host can stream; true by default. */
  readonly multiCall?: boolean
  /** Where failures of functions go; JSON lines on standard error by default. */
  readonly logger?: Logger
}

/** A request as the adapters present it. */
export interface HandlerRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The header by its lower-case name. */
  header(name: string): string | undefined
  /** @throws StatefunError `SF_SDK_BODY_TOO_LARGE` as soon as more than `limit` bytes have come, `SF_SDK_BODY_ABORTED` */
  readBody(limit: number): Promise<Uint8Array>
}

/** An answer for the adapters to write. */
export interface HandlerResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An answer whose parts go out as they come. */
export interface StreamedResponse extends Omit<HandlerResponse, 'body'> {
  readonly body: AsyncGenerator<Uint8Array, void, void>
}

/** Answers requests; the same for node:http, Fetch and Lambda. */
export type RequestHandler = (request: HandlerRequest) => Promise<HandlerResponse>

/** The same where the host can stream; only there several calls are taken in one request. */
export type StreamingHandler = (request: HandlerRequest) => Promise<HandlerResponse | StreamedResponse>

const DEFAULT_BODY_LIMIT = 33_554_432
/** Exactly this and no parameters: the runtime rejects anything else (contract 1.2). */
const SUCCESS_HEADERS = { 'content-type': 'application/octet-stream' }
/** A proxy that collects an answer would make the fast calls wait for the slow ones. */
const MULTI_CALL_HEADERS = { 'content-type': MULTI_CALL_TYPE, 'x-accel-buffering': 'no' }
const RETRY_AFTER = { 'retry-after': '1' }
const ALLOW = 'GET, HEAD, POST'
const encoder = new TextEncoder()

/**
 * The HTTP behaviour of a function server (contract 3.3): 200 for a success and for GET as a health probe, 404 off the
 * path, 405 with `Allow`, 415 for another content type or encoding, 413 over the limit, 400 for what cannot be decoded, 503
 * over `maxConcurrent`, 500 when a function fails. Failures are logged with address, batch size and stack; the caller gets
 * code and message, never the stack.
 *
 * @throws StatefunError `SF_SDK_FUNCTIONS_EMPTY`, `SF_SDK_FUNCTION_DUPLICATE`, `SF_SDK_OPTION_INVALID`
 */
export function createRequestHandler(
  functions: readonly InvocableFunction[],
  options: HandlerOptions = {},
): RequestHandler {
  const { caller, bodyLimit, refuse } = prepare(functions, options)
  return async (request) =>
    refuse(request, false) ?? (await callOne(request, caller, bodyLimit, SUCCESS_HEADERS))
}

/** As {@link createRequestHandler}, and takes several calls in one request unless `multiCall` is false. */
export function createStreamingHandler(
  functions: readonly InvocableFunction[],
  options: HandlerOptions = {},
): StreamingHandler {
  if (options.multiCall === false) return createRequestHandler(functions, options)
  const { caller, bodyLimit, refuse } = prepare(functions, options)
  const maxBytes = Math.min(MOST_BYTES, bodyLimit)
  const offer = formatMultiCallOffer({ maxCalls: MOST_CALLS, maxBytes })
  const headers = { ...SUCCESS_HEADERS, [MULTI_CALL_HEADER]: offer }
  return async (request) => {
    const refusal = refuse(request, true)
    if (refusal !== undefined) return refusal
    return request.header('content-type') === MULTI_CALL_TYPE
      ? await callSeveral(request, caller, maxBytes)
      : await callOne(request, caller, bodyLimit, headers)
  }
}

interface Prepared {
  readonly caller: FunctionCaller
  readonly bodyLimit: number
  /** The answer to what is no function call that can be taken. */
  refuse(this: void, request: HandlerRequest, takesSeveral: boolean): HandlerResponse | undefined
}

function prepare(functions: readonly InvocableFunction[], options: HandlerOptions): Prepared {
  const { path, healthPath = '/health', bodyLimit = DEFAULT_BODY_LIMIT, maxConcurrent } = options
  if (maxConcurrent !== undefined) requirePositive('maxConcurrent', maxConcurrent)
  const most = maxConcurrent ?? Number.POSITIVE_INFINITY
  return {
    caller: new FunctionCaller(functions, most, options.logger ?? consoleLogger),
    bodyLimit: requirePositive('bodyLimit', bodyLimit),
    refuse: (request, takesSeveral) => answerWithoutBody(request, path, healthPath, takesSeveral),
  }
}

function answerWithoutBody(
  request: HandlerRequest,
  path: string | undefined,
  healthPath: string,
  takesSeveral: boolean,
): HandlerResponse | undefined {
  const { method } = request
  const probe = method === 'GET' || method === 'HEAD'
  if (path !== undefined && request.path !== path && !(probe && request.path === healthPath)) {
    return failure(404, new StatefunError('SF_SDK_PATH_UNKNOWN', `nothing is served at ${request.path}`))
  }
  if (probe) return text(200, method === 'GET' ? 'OK' : '')
  if (method !== 'POST') {
    return failure(405, new StatefunError('SF_SDK_METHOD_NOT_ALLOWED', `${method} is not allowed`), {
      allow: ALLOW,
    })
  }
  const contentType = request.header('content-type')
  const isKnown = contentType === undefined || isOctetStream(contentType)
  if (!isKnown && !(takesSeveral && contentType === MULTI_CALL_TYPE)) {
    const message = `the content type is ${contentType}, not application/octet-stream`
    return failure(415, new StatefunError('SF_SDK_CONTENT_TYPE', message))
  }
  const encoding = request.header('content-encoding')
  if (!isSupportedEncoding(encoding)) {
    const error = new StatefunError('SF_SDK_CONTENT_ENCODING', `the encoding ${encoding} is not supported`)
    return failure(415, error, { 'accept-encoding': 'gzip, deflate' })
  }
  return undefined
}

function isOctetStream(contentType: string): boolean {
  if (contentType === 'application/octet-stream') return true
  return contentType.replace(/;.*$/s, '').trim().toLowerCase() === 'application/octet-stream'
}

async function callOne(
  request: HandlerRequest,
  caller: FunctionCaller,
  bodyLimit: number,
  headers: Readonly<Record<string, string>>,
): Promise<HandlerResponse> {
  const busy = caller.enter()
  if (busy !== undefined) return failure(503, busy, RETRY_AFTER)
  try {
    const outcome = caller.call(await readBounded(request, bodyLimit))
    const { status, body } = outcome instanceof Promise ? await outcome : outcome
    return body instanceof Uint8Array ? { status, headers, body } : failure(status, body)
  } catch (error) {
    return refused(caller, error)
  } finally {
    caller.leave()
  }
}

/** The request takes one place while it is read, then each call its own. */
async function callSeveral(
  request: HandlerRequest,
  caller: FunctionCaller,
  maxBytes: number,
): Promise<HandlerResponse | StreamedResponse> {
  const busy = caller.enter()
  if (busy !== undefined) return failure(503, busy, RETRY_AFTER)
  let run: MultiCallRun
  try {
    run = new MultiCallRun(await readBounded(request, maxBytes), caller)
  } catch (error) {
    return refused(caller, error)
  } finally {
    caller.leave()
  }
  const first = await run.next()
  const answer = { status: 200, headers: MULTI_CALL_HEADERS }
  return run.isOver ? { ...answer, body: first } : { ...answer, body: following(first, run) }
}

async function* following(first: Uint8Array, rest: MultiCallRun): AsyncGenerator<Uint8Array, void, void> {
  yield first
  while (!rest.isOver) yield await rest.next()
}

function refused(caller: FunctionCaller, error: unknown): HandlerResponse {
  const known = caller.refused(error)
  return failure(known.code === 'SF_SDK_BODY_TOO_LARGE' ? 413 : 400, known)
}

async function readBounded(request: HandlerRequest, limit: number): Promise<Uint8Array> {
  const length = Number(request.header('content-length') ?? 0)
  if (length > limit) throw bodyTooLarge(limit)
  const body = await request.readBody(limit)
  return decompress(body, request.header('content-encoding'), limit)
}

function failure(
  status: number,
  error: StatefunError,
  headers: Readonly<Record<string, string>> = {},
): HandlerResponse {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: errorBody(error) }
}

function text(status: number, body: string): HandlerResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body: encoder.encode(body) }
}

function requirePositive(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new StatefunError('SF_SDK_OPTION_INVALID', `${option} is ${value}`, {
    hint: 'give a whole number above zero',
  })
}

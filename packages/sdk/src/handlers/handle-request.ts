import {
  type Address,
  encodeFromFunction,
  formatAddress,
  type InvocableFunction,
  type InvocationBatch,
  readToFunction,
  StatefunError,
} from '@statefun/protocol'
import { consoleLogger, type Logger } from '../logger.ts'
import { bodyTooLarge } from './body-too-large.ts'
import { decompress, isSupportedEncoding } from './decompress.ts'
import { FunctionRegistry } from './function-registry.ts'

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

/** Answers requests; the same for node:http, Fetch and Lambda. */
export type RequestHandler = (request: HandlerRequest) => Promise<HandlerResponse>

const DEFAULT_BODY_LIMIT = 33_554_432
/** Exactly this and no parameters: the runtime rejects anything else (contract 1.2). */
const SUCCESS_HEADERS = { 'content-type': 'application/octet-stream' }
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
  const registry = new FunctionRegistry(functions)
  const logger = options.logger ?? consoleLogger
  const bodyLimit = requirePositive('bodyLimit', options.bodyLimit ?? DEFAULT_BODY_LIMIT)
  const maxConcurrent =
    options.maxConcurrent === undefined ? undefined : requirePositive('maxConcurrent', options.maxConcurrent)
  const healthPath = options.healthPath ?? '/health'
  const { path } = options
  let running = 0

  return async (request) => {
    const early = answerWithoutBody(request, path, healthPath)
    if (early !== undefined) return early
    if (maxConcurrent !== undefined && running >= maxConcurrent) {
      const busy = new StatefunError('SF_SDK_OVERLOADED', `${running} calls are running already`)
      return failure(503, busy, { 'retry-after': '1' })
    }
    running++
    try {
      return await call(request, registry, bodyLimit, logger)
    } finally {
      running--
    }
  }
}

function answerWithoutBody(
  request: HandlerRequest,
  path: string | undefined,
  healthPath: string,
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
  if (contentType !== undefined && !isOctetStream(contentType)) {
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

async function call(
  request: HandlerRequest,
  registry: FunctionRegistry,
  bodyLimit: number,
  logger: Logger,
): Promise<HandlerResponse> {
  let batch: InvocationBatch
  try {
    batch = requireBatch(readToFunction(await readBounded(request, bodyLimit)))
  } catch (error) {
    const known = StatefunError.from(error, 'SF_SDK_REQUEST_UNDECODABLE')
    logger.warn({ code: known.code, error: known.message }, 'a call was refused before any function ran')
    return failure(known.code === 'SF_SDK_BODY_TOO_LARGE' ? 413 : 400, known)
  }
  const { target, invocations } = batch
  try {
    const fn = registry.get(target)
    const outcome = fn.invoke(batch)
    const response = outcome instanceof Promise ? await outcome : outcome
    return { status: 200, headers: SUCCESS_HEADERS, body: encodeFromFunction(response) }
  } catch (error) {
    logFailure(logger, target, invocations.length, error)
    return failure(500, StatefunError.from(error, 'SF_SDK_HANDLER_FAILED'))
  }
}

function requireBatch(batch: InvocationBatch | undefined): InvocationBatch {
  if (batch !== undefined) return batch
  throw new StatefunError('SF_SDK_REQUEST_UNDECODABLE', 'the body is no ToFunction with an invocation')
}

async function readBounded(request: HandlerRequest, limit: number): Promise<Uint8Array> {
  const length = Number(request.header('content-length') ?? 0)
  if (length > limit) throw bodyTooLarge(limit)
  const body = await request.readBody(limit)
  return decompress(body, request.header('content-encoding'), limit)
}

function logFailure(logger: Logger, target: Address, batchSize: number, error: unknown): void {
  const known = StatefunError.from(error, 'SF_SDK_HANDLER_FAILED')
  logger.error(
    {
      address: formatAddress(target),
      batchSize,
      code: known.code,
      error: known.message,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
      stack: stackOf(error),
    },
    'a function failed; nothing of its batch took effect',
  )
}

const MAX_CAUSES = 5

function stackOf(error: unknown): string {
  const stacks: string[] = []
  let current: unknown = error
  while (current !== undefined && stacks.length < MAX_CAUSES) {
    stacks.push(current instanceof Error ? (current.stack ?? String(current)) : String(current))
    current = current instanceof Error ? current.cause : undefined
  }
  return stacks.join('\ncaused by: ')
}

function failure(
  status: number,
  error: StatefunError,
  headers: Readonly<Record<string, string>> = {},
): HandlerResponse {
  const body = encoder.encode(`${JSON.stringify(error)}\n`)
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body }
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

import type { InvocableFunction } from '@statefun/protocol'
import { bodyTooLarge } from './body-too-large.ts'
import { createRequestHandler, type HandlerOptions, type HandlerRequest } from './handle-request.ts'

/**
 * The part of a Lambda event that is read: API Gateway REST (payload 1.0), HTTP API and function URLs (payload 2.0), and
 * load balancers. Events of `@types/aws-lambda` fit.
 */
export interface LambdaEvent {
  readonly httpMethod?: string
  readonly path?: string
  readonly rawPath?: string
  readonly headers?: Readonly<Record<string, string | undefined>> | null
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null
  readonly requestContext?: { readonly http?: { readonly method?: string; readonly path?: string } }
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
}

/** What the handler returns to Lambda; the body is base64 because it is binary. */
export interface LambdaResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: true
}

/**
 * Serves functions from AWS Lambda behind API Gateway or a function URL. A REST API (payload 1.0) must list
 * `application/octet-stream` among its binary media types, or it hands out damaged bodies.
 *
 * @throws StatefunError as {@link createRequestHandler}
 * @example export const handler = toLambdaHandler([counter, greeter])
 */
export function toLambdaHandler(
  functions: readonly InvocableFunction[],
  options: HandlerOptions = {},
): (event: LambdaEvent) => Promise<LambdaResult> {
  const handle = createRequestHandler(functions, options)
  return async (event) => {
    const { status, headers, body } = await handle(viewOf(event))
    return {
      statusCode: status,
      headers,
      body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
      isBase64Encoded: true,
    }
  }
}

function viewOf(event: LambdaEvent): HandlerRequest {
  const headers = new Map<string, string>()
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    if (values !== undefined) headers.set(name.toLowerCase(), values.join(', '))
  }
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (value !== undefined) headers.set(name.toLowerCase(), value)
  }
  const http = event.requestContext?.http
  return {
    method: http?.method ?? event.httpMethod ?? '',
    path: event.rawPath ?? event.path ?? http?.path ?? '/',
    header: (name) => headers.get(name),
    readBody: async (limit) => {
      const body = Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8')
      if (body.length > limit) throw bodyTooLarge(limit)
      return body
    },
  }
}

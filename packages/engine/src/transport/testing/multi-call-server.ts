import type { ServerResponse } from 'node:http'
import {
  decodeMultiCall,
  decodeToFunction,
  encodeFromFunction,
  formatMultiCallOffer,
  MULTI_CALL_HEADER,
  MULTI_CALL_TYPE,
  MultiCallAnswers,
} from '@statefun/protocol'
import { responseNamed, type SeenRequest } from './http-fixture.ts'

/** Whether the request holds several calls. */
export function isMultiCall(request: SeenRequest): boolean {
  return request.headers['content-type'] === MULTI_CALL_TYPE
}

/** The ids that a request calls, in order. */
export function idsIn(request: SeenRequest): string[] {
  const calls = isMultiCall(request) ? decodeMultiCall(request.body, { maxCalls: 1000 }) : [request.body]
  return calls.map((call) => decodeToFunction(call)!.target.id)
}

/** A good answer to a single call, named after its id, with an offer to take several. */
export function replyOffering(
  response: ServerResponse,
  request: SeenRequest,
  limits = { maxCalls: 100, maxBytes: 100_000 },
): void {
  response.setHeader(MULTI_CALL_HEADER, formatMultiCallOffer(limits))
  response.writeHead(200, { 'content-type': 'application/octet-stream' })
  response.end(encodeFromFunction(responseNamed(idsIn(request)[0] ?? 'none')))
}

/** Starts the answer to several calls. */
export function beginAnswers(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': MULTI_CALL_TYPE })
  response.flushHeaders()
}

/** The frame of one of several calls: a good answer named after its id, or a failure. */
export function frameOf(request: SeenRequest, index: number, status = 200): Uint8Array {
  const answers = new MultiCallAnswers()
  const body = status === 200 ? encodeFromFunction(responseNamed(idsIn(request)[index] ?? 'none')) : undefined
  answers.add(index, { status, body: body ?? new Uint8Array(3) })
  return answers.take()
}

/** Answers all calls of a request well, the last one first. */
export function replyAll(response: ServerResponse, request: SeenRequest): void {
  if (!isMultiCall(request)) {
    replyOffering(response, request)
    return
  }
  beginAnswers(response)
  for (let index = idsIn(request).length - 1; index >= 0; index--) response.write(frameOf(request, index))
  response.end()
}

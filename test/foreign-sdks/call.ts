import {
  decodeFromFunction,
  encodeToFunction,
  type FunctionResponse,
  type InvocationBatch,
} from '@statefun/protocol'

/** Posts one batch as the runtime does (contract 1.2) and decodes the answer. */
export async function call(url: string, batch: InvocationBatch): Promise<FunctionResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', accept: 'application/octet-stream' },
    body: encodeToFunction(batch),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const type = response.headers.get('content-type')
  if (type !== 'application/octet-stream') throw new Error(`content type ${type}`)
  return decodeFromFunction(new Uint8Array(await response.arrayBuffer()))
}

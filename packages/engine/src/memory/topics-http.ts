import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { StatefunError } from '@statefun/protocol'
import { readBody } from '../http/read-body.ts'
import type { MemoryTopics, TailPosition } from './memory-topics.ts'
import { recordFromJson, recordToJson } from './record-json.ts'

const MAX_BODY_BYTES = 16 * 1024 * 1024
const NDJSON = 'application/x-ndjson'

/**
 * Serves in-process topics over HTTP, as part of the admin API:
 *
 * - `GET /topics` names them with their partitions and sizes;
 * - `POST /topics/<topic>/records` appends the body's JSON record, or one record per line of `application/x-ndjson`;
 *   nothing is appended when one of them is wrong;
 * - `GET /topics/<topic>/records?from=earliest|latest|<offset>&limit=<n>&follow=true` gives one JSON record per line and,
 *   with `follow`, waits for more until the client goes.
 *
 * A POST needs a JSON content type: a page in a browser cannot send one to another origin without being allowed to.
 *
 * @returns false, with nothing done, when the path is none of these
 */
export async function serveTopics(
  topics: MemoryTopics,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [root, topic, records, ...more] = url.pathname.split('/').slice(1)
  if (root !== 'topics') return false
  try {
    if (topic === undefined || topic === '') {
      if (allow(request, response, ['GET'])) sendJson(response, 200, { topics: listTopics(topics) })
      return true
    }
    if (records !== 'records' || more.length > 0) return false
    if (allow(request, response, ['GET', 'POST'])) {
      const name = decodeTopic(topic)
      if (request.method === 'POST') await append(topics, name, request, response)
      else await stream(topics, name, url.searchParams, response)
    }
  } catch (cause) {
    const error = StatefunError.from(cause)
    if (response.headersSent) response.destroy()
    else sendJson(response, error.code === 'SF_INTERNAL' ? 500 : 400, error.toJSON())
  }
  return true
}

function decodeTopic(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw new StatefunError('SF_HTTP_PATH', `"${part}" is not the name of a topic`, { cause })
  }
}

function listTopics(topics: MemoryTopics): object[] {
  return topics.names().map((name) => ({
    name,
    partitions: topics.partitions(name),
    records: topics.size(name),
  }))
}

async function append(
  topics: MemoryTopics,
  topic: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== NDJSON) {
    sendJson(response, 415, { code: 'SF_HTTP_TYPE', message: `send application/json or ${NDJSON}` })
    return
  }
  const body = await readBody(request, MAX_BODY_BYTES)
  if (body === undefined) {
    response.setHeader('connection', 'close')
    sendJson(response, 413, { code: 'SF_HTTP_BODY', message: `a body holds at most ${MAX_BODY_BYTES} bytes` })
    return
  }
  const text = body.toString('utf8')
  const texts = type === NDJSON ? text.split('\n').filter((line) => line.trim() !== '') : [text]
  const records = texts.map((line) => recordFromJson(parseJson(line)))
  for (const record of records) if (record.partition !== undefined) topics.log(topic, record.partition)
  sendJson(response, 200, {
    records: records.map((record) => {
      const { partition, offset } = topics.produce(topic, record)
      return { topic, partition, offset }
    }),
  })
}

async function stream(
  topics: MemoryTopics,
  topic: string,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const follow = query.get('follow') === 'true'
  let left = query.has('limit') ? parseWhole(query.get('limit')!, 'limit') : Number.POSITIVE_INFINITY
  const cursor = topics.cursor(topic, parseFrom(query.get('from') ?? 'earliest'))
  response.writeHead(200, { 'content-type': NDJSON, 'cache-control': 'no-store' })
  response.flushHeaders()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  let wake = () => {}
  const unwatch = topics.watch(topic, () => wake())
  gone.signal.addEventListener('abort', () => wake())
  try {
    while (left > 0 && !gone.signal.aborted) {
      const record = cursor.next()
      if (record === undefined) {
        if (!follow) break
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      left--
      if (!response.write(`${JSON.stringify(recordToJson(record))}\n`)) {
        await once(response, 'drain', { signal: gone.signal })
      }
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error
  } finally {
    unwatch()
    response.end()
  }
}

function parseFrom(text: string): TailPosition {
  return text === 'earliest' || text === 'latest' ? text : parseWhole(text, 'from')
}

function parseWhole(text: string, name: string): number {
  const number = Number(text)
  if (text === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new StatefunError('SF_HTTP_QUERY', `"${name}" cannot be "${text}"`, {
      hint: name === 'from' ? 'write earliest, latest or an offset' : 'write a whole number of at least 0',
    })
  }
  return number
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new StatefunError('SF_RECORD_JSON', 'the body is not JSON', { cause })
  }
}

function allow(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): boolean {
  if (methods.includes(request.method ?? '')) return true
  response.setHeader('allow', methods.join(', '))
  sendJson(response, 405, { code: 'SF_HTTP_METHOD', message: `use ${methods.join(' or ')}` })
  return false
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(`${JSON.stringify(body)}\n`)
}

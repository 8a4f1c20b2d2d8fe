import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Metadata } from '@statefun/protocol'
import type { Route, Source, SourceListener, SourcePartition } from '../connector/source.ts'
import { readBody } from '../http/read-body.ts'
import type { PlaygroundIngressDefinition } from '../module/model.ts'
import { answer, close, listen, PLAYGROUND_QUEUE, type PlaygroundOptions } from './playground-server.ts'

const TYPE_PREFIX = 'application/vnd.'
const DEFAULT_TYPE = 'io.statefun.types/string'

/**
 * The HTTP ingress of the playground (contract 4.6): any method on `/<namespace>/<type>/<id>` sends the body to that
 * address. Its type is the content type after `application/vnd.`, else `io.statefun.types/string`.
 *
 * What waits here is in memory only and is not part of a checkpoint. Messages of one function and one value type keep
 * their order; each such pair is a partition of its own.
 */
export class PlaygroundIngress implements Source {
  readonly id: string
  readonly #definition: PlaygroundIngressDefinition
  readonly #options: PlaygroundOptions
  readonly #partitions = new Map<string, QueuePartition>()
  #server: Server | undefined
  #listener: SourceListener | undefined

  constructor(definition: PlaygroundIngressDefinition, options: PlaygroundOptions = {}) {
    this.id = definition.id
    this.#definition = definition
    this.#options = options
  }

  /** Port it listens on; differs from module.yaml's only when that is 0. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : this.#definition.port
  }

  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener
    this.#server = await listen(
      this.id,
      this.#options.host ?? '127.0.0.1',
      this.#definition.port,
      (request, response) => void this.#receive(request, response).catch(() => response.destroy()),
    )
  }

  committed(): void {}

  async stop(): Promise<void> {
    await close(this.#server)
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts = pathParts(request.url ?? '/')
    const [namespace, type, id] = parts
    if (parts.length !== 3 || !namespace || !type || !id) {
      answer(response, 500, 'the path must be /<namespace>/<type>/<id>')
      return
    }
    const body = await readBody(request, this.#options.maxBodyBytes ?? 16 * 1024 * 1024)
    if (body === undefined) {
      response.setHeader('connection', 'close')
      answer(response, 413, 'the body is too large')
      return
    }
    if (this.#queued() >= PLAYGROUND_QUEUE) {
      answer(response, 503, 'too many messages wait already')
      return
    }
    const partition = this.#partition(`${namespace}/${type}`, valueType(request.headers['content-type']))
    partition.push(id, new Uint8Array(body.buffer, body.byteOffset, body.length))
    answer(response, 200, '')
    this.#listener?.ready(partition)
  }

  #partition(target: string, type: string): QueuePartition {
    const name = `${target}/${type}`
    const existing = this.#partitions.get(name)
    if (existing !== undefined) return existing
    const partition = new QueuePartition(name, { valueType: type, targets: [target] })
    this.#partitions.set(name, partition)
    this.#listener?.added(partition)
    return partition
  }

  #queued(): number {
    let sum = 0
    for (const partition of this.#partitions.values()) sum += partition.length
    return sum
  }
}

class QueuePartition implements SourcePartition {
  readonly name: string
  readonly route: Route
  #queue: { readonly id: string; readonly value: Uint8Array }[] = []
  #next = 0

  constructor(name: string, route: Route) {
    this.name = name
    this.route = route
  }

  get length(): number {
    return this.#queue.length - this.#next
  }

  push(id: string, value: Uint8Array): void {
    if (this.#next > 1024 && this.#next * 2 > this.#queue.length) {
      // The entry at #next - 1 is the current record: it stays readable until the following `next`.
      this.#queue = this.#queue.slice(this.#next - 1)
      this.#next = 1
    }
    this.#queue.push({ id, value })
  }

  next(): boolean {
    if (this.length === 0) return false
    this.#next++
    return true
  }

  id(): string {
    return this.#queue[this.#next - 1]!.id
  }

  value(): Uint8Array {
    return this.#queue[this.#next - 1]!.value
  }

  metadata(): readonly Metadata[] | undefined {
    return undefined
  }

  position(): string {
    return ''
  }
}

function pathParts(url: string): string[] {
  try {
    return new URL(url, 'http://localhost').pathname.slice(1).split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}

function valueType(contentType: string | undefined): string {
  const type = contentType?.split(';')[0]?.trim() ?? ''
  return type.startsWith(TYPE_PREFIX) && type.length > TYPE_PREFIX.length
    ? type.slice(TYPE_PREFIX.length)
    : DEFAULT_TYPE
}

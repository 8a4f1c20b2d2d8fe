import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { StatefunError, type TypedValue } from '@statefun/protocol'
import type { Sink } from '../connector/sink.ts'
import type { PlaygroundEgressDefinition } from '../module/model.ts'
import { answer, close, listen, PLAYGROUND_QUEUE, type PlaygroundOptions } from './playground-server.ts'

/** The only type that the playground's egress takes (contract 4.6). */
export const PLAYGROUND_RECORD_TYPENAME = 'io.statefun.playground/EgressRecord'

/**
 * The HTTP egress of the playground (contract 4.6): `GET /<topic>` takes the oldest payload out of a topic, 404 when there
 * is none, 405 for a topic that module.yaml does not list. A full topic drops what comes.
 */
export class PlaygroundEgress implements Sink {
  readonly id: string
  readonly saturated = false
  readonly #definition: PlaygroundEgressDefinition
  readonly #options: PlaygroundOptions
  readonly #topics: ReadonlyMap<string, PayloadQueue>
  #server: Server | undefined

  constructor(definition: PlaygroundEgressDefinition, options: PlaygroundOptions = {}) {
    this.id = definition.id
    this.#definition = definition
    this.#options = options
    this.#topics = new Map(definition.topics.map((topic) => [topic, new PayloadQueue()]))
  }

  /** Port it listens on; differs from module.yaml's only when that is 0. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : this.#definition.port
  }

  async start(): Promise<void> {
    const host = this.#options.host ?? '127.0.0.1'
    this.#server = await listen(this.id, host, this.#definition.port, (request, response) =>
      this.#serve(request, response),
    )
  }

  write(value: TypedValue): void {
    if (value.typename !== PLAYGROUND_RECORD_TYPENAME) {
      throw this.#refusal(`cannot write a value of type ${value.typename}`)
    }
    const { topic, payload } = this.#parse(value.value)
    const queue = this.#topics.get(topic)
    if (queue === undefined) throw this.#refusal(`has no topic "${topic}"`)
    queue.push(payload)
  }

  nudge(): void {}

  async flush(): Promise<void> {}

  async stop(): Promise<void> {
    await close(this.#server)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const queue = this.#topics.get(topicOf(request.url ?? '/'))
    if (queue === undefined || request.method !== 'GET') {
      response.setHeader('allow', queue === undefined ? '' : 'GET')
      answer(response, 405, queue === undefined ? 'unknown topic' : 'use GET')
      return
    }
    const payload = queue.take()
    if (payload === undefined) answer(response, 404, '')
    else answer(response, 200, payload)
  }

  #parse(bytes: Uint8Array): { topic: string; payload: string } {
    try {
      const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      if (typeof json === 'object' && json !== null && 'topic' in json && 'payload' in json) {
        const { topic, payload } = json
        if (typeof topic === 'string' && typeof payload === 'string') return { topic, payload }
      }
    } catch {
      // The same answer as for JSON of another shape.
    }
    throw this.#refusal('got a record that is not JSON {"topic": "…", "payload": "…"}')
  }

  #refusal(what: string): StatefunError {
    return new StatefunError('SF_PLAYGROUND_RECORD', `${this.id} ${what}`, {
      hint: `send ${PLAYGROUND_RECORD_TYPENAME} as JSON {"topic", "payload"} to one of: ${[...this.#topics.keys()].join(', ')}`,
    })
  }
}

/** The path without its slash; '' for one that cannot be decoded. */
function topicOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname.slice(1))
  } catch {
    return ''
  }
}

class PayloadQueue {
  #payloads: string[] = []
  #taken = 0

  push(payload: string): void {
    if (this.#payloads.length - this.#taken < PLAYGROUND_QUEUE) this.#payloads.push(payload)
  }

  take(): string | undefined {
    if (this.#taken === this.#payloads.length) return undefined
    const payload = this.#payloads[this.#taken++]
    if (this.#taken > 1024 && this.#taken * 2 > this.#payloads.length) {
      this.#payloads = this.#payloads.slice(this.#taken)
      this.#taken = 0
    }
    return payload
  }
}

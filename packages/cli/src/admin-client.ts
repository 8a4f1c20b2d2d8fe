import { StatefunError } from '@statefun/protocol'

/** Asks the admin API of a running engine. */
export class AdminClient {
  readonly url: string
  readonly #signal: AbortSignal

  constructor(url: string, signal: AbortSignal) {
    this.url = url.replace(/\/+$/, '')
    this.#signal = signal
  }

  /** @throws StatefunError `SF_CLI_UNREACHABLE` when nothing answers, the API's own error otherwise */
  async get(path: string): Promise<Response> {
    return this.#request(path, {})
  }

  /** @throws StatefunError `SF_CLI_UNREACHABLE` when nothing answers, the API's own error otherwise */
  async post(path: string, body: unknown): Promise<Response> {
    return this.#request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(this.url + path, { ...init, signal: this.#signal })
    } catch (cause) {
      if (this.#signal.aborted) throw cause
      throw new StatefunError('SF_CLI_UNREACHABLE', `no engine answers at ${this.url}`, {
        hint: 'start one with "statefun dev" or "statefun run", or name another with --admin',
        cause,
      })
    }
    if (response.ok) return response
    throw await adminError(response, this.url, path)
  }
}

async function adminError(response: Response, url: string, path: string): Promise<StatefunError> {
  const text = await response.text()
  try {
    const { code, message, hint } = JSON.parse(text) as Record<string, unknown>
    if (code === 'SF_ADMIN_NOT_FOUND' && /^\/topics(\/|$)/.test(path)) {
      return new StatefunError('SF_CLI_NO_TOPICS', `the engine at ${url} has no in-process topics`, {
        hint: '"statefun run" reads from a broker: name it with --kafka',
      })
    }
    if (typeof code === 'string' && typeof message === 'string') {
      return new StatefunError(code, message, typeof hint === 'string' ? { hint } : {})
    }
  } catch {
    // Not an answer of the admin API.
  }
  return new StatefunError(
    'SF_CLI_ADMIN',
    `${url}${path} answered ${response.status}: ${text.slice(0, 200).trim()}`,
    {
      hint: 'check that --admin names the admin API of a statefun engine',
    },
  )
}

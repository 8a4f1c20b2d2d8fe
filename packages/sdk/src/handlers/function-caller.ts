import {
  type Address,
  encodeFromFunction,
  type FunctionResponse,
  formatAddress,
  type InvocableFunction,
  type InvocationBatch,
  readToFunction,
  StatefunError,
} from '@statefun/protocol'
import type { Logger } from '../logger.ts'
import { FunctionRegistry } from './function-registry.ts'

/** The answer to one call: what a request with it alone is answered. */
export interface CallAnswer {
  readonly status: 200 | 400 | 500 | 503
  /** A `FromFunction`; of another status the error. */
  readonly body: Uint8Array | StatefunError
}

/** Calls functions, from the bytes of a `ToFunction` to those of a `FromFunction`, and logs what fails. */
export class FunctionCaller {
  readonly #registry: FunctionRegistry
  readonly #maxConcurrent: number
  readonly #logger: Logger
  #running = 0

  /** @throws StatefunError `SF_SDK_FUNCTIONS_EMPTY`, `SF_SDK_FUNCTION_DUPLICATE` */
  constructor(functions: readonly InvocableFunction[], maxConcurrent: number, logger: Logger) {
    this.#registry = new FunctionRegistry(functions)
    this.#maxConcurrent = maxConcurrent
    this.#logger = logger
  }

  /**
   * Takes the place of a call that runs, until {@link leave}.
   *
   * @returns the refusal when all are taken
   */
  enter(): StatefunError | undefined {
    if (this.#running >= this.#maxConcurrent) {
      return new StatefunError('SF_SDK_OVERLOADED', `${this.#running} calls are running already`)
    }
    this.#running++
    return undefined
  }

  leave(): void {
    this.#running--
  }

  /** Calls the function; the answer comes without a promise when the function's did. Never rejects. */
  call(bytes: Uint8Array): CallAnswer | Promise<CallAnswer> {
    let batch: InvocationBatch
    try {
      batch = requireBatch(readToFunction(bytes))
    } catch (error) {
      return { status: 400, body: this.refused(error) }
    }
    try {
      const outcome = this.#registry.get(batch.target).invoke(batch)
      if (!(outcome instanceof Promise)) return answer(outcome)
      return outcome.then(answer).catch((error: unknown) => this.#failed(batch, error))
    } catch (error) {
      return this.#failed(batch, error)
    }
  }

  /** Logs why no function ran. */
  refused(error: unknown): StatefunError {
    const known = StatefunError.from(error, 'SF_SDK_REQUEST_UNDECODABLE')
    this.#logger.warn(
      { code: known.code, error: known.message },
      'a call was refused before any function ran',
    )
    return known
  }

  #failed({ target, invocations }: InvocationBatch, error: unknown): CallAnswer {
    const known = StatefunError.from(error, 'SF_SDK_HANDLER_FAILED')
    logFailure(this.#logger, target, invocations.length, known, error)
    return { status: 500, body: known }
  }
}

function answer(response: FunctionResponse): CallAnswer {
  return { status: 200, body: encodeFromFunction(response) }
}

function requireBatch(batch: InvocationBatch | undefined): InvocationBatch {
  if (batch !== undefined) return batch
  throw new StatefunError('SF_SDK_REQUEST_UNDECODABLE', 'the body is no ToFunction with an invocation')
}

function logFailure(
  logger: Logger,
  target: Address,
  batchSize: number,
  known: StatefunError,
  error: unknown,
): void {
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

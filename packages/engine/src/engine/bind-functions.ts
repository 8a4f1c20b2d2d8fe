import { type InvocableFunction, parseTypename, StatefunError } from '@statefun/protocol'
import type { FunctionType } from '../core/function-type.ts'
import type { FunctionBinding } from '../core/function-types.ts'
import type { Logger } from '../logger.ts'
import type { EndpointDefinition, ModuleDefinition } from '../module/model.ts'
import type { HttpPools } from '../transport/http-pools.ts'
import { createHttpTransport } from '../transport/http-transport.ts'
import { InProcessTransport } from '../transport/in-process-transport.ts'
import type { AttemptObserver, Transport } from '../transport/transport.ts'

export interface TransportContext {
  /** Connections shared by all functions behind the same server. */
  readonly pools: HttpPools
  readonly observer: AttemptObserver
  readonly logger: Logger
}

export interface BoundFunctions {
  readonly bindings: readonly FunctionBinding[]
  transportFor(type: FunctionType, context: TransportContext): Transport
}

/** Of contract 4.2, for a function that no endpoint names. */
const DEFAULT_MAX_BATCH = 1000
const DEFAULT_CALL_MS = 120_000

/**
 * Decides for each function type how it is called: in this process when it is among `functions`, over HTTP otherwise. The
 * settings of the endpoint that covers it hold in both cases.
 *
 * @throws StatefunError `SF_ENGINE_DUPLICATE_FUNCTION`
 */
export function bindFunctions(
  module: ModuleDefinition,
  functions: readonly InvocableFunction[],
): BoundFunctions {
  const local = new Map<string, InvocableFunction>()
  for (const fn of functions) {
    if (local.has(fn.typename)) {
      throw new StatefunError('SF_ENGINE_DUPLICATE_FUNCTION', `the function ${fn.typename} is given twice`, {
        hint: 'give each function type once',
      })
    }
    local.set(fn.typename, fn)
  }
  const endpointOf = (namespace: string, name: string): EndpointDefinition | undefined => {
    const own = module.endpoints.filter((endpoint) => endpoint.namespace === namespace)
    return (
      own.find((endpoint) => endpoint.name === name) ?? own.find((endpoint) => endpoint.name === undefined)
    )
  }
  const bindings: FunctionBinding[] = []
  for (const [typename, { stateSpecs }] of local) {
    const { namespace, name } = parseTypename(typename)
    const endpoint = endpointOf(namespace, name)
    bindings.push({
      namespace,
      name,
      settings: {
        maxNumBatchRequests: endpoint?.maxNumBatchRequests ?? DEFAULT_MAX_BATCH,
        failurePolicy: endpoint?.failurePolicy ?? { type: 'fail' },
      },
      ...(stateSpecs === undefined ? {} : { states: stateSpecs }),
    })
  }
  for (const { namespace, name, maxNumBatchRequests, failurePolicy } of module.endpoints) {
    if (name !== undefined && local.has(`${namespace}/${name}`)) continue
    bindings.push({ namespace, name, settings: { maxNumBatchRequests, failurePolicy } })
  }
  return {
    bindings,
    transportFor(type, { pools, observer, logger }) {
      const endpoint = endpointOf(type.namespace, type.name)
      const fn = local.get(type.typename)
      if (fn !== undefined) {
        return new InProcessTransport({
          fn,
          callMs: endpoint?.transport.callMs ?? DEFAULT_CALL_MS,
          observer,
          logger,
        })
      }
      return createHttpTransport({
        pools,
        endpoint: endpoint!,
        functionType: { namespace: type.namespace, name: type.name },
        observer,
        logger,
      })
    },
  }
}

import { StatefunError } from '@statefun/protocol'
import type { EngineName, StartRequest, Topology, TopologyName } from '../topology/topology.ts'
import type { RunRequest } from './run-request.ts'

/** What a run will use. */
export interface ChosenTopology {
  readonly topology: Topology
  readonly engines: readonly EngineName[]
  /** Why `auto` did not take a topology with more real parts. */
  readonly reason?: string
}

/** What `auto` takes, best first; the last one has no needs. */
const AUTO: readonly TopologyName[] = ['process', 'embedded']

/**
 * Finds the topology and engines that a run is about, and whether this machine has what they need.
 *
 * @throws StatefunError `SF_GATE_ENGINE` for an engine that the topology has not, and what the machine lacks
 */
export async function chooseTopology(
  request: RunRequest,
  find: (name: TopologyName) => Promise<Topology>,
  start: Omit<StartRequest, 'engines'>,
): Promise<ChosenTopology> {
  if (request.topology !== 'auto') {
    const topology = await find(request.topology)
    const engines = enginesOf(topology, request.engines)
    const [first, ...more] = await topology.preconditions({ ...start, engines })
    if (first !== undefined) throw lacking(first, more)
    return { topology, engines }
  }
  let lacks: readonly StatefunError[] = []
  for (const name of AUTO) {
    const topology = await find(name)
    if (request.engines !== 'auto' && request.engines.some((engine) => !topology.engines.includes(engine)))
      continue
    const engines = enginesOf(topology, request.engines)
    const found = await topology.preconditions({ ...start, engines })
    if (found.length === 0) {
      const reason = lacks.map((error) => error.format()).join('\n')
      return { topology, engines, ...(reason === '' ? {} : { reason }) }
    }
    lacks = found
  }
  const [first, ...more] = lacks
  throw lacking(first ?? new StatefunError('SF_GATE_TOPOLOGY', 'no topology can be started'), more)
}

function enginesOf(topology: Topology, engines: RunRequest['engines']): readonly EngineName[] {
  if (engines === 'auto') return topology.engines
  for (const engine of engines) {
    if (topology.engines.includes(engine)) continue
    throw new StatefunError('SF_GATE_ENGINE', `the topology "${topology.name}" has no engine "${engine}"`, {
      hint: engine === 'flink' ? 'use --topology process' : `it has ${topology.engines.join(', ')}`,
    })
  }
  return engines
}

function lacking(first: StatefunError, more: readonly StatefunError[]): StatefunError {
  if (more.length === 0) return first
  return new StatefunError('SF_GATE_PRECONDITIONS', `${more.length + 1} things are missing`, {
    excerpt: [first, ...more].map((error) => error.format()).join('\n'),
    hint: 'or use --topology embedded, which needs Node alone',
  })
}

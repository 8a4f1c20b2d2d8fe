import type { Topology, TopologyName } from './topology.ts'

/** Names of the topologies, the one with the fewest needs first. */
export const TOPOLOGIES: readonly TopologyName[] = ['embedded']

/** The topology of a name; what it is made of is loaded only now. */
export async function findTopology(name: TopologyName): Promise<Topology> {
  switch (name) {
    case 'embedded':
      return (await import('./embedded/embedded-topology.ts')).embeddedTopology
    default:
      throw new Error(name)
  }
}

import type { Topology, TopologyName } from './topology.ts'

/** The topology of a name; what it is made of is loaded only now. */
export async function findTopology(name: TopologyName): Promise<Topology> {
  switch (name) {
    case 'embedded':
      return (await import('./embedded/embedded-topology.ts')).embeddedTopology
    case 'process':
      return (await import('./process/process-topology.ts')).processTopology
    case 'kind':
      return (await import('./kind/kind-topology.ts')).kindTopology
  }
}

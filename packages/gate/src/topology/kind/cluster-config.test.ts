import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { clusterConfig, NODE_PORTS } from './cluster-config.ts'
import { KAFKA_NODE_PORT, kafkaManifests } from './manifests/kafka.ts'

interface Node {
  readonly extraPortMappings: readonly {
    readonly containerPort: number
    readonly hostPort: number
    readonly listenAddress: string
  }[]
  readonly extraMounts: readonly { readonly hostPath: string }[]
}

test('ports of this machine, on loopback alone, lead to those of the node', () => {
  const ports = NODE_PORTS.map((_, index) => 20_000 + index)
  const { nodes } = parse(clusterConfig(ports, { patches: '/tmp/patches', images: '/tmp/images' })) as {
    readonly nodes: readonly Node[]
  }
  expect(nodes).toHaveLength(1)
  expect(nodes[0]?.extraPortMappings).toContainEqual({
    containerPort: KAFKA_NODE_PORT,
    hostPort: 20_000,
    listenAddress: '127.0.0.1',
  })
  expect(nodes[0]?.extraPortMappings.every(({ listenAddress }) => listenAddress === '127.0.0.1')).toBe(true)
  expect(nodes[0]?.extraMounts.map(({ hostPath }) => hostPath)).toEqual(['/tmp/patches', '/tmp/images'])
  expect(new Set(NODE_PORTS).size).toBe(NODE_PORTS.length)
})

test('the broker tells clients in the cluster and on this machine where it is, and outlives its pod', () => {
  const text = JSON.stringify(kafkaManifests('statefun-e2e', 'apache/kafka:3.9.0', 20_000))
  expect(text).toContain('INTERNAL://kafka.statefun-e2e:9092,EXTERNAL://127.0.0.1:20000')
  expect(text).toContain('"persistentVolumeClaim":{"claimName":"kafka"}')
})

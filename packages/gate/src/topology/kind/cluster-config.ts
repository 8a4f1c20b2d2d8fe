import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { KAFKA_NODE_PORT } from './manifests/kafka.ts'
import { LOCALSTACK_NODE_PORT } from './manifests/localstack.ts'
import { FUNCTIONS_NODE_PORT, REST_NODE_PORTS } from './manifests/node-ports.ts'

/** Ports of the node that lead into the cluster, in the order in which ports of this machine are given to them. */
export const NODE_PORTS: readonly number[] = [
  KAFKA_NODE_PORT,
  LOCALSTACK_NODE_PORT,
  FUNCTIONS_NODE_PORT,
  ...REST_NODE_PORTS,
]

/** Parts of the control plane, which on two cores ask for 0.86 of one: a job and its functions would not fit beside them. */
const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/**
 * The configuration of a cluster of one node.
 *
 * @param hostPorts ports of this machine, one for each of {@link NODE_PORTS}
 * @param patches folder with {@link writePatches}
 */
export function clusterConfig(hostPorts: readonly number[], patches: string): string {
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [{ hostPath: patches, containerPath: '/kind/patches', readOnly: true }],
        kubeadmConfigPatches: [
          stringify({ kind: 'InitConfiguration', patches: { directory: '/kind/patches' } }),
        ],
        extraPortMappings: NODE_PORTS.map((containerPort, index) => ({
          containerPort,
          hostPort: hostPorts[index],
          listenAddress: '127.0.0.1',
        })),
      },
    ],
  })
}

/** Fills a folder with changes of the control plane's pods, which kubeadm applies. */
export async function writePatches(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(
    CONTROL_PLANE.map((name) =>
      writeFile(
        join(folder, `${name}.yaml`),
        stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace: 'kube-system' },
          spec: { containers: [{ name, resources: { requests: { cpu: '20m' } } }] },
        }),
      ),
    ),
  )
}

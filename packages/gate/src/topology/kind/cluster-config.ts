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

/** Folder of the node in which this machine's folder of images is seen. */
export const NODE_IMAGES = '/statefun/images'

/** Folders of this machine that a node sees. */
export interface NodeFolders {
  /** With {@link writePatches}. */
  readonly patches: string
  /** For archives of images, which the node reads where they are. */
  readonly images: string
}

/** Parts of the control plane, which on two cores ask for 0.86 of one: a job and its functions would not fit beside them. */
const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/**
 * The configuration of a cluster of one node.
 *
 * @param hostPorts ports of this machine, one for each of {@link NODE_PORTS}
 */
export function clusterConfig(hostPorts: readonly number[], { patches, images }: NodeFolders): string {
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [
          { hostPath: patches, containerPath: '/kind/patches', readOnly: true },
          { hostPath: images, containerPath: NODE_IMAGES, readOnly: true },
        ],
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
  const requests = CONTROL_PLANE.map((name) =>
    writeFile(
      join(folder, `${name}.yaml`),
      stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'kube-system' },
        spec: { containers: [{ name, resources: { requests: { cpu: '20m' } } }] },
      }),
    ),
  )
  await Promise.all([...requests, writeFile(join(folder, 'etcd1+json.yaml'), stringify(WITHOUT_FSYNC))])
}

/** A throwaway cluster need not outlive a power failure, and starts while images are written to the same disk. */
const WITHOUT_FSYNC = [{ op: 'add', path: '/spec/containers/0/command/-', value: '--unsafe-no-fsync=true' }]

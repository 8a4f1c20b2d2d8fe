import { QUICK_START } from '../../process/quick-start.ts'
import type { KubeObject } from '../kubernetes/kube-object.ts'
import { nodePortService } from './node-ports.ts'
import { singlePod } from './single-pod.ts'

/** Where the broker listens for clients outside of the cluster: its port on the node. */
export const KAFKA_NODE_PORT = 30_094

const LABELS = { app: 'kafka' }

/** Settings of contract 7.3. */
function settings(namespace: string, hostPort: number): Readonly<Record<string, string>> {
  return {
    CLUSTER_ID: 'MkU3OEVBNTcwNTJENDM2Qk',
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: 'INTERNAL://:9092,EXTERNAL://:9094,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `INTERNAL://kafka.${namespace}:9092,EXTERNAL://127.0.0.1:${hostPort}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INTERNAL:PLAINTEXT,EXTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'INTERNAL',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'true',
    KAFKA_NUM_PARTITIONS: '1',
    KAFKA_LOG_DIRS: `${VOLUME}/logs`,
    KAFKA_HEAP_OPTS: '-Xmx512m -Xms256m',
    KAFKA_OPTS: QUICK_START.join(' '),
  }
}

const VOLUME = '/var/lib/kafka/data'
/** Who the public image runs as. */
const APPUSER = 1000

/**
 * A broker that is its own controller, with one listener for the cluster and one for the machine. What it holds outlives its
 * pod, as tests delete that.
 *
 * @param hostPort port of this machine that leads to {@link KAFKA_NODE_PORT}
 */
export function kafkaManifests(namespace: string, image: string, hostPort: number): readonly KubeObject[] {
  const metadata = { name: 'kafka', namespace, labels: LABELS }
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: LABELS, ports: [{ name: 'internal', port: 9092 }] },
    },
    nodePortService(namespace, 'kafka-external', 9094, KAFKA_NODE_PORT, LABELS),
    singlePod({
      name: 'kafka',
      namespace,
      labels: LABELS,
      image,
      ports: [9092, 9094],
      env: settings(namespace, hostPort),
      readinessProbe: { tcpSocket: { port: 9092 }, periodSeconds: 1, failureThreshold: 60 },
      graceSeconds: 5,
      container: { volumeMounts: [{ name: 'data', mountPath: VOLUME }] },
      pod: {
        securityContext: { fsGroup: APPUSER },
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kafka' } }],
      },
    }),
  ]
}

import { expect, it } from 'vitest'
import type { LiveObject } from '../cluster/cluster.ts'
import { podReasons } from './pod-reasons.ts'

const pod = (status: object, metadata: object = {}): LiveObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'c', readinessProbe: { httpGet: { path: '/health', port: 8000 } } }] },
  status,
})
const container = (state: object, more: object = {}) => ({
  containerStatuses: [{ name: 'c', image: 'shop:1', ready: false, restartCount: 0, state, ...more }],
})

it.each<[string, LiveObject, string | undefined, boolean]>([
  ['ready', pod({ conditions: [{ type: 'Ready', status: 'True' }] }), undefined, false],
  [
    'no node',
    pod({
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 Insufficient cpu.',
        },
      ],
    }),
    'Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.',
    false,
  ],
  [
    'no image yet',
    pod(container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } })),
    'ImagePullBackOff: image shop:1: Back-off pulling image',
    false,
  ],
  [
    'no image ever',
    pod(container({ waiting: { reason: 'ErrImageNeverPull' } })),
    'ErrImageNeverPull: image shop:1',
    true,
  ],
  [
    'no Secret',
    pod(container({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "s3" not found' } })),
    'CreateContainerConfigError: secret "s3" not found',
    true,
  ],
  [
    'crashed once',
    pod(
      container(
        { waiting: { reason: 'CrashLoopBackOff' } },
        { restartCount: 1, lastState: { terminated: { exitCode: 1 } } },
      ),
    ),
    'container c ended with exit code 1, 1 restart',
    false,
  ],
  [
    'crashed again and again',
    pod(
      container(
        { waiting: { reason: 'CrashLoopBackOff' } },
        { restartCount: 3, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      ),
    ),
    'container c was out of memory (OOMKilled), 3 restarts',
    true,
  ],
  [
    'begins',
    pod({ phase: 'Pending', ...container({ waiting: { reason: 'ContainerCreating' } }) }),
    'is starting',
    false,
  ],
  [
    'not ready yet',
    pod({ phase: 'Running', ...container({ running: {} }) }),
    'runs, but is not ready yet (GET /health on port 8000)',
    false,
  ],
  ['goes', pod({ phase: 'Running' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'is ending', false],
  ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'failed: Evicted', false],
])('says of a pod that is %s what keeps it', (_what, object, text, final) => {
  const reasons = podReasons(object)
  expect(reasons.map((reason) => reason.text)).toEqual(text === undefined ? [] : [text])
  expect(reasons.some((reason) => reason.final)).toBe(final)
})

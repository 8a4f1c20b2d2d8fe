import type { ResourceRequirements } from '../deploy/deploy-config.ts'
import type { Deployment, FlinkJob } from '../deploy/deployment.ts'
import { flinkMegabytes, quantityValue } from '../deploy/quantity.ts'
import type { Finding } from './finding.ts'

/** Sizes with which a part would not start, or never grow. */
export function checkResources({ functions, flink, engine }: Deployment): readonly Finding[] {
  const findings: Finding[] = []
  if (functions !== undefined) {
    findings.push(...checkContainer('functions', functions.resources))
    const { autoscaling } = functions
    if (autoscaling !== undefined && autoscaling.min > autoscaling.max) {
      findings.push(
        error('autoscaling', `at least ${autoscaling.min} pods are more than at most ${autoscaling.max}`),
      )
    }
    if (autoscaling !== undefined && functions.resources.requests.cpu === undefined) {
      const message = 'the autoscaler measures CPU against the request of the container, and there is none'
      findings.push(error('autoscaling', message, 'write deploy.functions.resources.requests.cpu'))
    }
  }
  if (engine !== undefined) findings.push(...checkContainer('engine', engine.resources))
  if (flink !== undefined) findings.push(...checkFlinkMemory(flink))
  return findings
}

function checkContainer(anchor: string, { requests, limits }: ResourceRequirements): readonly Finding[] {
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const request = quantityValue(requests?.[name])
    const limit = quantityValue(limits?.[name])
    if (request === undefined || limit === undefined || request <= limit) return []
    return [
      error(anchor, `the request of ${requests?.[name]} ${name} is above its limit of ${limits?.[name]}`),
    ]
  })
}

const METASPACE_MB = 256
const FRAMEWORK_MB = 256
/** Of a JobManager, outside of its heap. */
const OFF_HEAP_MB = 128
/** A heap that Flink warns about. */
const LEAST_HEAP_MB = 128

/** How Flink divides the memory of a process when only the whole is given (its documented defaults). */
function checkFlinkMemory({ jobManager, taskManager }: FlinkJob): readonly Finding[] {
  const findings: Finding[] = []
  const overhead = (total: number) => Math.min(Math.max(total * 0.1, 192), 1024)
  const jobHeap = (total: number) => total - METASPACE_MB - overhead(total) - OFF_HEAP_MB
  const taskHeap = (total: number) => {
    const flink = total - METASPACE_MB - overhead(total)
    return flink - FRAMEWORK_MB - Math.max(flink * 0.1, 64) - flink * 0.4
  }
  for (const [anchor, memory, heapOf, least] of [
    ['jobManager', jobManager.memory, jobHeap, LEAST_HEAP_MB],
    ['taskManager', taskManager.memory, taskHeap, 64],
  ] as const) {
    const total = flinkMegabytes(memory)
    if (total === undefined) continue
    const heap = Math.round(heapOf(total))
    if (heap >= least) continue
    findings.push({
      severity: heap <= 0 ? 'error' : 'warning',
      code: 'SF_DEPLOY_RESOURCES',
      message: `of ${memory} for a process Flink leaves ${Math.max(heap, 0)} MB to the heap of the ${anchor === 'jobManager' ? 'JobManager' : 'tasks'}`,
      hint: `give it ${anchor === 'jobManager' ? '1024m' : '2048m'} or more`,
      anchor,
    })
  }
  return findings
}

function error(anchor: string, message: string, hint = 'change one of the two'): Finding {
  return { severity: 'error', code: 'SF_DEPLOY_RESOURCES', message, hint, anchor }
}

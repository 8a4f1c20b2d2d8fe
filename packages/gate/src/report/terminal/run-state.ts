import type { RunEvent, TestRef } from '../../run/run-events.ts'

/** What goes on at a moment of a run. */
export class RunState {
  /** When the run began, milliseconds since the epoch; undefined before its first event. */
  startedAt: number | undefined
  readonly phases = new Map<string, { readonly at: number; readonly progress?: string }>()
  readonly tests = new Map<string, { readonly at: number; readonly test: TestRef }>()
  readonly counts = { passed: 0, failed: 0, notApplicable: 0 }

  readonly observe = (event: RunEvent): void => {
    this.startedAt ??= event.at
    switch (event.type) {
      case 'phase-begin':
        this.phases.set(event.phase, { at: event.at })
        break
      case 'phase-progress': {
        const phase = this.phases.get(event.phase)
        if (phase !== undefined) this.phases.set(event.phase, { ...phase, progress: event.text })
        break
      }
      case 'phase-end':
        this.phases.delete(event.phase)
        break
      case 'test-begin':
        this.tests.set(keyOf(event.test), event)
        break
      case 'test-end':
        this.tests.delete(keyOf(event.test))
        if (event.verdict === 'passed') this.counts.passed++
        if (event.verdict === 'failed') this.counts.failed++
        if (event.verdict === 'not-applicable') this.counts.notApplicable++
        break
      case 'error':
      case 'deployment-failed':
        this.counts.failed++
        break
      case 'run-end':
        this.phases.clear()
        this.tests.clear()
        break
    }
  }
}

function keyOf({ deployment, file, test }: TestRef): string {
  return `${deployment}\n${file}\n${test}`
}

import type { RunEvent } from '../run/run-events.ts'

/** Something that a run told of itself, in words. */
export interface Told {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly deployment?: string
  readonly text: string
}

/** Faults and notes of a run, in order. */
export function toldInRun(events: readonly RunEvent[]): readonly Told[] {
  return events
    .flatMap((event): readonly Told[] => {
      if (event.type === 'note') {
        const { at, deployment, text } = event
        return [deployment === undefined ? { at, text } : { at, deployment, text: `${deployment}: ${text}` }]
      }
      if (event.type !== 'fault') return []
      const { at, deployment, part, change } = event
      return [{ at, deployment, text: `${deployment}: ${part} was ${change} by a test` }]
    })
    .sort((a, b) => a.at - b.at)
}

import type { RecordedOutput } from './recorded-output.ts'

/** A {@link RecordedOutput} as JSON can hold it. */
export interface OutputJson {
  readonly engine: string
  /** Topic, partition, offset, key, value in base64. */
  readonly egress: readonly (readonly [string, number, number, string, string])[]
  readonly state: readonly (readonly [string, string])[]
}

/** For the other engine's tests, see {@link outputFromJson}. */
export function outputToJson({ engine, egress, state }: RecordedOutput): OutputJson {
  return {
    engine,
    egress: egress.map(({ topic, partition, offset, key, value }) => [
      topic,
      partition,
      offset,
      key,
      Buffer.from(value).toString('base64'),
    ]),
    state: [...state],
  }
}

/** The inverse of {@link outputToJson}. */
export function outputFromJson({ engine, egress, state }: OutputJson): RecordedOutput {
  return {
    engine,
    egress: egress.map(([topic, partition, offset, key, value]) => ({
      topic,
      partition,
      offset,
      key,
      value: Buffer.from(value, 'base64'),
    })),
    state: new Map(state),
  }
}

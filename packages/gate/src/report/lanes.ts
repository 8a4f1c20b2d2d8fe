/** A stretch of time in seconds. */
export interface Span {
  readonly begin: number
  readonly seconds: number
}

/** Clocks of two events may differ by this much without the spans overlapping. */
const SLACK_SECONDS = 0.005

/** Gives each span the lowest lane in which it overlaps none before it. */
export function assignLanes(spans: readonly Span[]): readonly number[] {
  const ends: number[] = []
  const lanes: number[] = spans.map(() => 0)
  const inOrder = spans.map((span, index) => ({ span, index })).sort((a, b) => a.span.begin - b.span.begin)
  for (const { span, index } of inOrder) {
    const free = ends.findIndex((end) => end <= span.begin + SLACK_SECONDS)
    const lane = free < 0 ? ends.length : free
    ends[lane] = span.begin + span.seconds
    lanes[index] = lane
  }
  return lanes
}

/** Lines around a change that are shown with it. */
const CONTEXT = 3

/**
 * How one text becomes another: lines with `-` go, lines with `+` come, those with a blank stay; what is far from a change is
 * left out and stands as ` …`.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly string[] {
  return withContext(allLines(before, after))
}

/** By the longest common subsequence; manifests have some hundred lines. */
function allLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const width = after.length + 1
  const lengths = new Uint32Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const lines: string[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push(` ${before[i++]}`)
      j++
    } else if (
      j >= after.length ||
      (i < before.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    ) {
      lines.push(`-${before[i++]}`)
    } else lines.push(`+${after[j++]}`)
  }
  return lines
}

function withContext(lines: readonly string[]): readonly string[] {
  const changed = lines.flatMap((line, index) => (line.startsWith(' ') ? [] : [index]))
  if (changed.length === 0) return lines
  const kept = new Set(
    changed.flatMap((index) =>
      Array.from({ length: 2 * CONTEXT + 1 }, (_, offset) => index + offset - CONTEXT),
    ),
  )
  return lines.flatMap((line, index) => (kept.has(index) ? [line] : kept.has(index - 1) ? [' …'] : []))
}

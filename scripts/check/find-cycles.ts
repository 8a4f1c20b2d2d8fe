/**
 * One import cycle for every group of files that reach each other (Tarjan's strongly connected components): the shortest
 * one through the alphabetically first file of the group, so that the same fault is always reported in the same words.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = []
  for (const group of components(graph)) {
    const start = group.toSorted()[0]
    if (start === undefined) continue
    const cycle = shortestCycle(start, graph)
    if (cycle !== undefined) cycles.push(cycle)
  }
  return cycles
}

function shortestCycle(
  start: string,
  graph: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return pathTo(file, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, file)
      queue.push(next)
    }
  }
  return undefined
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path: string[] = []
  for (let file: string | undefined = end; file !== undefined; file = cameFrom.get(file)) path.unshift(file)
  return path
}

function components(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const found: string[][] = []
  const lower = (file: string, value: number) => low.set(file, Math.min(low.get(file) ?? value, value))
  const visit = (file: string) => {
    const order = index.size
    index.set(file, order)
    low.set(file, order)
    stack.push(file)
    onStack.add(file)
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) {
        visit(next)
        lower(file, low.get(next) ?? order)
      } else if (onStack.has(next)) {
        lower(file, index.get(next) ?? order)
      }
    }
    if (low.get(file) !== order) return
    const group = stack.splice(stack.indexOf(file))
    for (const member of group) onStack.delete(member)
    found.push(group)
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return found
}

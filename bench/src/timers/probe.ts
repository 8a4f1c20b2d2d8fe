/** CPU time of this thread so far, milliseconds. The kernel counts it in steps of up to 4 ms. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** What a stretch of work cost. */
export interface Cost {
  readonly wallMs: number
  /** Of the thread that everything runs on, garbage collection included as far as it stops that thread. */
  readonly cpuMs: number
  /** The longest time in which the event loop had no turn: CPU time of the thread, and by the clock. */
  readonly longestCpuMs: number
  readonly longestWallMs: number
}

/** Measures from now until the result is called; it keeps the event loop turning meanwhile. */
export function probe(): () => Cost {
  const beganWall = performance.now()
  const beganCpu = threadMs()
  let wall = beganWall
  let cpu = beganCpu
  let longestWallMs = 0
  let longestCpuMs = 0
  const turn = () => {
    const nowWall = performance.now()
    const nowCpu = threadMs()
    longestWallMs = Math.max(longestWallMs, nowWall - wall)
    longestCpuMs = Math.max(longestCpuMs, nowCpu - cpu)
    wall = nowWall
    cpu = nowCpu
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  return () => {
    clearImmediate(next)
    return {
      wallMs: performance.now() - beganWall,
      cpuMs: threadMs() - beganCpu,
      longestCpuMs,
      longestWallMs,
    }
  }
}
